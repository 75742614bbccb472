//! Do two methods differ in exponent, or in offset only?

use crate::curve::Curve;
use crate::error::ScalingError;
use crate::laws::PowerLaw;
use crate::objective::Objective;
use crate::seeds::fit_curve;
use crate::student::{Estimate, paired_t};

/// How the power laws of two methods differ, paired by seed.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Difference {
    /// Exponent of the method minus that of the baseline.
    pub exponent: Estimate,
    /// ln error of the method minus that of the baseline in the middle of their common sizes (the geometric
    /// mean): below 0 where the method is better.
    pub offset: Estimate,
    /// Which of the two the data show.
    pub verdict: Verdict,
}

/// What a difference between two methods looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The intervals of both hold 0: nothing is shown, in particular not that they are equal.
    Nothing,
    /// Only the offset differs: a constant data ratio describes the pair.
    Offset,
    /// The exponents differ: the data ratio grows or shrinks with size, and has to be given at a size.
    Exponent,
}

/// Compares the power laws of two curves over their common sizes: each seed's own fit to each, then paired t
/// intervals of the differences.
///
/// # Errors
/// Curves with different seeds or fewer than two; fewer than three common sizes; a seed that cannot be
/// fitted alone; a level outside (0, 1).
pub fn difference(
    baseline: &Curve,
    method: &Curve,
    objective: Objective,
    level: f64,
) -> Result<Difference, ScalingError> {
    let (seeds, others) = (baseline.seeds(), method.seeds());
    if seeds != others {
        return Err(ScalingError::SeedsDiffer { baseline: seeds, method: others });
    }
    let sizes = method.sizes();
    let common: Vec<f64> = baseline.sizes().into_iter().filter(|n| sizes.contains(n)).collect();
    if common.len() < 3 {
        let (points, free) = (common.len(), 2);
        return Err(ScalingError::TooFewPoints { law: "power", points, free });
    }
    let middle = (common.iter().map(|n| n.ln()).sum::<f64>() / common.len() as f64).exp();
    let (mut exponents, mut offsets) = (vec![], vec![]);
    for seed in seeds {
        let own = |curve: &Curve| fit_curve(&PowerLaw, &curve.of_seeds(&[seed]).of_sizes(&common), objective);
        let (base, other) = (own(baseline)?, own(method)?);
        exponents.push(other.params[1] - base.params[1]);
        offsets.push((other.predict(&[middle]) / base.predict(&[middle])).ln());
    }
    let (exponent, offset) = (paired_t(&exponents, level)?, paired_t(&offsets, level)?);
    // Seeds without any spread leave rounding errors for a difference.
    let excludes_zero = |e: &Estimate| e.low > 1e-6 || e.high < -1e-6;
    let verdict = match (excludes_zero(&exponent), excludes_zero(&offset)) {
        (true, _) => Verdict::Exponent,
        (false, true) => Verdict::Offset,
        (false, false) => Verdict::Nothing,
    };
    Ok(Difference { exponent, offset, verdict })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Run;
    use crate::planted::normal;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn curve(law: impl Fn(f64) -> f64, seed: u64, sizes: std::ops::Range<i32>) -> Curve {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes = sizes.map(|k| 2f64.powi(k));
        let points = sizes.flat_map(|n| (0..5).map(move |seed| (n, seed)));
        let runs: Vec<Run> = points
            .map(|(n, seed)| Run { n, seed, error: law(n) * (0.02 * normal(&mut rng)).exp() })
            .collect();
        Curve::new(&runs, 1e-9).unwrap()
    }

    fn verdict(method: impl Fn(f64) -> f64, seed: u64) -> Verdict {
        let baseline = curve(|n| n.powf(-0.3), seed, 4..12);
        // The method has fewer sizes; only common ones count.
        let method = curve(method, seed + 1, 5..11);
        difference(&baseline, &method, Objective::LogSquares, 0.95).unwrap().verdict
    }

    #[test]
    fn exponents_and_offsets_are_told_apart() {
        assert_eq!(verdict(|n| 0.7 * n.powf(-0.3), 10), Verdict::Offset);
        assert_eq!(verdict(|n| n.powf(-0.5), 10), Verdict::Exponent);
    }

    #[test]
    fn equal_methods_seldom_differ() {
        let shown = (0..200).filter(|i| verdict(|n| n.powf(-0.3), 1000 + 2 * i) != Verdict::Nothing).count();
        // Two tests at 5 %: at most 10 % expected, 20 of 200; 35 would be more than three sigma off.
        assert!(shown < 35, "{shown}");
    }

    #[test]
    fn three_common_sizes_are_needed() {
        let (a, b) = (curve(|n| 1.0 / n, 0, 4..8), curve(|n| 1.0 / n, 1, 6..12));
        assert!(difference(&a, &b, Objective::LogSquares, 0.95).is_err());
    }
}
