//! The data ratio: how many times the data the baseline needs for the method's error.

use crate::curve::Curve;
use crate::error::ScalingError;
use crate::reading::{At, Reader, Reading, log_ratio};
use crate::resample::{Bootstrap, Draws, percentile};
use crate::student::{Estimate, paired_t};
use std::fmt;

/// A data ratio, or all that the measured range says of it.
///
/// Sizes outside the measured range are never extrapolated to: an error that the baseline does not reach at
/// its largest size makes the ratio a bound, also within resamples.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ratio {
    /// Measured on both sides.
    Value {
        /// The ratio.
        estimate: f64,
        /// The lower end of its interval; 0 where resamples leave the range on that side.
        low: f64,
        /// The upper end; infinite where resamples leave the range on that side.
        high: f64,
    },
    /// The baseline's largest size does not reach the error (or the method's smallest size is below it).
    AtLeast {
        /// The ratio is at least this.
        bound: f64,
        /// The lower end of the interval of the bound.
        low: f64,
    },
    /// The baseline's smallest size is below the error (or the method's largest does not reach it).
    AtMost {
        /// The ratio is at most this.
        bound: f64,
        /// The upper end of the interval of the bound.
        high: f64,
    },
    /// Neither curve was measured where the ratio was asked for.
    Undetermined,
}

impl Ratio {
    /// The lower end of what is known, 0 if nothing: a claim "above 2" compares this.
    pub fn low(&self) -> f64 {
        match *self {
            Self::Value { low, .. } | Self::AtLeast { low, .. } => low,
            Self::AtMost { .. } | Self::Undetermined => 0.0,
        }
    }

    /// The upper end of what is known, infinite if nothing.
    pub fn high(&self) -> f64 {
        match *self {
            Self::Value { high, .. } | Self::AtMost { high, .. } => high,
            Self::AtLeast { .. } | Self::Undetermined => f64::INFINITY,
        }
    }

    /// From bounds of the logarithm, and the ends of their intervals.
    fn from_logs(point: (f64, f64), ends: (f64, f64)) -> Self {
        let (low, high) = (ends.0.exp(), ends.1.exp());
        match (point.0.is_finite(), point.1.is_finite()) {
            (true, true) => Self::Value { estimate: (0.5 * (point.0 + point.1)).exp(), low, high },
            (true, false) => Self::AtLeast { bound: point.0.exp(), low },
            (false, true) => Self::AtMost { bound: point.1.exp(), high },
            (false, false) => Self::Undetermined,
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Value { estimate, low, high } => write!(f, "{estimate:.2}x [{low:.2}, {high:.2}]"),
            Self::AtLeast { bound, low } => write!(f, "> {bound:.2}x [{low:.2}, inf]"),
            Self::AtMost { bound, high } => write!(f, "< {bound:.2}x [0.00, {high:.2}]"),
            Self::Undetermined => f.write_str("not measured"),
        }
    }
}

/// A data ratio with what its interval rests on.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Multiplier {
    /// The ratio and its interval.
    pub ratio: Ratio,
    /// The probability of resamples in which it is only a bound.
    pub censored: f64,
    /// The probability of resamples that could not be fitted and are left out.
    pub failed: f64,
}

