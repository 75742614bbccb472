//! What stands between a panel's axes: bands, curves, points, arrows.

use super::chart::{Color, Level, Marker, Panel, Ratio, Series};
use super::font;
use super::frame::Frame;
use super::labels::Busy;
use super::layout::{TEXT, plain};
use super::notes;
use super::scene::{Anchor, Paint, Scene, Shape, Stroke, Text};
use super::tile;

/// Radius of a mean's mark and of a sample's.
const MARK: f64 = 4.2;
const SAMPLE: f64 = 2.3;
/// Size of texts among the data.
const NOTE: f64 = TEXT - 0.5;
/// Series stand this far apart sideways, so that points at the same x do not hide each other.
const DODGE: f64 = 2.6;

/// Draws the panel's content, from the back to the front.
pub(super) fn draw(scene: &mut Scene, panel: &Panel, frame: &Frame) {
    let mut busy = Busy::new(frame.area());
    panel.tiles.iter().for_each(|tile| tile::draw(scene, tile, frame));
    panel.series.iter().for_each(|series| draw_band(scene, series, frame));
    panel.series.iter().for_each(|series| draw_bars(scene, panel, series, frame, &mut busy));
    for series in &panel.series {
        let points = trace(&series.theory, frame);
        busy.line(&points);
        scene.clipped(Shape::Open(points), None, Some(theory_stroke(series.color)), frame.clip);
    }
    for series in &panel.series {
        let points = trace(&series.curve, frame);
        busy.line(&points);
        scene.clipped(Shape::Open(points), None, Some(curve_stroke(series)), frame.clip);
    }
    let shown: Vec<_> =
        panel.series.iter().filter(|s| !(s.means.is_empty() && s.samples.is_empty())).collect();
    for (index, series) in shown.iter().enumerate() {
        let aside = DODGE * (index as f64 - (shown.len() - 1) as f64 / 2.0);
        draw_points(scene, panel, series, frame, aside, &mut busy);
    }
    if panel.tiles.is_empty() && panel.series.iter().all(Series::is_empty) {
        let (x, y) = (frame.left + frame.width / 2.0, frame.top + frame.height / 2.0);
        scene.text(Text { rgb: Color::Gray.rgb(), ..plain(x, y, "no data", TEXT, Anchor::Middle, false) });
    }
    panel.levels.iter().for_each(|level| draw_level(scene, level, frame, &mut busy));
    // All arrows first: no label may stand on any of them.
    panel.ratios.iter().for_each(|ratio| draw_arrow(scene, ratio, frame, &mut busy));
    panel.ratios.iter().for_each(|ratio| draw_ratio_text(scene, ratio, frame, &mut busy));
}

impl Series {
    fn is_empty(&self) -> bool {
        self.samples.is_empty()
            && self.means.is_empty()
            && self.curve.is_empty()
            && self.band.is_empty()
            && self.theory.is_empty()
            && self.bars.is_empty()
    }
}

pub(super) fn bar_paint(color: Color) -> Paint {
    Paint { rgb: color.rgb(), opacity: 0.16 }
}

/// The skyline of a histogram: one line over all bars, down to 0 where there is a gap, and a pale area under it.
fn draw_bars(scene: &mut Scene, panel: &Panel, series: &Series, frame: &Frame, busy: &mut Busy) {
    let ground = frame.y(0.0);
    let mut line: Vec<(f64, f64)> = Vec::new();
    for bar in &series.bars {
        let (from, to, y) = (frame.x.place(bar.from), frame.x.place(bar.to), frame.y(bar.y));
        if let Some((end, _)) = line.last().copied().filter(|(end, _)| (end - from).abs() > 0.01) {
            line.extend([(end, ground), (from, ground)]);
        }
        if line.is_empty() {
            line.push((from, ground));
        }
        line.extend([(from, y), (to, y)]);
    }
    if let Some((end, _)) = line.last().copied() {
        line.push((end, ground));
    }
    busy.line(&line);
    scene.clipped(Shape::Closed(line.clone()), Some(bar_paint(series.color)), None, frame.clip);
    scene.clipped(Shape::Open(line), None, Some(curve_stroke(series)), frame.clip);
    for bar in &series.bars {
        let (from, to, y) = (frame.x.place(bar.from), frame.x.place(bar.to), frame.y(bar.y));
        let area = vec![(from, ground), (from, y), (to, y), (to, ground)];
        // Not seen, and only there to be pointed at.
        scene.clipped(Shape::Closed(area), Some(Paint { rgb: [255; 3], opacity: 0.0 }), None, frame.clip);
        scene.note(notes::bar(panel, series, bar));
    }
}

