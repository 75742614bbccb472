//! The law of model size and training tokens.

use super::E;
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range, linspace};

pub(super) const PARAMS: [Param; 5] = [
    E,
    Param { name: "A", meaning: "coefficient of the model-size term", range: Range::Positive },
    Param { name: "B", meaning: "coefficient of the data term", range: Range::Positive },
    Param { name: "alpha", meaning: "exponent of model size", range: Range::Between(0.0, 4.0) },
    Param { name: "beta", meaning: "exponent of data", range: Range::Between(0.0, 4.0) },
];

/// y = E + A N^-alpha + B D^-beta, of N parameters and D tokens (Hoffmann et al. 2022, approach 3; refitted
/// by Besiroglu et al. 2024).
#[derive(Clone, Copy, Debug)]
pub struct Chinchilla;

impl Law for Chinchilla {
    fn name(&self) -> &'static str {
        "chinchilla"
    }
    fn formula(&self) -> &'static str {
        "E + A N^-alpha + B D^-beta"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["params", "tokens"]
    }
    fn params(&self) -> &'static [Param] {
        &PARAMS
    }
    fn terms(&self) -> usize {
        3
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        basis.log[1] = -theta[3] * log_x[0];
        basis.log[2] = -theta[4] * log_x[1];
        basis.slope[1][3] = -log_x[0];
        basis.slope[2][4] = -log_x[1];
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        exponents(0.05, 2.0, 17)
    }
}

/// A square grid of two exponents, finer where they are small.
pub(super) fn exponents(low: f64, high: f64, count: usize) -> Vec<Vec<f64>> {
    let line = linspace(low.ln(), high.ln(), count).map(f64::exp);
    line.clone().flat_map(|alpha| line.clone().map(move |beta| vec![alpha, beta])).collect()
}
