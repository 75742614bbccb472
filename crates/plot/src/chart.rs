//! What can be drawn, as plain data.

use super::axis::Axis;
use super::flow::Flow;
use super::tile::Tile;

/// A figure: panels side by side under one title, with one legend for all.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Bold line on top; wrapped if it is longer than the figure is wide; empty for none.
    pub title: String,
    /// A pipeline between title and panels.
    pub flow: Option<Flow>,
    /// From left to right.
    pub panels: Vec<Panel>,
    /// Where the names stand.
    pub legend: Legend,
    /// What the kinds of marks are called in the legend.
    pub keys: Keys,
    /// Small print under the panels, one paragraph each, wrapped.
    pub caption: Vec<String>,
    /// Width and height of the area inside a panel's axes, in SVG units (96 to the inch). Letters are 12
    /// units high, so the default stays readable when a single panel is set at a column's width.
    pub panel_size: (f64, f64),
}

impl Default for Chart {
    fn default() -> Self {
        Self {
            title: String::new(),
            flow: None,
            panels: Vec::new(),
            legend: Legend::Right,
            keys: Keys::default(),
            caption: Vec::new(),
            panel_size: (360.0, 280.0),
        }
    }
}

/// Where the legend stands. It is always outside the axes, so it never covers data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Legend {
    /// A column beside the last panel.
    #[default]
    Right,
    /// Rows between title and panels.
    Top,
    /// None.
    Hidden,
}

/// Names of the kinds of marks. A kind is listed where some series has it and its name is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// Of [`Series::samples`].
    pub sample: String,
    /// Of [`Series::means`].
    pub mean: String,
    /// Of [`Series::curve`] and [`Series::band`].
    pub curve: String,
    /// Of [`Series::theory`].
    pub theory: String,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            sample: "one seed".into(),
            mean: "mean and interval".into(),
            curve: "fit and its band".into(),
            theory: "theory".into(),
        }
    }
}

/// One pair of axes with what is drawn between them. With two panels or more each gets a letter: a, b, c.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// Line above the axes, after the panel's letter.
    pub title: String,
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// A map behind everything else; it has no part in fitting the axes.
    pub tiles: Vec<Tile>,
    /// Drawn in this order, later ones on top.
    pub series: Vec<Series>,
    /// Arrows between equal errors.
    pub ratios: Vec<Ratio>,
    /// Horizontal reference lines.
    pub levels: Vec<Level>,
}

/// One method: any of its parts may be empty.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// In the legend; series of equal name in several panels share one entry, drawn as the first of them.
    pub name: String,
    /// Of all its parts.
    pub color: Color,
    /// Of its means.
    pub marker: Marker,
    /// True for a control: open markers and a thinner line.
    pub secondary: bool,
    /// Raw points (x, y), one for each seed: small and translucent.
    pub samples: Vec<(f64, f64)>,
    /// Means with their intervals.
    pub means: Vec<Estimate>,
    /// The fitted curve, as points (x, y) by rising x, joined by straight lines.
    pub curve: Vec<(f64, f64)>,
    /// The curve's band: (x, low, high) by rising x. An infinite bound runs off the panel.
    pub band: Vec<(f64, f64, f64)>,
    /// A reference curve behind everything, in pale dashes: (x, y) by rising x.
    pub theory: Vec<(f64, f64)>,
    /// A histogram: bars by rising x, drawn as one outline over a pale area.
    pub bars: Vec<Bar>,
}

/// One bar of a histogram, which stands on 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bar {
    /// Where it begins.
    pub from: f64,
    /// Where it ends; the next one often begins there.
    pub to: f64,
    /// Its height.
    pub y: f64,
}

/// A value with an interval, at one x.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Place on the horizontal axis.
    pub x: f64,
    /// The value.
    pub y: f64,
    /// Lower end of the interval; may be infinite.
    pub low: f64,
    /// Upper end of the interval; may be infinite.
    pub high: f64,
}

