//! Intervals of fits over seeds: the cluster bootstrap.

use crate::curve::Curve;
use crate::data::Data;
use crate::descent::{Problem, Theta};
use crate::error::ScalingError;
use crate::fit::{Fit, fit_data, log_value, natural, refit};
use crate::law::Law;
use crate::objective::Objective;
use crate::resample::{Bootstrap, Draw, draws, percentile};
use rayon::prelude::*;

/// Two ends of an interval.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<(f64, f64)> for Interval {
    fn from((low, high): (f64, f64)) -> Self {
        Self { low, high }
    }
}

/// The same law fitted to resampled data, with the probability of each resample.
#[derive(Clone, Debug)]
pub struct Resampled {
    law: &'static dyn Law,
    level: f64,
    fits: Vec<Refit>,
    failed: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Refit {
    pub(crate) theta: Theta,
    pub(crate) params: Vec<f64>,
    pub(crate) probability: f64,
}

impl Resampled {
    pub(crate) fn new(
        law: &'static dyn Law,
        level: f64,
        outcomes: Vec<Result<Refit, ScalingError>>,
    ) -> Result<Self, ScalingError> {
        let tried = outcomes.len();
        let (mut fits, mut first) = (vec![], None);
        for outcome in outcomes {
            match outcome {
                Ok(fit) => fits.push(fit),
                Err(error) => first = first.or(Some(error)),
            }
        }
        if let (true, Some(first)) = (fits.is_empty(), first) {
            return Err(ScalingError::AllResamplesFailed { tried, first: Box::new(first) });
        }
        let failed = (1.0 - fits.iter().map(|fit| fit.probability).sum::<f64>()).max(0.0);
        Ok(Self { law, level, fits, failed })
    }

    /// The probability of resamples that could not be fitted (of too few sizes); 0 in complete sweeps.
    pub fn failed(&self) -> f64 {
        self.failed
    }

    /// Percentile intervals of the parameters, in the order of [`Law::params`].
    pub fn params(&self) -> Vec<Interval> {
        let column = |j: usize| self.fits.iter().map(move |fit| (fit.params[j], fit.probability));
        let interval = |j| percentile(&mut column(j).collect::<Vec<_>>(), self.level).into();
        (0..self.law.params().len()).map(interval).collect()
    }

    /// Percentile intervals of the law's value at each size of `grid`: a band to draw. Pointwise: at a stated
    /// level for each size, not for all sizes at once.
    pub fn band(&self, grid: &[f64]) -> Vec<Interval> {
        let at = |n: &f64| {
            let value = |fit: &Refit| (log_value(self.law, &fit.theta, &[n.ln()]).exp(), fit.probability);
            percentile(&mut self.fits.iter().map(value).collect::<Vec<_>>(), self.level).into()
        };
        grid.iter().map(at).collect()
    }
}

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
/// Fewer than two seeds; settings out of range; no resample that can be fitted.
pub fn bootstrap_seeds(fit: &Fit, curve: &Curve, bootstrap: &Bootstrap) -> Result<Resampled, ScalingError> {
    bootstrap.check()?;
    let seeds = curve.seeds();
    if seeds.len() < 2 {
        return Err(ScalingError::TooFewSeeds { seeds: seeds.len() });
    }
    let data = Data::new(&curve.rows(), fit.law, fit.objective)?;
    let refit = |draw: &Draw| refit_draw(fit, curve, &data, &seeds, draw);
    let outcomes = draws(seeds.len(), bootstrap).par_iter().map(refit).collect();
    Resampled::new(fit.law, bootstrap.level, outcomes)
}

pub(crate) fn refit_draw(
    fit: &Fit,
    curve: &Curve,
    data: &Data,
    seeds: &[u64],
    draw: &Draw,
) -> Result<Refit, ScalingError> {
    let weight: Vec<f64> = curve.runs().iter().map(|run| seed_count(seeds, draw, run.seed)).collect();
    let problem = Problem::new(fit.law, data, fit.objective, &weight);
    let free = fit.params.len();
    let distinct = data.distinct(&weight);
    if distinct < free {
        return Err(ScalingError::RepeatedSizes { law: fit.law.name(), distinct, free });
    }
    let end = refit(fit.law, data, fit.objective, &weight, fit);
    Ok(Refit { params: natural(&problem, &end.theta), theta: end.theta, probability: draw.probability })
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
