//! Error against data: tables, curves, ratios and claims that several figures make from records.

use crate::arm::Arm;
use crate::store::Record;
use anyhow::Result;
use eightfold_harness::{Interval, Measured, Origin, Side};
use eightfold_plot::{self as plot, Series};
use eightfold_scaling::{
    At, Bootstrap, Curve, Estimate, Objective, PowerLaw, Ratio, Reading, Run, bootstrap_seeds,
    data_multiplier_t, error_ratio, fit_curve, paired_t,
};

/// The measured curve of an arm's method; `None` without records. An error of 0 counts as half a held-out problem.
///
/// # Errors
/// If records contradict each other.
pub fn curve(records: &[Record], arm: Arm) -> Result<Option<Curve>> {
    let mine: Vec<&Record> = records.iter().filter(|r| arm.is_method_of(&r.cell)).collect();
    curve_over(&mine, |record| record.cell.problems as f64)
}

/// The measured curve of some records over what `x` says of each; `None` without records. An error of 0 counts
/// as half a held-out problem.
///
/// # Errors
/// If records contradict each other.
pub fn curve_over(records: &[&Record], x: impl Fn(&Record) -> f64) -> Result<Option<Curve>> {
    let Some(first) = records.first() else { return Ok(None) };
    let floor = 0.5 / first.cell.evaluation.problems as f64;
    let run = |r: &&Record| Run { n: x(r), seed: r.cell.seed, error: r.metrics.error };
    Ok(Some(Curve::new(&records.iter().map(run).collect::<Vec<_>>(), floor)?))
}

/// The part of a curve at sizes that every seed has, so that ratios are paired.
pub fn complete(curve: &Curve) -> Curve {
    let seeds = curve.seeds().len();
    let sizes = curve.sizes();
    let whole = |n: &f64| curve.runs().iter().filter(|run| run.n == *n).count() == seeds;
    let kept: Vec<f64> = sizes.into_iter().filter(whole).collect();
    let runs: Vec<Run> = curve.runs().iter().copied().filter(|run| kept.contains(&run.n)).collect();
    Curve::new(&runs, f64::MIN_POSITIVE).unwrap_or_else(|_| curve.clone())
}

/// Raw points, geometric means with the range over seeds, and a fitted power law with its band.
pub fn series(curve: &Curve, arm: Arm) -> Series {
    let samples = curve.runs().iter().map(|run| (run.n, run.error)).collect();
    let mean = |n: f64| {
        let logs: Vec<f64> = curve.runs().iter().filter(|r| r.n == n).map(|r| r.error.ln()).collect();
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        // The range, not an interval: over three seeds a t interval of one method is wider than the panel, and
        // claims rest on differences paired by seed.
        let (low, high) = logs.iter().fold((mean, mean), |(low, high), x| (low.min(*x), high.max(*x)));
        plot::Estimate { x: n, y: mean.exp(), low: low.exp(), high: high.exp() }
    };
    let mut series =
        Series { samples, means: curve.sizes().into_iter().map(mean).collect(), ..arm.look().series() };
    let sizes = curve.sizes();
    if let (Some(first), Some(last), Ok(fit)) =
        (sizes.first(), sizes.last(), fit_curve(&PowerLaw, curve, HUBER))
    {
        let grid: Vec<f64> = (0..=40).map(|i| first * (last / first).powf(i as f64 / 40.0)).collect();
        series.curve = grid.iter().map(|n| (*n, fit.predict(&[*n]))).collect();
        if let Ok(resampled) = bootstrap_seeds(&fit, curve, &Bootstrap::default()) {
            let band = resampled.band(&grid);
            series.band = grid.iter().zip(band).map(|(n, i)| (*n, i.low, i.high)).collect();
        }
    }
    series
}

/// The loss of fits: Huber on log error, as Hoffmann et al. 2022.
pub const HUBER: Objective = Objective::Huber { delta: 1e-3 };

/// How many times the data the baseline needs for the method's error at `n`: read off the baseline's own
/// means by straight lines on log axes, paired by seed, t interval; a bound outside the measured range.
pub fn data_ratio(baseline: &Curve, method: &Curve, n: f64) -> Result<Ratio, String> {
    data_multiplier_t(baseline, method, &Reading::Isotonic, At::Size(n), 0.95).map_err(|e| e.to_string())
}

