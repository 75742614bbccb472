//! The law of repeated data.

use super::chinchilla::PARAMS as CHINCHILLA;
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range};

/// y = E + A N'^-alpha + B D'^-beta, of N parameters, D tokens seen and U different tokens among them
/// (Muennighoff et al. 2023, "Scaling data-constrained language models", equations 5 and 6):
///
/// ```text
/// D' = U_D (1 + RD (1 - exp(-(D/U_D - 1) / RD)))   U_D = min(D, U)
/// N' = U_N (1 + RN (1 - exp(-(N/U_N - 1) / RN)))   U_N = min(N, N_opt(U_D))
/// N_opt(U_D) = G (G U_D)^(beta/alpha)              G = (alpha A / (beta B))^(1/(alpha+beta))
/// ```
///
/// A repeated token is worth less with every epoch, with a half-life set by RD; parameters beyond those that
/// suit U_D likewise, by RN. RD needs runs of many epochs, RN models larger than N_opt; without them they are
/// weak.
#[derive(Clone, Copy, Debug)]
pub struct DataConstrained;

const ALPHA: usize = 3;
const BETA: usize = 4;
const RN: usize = 5;
const RD: usize = 6;

impl Law for DataConstrained {
    fn name(&self) -> &'static str {
        "data-constrained"
    }
    fn formula(&self) -> &'static str {
        "E + A N'^-alpha + B D'^-beta"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["params", "tokens", "unique"]
    }
    fn params(&self) -> &'static [Param] {
        const EXPONENT: Range = Range::Between(1e-3, 4.0);
        const ALL: [Param; 7] = [
            CHINCHILLA[0],
            CHINCHILLA[1],
            CHINCHILLA[2],
            Param { range: EXPONENT, ..CHINCHILLA[3] },
            Param { range: EXPONENT, ..CHINCHILLA[4] },
            Param { name: "RN", meaning: "decay of excess parameters", range: Range::Positive },
            Param { name: "RD", meaning: "decay of repeated tokens, in epochs", range: Range::Positive },
        ];
        &ALL
    }
    fn terms(&self) -> usize {
        3
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        let log_unique = log_x[2].min(log_x[1]);
        let data = Worth::new(log_x[1], log_unique, theta[RD]);
        set_data(theta, &data, basis);
        let (best, slope) = best_size(theta, log_unique);
        let size = Worth::new(log_x[0], best.min(log_x[0]), theta[RN]);
        let alpha = theta[ALPHA];
        basis.log[1] = -alpha * size.log;
        for (j, d) in slope.iter().enumerate() {
            basis.slope[1][j] = -alpha * size.by_base * d;
        }
        basis.slope[1][ALPHA] -= size.log;
        basis.slope[1][RN] = -alpha * size.by_decay;
    }
    /// Without coefficients there is no N_opt: every parameter counts in full.
    fn shape_basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        set_data(theta, &Worth::new(log_x[1], log_x[2].min(log_x[1]), theta[RD]), basis);
        basis.log[1] = -theta[ALPHA] * log_x[0];
    }
    fn linear(&self) -> bool {
        false
    }
    fn starts(&self, _: &Data) -> Vec<Vec<f64>> {
        let mut all = vec![];
        for exponents in super::chinchilla::exponents(0.1, 1.2, 7) {
            for decay in [1.0f64, 5.0, 25.0] {
                all.push(vec![exponents[0], exponents[1], 5f64.ln(), decay.ln()]);
            }
        }
        all
    }
}

fn set_data(theta: &[f64], data: &Worth, basis: &mut Basis) {
    basis.log[2] = -theta[BETA] * data.log;
    basis.slope[2][BETA] = -data.log;
    basis.slope[2][RD] = -theta[BETA] * data.by_decay;
}

/// ln of base (1 + R (1 - exp(-(total/base - 1) / R))), with its derivatives.
struct Worth {
    log: f64,
    /// By ln base.
    by_base: f64,
    /// By ln R.
    by_decay: f64,
}

impl Worth {
    fn new(log_total: f64, log_base: f64, log_decay: f64) -> Self {
        let decay = log_decay.exp();
        let repeats = (log_total - log_base).exp_m1();
        let left = (-repeats / decay).exp();
        let gained = -decay * (-repeats / decay).exp_m1();
        let sum = 1.0 + gained;
        Self {
            log: log_base + gained.ln_1p(),
            by_base: 1.0 - left * (repeats + 1.0) / sum,
            by_decay: (gained - left * repeats) / sum,
        }
    }
}

/// ln N_opt(U_D) and its derivatives by the first five inner parameters. Where U_N = N instead, `Worth` has
/// no slope by its base, so these do no harm.
fn best_size(theta: &[f64], log_unique: f64) -> (f64, [f64; 5]) {
    let (log_a, log_b, alpha, beta) = (theta[1], theta[2], theta[ALPHA], theta[BETA]);
    let sum = alpha + beta;
    let log_g = (alpha.ln() + log_a - beta.ln() - log_b) / sum;
    let twice = log_g + log_unique;
    let ratio = beta / alpha;
    let chain = 1.0 + ratio;
    let by_alpha = chain * (1.0 / alpha - log_g) / sum - ratio / alpha * twice;
    let by_beta = chain * (-1.0 / beta - log_g) / sum + twice / alpha;
    (log_g + ratio * twice, [0.0, chain / sum, -chain / sum, by_alpha, by_beta])
}
