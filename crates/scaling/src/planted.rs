//! Data sets of known truth.

use crate::data::Row;
use crate::fit::log_value;
use crate::law::{Law, MAX_PARAMS};
use crate::laws::Chinchilla;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A law's values at these inputs, each times exp of one draw of `log_noise`.
///
/// # Panics
/// If there are fewer parameters than the law has, or inputs of another number.
pub fn plant(
    law: &dyn Law,
    params: &[f64],
    inputs: impl IntoIterator<Item = Vec<f64>>,
    mut log_noise: impl FnMut() -> f64,
) -> Vec<Row> {
    let mut theta = [0.0; MAX_PARAMS];
    for (j, param) in law.params().iter().enumerate() {
        theta[j] = param.inner(params[j]);
    }
    let row = |x: Vec<f64>| {
        assert_eq!(x.len(), law.inputs().len(), "inputs of {}", law.name());
        let log_x: Vec<f64> = x.iter().map(|x| x.ln()).collect();
        Row { y: (log_value(law, &theta, &log_x) + log_noise()).exp(), x, weight: 1.0 }
    };
    inputs.into_iter().map(row).collect()
}

/// Points of the shape of the Chinchilla set: models of 4e7 to 1.6e10 parameters at nine budgets of 6e18 to
/// 3e21 operations (6 a parameter and token), the law with the parameters that issue 7 recalls of Besiroglu
/// et al. (2024), and noise of heavy tails on the logarithm (half a percent, one point in ten fivefold).
///
/// Synthetic: for benches and tests, no substitute for the points themselves.
pub fn chinchilla_like(points: usize, seed: u64) -> Vec<Row> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut noise = ChaCha8Rng::seed_from_u64(seed ^ 1);
    let inputs: Vec<Vec<f64>> = (0..points)
        .map(|i| {
            let budget = 6e18 * 500f64.powf((i % 9) as f64 / 8.0);
            // Models within a factor of ten of the one that suits the budget.
            let best = 0.1 * budget.sqrt();
            let size = (best * 10f64.powf(rng.random_range(-1.0..1.0))).clamp(4e7, 1.6e10);
            vec![size, budget / (6.0 * size)]
        })
        .collect();
    plant(&Chinchilla, &[1.817, 478.0, 2143.0, 0.3473, 0.3672], inputs, || {
        let wide = if noise.random_range(0.0..1.0) < 0.1 { 5.0 } else { 1.0 };
        0.005 * wide * normal(&mut noise)
    })
}

/// A standard normal draw (Box and Muller).
pub fn normal(rng: &mut impl Rng) -> f64 {
    let (u, v): (f64, f64) = (rng.random_range(0.0..1.0), rng.random_range(0.0..1.0));
    (-2.0 * (1.0 - u).ln()).sqrt() * (2.0 * std::f64::consts::PI * v).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Objective, PowerLaw, fit};

    #[test]
    fn without_noise_the_law_is_planted_as_it_is() {
        let rows = plant(&PowerLaw, &[2.0, 0.5], [vec![4.0], vec![16.0]], || 0.0);
        assert!((rows[0].y - 1.0).abs() < 1e-12 && (rows[1].y - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_chinchilla_like_set_gives_its_parameters_back() {
        let fit = fit(&Chinchilla, &chinchilla_like(240, 1), Objective::Huber { delta: 1e-3 }).unwrap();
        let expected = [1.817, 478.0, 2143.0, 0.3473, 0.3672];
        for (found, expected) in fit.params.iter().zip(expected) {
            assert!((found / expected).ln().abs() < 0.5, "{fit:?}");
        }
        assert!((fit.params[0] - 1.817).abs() < 0.05 && fit.weak().is_empty(), "{fit:?}");
        assert_eq!(fit.starts.near_best, fit.starts.walked);
    }

    #[test]
    fn normal_draws_have_mean_zero_and_variance_one() {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let draws: Vec<f64> = (0..40_000).map(|_| normal(&mut rng)).collect();
        let mean = draws.iter().sum::<f64>() / 40_000.0;
        let variance = draws.iter().map(|z| z * z).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 5.0 / 200.0 && (variance - 1.0).abs() < 5.0 * (2.0f64 / 40_000.0).sqrt());
    }
}