pub(super) fn curve_stroke(series: &Series) -> Stroke {
    Stroke::solid(series.color.rgb(), if series.secondary { 1.0 } else { 1.8 })
}

pub(super) fn theory_stroke(color: Color) -> Stroke {
    Stroke { paint: Paint::pale(color.rgb(), 0.45), width: 1.3, dash: Some((5.0, 3.5)) }
}

pub(super) fn band_paint(color: Color) -> Paint {
    Paint { rgb: color.rgb(), opacity: 0.11 }
}

fn trace(points: &[(f64, f64)], frame: &Frame) -> Vec<(f64, f64)> {
    points.iter().map(|(x, y)| (frame.x.place(*x), frame.y(*y))).collect()
}

fn draw_band(scene: &mut Scene, series: &Series, frame: &Frame) {
    let edge = |pick: fn(&(f64, f64, f64)) -> f64| {
        series.band.iter().map(move |point| (frame.x.place(point.0), frame.y(pick(point))))
    };
    let outline = edge(|p| p.2).chain(edge(|p| p.1).rev()).collect();
    scene.clipped(Shape::Closed(outline), Some(band_paint(series.color)), None, frame.clip);
}

fn draw_points(
    scene: &mut Scene,
    panel: &Panel,
    series: &Series,
    frame: &Frame,
    aside: f64,
    busy: &mut Busy,
) {
    let across = |x: f64| frame.x.place(x) + aside;
    let on_paper = |x: f64| (frame.left - MARK..=frame.left + frame.width + MARK).contains(&across(x));
    for &point in series.samples.iter().filter(|(x, _)| on_paper(*x)) {
        let (y, beyond) = frame.at_edge(point.1);
        let (x, y) = (across(point.0), frame.y(y));
        draw_sample(scene, series.color, (x, y), beyond);
        scene.note(notes::sample(panel, series, point));
        busy.point(x, y);
    }
    for mean in series.means.iter().filter(|mean| on_paper(mean.x)) {
        let x = across(mean.x);
        let stroke = Stroke::solid(series.color.rgb(), 1.1);
        let (low, high) = (frame.y(mean.low), frame.y(mean.high));
        let mut bar = |from, to| scene.clipped(Shape::Open(vec![from, to]), None, Some(stroke), frame.clip);
        bar((x, low), (x, high));
        bar((x - 2.5, low), (x + 2.5, low));
        bar((x - 2.5, high), (x + 2.5, high));
        busy.line(&[(x, low), (x, high)]);
    }
    for mean in series.means.iter().filter(|mean| on_paper(mean.x)) {
        let (y, beyond) = frame.at_edge(mean.y);
        let (x, y) = (across(mean.x), frame.y(y));
        draw_marker(scene, series, (x, y), beyond);
        scene.note(notes::mean(panel, series, mean));
        busy.point(x, y);
    }
}

/// A raw point; open where its value lies beyond the panel.
pub(super) fn draw_sample(scene: &mut Scene, color: Color, (x, y): (f64, f64), open: bool) {
    let paint = Paint { rgb: color.rgb(), opacity: 0.42 };
    let rim = Stroke { paint, width: 1.0, dash: None };
    let (fill, rim) = if open { (None, Some(rim)) } else { (Some(paint), None) };
    scene.path(Shape::Circle(x, y, SAMPLE), fill, rim);
}

/// A mean's mark, on a white rim so that it stays apart from what it covers.
pub(super) fn draw_marker(scene: &mut Scene, series: &Series, (x, y): (f64, f64), beyond: bool) {
    let rgb = series.color.rgb();
    if series.marker == Marker::Cross {
        let r = 0.8 * MARK;
        for (width, rgb) in [(4.2, [255; 3]), (if series.secondary { 1.6 } else { 2.4 }, rgb)] {
            for slope in [-r, r] {
                let arm = Shape::Open(vec![(x - r, y - slope), (x + r, y + slope)]);
                scene.path(arm, None, Some(Stroke::solid(rgb, width)));
            }
        }
        return;
    }
    let shape = |r: f64| match outline(series.marker) {
        Some(corners) => Shape::Closed(corners.iter().map(|(dx, dy)| (x + r * dx, y + r * dy)).collect()),
        None => Shape::Circle(x, y, r),
    };
    if series.secondary || beyond {
        scene.path(shape(MARK - 0.3), Some(Paint::solid([255; 3])), Some(Stroke::solid(rgb, 1.4)));
    } else {
        scene.path(shape(MARK), Some(Paint::solid(rgb)), Some(Stroke::solid([255; 3], 0.9)));
    }
}

