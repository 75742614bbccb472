//! Records of cells.

use crate::pipeline::Cell;
pub use eightfold_harness::{Provenance, Records};

/// A finished cell.
pub type Record = eightfold_harness::Record<Cell>;
