//! The standard normal distribution.

use std::f64::consts::PI;

/// P(Z <= z).
pub(crate) fn normal_cdf(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let upper = if x < 3.0 { 0.5 - 0.5 * erf_series(x) } else { 0.5 * erfc_fraction(x) };
    if z < 0.0 { upper } else { 1.0 - upper }
}

/// z with P(Z <= z) = `probability`; infinite at 0 and 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    if probability <= 0.0 || probability >= 1.0 {
        return if probability <= 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let (mut low, mut high) = (-39.0, 39.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if normal_cdf(middle) < probability { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// erf(x) = 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (2n+1)!!, all terms positive.
fn erf_series(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..200 {
        term *= 2.0 * x * x / f64::from(2 * n + 1);
        sum += term;
        if term < 1e-17 * sum {
            break;
        }
    }
    2.0 / PI.sqrt() * (-x * x).exp() * sum
}

/// erfc(x) for x above 2 by its continued fraction x + (1/2)/(x + 1/(x + (3/2)/(x + ...))).
fn erfc_fraction(x: f64) -> f64 {
    let fraction = (1..60).rev().fold(x, |below, k| x + 0.5 * f64::from(k) / below);
    (-x * x).exp() / (PI.sqrt() * fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_of_the_printed_tables() {
        for (z, expected) in [(0.0, 0.5), (1.0, 0.841_344_746_068_543), (1.959_963_984_540_054, 0.975)] {
            assert!((normal_cdf(z) - expected).abs() < 1e-14);
            assert!((normal_cdf(-z) - (1.0 - expected)).abs() < 1e-14);
        }
        assert!((normal_cdf(-6.0) / 9.865_876_450_376_98e-10 - 1.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn quantile_inverts_cdf(z in -5.0..5.0f64) {
            prop_assert!((normal_quantile(normal_cdf(z)) - z).abs() < 1e-8);
        }
    }
}
