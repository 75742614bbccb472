//! Paths and texts on a page, and how they are written as SVG.

use super::font;
use std::fmt::Write;

/// A laid-out figure, ready to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Read out by screen readers.
    pub(super) title: String,
    pub(super) items: Vec<Item>,
    /// Rectangles (x, y, width, height) that items may be clipped to.
    pub(super) clips: Vec<[f64; 4]>,
    /// The first item of the small print, and where it begins from the top.
    pub(super) caption: Option<(usize, f64)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Path(Path),
    Text(Text),
}

/// A line or an area.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    pub(super) shape: Shape,
    pub(super) fill: Option<Paint>,
    pub(super) stroke: Option<Stroke>,
    /// Index into the scene's clips.
    pub(super) clip: Option<usize>,
    /// What it says of itself: shown in an SVG to who points at it.
    pub(super) note: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Open(Vec<(f64, f64)>),
    Closed(Vec<(f64, f64)>),
    Circle(f64, f64, f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paint {
    pub(super) rgb: [u8; 3],
    pub(super) opacity: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub(super) paint: Paint,
    pub(super) width: f64,
    /// Length of a dash and of the gap after it.
    pub(super) dash: Option<(f64, f64)>,
}

/// One line of text; `y` is its baseline.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) content: String,
    pub(super) size: f64,
    pub(super) rgb: [u8; 3],
    pub(super) anchor: Anchor,
    pub(super) bold: bool,
    /// Read from bottom to top.
    pub(super) upward: bool,
    /// A white rim, for text over lines.
    pub(super) halo: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    /// How much of the text's width lies before its place.
    #[cfg(test)]
    pub(super) fn share(self) -> f64 {
        match self {
            Self::Start => 0.0,
            Self::Middle => 0.5,
            Self::End => 1.0,
        }
    }
}

/// Width of a text's rim, in SVG units.
pub(super) const HALO: f64 = 3.0;

impl Paint {
    pub(super) fn solid(rgb: [u8; 3]) -> Self {
        Self { rgb, opacity: 1.0 }
    }

    /// The color mixed with white, still opaque: `share` of it stays.
    pub(super) fn pale(rgb: [u8; 3], share: f64) -> Self {
        Self::solid(rgb.map(|c| (255.0 - share * (255.0 - f64::from(c))).round() as u8))
    }
}

impl Stroke {
    pub(super) fn solid(rgb: [u8; 3], width: f64) -> Self {
        Self { paint: Paint::solid(rgb), width, dash: None }
    }
}

impl Scene {
    pub(super) fn path(&mut self, shape: Shape, fill: Option<Paint>, stroke: Option<Stroke>) {
        self.push(Path { shape, fill, stroke, clip: None, note: None });
    }

    pub(super) fn clipped(&mut self, shape: Shape, fill: Option<Paint>, stroke: Option<Stroke>, clip: usize) {
        self.push(Path { shape, fill, stroke, clip: Some(clip), note: None });
    }

    /// Lets the path drawn last say something.
    pub(super) fn note(&mut self, text: String) {
        if let Some(Item::Path(path)) = self.items.last_mut() {
            path.note = Some(text);
        }
    }

    /// A path without points is left out: SVG has no way to write it.
    fn push(&mut self, path: Path) {
        let empty = matches!(&path.shape, Shape::Open(points) | Shape::Closed(points) if points.is_empty());
        if !empty {
            self.items.push(Item::Path(path));
        }
    }

    pub(super) fn text(&mut self, text: Text) {
        if !text.content.is_empty() {
            self.items.push(Item::Text(text));
        }
    }

    /// Width and height in SVG units, 96 to the inch.
    pub fn size(&self) -> (f64, f64) {
        (self.width, self.height)
    }

