//! The power law with one smooth break.

use super::{A, E};
use crate::data::Data;
use crate::law::{Basis, Law, Param, Range, linspace};

/// y = E + A n^-a (1 + (n/d)^(1/f))^(-(b - a) f): exponent a well before size d, b well after it, changing
/// over a factor of about e^f (Caballero et al. 2023, one break).
///
/// Six parameters: fewer than about ten sizes do not hold them.
#[derive(Clone, Copy, Debug)]
pub struct BrokenPowerLaw;

impl Law for BrokenPowerLaw {
    fn name(&self) -> &'static str {
        "broken"
    }
    fn formula(&self) -> &'static str {
        "E + A n^-a (1 + (n/d)^(1/f))^(-(b - a) f)"
    }
    fn inputs(&self) -> &'static [&'static str] {
        &["n"]
    }
    fn params(&self) -> &'static [Param] {
        &[
            E,
            A,
            Param { name: "a", meaning: "exponent before the break", range: Range::Between(-4.0, 8.0) },
            Param { name: "b", meaning: "exponent after the break", range: Range::Between(-4.0, 8.0) },
            Param { name: "d", meaning: "size at the break", range: Range::Positive },
            Param { name: "f", meaning: "width of the break, in ln n", range: Range::Positive },
        ]
    }
    fn terms(&self) -> usize {
        2
    }
    fn basis(&self, theta: &[f64], log_x: &[f64], basis: &mut Basis) {
        let (a, b, log_d, f, log_n) = (theta[2], theta[3], theta[4], theta[5].exp(), log_x[0]);
        let z = (log_n - log_d) / f;
        let soft = z.max(0.0) + (-z.abs()).exp().ln_1p();
        let share = 1.0 / (1.0 + (-z).exp());
        basis.log[1] = -a * log_n - (b - a) * f * soft;
        basis.slope[1][2] = -log_n + f * soft;
        basis.slope[1][3] = -f * soft;
        basis.slope[1][4] = (b - a) * share;
        basis.slope[1][5] = -(b - a) * f * (soft - share * z);
    }
    fn starts(&self, data: &Data) -> Vec<Vec<f64>> {
        let (low, high) = data.log_range(0);
        let mut all = vec![];
        for a in [0.0, 0.2, 0.5, 1.0] {
            for b in [0.1, 0.3, 0.6, 1.2, 2.0] {
                for log_d in linspace(low, high, 6) {
                    all.extend([-1.5f64, 0.0].map(|log_f| vec![a, b, log_d, log_f]));
                }
            }
        }
        all
    }
}
