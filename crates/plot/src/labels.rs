//! Finding an empty place for a short text among points and lines.

/// What already stands in a panel.
pub(super) struct Busy {
    /// Left, top, width, height.
    area: [f64; 4],
    points: Vec<(f64, f64)>,
    /// Left, top, right, bottom of texts.
    texts: Vec<[f64; 4]>,
}

/// Lines are looked at every so many units.
const STEP: f64 = 3.0;
/// Space kept free at the panel's edges.
const EDGE: f64 = 5.0;
/// Space kept free around a text.
const RIM: f64 = 2.0;

impl Busy {
    /// An empty panel; texts keep off its edges.
    pub(super) fn new([left, top, width, height]: [f64; 4]) -> Self {
        let area = [left + EDGE, top + EDGE, (width - 2.0 * EDGE).max(0.0), (height - 2.0 * EDGE).max(0.0)];
        Self { area, points: Vec::new(), texts: Vec::new() }
    }

    pub(super) fn point(&mut self, x: f64, y: f64) {
        // A mark covers more than its middle.
        for (dx, dy) in [(0.0, 0.0), (-3.0, 0.0), (3.0, 0.0), (0.0, -3.0), (0.0, 3.0)] {
            self.points.push((x + dx, y + dy));
        }
    }

    pub(super) fn line(&mut self, corners: &[(f64, f64)]) {
        for pair in corners.windows(2) {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            let parts = ((x1 - x0).hypot(y1 - y0) / STEP).ceil().max(1.0);
            for part in 0..=parts as usize {
                let share = part as f64 / parts;
                self.points.push((x0 + share * (x1 - x0), y0 + share * (y1 - y0)));
            }
        }
    }

    /// The middle, among `places`, at which a text of `size` covers least, moved inside the panel if need be;
    /// earlier places win ties. The text's rectangle is then taken.
    pub(super) fn emptiest(&mut self, places: &[(f64, f64)], (width, height): (f64, f64)) -> (f64, f64) {
        let mut best = (f64::INFINITY, (0.0, 0.0), [0.0; 4]);
        for (rank, (x, y)) in places.iter().enumerate() {
            let (x, y) = self.inside(*x, *y, width, height);
            let (w, h) = (width / 2.0 + RIM, height / 2.0 + RIM);
            let rect = [x - w, y - h, x + w, y + h];
            let cost = self.covered(rect) + 0.1 * rank as f64;
            if cost < best.0 {
                best = (cost, (x, y), rect);
            }
        }
        self.texts.push(best.2);
        best.1
    }

    fn inside(&self, x: f64, y: f64, width: f64, height: f64) -> (f64, f64) {
        let [left, top, across, down] = self.area;
        // A text wider than the panel is centered in it.
        let clamp = |v: f64, start: f64, room: f64, size: f64| {
            if size >= room {
                start + room / 2.0
            } else {
                v.clamp(start + size / 2.0, start + room - size / 2.0)
            }
        };
        (clamp(x, left, across, width), clamp(y, top, down, height))
    }

    fn covered(&self, [left, top, right, bottom]: [f64; 4]) -> f64 {
        let inside = |&&(x, y): &&(f64, f64)| x > left && x < right && y > top && y < bottom;
        let touches = |&&[l, t, r, b]: &&[f64; 4]| l < right && r > left && t < bottom && b > top;
        let points = self.points.iter().filter(inside).count();
        // Two texts on each other are unreadable; a text over a line is not.
        points as f64 + 1000.0 * self.texts.iter().filter(touches).count() as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leaves_a_crowded_place() {
        let mut busy = Busy::new([0.0, 0.0, 100.0, 100.0]);
        busy.line(&[(0.0, 50.0), (100.0, 50.0)]);
        assert_eq!(busy.emptiest(&[(50.0, 50.0), (50.0, 30.0)], (20.0, 10.0)), (50.0, 30.0));
        // The same place is taken now.
        assert_eq!(busy.emptiest(&[(50.0, 30.0), (50.0, 50.0)], (20.0, 10.0)), (50.0, 50.0));
    }

    #[test]
    fn a_text_stays_inside() {
        let mut busy = Busy::new([10.0, 10.0, 100.0, 50.0]);
        assert_eq!(busy.emptiest(&[(0.0, 0.0)], (20.0, 10.0)), (25.0, 20.0));
        assert_eq!(busy.emptiest(&[(0.0, 30.0)], (400.0, 10.0)).0, 60.0);
    }
}
