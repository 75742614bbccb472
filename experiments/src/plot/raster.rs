//! The scene as a PNG, drawn without any font of the machine.

use super::chart::PlotError;
use super::font;
use super::scene::{HALO, Item, Paint, Path, Scene, Shape, Stroke, Text};
use tiny_skia::{
    Color, FillRule, LineJoin, Mask, Paint as Ink, PathBuilder, Pixmap, Rect, Stroke as Pen, StrokeDash,
    Transform,
};
use ttf_parser::OutlineBuilder;

impl Scene {
    /// The scene as PNG bytes, `scale` pixels to the SVG unit (2 suits screens, 3 print at a column's width).
    /// Equal scenes and scales give equal bytes.
    ///
    /// # Errors
    /// [`PlotError::Size`] where the picture would be empty or more than 16,384 pixels on a side;
    /// [`PlotError::Png`] where encoding fails.
    pub fn png(&self, scale: f64) -> Result<Vec<u8>, PlotError> {
        let (width, height) = ((self.width * scale).ceil(), (self.height * scale).ceil());
        let size = || PlotError::Size { width, height };
        let fits = |side: f64| (1.0..=16384.0).contains(&side);
        if !fits(width) || !fits(height) {
            return Err(size());
        }
        let mut page = Pixmap::new(width as u32, height as u32).ok_or_else(size)?;
        page.fill(Color::WHITE);
        let place = Transform::from_scale(scale as f32, scale as f32);
        let masks = self.clips.iter().map(|clip| mask(&page, *clip, place)).collect::<Option<Vec<_>>>();
        let masks = masks.ok_or_else(size)?;
        for item in &self.items {
            match item {
                Item::Path(path) => path.draw(&mut page, place, path.clip.map(|clip| &masks[clip])),
                Item::Text(text) => text.draw(&mut page, place)?,
            }
        }
        page.encode_png().map_err(|error| PlotError::Png(error.to_string()))
    }
}

fn mask(page: &Pixmap, [x, y, w, h]: [f64; 4], place: Transform) -> Option<Mask> {
    let mut mask = Mask::new(page.width(), page.height())?;
    let rect = Rect::from_xywh(x as f32, y as f32, w as f32, h as f32)?;
    mask.fill_path(&PathBuilder::from_rect(rect), FillRule::Winding, true, place);
    Some(mask)
}

fn ink(paint: Paint) -> Ink<'static> {
    let [r, g, b] = paint.rgb;
    let mut ink = Ink::default();
    ink.set_color_rgba8(r, g, b, (paint.opacity.clamp(0.0, 1.0) * 255.0).round() as u8);
    ink
}

fn pen(stroke: Stroke) -> Pen {
    let dash = stroke.dash.and_then(|(on, off)| StrokeDash::new(vec![on as f32, off as f32], 0.0));
    Pen { width: stroke.width as f32, line_join: LineJoin::Round, dash, ..Pen::default() }
}

impl Path {
    fn draw(&self, page: &mut Pixmap, place: Transform, mask: Option<&Mask>) {
        // A path of one point has no extent and nothing to draw.
        let Some(path) = self.shape.trace() else { return };
        if let Some(fill) = self.fill {
            page.fill_path(&path, &ink(fill), FillRule::Winding, place, mask);
        }
        if let Some(stroke) = self.stroke {
            page.stroke_path(&path, &ink(stroke.paint), &pen(stroke), place, mask);
        }
    }
}

impl Shape {
    fn trace(&self) -> Option<tiny_skia::Path> {
        let mut path = PathBuilder::new();
        match self {
            Self::Circle(x, y, r) => path.push_circle(*x as f32, *y as f32, *r as f32),
            Self::Open(points) | Self::Closed(points) => {
                for (index, (x, y)) in points.iter().enumerate() {
                    match index {
                        0 => path.move_to(*x as f32, *y as f32),
                        _ => path.line_to(*x as f32, *y as f32),
                    }
                }
                if matches!(self, Self::Closed(_)) {
                    path.close();
                }
            }
        }
        path.finish()
    }
}

