//! Refits to resampled data.

use crate::covariance::Curvature;
use crate::data::{Data, Row};
use crate::descent::{Minimum, Problem, Theta};
use crate::error::ScalingError;
use crate::fit::{Fit, log_value, refit};
use crate::objective::Objective;
use crate::resample::{Bootstrap, Draw, Draws};
use crate::resampled::{Refit, Resampled};
use crate::symmetric::Matrix;
use rand::RngExt;
use rayon::prelude::*;

/// What is resampled: what would be independent if the study were run again.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheme {
    /// Single points: right where every point is a run of its own.
    Points,
    /// Residuals around the fit, at the sizes as they are: right where sizes are chosen and the noise is
    /// alike everywhere. Only for objectives on logs or raw squares.
    Residuals,
    /// Whole clusters, one label a row: seeds, where runs of one seed share data or problems.
    Clusters(Vec<u64>),
}

/// Refits `fit` to resamples of `rows`, from the place of the full fit.
///
/// # Errors
/// Rows that [`fit`](crate::fit()) refuses; labels of another number than rows; fewer than two clusters;
/// settings out of range; residuals of a deviance; no resample that can be fitted.
pub fn bootstrap(
    fit: &Fit,
    rows: &[Row],
    scheme: &Scheme,
    bootstrap: &Bootstrap,
) -> Result<Resampled, ScalingError> {
    bootstrap.check()?;
    let data = Data::new(rows, fit.law, fit.objective)?;
    let clusters = Clusters::new(scheme, rows.len())?;
    let sampler = Sampler { fit, data: &data, clusters: &clusters };
    let outcomes: Vec<Result<Refit, ScalingError>> = match scheme {
        Scheme::Residuals => {
            let residuals = Residuals::new(fit, &data)?;
            let redraw = |i| Ok(sampler.residual(&residuals, bootstrap, i));
            (0..bootstrap.resamples).into_par_iter().map(redraw).collect()
        }
        Scheme::Points | Scheme::Clusters(_) => {
            let draws = Draws::new(clusters.count, bootstrap);
            (0..draws.len()).into_par_iter().map(|i| sampler.refit(&draws.get(i))).collect()
        }
    };
    let whole = Draw { counts: vec![1.0; clusters.count], probability: 1.0 };
    let own = sampler.covariance(data.weights(), &fit.theta, &whole, *scheme == Scheme::Residuals);
    let without = |c: usize| {
        let mut draw = whole.clone();
        draw.counts[c] = 0.0;
        sampler.refit(&draw).map(|refit| refit.theta).ok()
    };
    let jackknife = (0..clusters.count).into_par_iter().filter_map(without).collect();
    Resampled::new(fit, bootstrap.level, outcomes, own, jackknife)
}

/// Which cluster each row belongs to.
struct Clusters {
    of: Vec<usize>,
    count: usize,
}

impl Clusters {
    fn new(scheme: &Scheme, rows: usize) -> Result<Self, ScalingError> {
        let Scheme::Clusters(labels) = scheme else {
            return Ok(Self { of: (0..rows).collect(), count: rows });
        };
        if labels.len() != rows {
            return Err(ScalingError::Labels { labels: labels.len(), rows });
        }
        let mut names = labels.clone();
        names.sort_unstable();
        names.dedup();
        if names.len() < 2 {
            return Err(ScalingError::TooFewSeeds { seeds: names.len() });
        }
        let of = labels.iter().map(|label| names.partition_point(|name| name < label)).collect();
        Ok(Self { of, count: names.len() })
    }
}

struct Sampler<'a> {
    fit: &'a Fit,
    data: &'a Data,
    clusters: &'a Clusters,
}

impl Sampler<'_> {
    fn refit(&self, draw: &Draw) -> Result<Refit, ScalingError> {
        let own = self.data.weights().iter().zip(&self.clusters.of);
        let weight: Vec<f64> = own.map(|(weight, cluster)| weight * draw.counts[*cluster]).collect();
        let end = refit_weighted(self.fit, self.data, &weight)?;
        let covariance = self.covariance(&weight, &end.theta, draw, false);
        Ok(Refit { theta: end.theta, covariance, probability: draw.probability })
    }

    fn residual(&self, residuals: &Residuals, bootstrap: &Bootstrap, i: usize) -> Refit {
        let mut rng = bootstrap.rng(i);
        let count = residuals.of.len();
        let redrawn =
            self.data.with_measured(|i| residuals.measured(i, residuals.of[rng.random_range(0..count)]));
        let end = refit(self.fit.law, &redrawn, self.fit.objective, redrawn.weights(), self.fit);
        let sampler = Sampler { data: &redrawn, ..*self };
        let whole = Draw { counts: vec![], probability: 1.0 / bootstrap.resamples as f64 };
        let covariance = sampler.covariance(redrawn.weights(), &end.theta, &whole, true);
        Refit { theta: end.theta, covariance, probability: whole.probability }
    }

    fn covariance(&self, weight: &[f64], theta: &Theta, draw: &Draw, model: bool) -> Option<Matrix> {
        let mut problem = Problem::new(self.fit.law, self.data, self.fit.objective, weight);
        problem.fixed = self.fit.fixed;
        let curvature = Curvature::new(&problem, theta);
        if model { curvature.delta() } else { curvature.robust(&self.clusters.of, &draw.counts) }
    }
}

/// Residuals as they are redrawn: centered, and stretched to the variance of the noise.
struct Residuals {
    predicted: Vec<f64>,
    of: Vec<f64>,
    raw: bool,
}

