//! Statistics of star graph records: differences and ratios of errors, paired by seed, with t intervals.

use super::curves::of;
use crate::pipeline::TrainingCurve;
use crate::store::Record;
use eightfold_harness::Interval;
use eightfold_scaling::{Estimate, paired_t};

/// A number of a run.
pub type Number = fn(&TrainingCurve) -> f64;

/// The last error of a run.
pub fn end(curve: &TrainingCurve) -> f64 {
    curve.column("error").last().copied().unwrap_or(f64::NAN)
}

/// The first error of a run.
pub fn start(curve: &TrainingCurve) -> f64 {
    curve.column("error").first().copied().unwrap_or(f64::NAN)
}

/// The last Q-value of the critical token.
pub fn value(curve: &TrainingCurve) -> f64 {
    curve.column("value").last().copied().unwrap_or(f64::NAN)
}

/// Two numbers for each seed that both methods have.
fn pairs(
    records: &[Record],
    (method, number): (&str, Number),
    (other, of_other): (&str, Number),
) -> Vec<(f64, f64)> {
    let others = of(records, other);
    let partner = |seed: u64| others.iter().find(|(s, _)| *s == seed).map(|(_, curve)| of_other(curve));
    of(records, method)
        .into_iter()
        .filter_map(|(seed, curve)| Some((number(curve), partner(seed)?)))
        .collect()
}

/// Mean difference of one method's number and another's, with its 95 % t interval over seeds.
///
/// # Errors
/// Why there is none, in words.
pub fn difference(
    records: &[Record],
    method: (&str, Number),
    other: (&str, Number),
) -> Result<Interval, String> {
    let differences: Vec<f64> = pairs(records, method, other).iter().map(|(a, b)| a - b).collect();
    let t = paired_t(&differences, 0.95).map_err(|e| e.to_string())?;
    Ok(Interval::of_mean(&t, differences.len()))
}

/// Ratio of one method's number and another's (geometric mean), with its 95 % t interval over seeds on the log
/// scale. Numbers below `floor` count as it.
///
/// # Errors
/// Why there is none, in words.
pub fn ratio(
    records: &[Record],
    method: (&str, Number),
    other: (&str, Number),
    floor: f64,
) -> Result<Interval, String> {
    let logs: Vec<f64> =
        pairs(records, method, other).iter().map(|(a, b)| (a.max(floor) / b.max(floor)).ln()).collect();
    let t = paired_t(&logs, 0.95).map_err(|e| e.to_string())?;
    let ratio = Estimate { mean: t.mean.exp(), low: t.low.exp(), high: t.high.exp(), p: t.p };
    Ok(Interval::of_error_ratio(&ratio, logs.len()))
}
