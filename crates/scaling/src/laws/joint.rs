//! The joint law of fine-tuning.

use super::E;
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range};

/// y = A / (X^alpha D^beta) + E, of a scaled factor X (model size, pretraining data) and D fine-tuning
/// examples (Zhang et al. 2024, "When scaling meets LLM finetuning"). Unlike in a sum, more of X also makes
/// the part that D can still remove smaller.
#[derive(Clone, Copy, Debug)]
pub struct JointFinetuning;

impl Law for JointFinetuning {
    fn name(&self) -> &'static str {
        "joint"
    }
    fn formula(&self) -> &'static str {
        "A / (X^alpha D^beta) + E"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["x", "data"]
    }
    fn params(&self) -> &'static [Param] {
        &[
            E,
            Param { name: "A", meaning: "coefficient of the product", range: Range::Positive },
            Param { name: "alpha", meaning: "exponent of the factor X", range: Range::Between(-4.0, 4.0) },
            Param { name: "beta", meaning: "exponent of the data D", range: Range::Between(-4.0, 4.0) },
        ]
    }
    fn terms(&self) -> usize {
        2
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        basis.log[1] = -theta[2] * log_x[0] - theta[3] * log_x[1];
        basis.slope[1][2] = -log_x[0];
        basis.slope[1][3] = -log_x[1];
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        super::chinchilla::exponents(0.03, 1.5, 12)
    }
}
