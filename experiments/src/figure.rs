//! Figures of cells.

use crate::pipeline::Cell;
pub use eightfold_harness::{Drawn, Preset};

/// A figure.
pub type Figure = eightfold_harness::Figure<Cell>;
/// Cells and drawing of a figure on problems and a model of the user's.
pub type Elsewhere = eightfold_harness::Elsewhere<Cell>;
/// Everything that a figure may draw from.
pub type Results = eightfold_harness::Results<Cell>;
