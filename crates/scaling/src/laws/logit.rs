//! The power law of the odds.

use super::A;
use crate::data::Data;
use crate::law::{Basis, Law, Link, Param, Range, linspace};

/// y / (1 - y) = A n^-a: a straight line of the logit of an error rate on ln n.
///
/// It stays below 1 where a power law does not, and is one where the rate is small.
#[derive(Clone, Copy, Debug)]
pub struct LogitPowerLaw;

impl Law for LogitPowerLaw {
    fn name(&self) -> &'static str {
        "logit"
    }
    fn formula(&self) -> &'static str {
        "y / (1 - y) = A n^-a"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["n"]
    }
    fn params(&self) -> &'static [Param] {
        &[A, Param { name: "a", meaning: "exponent of the odds", range: Range::Between(-8.0, 8.0) }]
    }
    fn terms(&self) -> usize {
        1
    }
    fn link(&self) -> Link {
        Link::Logit
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        basis.log[0] = -theta[1] * log_x[0];
        basis.slope[0][1] = -log_x[0];
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        linspace(-3.0, 3.0, 25).map(|a| vec![a]).collect()
    }
}
