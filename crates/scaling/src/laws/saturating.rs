//! The saturating power law.

use super::{A, E};
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range, linspace};

/// y = E + A n^-a: a power law above a floor that data does not lower.
///
/// With few sizes E and a trade places: a straight line on log axes fits E = 0 with a small exponent about as
/// well as E > 0 with a larger one. [`Fit::weak`](crate::Fit::weak) says when.
#[derive(Clone, Copy, Debug)]
pub struct SaturatingPowerLaw;

impl Law for SaturatingPowerLaw {
    fn name(&self) -> &'static str {
        "saturating"
    }
    fn formula(&self) -> &'static str {
        "E + A n^-a"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["n"]
    }
    fn params(&self) -> &'static [Param] {
        &[
            E,
            A,
            Param { name: "a", meaning: "exponent of the reducible part", range: Range::Between(0.0, 8.0) },
        ]
    }
    fn terms(&self) -> usize {
        2
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        basis.log[1] = -theta[2] * log_x[0];
        basis.slope[1][2] = -log_x[0];
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        linspace(0.05, 3.0, 60).map(|a| vec![a]).collect()
    }
}