    /// The scene as an SVG 1.1 document: one element a line, coordinates to a hundredth, text as text.
    /// Equal scenes give equal bytes.
    pub fn svg(&self) -> String {
        let (w, h) = (number(self.width), number(self.height));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             role=\"img\" font-family=\"{}\" stroke-linejoin=\"round\">\n",
            font::FAMILIES
        );
        if !self.title.is_empty() {
            put(&mut out, format_args!("<title>{}</title>", escape(&self.title)));
        }
        for (index, [x, y, w, h]) in self.clips.iter().enumerate() {
            let [x, y, w, h] = [x, y, w, h].map(|v| number(*v));
            let rect = format!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>");
            put(&mut out, format_args!("<clipPath id=\"p{index}\">{rect}</clipPath>"));
        }
        put(&mut out, format_args!("<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>"));
        for (index, item) in self.items.iter().enumerate() {
            if let Some((_, top)) = self.caption.filter(|(first, _)| *first == index) {
                put(&mut out, format_args!("<g class=\"caption\" data-top=\"{}\">", number(top)));
            }
            match item {
                Item::Path(path) => path.write(&mut out),
                Item::Text(text) => text.write(&mut out),
            }
        }
        if self.caption.is_some_and(|(first, _)| first < self.items.len()) {
            out.push_str("</g>\n");
        }
        out.push_str("</svg>\n");
        out
    }
}

impl Path {
    fn write(&self, out: &mut String) {
        let mut style = match self.fill {
            Some(paint) => format!(" fill=\"{}\"{}", hex(paint.rgb), opacity("fill", paint)),
            None => " fill=\"none\"".to_owned(),
        };
        if let Some(Stroke { paint, width, dash }) = self.stroke {
            let (color, width) = (hex(paint.rgb), number(width));
            style += &format!(" stroke=\"{color}\" stroke-width=\"{width}\"{}", opacity("stroke", paint));
            if let Some((on, off)) = dash {
                style += &format!(" stroke-dasharray=\"{} {}\"", number(on), number(off));
            }
        }
        if let Some(clip) = self.clip {
            style += &format!(" clip-path=\"url(#p{clip})\"");
        }
        let (name, shape) = match &self.shape {
            Shape::Circle(x, y, r) => {
                let [x, y, r] = [x, y, r].map(|v| number(*v));
                ("circle", format!("cx=\"{x}\" cy=\"{y}\" r=\"{r}\""))
            }
            Shape::Open(points) => ("path", format!("d=\"{}\"", trace(points))),
            Shape::Closed(points) => ("path", format!("d=\"{}Z\"", trace(points))),
        };
        match &self.note {
            None => put(out, format_args!("<{name} {shape}{style}/>")),
            Some(note) => {
                put(out, format_args!("<{name} {shape}{style}><title>{}</title></{name}>", escape(note)));
            }
        }
    }
}

impl Text {
    fn write(&self, out: &mut String) {
        let [x, y, size] = [self.x, self.y, self.size].map(number);
        let mut style = match self.anchor {
            Anchor::Start => String::new(),
            Anchor::Middle => " text-anchor=\"middle\"".to_owned(),
            Anchor::End => " text-anchor=\"end\"".to_owned(),
        };
        if self.bold {
            style += " font-weight=\"bold\"";
        }
        // Whatever font there is, the text keeps the width that the layout counts on.
        let wide = number(font::width(&self.content, self.size, self.bold));
        style += &format!(" textLength=\"{wide}\" lengthAdjust=\"spacingAndGlyphs\"");
        if self.upward {
            style += &format!(" transform=\"rotate(-90 {x} {y})\"");
        }
        if self.halo {
            style += &format!(" paint-order=\"stroke\" stroke=\"#ffffff\" stroke-width=\"{}\"", number(HALO));
        }
        let (fill, content) = (hex(self.rgb), escape(&self.content));
        put(
            out,
            format_args!(
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{fill}\"{style}>{content}</text>"
            ),
        );
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(out, "{line}").expect("writing to a String does not fail");
}

fn trace(points: &[(f64, f64)]) -> String {
    let pairs: Vec<String> = points.iter().map(|(x, y)| format!("{} {}", number(*x), number(*y))).collect();
    format!("M{}", pairs.join("L"))
}

/// A coordinate: at most two decimals, no trailing zeros, no negative zero.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

pub(super) fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn opacity(of: &str, paint: Paint) -> String {
    if paint.opacity < 1.0 { format!(" {of}-opacity=\"{}\"", number(paint.opacity)) } else { String::new() }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_never_negative_zero() {
        let written = [1.0, 1.5, -0.001, 0.125, 1e6, -2.999].map(number);
        assert_eq!(written, ["1", "1.5", "0", "0.12", "1000000", "-3"]);
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("a < b & c > d"), "a &lt; b &amp; c &gt; d");
    }
}