/// Corners in units of the mark's radius, chosen so that all marks look equally large; `None` is a circle.
fn outline(marker: Marker) -> Option<&'static [(f64, f64)]> {
    match marker {
        Marker::Circle | Marker::Cross => None,
        Marker::Square => Some(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
        Marker::Diamond => Some(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
        Marker::Triangle => Some(&[(0.0, -1.25), (1.15, 0.85), (-1.15, 0.85)]),
        Marker::TriangleDown => Some(&[(0.0, 1.25), (1.15, -0.85), (-1.15, -0.85)]),
    }
}

fn draw_level(scene: &mut Scene, level: &Level, frame: &Frame, busy: &mut Busy) {
    let (y, right, rgb) = (frame.y(level.y), frame.left + frame.width, level.color.rgb());
    let line = vec![(frame.left, y), (right, y)];
    busy.line(&line);
    let stroke = Stroke { paint: Paint::pale(rgb, 0.7), width: 1.2, dash: Some((1.5, 3.0)) };
    scene.clipped(Shape::Open(line), None, Some(stroke), frame.clip);
    let spots: Vec<_> = [1.0, 0.0, 0.5].into_iter().flat_map(|at| [(at, -1.0), (at, 1.0)]).collect();
    let text = Text { rgb, ..plain(0.0, y, &level.text, NOTE, Anchor::Middle, false) };
    draw_label(scene, busy, text, (frame.left, right), &spots);
}

fn draw_arrow(scene: &mut Scene, ratio: &Ratio, frame: &Frame, busy: &mut Busy) {
    let (from, to, y) = (frame.x.place(ratio.from), frame.x.place(ratio.to), frame.y(ratio.y));
    let (rgb, ahead) = (ratio.color.rgb(), (to - from).signum());
    // A head longer than half the arrow would hide where it starts.
    let head = 7.0f64.min((to - from).abs() / 2.0);
    let (neck, tip) = (to - ahead * head, (to, y));
    let wings = [(neck, y - head / 2.0), (neck, y + head / 2.0)];
    let shaft = vec![(from, y), (if ratio.bound { to } else { neck }, y)];
    busy.line(&[(from, y), tip]);
    let dash = ratio.bound.then_some((6.0, 3.0));
    let stroke = Stroke { dash, ..Stroke::solid(rgb, 1.5) };
    let foot = Shape::Open(vec![(from, y - 4.0), (from, y + 4.0)]);
    let rim = Stroke::solid([255; 3], 4.0);
    scene.clipped(Shape::Open(shaft.clone()), None, Some(rim), frame.clip);
    scene.clipped(Shape::Open(shaft), None, Some(stroke), frame.clip);
    scene.clipped(foot, None, Some(Stroke::solid(rgb, 1.5)), frame.clip);
    if ratio.bound {
        let open = Shape::Open(vec![wings[0], tip, wings[1]]);
        scene.clipped(open, None, Some(Stroke::solid(rgb, 1.5)), frame.clip);
    } else {
        let full = Shape::Closed(vec![wings[0], tip, wings[1]]);
        scene.clipped(full, Some(Paint::solid(rgb)), None, frame.clip);
    }
}

fn draw_ratio_text(scene: &mut Scene, ratio: &Ratio, frame: &Frame, busy: &mut Busy) {
    let (from, to, y) = (frame.x.place(ratio.from), frame.x.place(ratio.to), frame.y(ratio.y));
    let shares = [0.5, 0.35, 0.65, 0.2, 0.8, 0.05, 0.95];
    let sides = [-1.0, 1.0, -2.0, 2.0];
    let spots: Vec<_> = sides.into_iter().flat_map(|side| shares.map(|share| (share, side))).collect();
    let text = Text { rgb: ratio.color.rgb(), ..plain(0.0, y, &ratio.text, NOTE, Anchor::Middle, true) };
    draw_label(scene, busy, text, (from, to), &spots);
}

/// Puts `text` at the emptiest of `spots`, each a share of the way between two x and a number of text rows
/// below the height that the text comes with.
fn draw_label(scene: &mut Scene, busy: &mut Busy, text: Text, (from, to): (f64, f64), spots: &[(f64, f64)]) {
    let width = font::width(&text.content, text.size, text.bold);
    let place = |(share, row): &(f64, f64)| (from + share * (to - from), text.y + row * 0.95 * text.size);
    let (x, middle) = busy.emptiest(&spots.iter().map(place).collect::<Vec<_>>(), (width, text.size));
    scene.text(Text { x, y: middle + 0.36 * text.size, halo: true, ..text });
}