/// A horizontal arrow that says how much more data a baseline needs for the same error.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratio {
    /// Where it starts: the method's x.
    pub from: f64,
    /// Where it points: the baseline's x, or the last x at which the baseline was measured.
    pub to: f64,
    /// The error at which both are compared.
    pub y: f64,
    /// What stands at the arrow, as `3.2x` or `> 6.4x`.
    pub text: String,
    /// Usually the method's.
    pub color: Color,
    /// True if the baseline does not reach this error where it was measured: the arrow's line is broken
    /// and its head is open.
    pub bound: bool,
}

/// A dotted horizontal line with a name, such as a baseline's error at infinite data.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Height.
    pub y: f64,
    /// Stands above the line's right end.
    pub text: String,
    /// Of line and text.
    pub color: Color,
}

/// The palette of Okabe and Ito (2008), distinct under the common color deficiencies, and a gray.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// Usually the baseline.
    #[default]
    Black,
    /// 230, 159, 0.
    Orange,
    /// 86, 180, 233.
    SkyBlue,
    /// Bluish green: 0, 158, 115.
    Green,
    /// 240, 228, 66; too pale for thin lines.
    Yellow,
    /// 0, 114, 178.
    Blue,
    /// 213, 94, 0.
    Vermillion,
    /// Reddish purple: 204, 121, 167.
    Purple,
    /// Not in the palette: for what is no method.
    Gray,
}

impl Color {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Black,
        Self::Orange,
        Self::SkyBlue,
        Self::Green,
        Self::Yellow,
        Self::Blue,
        Self::Vermillion,
        Self::Purple,
        Self::Gray,
    ];

    /// Red, green and blue, each 0 to 255.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Black => [0, 0, 0],
            Self::Orange => [230, 159, 0],
            Self::SkyBlue => [86, 180, 233],
            Self::Green => [0, 158, 115],
            Self::Yellow => [240, 228, 66],
            Self::Blue => [0, 114, 178],
            Self::Vermillion => [213, 94, 0],
            Self::Purple => [204, 121, 167],
            Self::Gray => [110, 110, 110],
        }
    }
}

/// Shape of a mean's mark, so that methods stay apart without color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Marker {
    /// A disc.
    #[default]
    Circle,
    /// A square on its side.
    Square,
    /// Its tip upward.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// Its tip downward.
    TriangleDown,
    /// Two crossed strokes; a thinner one is its open form.
    Cross,
}

impl Marker {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Circle, Self::Square, Self::Triangle, Self::Diamond, Self::TriangleDown, Self::Cross];
}

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PlotError {
    /// A coordinate is NaN or infinite where a number is needed.
    #[error("panel {panel} (from 0), `{series}`: {part} holds {value}, which is no place on the paper")]
    NotFinite {
        /// Index of the panel.
        panel: usize,
        /// The series' name, or the text of a ratio or level.
        series: String,
        /// Which of its parts.
        part: &'static str,
        /// The value found.
        value: f64,
    },
    /// A horizontal coordinate of zero or less on a logarithmic axis.
    #[error("panel {panel} (from 0), `{series}`: {part} holds x = {value} on a logarithmic axis")]
    NotPositive {
        /// Index of the panel.
        panel: usize,
        /// The series' name, or the text of a ratio.
        series: String,
        /// Which of its parts.
        part: &'static str,
        /// The value found.
        value: f64,
    },
    /// An axis range that is empty, not finite, or not positive on a logarithmic axis.
    #[error("panel {panel} (from 0): the {axis} axis cannot run from {low} to {high}")]
    Range {
        /// Index of the panel.
        panel: usize,
        /// `x` or `y`.
        axis: &'static str,
        /// Its lower end.
        low: f64,
        /// Its upper end.
        high: f64,
    },
    /// The PNG would have no pixels, or more than 16,384 on a side.
    #[error("a PNG of {width} by {height} pixels cannot be drawn")]
    Size {
        /// Pixels across.
        width: f64,
        /// Pixels down.
        height: f64,
    },
    /// A character that the built-in font has no outline for.
    #[error("the built-in font has no character {0:?}")]
    Glyph(char),
    /// The built-in font does not parse.
    #[error("the built-in font does not parse")]
    Font,
    /// The PNG encoder failed.
    #[error("writing a PNG failed: {0}")]
    Png(String),
}