impl Residuals {
    fn new(fit: &Fit, data: &Data) -> Result<Self, ScalingError> {
        let raw = fit.objective == Objective::Squares;
        if !raw && !fit.objective.on_logs() {
            return Err(ScalingError::NoResiduals);
        }
        let points = 0..data.len();
        let predicted: Vec<f64> = points.map(|i| log_value(fit.law, &fit.theta, data.log_x(i))).collect();
        let residual = |(i, eta): (usize, &f64)| {
            if raw { data.y(i) - eta.exp() } else { data.log_y(i) - eta }
        };
        let mut of: Vec<f64> = predicted.iter().enumerate().map(residual).collect();
        let count = of.len() as f64;
        let mean = of.iter().sum::<f64>() / count;
        let stretch = (count / (count - fit.params.len() as f64).max(1.0)).sqrt();
        of.iter_mut().for_each(|r| *r = (*r - mean) * stretch);
        Ok(Self { predicted, of, raw })
    }

    fn measured(&self, i: usize, residual: f64) -> f64 {
        let eta = self.predicted[i];
        if self.raw { eta.exp() + residual } else { (eta + residual).exp() }
    }
}

/// The fit of other weights, from the place of `fit`.
pub(crate) fn refit_weighted(fit: &Fit, data: &Data, weight: &[f64]) -> Result<Minimum, ScalingError> {
    let free = (0..fit.params.len()).filter(|j| !fit.fixed[*j]).count();
    let distinct = data.distinct(weight);
    if distinct < free {
        return Err(ScalingError::RepeatedSizes { law: fit.law.name(), distinct, free });
    }
    Ok(refit(fit.law, data, fit.objective, weight, fit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{normal, plant};
    use crate::{Chinchilla, Kind, PowerLaw, Quantity, chinchilla_like, fit};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn noisy(points: usize, sd: f64) -> Vec<Row> {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let sizes = (0..points).map(|i| vec![64.0 * 2f64.powi((i % 8) as i32)]);
        plant(&PowerLaw, &[2.0, 0.3], sizes, || sd * normal(&mut rng))
    }

    /// For the slope of a regression with many points all kinds of interval are the textbook's.
    #[test]
    fn schemes_and_kinds_agree_with_the_textbook_where_points_are_many() {
        let rows = noisy(200, 0.1);
        let fit = fit(&PowerLaw, &rows, Objective::LogSquares).unwrap();
        let log_n: Vec<f64> = rows.iter().map(|row| row.x[0].ln()).collect();
        let mean = log_n.iter().sum::<f64>() / 200.0;
        let sxx: f64 = log_n.iter().map(|x| (x - mean).powi(2)).sum();
        let textbook = 2.0 * 1.96 * (2.0 * fit.value / 198.0 / sxx).sqrt();
        let labels = (0..200).collect();
        let settings = Bootstrap { resamples: 1000, ..Bootstrap::default() };
        for scheme in [Scheme::Points, Scheme::Residuals, Scheme::Clusters(labels)] {
            let resampled = bootstrap(&fit, &rows, &scheme, &settings).unwrap();
            for kind in [Kind::Percentile, Kind::Bca, Kind::Student] {
                let interval = resampled.interval(&Quantity::Param(1), kind);
                let width = interval.high - interval.low;
                assert!((width / textbook - 1.0).abs() < 0.15, "{scheme:?} {kind:?} {width} {textbook}");
                assert!(interval.low < fit.params[1] && fit.params[1] < interval.high);
            }
        }
    }

    #[test]
    fn bootstrap_t_has_no_ends_over_three_clusters() {
        let rows = noisy(24, 0.1);
        let fit = fit(&PowerLaw, &rows, Objective::LogSquares).unwrap();
        let labels = Scheme::Clusters((0..24).map(|i| i / 8).collect());
        let resampled = bootstrap(&fit, &rows, &labels, &Bootstrap::default()).unwrap();
        let interval = resampled.interval(&Quantity::Value(vec![100.0]), Kind::Student);
        assert_eq!((interval.low, interval.high), (0.0, f64::INFINITY));
        assert!(resampled.band(&[100.0])[0].high < 2.0 * fit.predict(&[100.0]));
    }

    /// A refit walks from one place; on these data more starts find nothing lower.
    #[test]
    fn refits_from_one_place_are_those_from_many() {
        let rows = chinchilla_like(60, 2);
        let objective = Objective::Huber { delta: 1e-3 };
        let whole = fit(&Chinchilla, &rows, objective).unwrap();
        let data = Data::new(&rows, &Chinchilla, objective).unwrap();
        let settings = Bootstrap { resamples: 12, ..Bootstrap::default() };
        for draw in Draws::new(60, &settings).iter() {
            let one = refit_weighted(&whole, &data, &draw.counts).unwrap().value;
            let many = crate::fit::fit_data(&Chinchilla, &data, objective, &draw.counts).unwrap().value;
            assert!(one <= many * (1.0 + 1e-6), "{one} {many}");
        }
    }

    #[test]
    fn what_cannot_be_resampled_is_refused() {
        let rows = noisy(8, 0.1);
        let fit = fit(&PowerLaw, &rows, Objective::QuasiBinomial { trials: 100.0 }).unwrap();
        let with = |scheme: Scheme| bootstrap(&fit, &rows, &scheme, &Bootstrap::default()).unwrap_err();
        assert_eq!(with(Scheme::Residuals), ScalingError::NoResiduals);
        assert_eq!(with(Scheme::Clusters(vec![1])), ScalingError::Labels { labels: 1, rows: 8 });
        assert_eq!(with(Scheme::Clusters(vec![1; 8])), ScalingError::TooFewSeeds { seeds: 1 });
        let settings = Bootstrap { level: 1.0, ..Bootstrap::default() };
        assert!(bootstrap(&fit, &rows, &Scheme::Points, &settings).is_err());
    }
}