/// The same by a power law fitted to each seed's curves.
pub fn law_ratio(baseline: &Curve, method: &Curve, n: f64) -> Result<Ratio, String> {
    let reading = Reading::Law { law: &PowerLaw, objective: HUBER };
    data_multiplier_t(baseline, method, &reading, At::Size(n), 0.95).map_err(|e| e.to_string())
}

/// An arrow from the method's point at `n` to where the baseline has the same error.
pub fn arrow(baseline: &Curve, method: &Curve, arm: Arm, n: f64) -> Option<plot::Ratio> {
    let logs: Vec<f64> = method.runs().iter().filter(|r| r.n == n).map(|r| r.error.ln()).collect();
    let y = (logs.iter().sum::<f64>() / logs.len().max(1) as f64).exp();
    let color = arm.look().color;
    match data_ratio(baseline, method, n).ok()? {
        Ratio::Value { estimate, .. } => Some(plot::Ratio {
            from: n,
            to: n * estimate,
            y,
            text: format!("{estimate:.1}x"),
            color,
            bound: false,
        }),
        Ratio::AtLeast { bound, .. } => Some(plot::Ratio {
            from: n,
            to: n * bound,
            y,
            text: format!("> {bound:.1}x"),
            color,
            bound: true,
        }),
        Ratio::AtMost { .. } | Ratio::Undetermined => None,
    }
}

/// A claim on a data ratio.
pub fn ratio_claim(
    says: &'static str,
    origin: Origin,
    side: Side,
    ratio: Result<Ratio, String>,
    n: usize,
    seeds: usize,
) -> Measured {
    let interval = ratio.map(|ratio| Interval::of_data_ratio(&ratio, seeds));
    Measured { says, origin, statistic: format!("data ratio to SFT at n = {n}"), side, interval }
}

/// A claim that `method` has a lower error than `other` at `n`.
pub fn below_claim(
    says: &'static str,
    origin: Origin,
    other: Option<&Curve>,
    method: Option<&Curve>,
    n: usize,
) -> Measured {
    ratio_of_errors(says, origin, other.zip(method), n as f64, Side::Below(1.0), format!("n = {n}"))
}

/// A claim on the error of the second curve over that of the first at `x`, paired by seed; `at` says what x is.
pub fn ratio_of_errors(
    says: &'static str,
    origin: Origin,
    curves: Option<(&Curve, &Curve)>,
    x: f64,
    side: Side,
    at: String,
) -> Measured {
    let interval = curves.ok_or_else(|| "cells missing".to_owned()).and_then(|(other, method)| {
        let ratio = error_ratio(other, method, x, Interval::LEVEL).map_err(|e| e.to_string())?;
        Ok(Interval::of_error_ratio(&ratio, method.seeds().len()))
    });
    Measured { says, origin, statistic: format!("ratio of errors at {at}"), side, interval }
}

/// A claim on the geometric mean, over all sizes that both curves have, of the error of the second over that of
/// the first: one mean log ratio a seed.
pub fn mean_ratio_of_errors(
    says: &'static str,
    origin: Origin,
    curves: Option<(&Curve, &Curve)>,
    side: Side,
) -> Measured {
    let interval = curves.ok_or_else(|| "cells missing".to_owned()).and_then(|(other, method)| {
        let (mut logs, seeds) = (Vec::new(), method.seeds());
        for seed in &seeds {
            let of = |curve: &Curve| -> Vec<Run> {
                curve.runs().iter().copied().filter(|run| run.seed == *seed).collect()
            };
            let (ours, theirs) = (of(method), of(other));
            let both = ours.iter().filter_map(|run| Some((run, theirs.iter().find(|r| r.n == run.n)?)));
            let own: Vec<f64> = both.map(|(run, other)| (run.error / other.error).ln()).collect();
            logs.push(own.iter().sum::<f64>() / own.len() as f64);
        }
        let mean = paired_t(&logs, Interval::LEVEL).map_err(|e| e.to_string())?;
        let ratio = Estimate { mean: mean.mean.exp(), low: mean.low.exp(), high: mean.high.exp(), p: mean.p };
        Ok(Interval::of_error_ratio(&ratio, seeds.len()))
    });
    let statistic = "ratio of errors, geometric mean over sizes".into();
    Measured { says, origin, statistic, side, interval }
}