/// How many times the data `baseline` needs for the error of `method`, with a percentile interval over
/// resamples of seeds, each resample the same for both curves.
///
/// The distance is horizontal: ln n of the baseline minus ln n of the method at one error, where n is the
/// smallest measured size at which a curve has come down to that error.
///
/// ```
/// use eightfold_scaling::{At, Bootstrap, Curve, Ratio, Reading, Run, data_multiplier};
///
/// // The method does with n problems what the baseline does with 4 n.
/// let curve = |factor: f64| {
///     let runs: Vec<Run> = [64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0]
///         .iter()
///         .flat_map(|&n| (0..3).map(move |seed| (n, seed)))
///         .map(|(n, seed)| Run { n, seed, error: (1.0 + 0.1 * seed as f64) * (factor * n).powf(-0.3) })
///         .collect();
///     Curve::new(&runs, 0.5 / 1000.0)
/// };
/// let (baseline, method) = (curve(1.0)?, curve(4.0)?);
/// let ratio = |at| data_multiplier(&baseline, &method, &Reading::Isotonic, at, &Bootstrap::default());
/// let Ratio::Value { estimate, .. } = ratio(At::Size(128.0))?.ratio else { panic!() };
/// assert!((estimate - 4.0).abs() < 1e-9);
/// // With 2,048 problems its error is below all that the baseline was seen to reach.
/// assert!(matches!(ratio(At::Size(2048.0))?.ratio, Ratio::AtLeast { bound, .. } if bound == 1.0));
/// # Ok::<(), eightfold_scaling::ScalingError>(())
/// ```
///
/// # Errors
/// Curves with different sets of seeds, fewer than two seeds, a size at which the method was not measured, a
/// range of errors out of order; whatever the fits answer.
pub fn data_multiplier(
    baseline: &Curve,
    method: &Curve,
    reading: &Reading,
    at: At,
    bootstrap: &Bootstrap,
) -> Result<Multiplier, ScalingError> {
    bootstrap.check()?;
    let seeds = paired(baseline, method)?;
    check(method, at)?;
    let (lower, upper) = (Reader::new(baseline, reading)?, Reader::new(method, reading)?);
    let point = log_ratio(&lower.whole(), &upper.whole(), at);
    let (mut lows, mut highs, mut censored, mut failed) = (vec![], vec![], 0.0, 0.0);
    for draw in Draws::new(seeds.len(), bootstrap).iter() {
        let both = (lower.resampled(&seeds, &draw), upper.resampled(&seeds, &draw));
        let (Ok(lower), Ok(upper)) = both else {
            failed += draw.probability;
            continue;
        };
        let (low, high) = log_ratio(&lower, &upper, at);
        censored += if low < high { draw.probability } else { 0.0 };
        lows.push((low, draw.probability));
        highs.push((high, draw.probability));
    }
    let ends = (percentile(&mut lows, bootstrap.level).0, percentile(&mut highs, bootstrap.level).1);
    Ok(Multiplier { ratio: Ratio::from_logs(point, ends), censored, failed })
}

/// As [`data_multiplier`], with the t interval over the seeds' own log ratios in place of the bootstrap: each
/// seed's two curves give one ratio. It covers as stated at any number of seeds if log ratios are normal; it
/// needs curves that can be read from one seed alone.
///
/// # Errors
/// As [`data_multiplier`].
pub fn data_multiplier_t(
    baseline: &Curve,
    method: &Curve,
    reading: &Reading,
    at: At,
    level: f64,
) -> Result<Ratio, ScalingError> {
    let seeds = paired(baseline, method)?;
    check(method, at)?;
    let (mut lows, mut highs) = (vec![], vec![]);
    for seed in seeds {
        let (lower, upper) = (baseline.of_seeds(&[seed]), method.of_seeds(&[seed]));
        let (lower, upper) = (Reader::new(&lower, reading)?, Reader::new(&upper, reading)?);
        let (low, high) = log_ratio(&lower.whole(), &upper.whole(), at);
        lows.push(low);
        highs.push(high);
    }
    // A seed without a finite bound leaves the mean of bounds without one.
    let finite = |bounds: &[f64]| bounds.iter().all(|b| b.is_finite());
    let low = if finite(&lows) { Some(paired_t(&lows, level)?) } else { None };
    let high = if finite(&highs) { Some(paired_t(&highs, level)?) } else { None };
    let point = (low.map_or(f64::NEG_INFINITY, |e| e.mean), high.map_or(f64::INFINITY, |e| e.mean));
    let ends = (low.map_or(f64::NEG_INFINITY, |e| e.low), high.map_or(f64::INFINITY, |e| e.high));
    Ok(Ratio::from_logs(point, ends))
}

/// The error of `method` over that of `baseline` at `n` problems, paired by seed: the t interval of the mean
/// log ratio, as ratios.
///
/// # Errors
/// Curves with different sets of seeds, fewer than two seeds, a size not measured for every seed on both.
pub fn error_ratio(baseline: &Curve, method: &Curve, n: f64, level: f64) -> Result<Estimate, ScalingError> {
    let seeds = paired(baseline, method)?;
    let error = |curve: &Curve, seed: u64| {
        let run = curve.runs().iter().find(|run| run.seed == seed && run.n == n);
        run.map(|run| run.error).ok_or(ScalingError::NotMeasured { n })
    };
    let mut logs = vec![];
    for seed in seeds {
        logs.push((error(method, seed)? / error(baseline, seed)?).ln());
    }
    let t = paired_t(&logs, level)?;
    Ok(Estimate { mean: t.mean.exp(), low: t.low.exp(), high: t.high.exp(), p: t.p })
}

fn paired(baseline: &Curve, method: &Curve) -> Result<Vec<u64>, ScalingError> {
    let (seeds, others) = (baseline.seeds(), method.seeds());
    if seeds != others {
        return Err(ScalingError::SeedsDiffer { baseline: seeds, method: others });
    }
    if seeds.len() < 2 {
        return Err(ScalingError::TooFewSeeds { seeds: seeds.len() });
    }
    Ok(seeds)
}

