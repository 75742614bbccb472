//! The power law.

use super::A;
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range, linspace};

/// y = A n^-a: a straight line on log axes.
///
/// The exponent may be negative, so that a curve which rises with data can be fitted and seen to rise.
/// Ratios between two such laws of the same exponent do not depend on the error at which they are taken.
#[derive(Clone, Copy, Debug)]
pub struct PowerLaw;

impl Law for PowerLaw {
    fn name(&self) -> &'static str {
        "power"
    }
    fn formula(&self) -> &'static str {
        "A n^-a"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["n"]
    }
    fn params(&self) -> &'static [Param] {
        &[
            A,
            Param {
                name: "a",
                meaning: "exponent: minus the slope on log axes",
                range: Range::Between(-8.0, 8.0),
            },
        ]
    }
    fn terms(&self) -> usize {
        1
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        basis.log[0] = -theta[1] * log_x[0];
        basis.slope[0][1] = -log_x[0];
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        linspace(-2.0, 2.0, 17).map(|a| vec![a]).collect()
    }
}
