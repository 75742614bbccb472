//! Fits of one method's curve, and intervals over its seeds.

use crate::bootstrap::{Scheme, bootstrap, refit_weighted};
use crate::curve::Curve;
use crate::data::Data;
use crate::error::ScalingError;
use crate::fit::{Fit, fit_data};
use crate::law::Law;
use crate::objective::Objective;
use crate::resample::{Bootstrap, Draw};
use crate::resampled::{Refit, Resampled};
use crate::student::{Estimate, paired_t};

/// Fits a law of one input to a curve, every run one point.
///
/// # Errors
/// As [`fit`](crate::fit()).
pub fn fit_curve(law: &'static dyn Law, curve: &Curve, objective: Objective) -> Result<Fit, ScalingError> {
    crate::fit(law, &curve.rows(), objective)
}

/// Refits `fit` to resamples of whole seeds, from the place of the full fit.
///
/// Seeds are the clusters because the runs of one seed share their data and their problems. The percentile
/// intervals that follow are too narrow at few seeds: see the table of the crate's documentation.
///
/// # Errors
/// As [`bootstrap`](crate::bootstrap()).
pub fn bootstrap_seeds(fit: &Fit, curve: &Curve, settings: &Bootstrap) -> Result<Resampled, ScalingError> {
    let labels = curve.runs().iter().map(|run| run.seed).collect();
    bootstrap(fit, &curve.rows(), &Scheme::Clusters(labels), settings)
}

/// The t interval over seeds of a quantity of each seed's own fit: `quantity` of the fit to that seed's runs
/// alone, on a scale where it is about normal (an exponent, a logarithm).
///
/// # Errors
/// Fewer than two seeds, seeds that cannot be fitted alone, a quantity that is not finite.
pub fn seeds_t(
    law: &'static dyn Law,
    curve: &Curve,
    objective: Objective,
    level: f64,
    quantity: impl Fn(&Fit) -> f64,
) -> Result<Estimate, ScalingError> {
    let own = |seed: u64| fit_curve(law, &curve.of_seeds(&[seed]), objective).map(|fit| quantity(&fit));
    let values: Result<Vec<f64>, ScalingError> = curve.seeds().into_iter().map(own).collect();
    paired_t(&values?, level)
}

pub(crate) fn refit_draw(
    fit: &Fit,
    curve: &Curve,
    data: &Data,
    seeds: &[u64],
    draw: &Draw,
) -> Result<Refit, ScalingError> {
    let weight: Vec<f64> = curve.runs().iter().map(|run| seed_count(seeds, draw, run.seed)).collect();
    let end = refit_weighted(fit, data, &weight)?;
    Ok(Refit { theta: end.theta, covariance: None, probability: draw.probability })
}

/// How often a draw holds this seed.
pub(crate) fn seed_count(seeds: &[u64], draw: &Draw, seed: u64) -> f64 {
    seeds.iter().position(|s| *s == seed).map_or(0.0, |i| draw.counts[i])
}

/// A fit of checked data, for the ratio.
pub(crate) fn fit_checked(
    law: &'static dyn Law,
    curve: &Curve,
    objective: Objective,
) -> Result<(Fit, Data), ScalingError> {
    let data = Data::new(&curve.rows(), law, objective)?;
    let fit = fit_data(law, &data, objective, data.weights())?;
    Ok((fit, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Run;
    use crate::{PowerLaw, SaturatingPowerLaw};

    /// Three seeds whose power laws differ by a factor only.
    fn curve(factors: &[f64]) -> Curve {
        let sizes = [64.0, 128.0, 256.0, 512.0, 1024.0];
        let run = |(seed, factor): (usize, &f64)| {
            let factor = *factor;
            sizes.map(|n: f64| Run { n, seed: seed as u64, error: factor * 2.0 * n.powf(-0.3) })
        };
        let runs: Vec<Run> = factors.iter().enumerate().flat_map(run).collect();
        Curve::new(&runs, 1e-9).unwrap()
    }

    #[test]
    fn a_band_runs_from_the_lowest_to_the_highest_of_three_seeds() {
        // Each seed alone has probability 1/27 = 3.7 %, above the tail of 2.5 %.
        let curve = curve(&[0.9, 1.0, 1.2]);
        let fit = fit_curve(&PowerLaw, &curve, Objective::LogSquares).unwrap();
        let resampled = bootstrap_seeds(&fit, &curve, &Bootstrap::default()).unwrap();
        let band = resampled.band(&[100.0]);
        let truth = 2.0 * 100f64.powf(-0.3);
        assert!((band[0].low - 0.9 * truth).abs() < 1e-8 && (band[0].high - 1.2 * truth).abs() < 1e-8);
        let exponent = resampled.params()[1];
        assert!((exponent.low - 0.3).abs() < 1e-7 && (exponent.high - 0.3).abs() < 1e-7);
        assert_eq!(resampled.failed(), 0.0);
    }

    #[test]
    fn one_seed_has_no_interval() {
        let curve = curve(&[1.0]);
        let fit = fit_curve(&SaturatingPowerLaw, &curve, Objective::LogSquares).unwrap();
        let none = bootstrap_seeds(&fit, &curve, &Bootstrap::default());
        assert_eq!(none.unwrap_err(), ScalingError::TooFewSeeds { seeds: 1 });
    }

    #[test]
    fn resampling_depends_on_its_seed_alone() {
        let factors: Vec<f64> = (0..9).map(|i| 1.0 + 0.1 * f64::from(i)).collect();
        let curve = curve(&factors);
        let fit = fit_curve(&PowerLaw, &curve, Objective::Huber { delta: 1e-3 }).unwrap();
        let with = |seed| {
            let bootstrap = Bootstrap { seed, resamples: 50, ..Bootstrap::default() };
            bootstrap_seeds(&fit, &curve, &bootstrap).unwrap().band(&[100.0])
        };
        assert_eq!(with(1), with(1));
        assert_ne!(with(1), with(2));
    }
}
