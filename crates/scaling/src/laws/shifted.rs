//! The shifted power law.

use super::{A, E};
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range, linspace};

/// y = E + A (n + c)^-a: flat while n is far below c, a saturating power law beyond.
///
/// c is what the learner already had before the first example, in examples. It is identified only where sizes
/// lie on both sides of it.
#[derive(Clone, Copy, Debug)]
pub struct ShiftedPowerLaw;

impl Law for ShiftedPowerLaw {
    fn name(&self) -> &'static str {
        "shifted"
    }
    fn formula(&self) -> &'static str {
        "E + A (n + c)^-a"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["n"]
    }
    fn params(&self) -> &'static [Param] {
        &[
            E,
            A,
            Param { name: "a", meaning: "exponent beyond the shift", range: Range::Between(0.0, 8.0) },
            Param { name: "c", meaning: "shift, in units of n", range: Range::Positive },
        ]
    }
    fn terms(&self) -> usize {
        2
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        let (a, log_c, log_n) = (theta[2], theta[3], log_x[0]);
        let top = log_n.max(log_c);
        let log_sum = top + ((log_n - top).exp() + (log_c - top).exp()).ln();
        basis.log[1] = -a * log_sum;
        basis.slope[1][2] = -log_sum;
        basis.slope[1][3] = -a * (log_c - log_sum).exp();
    }
    fn starts(&self, data: &Data) -> Vec<Vec<f64>> {
        let (low, high) = data.log_range(0);
        let shifts = linspace(low - 3.0, high + 1.0, 8);
        let exponents = linspace(0.05f64.ln(), 3f64.ln(), 14).map(f64::exp);
        exponents.flat_map(|a| shifts.clone().map(move |log_c| vec![a, log_c])).collect()
    }
}
