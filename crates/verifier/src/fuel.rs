//! The bound on work, and the ways in which a computation stops without a result.

use std::cell::Cell;

/// Why a value has no normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// It would take more work than allowed.
    #[error("too much work")]
    Fuel,
    /// It has no value, as 1/0 has none.
    #[error("undefined")]
    Undefined,
    /// Two readings are in use, or none that is known here.
    #[error("not understood")]
    Unknown,
}

/// Work that may still be done, in operations on machine words.
#[derive(Debug)]
pub(crate) struct Fuel(Cell<u64>);

impl Fuel {
    /// A full tank.
    pub(crate) fn new(units: u64) -> Self {
        Self(Cell::new(units))
    }

    /// Takes `units` out, or stops.
    pub(crate) fn spend(&self, units: u64) -> Result<(), Stop> {
        let left = self.0.get().checked_sub(units);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or(Stop::Fuel)
    }
}
