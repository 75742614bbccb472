//! A pipeline drawn over the panels: boxes on a grid, with arrows between them.

use super::chart::Color;
use super::font;
use super::layout::{INK, TEXT, plain};
use super::scene::{Anchor, Paint, Scene, Shape, Stroke, Text};

/// A pipeline with its counts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Flow {
    /// The boxes.
    pub stages: Vec<Stage>,
    /// Arrows from one box to another, as indices into `stages`; one to a box that is not there is left out.
    pub arrows: Vec<(usize, usize)>,
}

/// A box of two lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Place from the left, from 0.
    pub column: usize,
    /// Place from the top, from 0.
    pub row: usize,
    /// Of frame and count.
    pub color: Color,
    /// What it is.
    pub title: String,
    /// How much of it, in bold.
    pub count: String,
}

const HEIGHT: f64 = 38.0;
/// Between rows, and between columns.
const ROW_GAP: f64 = 20.0;
const COLUMN_GAP: f64 = 18.0;
/// Over the highest box, and between the lowest one and the panels.
const OVER: f64 = 8.0;
const UNDER: f64 = 18.0;
/// Between a box and its text.
const INSIDE: f64 = 5.0;
const HEAD: f64 = 5.0;

impl Flow {
    /// Height of the strip.
    pub(super) fn height(&self) -> f64 {
        let rows = self.stages.iter().map(|stage| stage.row + 1).max().unwrap_or(0) as f64;
        if rows == 0.0 { 0.0 } else { OVER + rows * HEIGHT + (rows - 1.0) * ROW_GAP + UNDER }
    }

    /// Draws it from the upper left corner on, `width` wide.
    pub(super) fn draw(&self, scene: &mut Scene, left: f64, top: f64, width: f64) {
        let columns = self.stages.iter().map(|stage| stage.column + 1).max().unwrap_or(1) as f64;
        let wide = (width - COLUMN_GAP * (columns - 1.0)) / columns;
        let corner = |stage: &Stage| {
            let x = left + stage.column as f64 * (wide + COLUMN_GAP);
            (x, top + OVER + stage.row as f64 * (HEIGHT + ROW_GAP))
        };
        for (from, to) in &self.arrows {
            if let (Some(from), Some(to)) = (self.stages.get(*from), self.stages.get(*to)) {
                draw_arrow(scene, corner(from), corner(to), wide);
            }
        }
        for stage in &self.stages {
            draw_stage(scene, stage, corner(stage), wide);
        }
    }
}

fn draw_stage(scene: &mut Scene, stage: &Stage, (x, y): (f64, f64), wide: f64) {
    let frame = vec![(x, y), (x + wide, y), (x + wide, y + HEIGHT), (x, y + HEIGHT)];
    let rgb = stage.color.rgb();
    scene.path(Shape::Closed(frame), Some(Paint::pale(rgb, 0.12)), Some(Stroke::solid(rgb, 1.2)));
    let line = |content: &str, down: f64, bold: bool| {
        let size = font::fit(content, TEXT, bold, wide - 2.0 * INSIDE);
        plain(x + wide / 2.0, y + down, content, size, Anchor::Middle, bold)
    };
    scene.text(line(&stage.title, 15.5, false));
    scene.text(Text { rgb: INK, ..line(&stage.count, 31.0, true) });
}

/// From the right edge of a box to the left edge of a later one in its row; down or up to a box of another row,
/// first along the row where that is in another column.
fn draw_arrow(scene: &mut Scene, from: (f64, f64), to: (f64, f64), wide: f64) {
    let middle = |y: f64| y + HEIGHT / 2.0;
    let (path, head) = if from.1 == to.1 {
        let end = (to.0, middle(to.1));
        let head = vec![(end.0 - HEAD, end.1 - HEAD), end, (end.0 - HEAD, end.1 + HEAD)];
        (vec![(from.0 + wide, middle(from.1)), end], head)
    } else {
        let down = to.1 > from.1;
        let (edge, toward) = if down { (to.1, -HEAD) } else { (to.1 + HEIGHT, HEAD) };
        let end = (to.0 + wide / 2.0, edge);
        let head = vec![(end.0 - HEAD, end.1 + toward), end, (end.0 + HEAD, end.1 + toward)];
        let path = if from.0 == to.0 {
            vec![(end.0, if down { from.1 + HEIGHT } else { from.1 }), end]
        } else {
            vec![(from.0 + wide, middle(from.1)), (end.0, middle(from.1)), end]
        };
        (path, head)
    };
    let stroke = Stroke::solid(INK, 1.2);
    scene.path(Shape::Open(path), None, Some(stroke));
    scene.path(Shape::Open(head), None, Some(stroke));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chart;

    fn stage(column: usize, row: usize, title: &str) -> Stage {
        Stage { column, row, color: Color::Blue, title: title.into(), count: "12".into() }
    }

    #[test]
    fn boxes_stand_over_the_panels_and_a_missing_one_draws_no_arrow() {
        let bare = Chart::default().scene().unwrap().size().1;
        let flow = Flow {
            stages: vec![
                stage(0, 0, "problems"),
                stage(1, 0, "samples"),
                stage(1, 1, "a title far too long for its box"),
            ],
            arrows: vec![(0, 1), (1, 2), (0, 2), (2, 7)],
        };
        let height = flow.height();
        let scene = Chart { flow: Some(flow), ..Chart::default() }.scene().unwrap();
        assert_eq!(scene.size().1, (bare + height).ceil());
        let svg = scene.svg();
        assert_eq!(svg.matches(">12<").count(), 3);
        // Three arrows, each a line and a head, beside the axes of no panel.
        assert_eq!(svg.matches("fill=\"none\"").count(), 6, "{svg}");
        assert_eq!(Flow::default().height(), 0.0);
    }
}
