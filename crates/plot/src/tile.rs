//! Tiles: a map of verdicts, each with its values in words.

use super::chart::Color;
use super::font;
use super::frame::Frame;
use super::layout::{TEXT, plain};
use super::scene::{Anchor, Paint, Scene, Shape, Stroke};

/// Free space between two tiles, and between a tile's rim and its text.
const GAP: f64 = 1.5;
const INSET: f64 = 4.0;
const ROW: f64 = 16.0;

/// A rectangle of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Left and right end.
    pub x: (f64, f64),
    /// Lower and upper end.
    pub y: (f64, f64),
    /// What stands in it, line by line; the first is bold. Nothing is told by color alone.
    pub lines: Vec<String>,
    /// Its color.
    pub color: Color,
    /// How much of the color there is, in [0, 1]: the rest is white.
    pub shade: f64,
}

pub(super) fn draw(scene: &mut Scene, tile: &Tile, frame: &Frame) {
    let (left, right) = (frame.x.place(tile.x.0) + GAP, frame.x.place(tile.x.1) - GAP);
    let (bottom, top) = (frame.y(tile.y.0) - GAP, frame.y(tile.y.1) + GAP);
    let shape = Shape::Closed(vec![(left, top), (right, top), (right, bottom), (left, bottom)]);
    let (fill, rim) = (Paint::pale(tile.color.rgb(), tile.shade), Stroke::solid(tile.color.rgb(), 1.0));
    scene.clipped(shape, Some(fill), Some(rim), frame.clip);
    let (middle, room) = (0.5 * (left + right), right - left - 2.0 * INSET);
    let first = 0.5 * (top + bottom) - 0.5 * ROW * (tile.lines.len() as f64 - 1.0) + 0.36 * TEXT;
    for (at, line) in tile.lines.iter().enumerate() {
        let bold = at == 0;
        let size = font::fit(line, TEXT, bold, room);
        scene.text(plain(middle, first + ROW * at as f64, line, size, Anchor::Middle, bold));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Axis, Chart, Panel, PlotError, Scale};

    fn map(x: (f64, f64)) -> Chart {
        let tile = |row: f64, lines: &[&str]| Tile {
            x,
            y: (row - 0.5, row + 0.5),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            color: Color::Blue,
            shade: 0.4,
        };
        let panel = Panel {
            x: Axis { label: "x".into(), scale: Scale::Log2, range: Some((0.5, 8.0)) },
            y: Axis { label: "y".into(), scale: Scale::Names(&["low", "high"]), range: Some((-0.5, 1.5)) },
            tiles: vec![tile(0.0, &["holds", "0.8"]), tile(1.0, &["fails"])],
            ..Panel::default()
        };
        Chart { panels: vec![panel], ..Chart::default() }
    }

    #[test]
    fn every_line_of_every_tile_is_written() {
        let svg = map((1.0, 2.0)).scene().unwrap().svg();
        for text in [">holds<", ">0.8<", ">fails<", ">low<", ">high<"] {
            assert!(svg.contains(text), "no {text} in {svg}");
        }
        assert!(!svg.contains("no data"));
    }

    #[test]
    fn a_tile_without_a_place_is_an_error() {
        let error = map((0.0, 2.0)).scene().unwrap_err();
        assert!(matches!(error, PlotError::NotPositive { part: "tile", .. }), "{error}");
        let error = map((1.0, f64::NAN)).scene().unwrap_err();
        assert!(matches!(error, PlotError::NotFinite { part: "tile", .. }), "{error}");
    }
}
