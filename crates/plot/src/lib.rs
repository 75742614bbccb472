//! Drawing: plain data in, an SVG text out.
//!
//! A [`Chart`] is a row of [`Panel`]s (under a [`Flow`] of boxes, if it has one), a panel is a set of [`Series`] over two [`Axis`] values. Laying it out
//! gives one [`Scene`] of paths and texts, from which the file is written. Widths of letters are those of Noto Sans, which
//! the crate `notosans` carries: no font of the machine is looked at. Equal charts give equal bytes.
//!
//! It does not compute: means, intervals, curves and ratios are handed over ready. Why not a plotting
//! library: of those looked at, `kuva` 0.6 came closest, but its logarithmic axes have no ticks at powers of
//! two and always run to whole decades, which left half of this project's panels empty; and it compiles three
//! times as long as the glyph reader used here.
//!
//! ```
//! use eightfold_plot::{Axis, Chart, Color, Estimate, Marker, Panel, Scale, Series};
//!
//! let sft = Series {
//!     name: "SFT".into(),
//!     color: Color::Black,
//!     marker: Marker::Circle,
//!     samples: vec![(64.0, 0.52), (64.0, 0.55), (128.0, 0.41)],
//!     means: vec![Estimate { x: 64.0, y: 0.535, low: 0.52, high: 0.55 }],
//!     ..Series::default()
//! };
//! let panel = Panel {
//!     x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
//!     y: Axis { label: "test error".into(), scale: Scale::Log10, range: None },
//!     series: vec![sft],
//!     ..Panel::default()
//! };
//! let chart = Chart { title: "Error against data".into(), panels: vec![panel], ..Chart::default() };
//! let scene = chart.scene()?;
//! assert!(scene.svg().starts_with("<svg"));
//! # Ok::<(), eightfold_plot::PlotError>(())
//! ```

mod axis;
mod chart;
mod check;
mod flow;
mod font;
mod frame;
mod inline;
mod labels;
mod layout;
mod legend;
mod marks;
mod notes;
mod scene;
mod tile;

pub use axis::{Axis, Scale};
pub use chart::{Bar, Chart, Color, Estimate, Keys, Legend, Level, Marker, Panel, PlotError, Ratio, Series};
pub use flow::{Flow, Stage};
pub use inline::{dark, inline};
pub use scene::Scene;
pub use tile::Tile;