fn check(method: &Curve, at: At) -> Result<(), ScalingError> {
    let bad = |name, value, must| Err(ScalingError::Setting { name, value, must });
    match at {
        At::Size(n) if !method.sizes().contains(&n) => Err(ScalingError::NotMeasured { n }),
        At::Error(e) if !(e > 0.0 && e.is_finite()) => bad("error of the ratio", e, "finite and above 0"),
        At::Errors { low, .. } if low.is_nan() || low <= 0.0 => {
            bad("smallest error of the range", low, "above 0")
        }
        At::Errors { low, high } if !(high >= low && high.is_finite()) => {
            bad("largest error of the range", high, "finite and at least the smallest")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Run;
    use crate::{Objective, PowerLaw, SaturatingPowerLaw};
    use proptest::prelude::*;

    const SIZES: [f64; 7] = [64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0];

    /// Seeds differ by a factor of the error that both methods share.
    fn curve(sizes: &[f64], error: impl Fn(f64) -> f64, seeds: u64) -> Curve {
        let runs: Vec<Run> = sizes
            .iter()
            .flat_map(|&n| (0..seeds).map(move |seed| (n, seed)))
            .map(|(n, seed)| Run { n, seed, error: error(n) * 1.01f64.powi(seed as i32) })
            .collect();
        Curve::new(&runs, 1e-9).unwrap()
    }

    fn readings() -> [Reading; 3] {
        let objective = Objective::Huber { delta: 1e-3 };
        [
            Reading::Isotonic,
            Reading::Law { law: &PowerLaw, objective },
            Reading::Law { law: &SaturatingPowerLaw, objective: Objective::LogSquares },
        ]
    }

    fn value(ratio: Ratio) -> (f64, f64, f64) {
        match ratio {
            Ratio::Value { estimate, low, high } => (estimate, low, high),
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn a_planted_factor_is_found(factor in 0.5..6.0f64, a in 0.2..0.9f64) {
            let baseline = curve(&SIZES, |n| n.powf(-a), 3);
            let method = curve(&SIZES[1..], |n| (factor * n).powf(-a), 3);
            for reading in readings() {
                for at in [At::Size(256.0), At::Error((factor * 300.0).powf(-a))] {
                    let all = data_multiplier(&baseline, &method, &reading, at, &Bootstrap::default()).unwrap();
                    let (estimate, low, high) = value(all.ratio);
                    prop_assert!((estimate / factor - 1.0).abs() < 1e-3, "{reading:?} {at:?} {all:?}");
                    // Seeds share their factor, so pairing leaves no spread.
                    prop_assert!(low > 0.999 * factor && high < 1.001 * factor, "{all:?}");
                }
            }
        }

        #[test]
        fn the_bounds_hold_whatever_the_baseline_does_beyond(factor in 9.0..100.0f64) {
            // At 512 the method stands where the baseline stands at 512 factor, beyond 4,096.
            let baseline = curve(&SIZES, |n| n.powf(-0.4), 3);
            let method = curve(&SIZES, |n| (factor * n).powf(-0.4), 3);
            for reading in readings() {
                let all = data_multiplier(&baseline, &method, &reading, At::Size(512.0), &Bootstrap::default()).unwrap();
                let Ratio::AtLeast { bound, low } = all.ratio else { panic!("{reading:?} {all:?}") };
                prop_assert!((bound - 8.0).abs() < 1e-9 && low <= bound && bound <= factor);
                prop_assert_eq!(all.censored, 1.0);
                let back = data_multiplier(&method, &baseline, &reading, At::Size(512.0), &Bootstrap::default()).unwrap();
                let Ratio::AtMost { bound, .. } = back.ratio else { panic!("{reading:?} {back:?}") };
                prop_assert!((bound - 64.0 / 512.0).abs() < 1e-9 && bound >= 1.0 / factor);
            }
        }
    }

    #[test]
    fn a_range_of_errors_is_a_geometric_mean() {
        // ln ratio = (1/0.2 - 1/0.4) ln(1/e) + const, linear in ln e: the mean is its value in the middle.
        let baseline = curve(&[1.0, 10.0, 100.0, 1e3, 1e4], |n| n.powf(-0.2), 3);
        let method = curve(&[1.0, 10.0, 100.0, 1e3, 1e4], |n| n.powf(-0.4), 3);
        for reading in &readings()[..2] {
            let ratio = |at| {
                data_multiplier(&baseline, &method, reading, at, &Bootstrap::default())
                    .map(|m| value(m.ratio).0)
            };
            let mean = ratio(At::Errors { low: 0.25, high: 0.64 }).unwrap();
            let middle = ratio(At::Error(0.4)).unwrap();
            assert!((mean / middle - 1.0).abs() < 1e-6, "{mean} {middle}");
        }
    }

    #[test]
    fn a_range_partly_beyond_the_baseline_is_a_bound() {
        let baseline = curve(&[16.0, 64.0, 256.0], |n| n.powf(-0.5), 2);
        let method = curve(&[16.0, 64.0, 256.0], |n| (4.0 * n).powf(-0.5), 2);
        // The baseline reaches about 1/16, the method 1/32.
        let at = At::Errors { low: 1.0 / 28.0, high: 1.0 / 8.0 };
        let ratio =
            data_multiplier(&baseline, &method, &Reading::Isotonic, at, &Bootstrap::default()).unwrap();
        assert!(
            matches!(ratio.ratio, Ratio::AtLeast { bound, .. } if bound > 1.0 && bound < 4.0),
            "{ratio:?}"
        );
        // Where neither was measured nothing is known.
        let nowhere = At::Error(1e-6);
        let ratio =
            data_multiplier(&baseline, &method, &Reading::Isotonic, nowhere, &Bootstrap::default()).unwrap();
        assert_eq!(ratio.ratio, Ratio::Undetermined);
    }

    #[test]
    fn the_t_interval_is_that_of_the_seeds_own_ratios() {
        // Seeds differ in the method alone: the baseline needs 2, 4 and 8 times the data.
        let baseline = curve(&SIZES, |n| n.powf(-0.5), 1).runs().to_vec();
        let of = |seed| baseline.iter().map(move |run| Run { seed, ..*run });
        let shifted =
            |seed, factor: f64| of(seed).map(move |run| Run { error: (factor * run.n).powf(-0.5), ..run });
        let baseline = Curve::new(&(0..3).flat_map(of).collect::<Vec<_>>(), 1e-9).unwrap();
        let method: Vec<Run> = (0..3).flat_map(|seed| shifted(seed, 2f64.powi(1 + seed as i32))).collect();
        let method = Curve::new(&method, 1e-9).unwrap();
        let ratio = data_multiplier_t(&baseline, &method, &Reading::Isotonic, At::Size(256.0), 0.95).unwrap();
        let (estimate, low, high) = value(ratio);
        let half = 4.302_652_73 * std::f64::consts::LN_2 / 3f64.sqrt();
        assert!((estimate - 4.0).abs() < 1e-9);
        assert!((low - 4.0 * (-half).exp()).abs() < 1e-6 && (high - 4.0 * half.exp()).abs() < 1e-6);
        // At 1,024 the third seed is beyond the range: the mean is a bound.
        let ratio =
            data_multiplier_t(&baseline, &method, &Reading::Isotonic, At::Size(1024.0), 0.95).unwrap();
        assert!(matches!(ratio, Ratio::AtLeast { .. }));
    }

    #[test]
    fn errors_are_compared_seed_by_seed() {
        let baseline = curve(&SIZES, |n| n.powf(-0.5), 4);
        let method = curve(&SIZES, |n| 0.8 * n.powf(-0.5), 4);
        let ratio = error_ratio(&baseline, &method, 64.0, 0.95).unwrap();
        assert!((ratio.mean - 0.8).abs() < 1e-12 && (ratio.high - ratio.low).abs() < 1e-9);
        assert_eq!(error_ratio(&baseline, &method, 65.0, 0.95), Err(ScalingError::NotMeasured { n: 65.0 }));
    }

    #[test]
    fn unpaired_curves_are_refused() {
        let (three, two) = (curve(&SIZES, |n| 1.0 / n, 3), curve(&SIZES, |n| 1.0 / n, 2));
        let refused =
            data_multiplier(&three, &two, &Reading::Isotonic, At::Size(64.0), &Bootstrap::default());
        assert!(matches!(refused, Err(ScalingError::SeedsDiffer { .. })));
        let elsewhere =
            data_multiplier(&two, &two, &Reading::Isotonic, At::Size(65.0), &Bootstrap::default());
        assert_eq!(elsewhere.unwrap_err(), ScalingError::NotMeasured { n: 65.0 });
    }

    #[test]
    fn a_ratio_prints_as_what_is_known() {
        let print = |ratio: Ratio| ratio.to_string();
        assert_eq!(print(Ratio::Value { estimate: 4.0, low: 2.0, high: 8.0 }), "4.00x [2.00, 8.00]");
        assert_eq!(print(Ratio::AtLeast { bound: 6.4, low: 5.0 }), "> 6.40x [5.00, inf]");
    }
}