impl Text {
    fn draw(&self, page: &mut Pixmap, place: Transform) -> Result<(), PlotError> {
        let face = font::face(self.bold)?;
        let (glyphs, width) = font::line(&self.content, self.bold)?;
        let unit = (self.size / f64::from(face.units_per_em())) as f32;
        let mut path = PathBuilder::new();
        for (glyph, along) in glyphs {
            let x = (along - self.anchor.share() * width) * self.size;
            // A space has no outline: nothing is added for it.
            face.outline_glyph(glyph, &mut Letter { path: &mut path, x: x as f32, unit });
        }
        let Some(path) = path.finish() else { return Ok(()) };
        let turn = if self.upward { Transform::from_rotate(-90.0) } else { Transform::identity() };
        let place = turn.post_translate(self.x as f32, self.y as f32).post_concat(place);
        if self.halo {
            let rim = Stroke::solid([255; 3], HALO);
            page.stroke_path(&path, &ink(rim.paint), &pen(rim), place, None);
        }
        page.fill_path(&path, &ink(Paint::solid(self.rgb)), FillRule::Winding, place, None);
        Ok(())
    }
}

/// Writes a glyph's outline, which has y upward, at `x` on the baseline.
struct Letter<'a> {
    path: &'a mut PathBuilder,
    x: f32,
    unit: f32,
}

impl Letter<'_> {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x * self.unit, -y * self.unit)
    }
}

impl OutlineBuilder for Letter<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plot::scene::Anchor;

    fn page(items: Vec<Item>) -> Scene {
        Scene {
            width: 40.0,
            height: 20.0,
            title: String::new(),
            items,
            clips: vec![[0.0, 0.0, 20.0, 20.0]],
            caption: None,
        }
    }

    fn dark(scene: &Scene) -> Vec<(u32, u32)> {
        let pixmap = Pixmap::decode_png(&scene.png(1.0).unwrap()).unwrap();
        let places = (0..pixmap.height()).flat_map(|y| (0..pixmap.width()).map(move |x| (x, y)));
        places.filter(|(x, y)| pixmap.pixel(*x, *y).unwrap().red() < 100).collect()
    }

    #[test]
    fn a_clip_keeps_ink_inside() {
        let line = Shape::Open(vec![(0.0, 10.0), (40.0, 10.0)]);
        let mut scene = page(vec![]);
        scene.clipped(line.clone(), None, Some(Stroke::solid([0; 3], 2.0)), 0);
        assert!(dark(&scene).iter().all(|(x, _)| *x < 20));
        scene.path(line, None, Some(Stroke::solid([0; 3], 2.0)));
        assert!(dark(&scene).iter().any(|(x, _)| *x > 30));
    }

    #[test]
    fn text_stands_at_its_anchor_and_turns() {
        let text = |anchor, upward| Text {
            x: 20.0,
            y: 15.0,
            content: "H".into(),
            size: 12.0,
            rgb: [0; 3],
            anchor,
            bold: true,
            upward,
            halo: false,
        };
        let ink = |anchor, upward| dark(&page(vec![Item::Text(text(anchor, upward))]));
        assert!(ink(Anchor::Start, false).iter().all(|(x, y)| *x >= 20 && *y <= 15));
        assert!(ink(Anchor::End, false).iter().all(|(x, _)| *x <= 20));
        assert!(!ink(Anchor::End, false).is_empty());
        // Upward, the letter's top points left and its start is the lower end.
        assert!(ink(Anchor::Start, true).iter().all(|(x, y)| *x <= 20 && *y <= 15));
        assert!(!ink(Anchor::Start, true).is_empty());
    }

    #[test]
    fn impossible_sizes_are_refused() {
        for scale in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert!(matches!(page(vec![]).png(scale), Err(PlotError::Size { .. })), "{scale}");
        }
    }
}
