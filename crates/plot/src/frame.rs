//! A panel's axes: their ranges, ticks, grid and labels.

use super::axis::{Span, Tick};
use super::chart::Panel;
use super::font;
use super::layout::{INK, LABEL, TEXT, plain};
use super::scene::{Anchor, Scene, Shape, Stroke, Text};

pub(super) const GRID: [u8; 3] = [232, 232, 232];
/// From the axis to its tick labels.
const GAP: f64 = 7.0;
const TICK: f64 = 4.0;
/// Share of the axis that stays free beyond the outermost values.
const PADDING: f64 = 0.05;

/// Where a panel stands and how its values become places.
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) x: Span,
    pub(super) y: Span,
    /// Its rectangle among the scene's clips.
    pub(super) clip: usize,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    y_range: (f64, f64),
    labeled: bool,
}

impl Frame {
    /// A frame whose labels begin at `start`; its top is 0 until it is moved down.
    pub(super) fn new(panel: &Panel, clip: usize, start: f64, size: (f64, f64), labeled: bool) -> Self {
        let ((x_range, y_range), (width, height)) = (ranges(panel), size);
        let y = Span::new(panel.y.scale, y_range, height, 0.0);
        let y_ticks = y.ticks(&|_| 1.4 * TEXT);
        let widest = y_ticks.iter().map(|t| font::width(&t.label, TEXT, false)).fold(0.0, f64::max);
        let left = start + widest + GAP + if labeled { LABEL + 8.0 } else { 4.0 };
        let x = Span::new(panel.x.scale, x_range, left, left + width);
        let x_ticks = x.ticks(&|label| font::width(label, TEXT, false) + 8.0);
        Self { left, top: 0.0, width, height, x, y, clip, x_ticks, y_ticks, y_range, labeled }
    }

    pub(super) fn move_down(&mut self, top: f64) {
        self.top = top;
    }

    /// Where the value stands from the top of the page.
    pub(super) fn y(&self, value: f64) -> f64 {
        self.top + self.y.place(value)
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Left, top, width and height.
    pub(super) fn area(&self) -> [f64; 4] {
        [self.left, self.top, self.width, self.height]
    }

    /// Room beyond the right end for the last tick label and a gap.
    pub(super) fn overhang(&self) -> f64 {
        let past = |tick: &Tick| {
            self.x.place(tick.value) + font::width(&tick.label, TEXT, false) / 2.0 - self.left - self.width
        };
        self.x_ticks.last().map_or(0.0, past).max(0.0) + 16.0
    }

    /// Whether some mean or sample lies beyond the lower or upper edge.
    pub(super) fn hides(&self, panel: &Panel) -> bool {
        let mut values = panel.series.iter().flat_map(|series| {
            series.samples.iter().map(|(_, y)| *y).chain(series.means.iter().map(|mean| mean.y))
        });
        values.any(|y| self.y.below(y) || self.y.above(y))
    }

    /// Grid, ticks, tick labels, axis lines and axis labels.
    pub(super) fn draw_axes(&self, scene: &mut Scene, panel: &Panel) {
        let (right, bottom) = (self.left + self.width, self.bottom());
        let line = |from, to, width, rgb| (Shape::Open(vec![from, to]), Some(Stroke::solid(rgb, width)));
        let mut put = |(shape, stroke)| scene.path(shape, None, stroke);
        for tick in &self.x_ticks {
            let x = self.x.place(tick.value);
            put(line((x, self.top), (x, bottom), 0.8, GRID));
            put(line((x, bottom), (x, bottom + TICK), 0.9, INK));
        }
        for tick in &self.y_ticks {
            let y = self.y(tick.value);
            put(line((self.left, y), (right, y), 0.8, GRID));
            put(line((self.left - TICK, y), (self.left, y), 0.9, INK));
        }
        for value in self.y.minor() {
            let y = self.y(value);
            put(line((self.left - TICK / 2.0, y), (self.left, y), 0.6, INK));
        }
        put(line((self.left, self.top), (self.left, bottom), 0.9, INK));
        put(line((self.left, bottom), (right, bottom), 0.9, INK));
        self.draw_names(scene, panel);
    }

    fn draw_names(&self, scene: &mut Scene, panel: &Panel) {
        for tick in &self.x_ticks {
            let (x, y) = (self.x.place(tick.value), self.bottom() + GAP + 0.8 * TEXT);
            scene.text(plain(x, y, &tick.label, TEXT, Anchor::Middle, false));
        }
        for tick in &self.y_ticks {
            let y = self.y(tick.value) + 0.36 * TEXT;
            scene.text(plain(self.left - GAP, y, &tick.label, TEXT, Anchor::End, false));
        }
        let middle = self.left + self.width / 2.0;
        let size = font::fit(&panel.x.label, LABEL, false, self.width);
        scene.text(plain(middle, self.bottom() + 38.0, &panel.x.label, size, Anchor::Middle, false));
        if self.labeled {
            let widest = self.y_ticks.iter().map(|t| font::width(&t.label, TEXT, false)).fold(0.0, f64::max);
            let (x, y) = (self.left - GAP - widest - 8.0, self.top + self.height / 2.0);
            let size = font::fit(&panel.y.label, LABEL, false, self.height);
            let label = plain(x, y, &panel.y.label, size, Anchor::Middle, false);
            scene.text(Text { upward: true, ..label });
        }
    }

    /// `value` moved to the panel's edge if it lies beyond, and whether it was.
    pub(super) fn at_edge(&self, value: f64) -> (f64, bool) {
        match (self.y.below(value), self.y.above(value)) {
            (true, _) => (self.y_range.0, true),
            (_, true) => (self.y_range.1, true),
            _ => (value, false),
        }
    }
}

/// The given ranges, or those around what is drawn; theory counts only where there is nothing else.
fn ranges(panel: &Panel) -> ((f64, f64), (f64, f64)) {
    let (mut x, mut y) = (Vec::new(), Vec::new());
    for series in &panel.series {
        for (at, value) in series.samples.iter().chain(&series.curve) {
            x.push(*at);
            y.push(*value);
        }
        for mean in &series.means {
            x.push(mean.x);
            y.extend([mean.y, mean.low, mean.high]);
        }
        for bar in &series.bars {
            x.extend([bar.from, bar.to]);
            y.extend([0.0, bar.y]);
        }
    }
    if x.is_empty() {
        for (at, value) in panel.series.iter().flat_map(|series| &series.theory) {
            x.push(*at);
            y.push(*value);
        }
    }
    for ratio in &panel.ratios {
        x.extend([ratio.from, ratio.to]);
        y.push(ratio.y);
    }
    y.extend(panel.levels.iter().map(|level| level.y));
    // With nothing to show the axes are still drawn.
    let fit = |scale: super::Scale, values: &[f64]| scale.around(values, PADDING).unwrap_or((1.0, 10.0));
    (
        panel.x.range.unwrap_or_else(|| fit(panel.x.scale, &x)),
        panel.y.range.unwrap_or_else(|| fit(panel.y.scale, &y)),
    )
}
