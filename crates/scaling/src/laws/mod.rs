//! The laws, one file each.

mod power;
mod saturating;

pub use power::PowerLaw;
pub use saturating::SaturatingPowerLaw;

use crate::law::{Law, Param, Range};

/// Every law, in the order of their number of parameters within one input, then the laws of two inputs.
pub fn laws() -> &'static [&'static dyn Law] {
    &[&PowerLaw, &SaturatingPowerLaw]
}

/// The law of this name.
pub fn law_named(name: &str) -> Option<&'static dyn Law> {
    laws().iter().copied().find(|law| law.name() == name)
}

const E: Param = Param { name: "E", meaning: "value with infinite data (irreducible)", range: Range::Floor };
const A: Param = Param { name: "A", meaning: "coefficient of the power of n", range: Range::Positive };
