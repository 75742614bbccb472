//! Names of the series and of the kinds of marks.

use super::chart::{Chart, Color, Legend, Series};
use super::font;
use super::layout::{TEXT, plain};
use super::marks::{band_paint, bar_paint, curve_stroke, draw_marker, draw_sample, theory_stroke};
use super::scene::{Anchor, Paint, Scene, Shape, Stroke};

const ROW: f64 = 18.0;
const SWATCH: f64 = 26.0;
const GAP: f64 = 7.0;
/// Between two columns of entries, and between series and kinds of marks.
const APART: f64 = 18.0;

/// One line of the legend.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Series(&'a Series),
    Sample(&'a str),
    Mean(&'a str),
    Curve(&'a str, bool),
    Theory(&'a str),
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Series(series) => &series.name,
            Self::Sample(name) | Self::Mean(name) | Self::Curve(name, _) | Self::Theory(name) => name,
        }
    }

    fn width(&self) -> f64 {
        SWATCH + GAP + font::width(self.name(), TEXT, false)
    }

    /// Draws it from `x` on, around the height `y`.
    fn draw(&self, scene: &mut Scene, x: f64, y: f64) {
        let line = |rise: f64| Shape::Open(vec![(x, y + rise), (x + SWATCH, y + rise)]);
        let middle = (x + SWATCH / 2.0, y);
        let gray = Series { color: Color::Gray, ..Series::default() };
        match self {
            Self::Series(series) if !series.bars.is_empty() => {
                let (fill, rim) = (bar_paint(series.color), curve_stroke(series));
                scene.path(area(x + 3.0, x + SWATCH - 3.0, y), Some(fill), Some(rim));
            }
            Self::Series(series) => {
                scene.path(line(0.0), None, Some(curve_stroke(series)));
                // A line without points has no mark to be known by.
                if !(series.means.is_empty() && series.samples.is_empty()) {
                    draw_marker(scene, series, middle, false);
                }
            }
            Self::Sample(_) => {
                for (dx, dy) in [(-6.0, 1.5), (0.0, -2.0), (6.0, 2.0)] {
                    draw_sample(scene, Color::Gray, (middle.0 + dx, y + dy), false);
                }
            }
            Self::Mean(_) => {
                let mut bar = |from, to| {
                    scene.path(Shape::Open(vec![from, to]), None, Some(Stroke::solid(gray.color.rgb(), 1.1)));
                };
                bar((middle.0, y - 7.0), (middle.0, y + 7.0));
                bar((middle.0 - 2.5, y - 7.0), (middle.0 + 2.5, y - 7.0));
                bar((middle.0 - 2.5, y + 7.0), (middle.0 + 2.5, y + 7.0));
                draw_marker(scene, &gray, middle, false);
            }
            Self::Curve(_, band) => {
                if *band {
                    let fill = Paint { opacity: 0.25, ..band_paint(Color::Gray) };
                    scene.path(area(x, x + SWATCH, y), Some(fill), None);
                }
                scene.path(line(0.0), None, Some(curve_stroke(&gray)));
            }
            Self::Theory(_) => scene.path(line(0.0), None, Some(theory_stroke(Color::Black))),
        }
        let text = plain(x + SWATCH + GAP, y + 0.36 * TEXT, self.name(), TEXT, Anchor::Start, false);
        scene.text(text);
    }
}

/// A small area around the height `y`.
fn area(left: f64, right: f64, y: f64) -> Shape {
    Shape::Closed(vec![(left, y - 5.0), (right, y - 5.0), (right, y + 5.0), (left, y + 5.0)])
}

/// The series by first appearance, then the kinds of marks in use.
fn entries(chart: &Chart) -> (Vec<Entry<'_>>, Vec<Entry<'_>>) {
    let all = || chart.panels.iter().flat_map(|panel| &panel.series);
    let mut named: Vec<&Series> = Vec::new();
    for series in all().filter(|series| !series.name.is_empty()) {
        if named.iter().all(|known| known.name != series.name) {
            named.push(series);
        }
    }
    let keys = &chart.keys;
    let band = all().any(|s| !s.band.is_empty());
    let kinds = [
        (all().any(|s| !s.samples.is_empty()), Entry::Sample(&keys.sample)),
        (all().any(|s| !s.means.is_empty()), Entry::Mean(&keys.mean)),
        (all().any(|s| !s.curve.is_empty()), Entry::Curve(&keys.curve, band)),
        (all().any(|s| !s.theory.is_empty()), Entry::Theory(&keys.theory)),
    ];
    let used = kinds.into_iter().filter(|(used, entry)| *used && !entry.name().is_empty());
    (named.into_iter().map(Entry::Series).collect(), used.map(|(_, entry)| entry).collect())
}

/// Width and height of the column beside the panels.
pub(super) fn column_size(chart: &Chart) -> (f64, f64) {
    let (series, kinds) = entries(chart);
    let all = series.iter().chain(&kinds);
    (all.map(Entry::width).fold(0.0, f64::max), ROW * (series.len() + kinds.len()) as f64 + APART / 2.0)
}

/// The column, from the top of the panels down.
pub(super) fn draw_column(scene: &mut Scene, chart: &Chart, x: f64, top: f64) {
    let (series, kinds) = entries(chart);
    let gap = if series.is_empty() { 0.0 } else { APART / 2.0 };
    for (row, entry) in series.iter().enumerate() {
        entry.draw(scene, x, top + ROW * (row as f64 + 0.5));
    }
    for (row, entry) in kinds.iter().enumerate() {
        entry.draw(scene, x, top + gap + ROW * ((series.len() + row) as f64 + 0.5));
    }
}

/// Entries in rows over the panels, each with its distance from the left: series first, then kinds of marks.
/// None unless the legend stands there.
pub(super) fn rows(chart: &Chart, room: f64) -> Vec<Vec<(f64, Entry<'_>)>> {
    if chart.legend != Legend::Top {
        return Vec::new();
    }
    let (series, kinds) = entries(chart);
    let mut rows = grid(&series, room);
    rows.extend(grid(&kinds, room));
    rows
}

/// As many columns as fit, each as wide as its widest entry.
fn grid<'a>(entries: &[Entry<'a>], room: f64) -> Vec<Vec<(f64, Entry<'a>)>> {
    let starts = |columns: usize| {
        let mut starts = vec![0.0; columns + 1];
        for at in 0..columns {
            let widths = entries.chunks(columns).filter_map(|row| row.get(at)).map(Entry::width);
            starts[at + 1] = starts[at] + widths.fold(0.0, f64::max) + APART;
        }
        starts
    };
    let fits = |columns: &usize| starts(*columns)[*columns] <= room + APART;
    let columns = (1..=entries.len()).rev().find(fits).unwrap_or(1);
    let starts = starts(columns);
    let place = |row: &[Entry<'a>]| starts.iter().copied().zip(row.iter().copied()).collect();
    entries.chunks(columns).map(place).collect()
}

pub(super) fn rows_height(rows: &[Vec<(f64, Entry<'_>)>]) -> f64 {
    ROW * rows.len() as f64 + if rows.is_empty() { 0.0 } else { 6.0 }
}

pub(super) fn draw_rows(scene: &mut Scene, rows: &[Vec<(f64, Entry<'_>)>], left: f64, top: f64) {
    for (index, row) in rows.iter().enumerate() {
        for (x, entry) in row {
            entry.draw(scene, left + x, top + ROW * (index as f64 + 0.5));
        }
    }
}
