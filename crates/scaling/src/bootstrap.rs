//! Refits to resampled data, and the intervals that follow from them.

use crate::covariance::Curvature;
use crate::data::{Data, Row};
use crate::descent::{Minimum, Problem, Theta};
use crate::error::ScalingError;
use crate::fit::{Fit, log_value, refit};
use crate::law::{Law, MAX_PARAMS, Range};
use crate::objective::Objective;
use crate::resample::{Bootstrap, Draw, Draws, percentile, quantile};
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

/// How refits become an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The middle of the refits.
    Percentile,
    /// The percentile interval corrected for bias and acceleration (Efron 1987).
    Bca,
    /// Bootstrap-t: refits in units of their own standard error. Unbounded where too many resamples have no
    /// standard error, as at three clusters.
    Student,
}

/// What an interval is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A parameter, by its place in [`Law::params`].
    Param(usize),
    /// The law's value at these inputs.
    Value(Vec<f64>),
}

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
    fit: Fit,
    level: f64,
    refits: Vec<Refit>,
    failed: f64,
    /// The covariance of the fit itself, of the kind that refits have.
    covariance: Option<Matrix>,
    /// Fits without one cluster each.
    jackknife: Vec<Theta>,
}

#[derive(Clone, Debug)]
pub(crate) struct Refit {
    pub(crate) theta: Theta,
    pub(crate) covariance: Option<Matrix>,
    pub(crate) probability: f64,
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

impl Resampled {
    pub(crate) fn new(
        fit: &Fit,
        level: f64,
        outcomes: Vec<Result<Refit, ScalingError>>,
        covariance: Option<Matrix>,
        jackknife: Vec<Theta>,
    ) -> Result<Self, ScalingError> {
        let tried = outcomes.len();
        let (mut refits, mut first) = (vec![], None);
        for outcome in outcomes {
            match outcome {
                Ok(refit) => refits.push(refit),
                Err(error) => first = first.or(Some(error)),
            }
        }
        if let (true, Some(first)) = (refits.is_empty(), first) {
            return Err(ScalingError::AllResamplesFailed { tried, first: Box::new(first) });
        }
        let failed = (1.0 - refits.iter().map(|refit| refit.probability).sum::<f64>()).max(0.0);
        let failed = if failed < 1e-9 { 0.0 } else { failed };
        let fit = fit.clone();
        Ok(Self { fit, level, refits, failed, covariance, jackknife })
    }

    /// The probability of resamples that could not be fitted (of too few sizes); 0 in complete sweeps.
    pub fn failed(&self) -> f64 {
        self.failed
    }

    /// An interval for a quantity.
    ///
    /// # Panics
    /// If the quantity names a parameter that the law does not have, or a value with another number of inputs.
    pub fn interval(&self, quantity: &Quantity, kind: Kind) -> Interval {
        let at = Inner::new(self.fit.law, quantity);
        let mut values: Vec<(f64, f64)> =
            self.refits.iter().map(|refit| (at.value(&refit.theta), refit.probability)).collect();
        let (low, high) = match kind {
            Kind::Percentile => percentile(&mut values, self.level),
            Kind::Bca => self.bca(&at, &mut values),
            Kind::Student => self.student(&at),
        };
        Interval { low: at.outer(low, self.fit.no_floor), high: at.outer(high, self.fit.no_floor) }
    }

    /// Percentile intervals of the parameters, in the order of [`Law::params`].
    pub fn params(&self) -> Vec<Interval> {
        let each = 0..self.fit.params.len();
        each.map(|j| self.interval(&Quantity::Param(j), Kind::Percentile)).collect()
    }

    /// Percentile intervals of the value of a law of one input at each size of `grid`: a band to draw. At the
    /// stated level for each size, not for all sizes at once.
    pub fn band(&self, grid: &[f64]) -> Vec<Interval> {
        grid.iter().map(|n| self.interval(&Quantity::Value(vec![*n]), Kind::Percentile)).collect()
    }

    fn bca(&self, at: &Inner, values: &mut [(f64, f64)]) -> (f64, f64) {
        use crate::normal::{normal_cdf, normal_quantile};
        let estimate = at.value(&self.fit.theta);
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: f64 = values.iter().map(|v| v.1).sum();
        // Ties count half: few clusters give few different refits, one of which is the fit itself.
        let tie = 1e-9 * (1.0 + estimate.abs());
        let share = |v: &(f64, f64)| match v.0 - estimate {
            d if d < -tie => v.1,
            d if d <= tie => 0.5 * v.1,
            _ => 0.0,
        };
        let bias = normal_quantile(values.iter().map(share).sum::<f64>() / total);
        let leave: Vec<f64> = self.jackknife.iter().map(|theta| at.value(theta)).collect();
        let mean = leave.iter().sum::<f64>() / leave.len() as f64;
        let moment = |power: i32| leave.iter().map(|v| (mean - v).powi(power)).sum::<f64>();
        let acceleration = if moment(2) > 0.0 { moment(3) / (6.0 * moment(2).powf(1.5)) } else { 0.0 };
        let side = |probability: f64| {
            let z = bias + normal_quantile(probability);
            normal_cdf(bias + z / (1.0 - acceleration * z))
        };
        let tail = 0.5 * (1.0 - self.level);
        (quantile(values, side(tail)), quantile(values, side(1.0 - tail)))
    }

    fn student(&self, quantity: &Inner) -> (f64, f64) {
        let estimate = quantity.value(&self.fit.theta);
        let error = quantity.error(&self.fit.theta, self.covariance.as_ref());
        // The slopes of a single cluster add up to 0 at its own fit, up to rounding.
        let least = 1e-5 * error;
        let unit = |refit: &Refit| {
            let off = quantity.value(&refit.theta) - estimate;
            let own = quantity.error(&refit.theta, refit.covariance.as_ref());
            // Without a standard error a resample says nothing about either end: it counts against both.
            let t = if own > least { off / own } else { f64::NAN };
            (t, refit.probability)
        };
        let units: Vec<(f64, f64)> = self.refits.iter().map(unit).collect();
        let or = |other: f64| -> Vec<(f64, f64)> {
            units.iter().map(|(t, p)| (if t.is_nan() { other } else { *t }, *p)).collect()
        };
        let (mut below, mut above) = (or(f64::NEG_INFINITY), or(f64::INFINITY));
        let (low, high) = (percentile(&mut below, self.level).0, percentile(&mut above, self.level).1);
        (estimate - high * error, estimate - low * error)
    }
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

/// A quantity on the scale of the search, where it is closest to normal.
struct Inner {
    law: &'static dyn Law,
    param: Option<usize>,
    log_x: Vec<f64>,
}

impl Inner {
    fn new(law: &'static dyn Law, quantity: &Quantity) -> Self {
        match quantity {
            Quantity::Param(j) => {
                assert!(*j < law.params().len(), "{} has no parameter {j}", law.name());
                Self { law, param: Some(*j), log_x: vec![] }
            }
            Quantity::Value(x) => {
                assert_eq!(x.len(), law.inputs().len(), "inputs of {}", law.name());
                Self { law, param: None, log_x: x.iter().map(|x| x.ln()).collect() }
            }
        }
    }

    fn value(&self, theta: &Theta) -> f64 {
        self.param.map_or_else(|| log_value(self.law, theta, &self.log_x), |j| theta[j])
    }

    /// The standard error by the delta method; NaN without a covariance.
    fn error(&self, theta: &Theta, covariance: Option<&Matrix>) -> f64 {
        let Some(covariance) = covariance else { return f64::NAN };
        let mut gradient = [0.0; MAX_PARAMS];
        match self.param {
            Some(j) => gradient[j] = 1.0,
            None => {
                let size = self.law.params().len();
                self.law.log_value(
                    &theta[..size],
                    &self.log_x,
                    &mut Default::default(),
                    &mut gradient[..size],
                );
            }
        }
        let row = |i: usize| (0..MAX_PARAMS).map(|j| covariance[i][j] * gradient[j]).sum::<f64>();
        (0..MAX_PARAMS).map(|i| gradient[i] * row(i)).sum::<f64>().sqrt()
    }

    fn outer(&self, inner: f64, no_floor: f64) -> f64 {
        match self.param.map(|j| self.law.params()[j].range) {
            Some(Range::Between(..)) => inner,
            Some(Range::Floor) if inner <= no_floor => 0.0,
            _ => inner.exp(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{normal, plant};
    use crate::{Chinchilla, PowerLaw, chinchilla_like, fit};
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
        let rows = noisy(400, 0.1);
        let fit = fit(&PowerLaw, &rows, Objective::LogSquares).unwrap();
        let log_n: Vec<f64> = rows.iter().map(|row| row.x[0].ln()).collect();
        let mean = log_n.iter().sum::<f64>() / 400.0;
        let sxx: f64 = log_n.iter().map(|x| (x - mean).powi(2)).sum();
        let textbook = 2.0 * 1.96 * (2.0 * fit.value / 398.0 / sxx).sqrt();
        let labels = (0..400).collect();
        for scheme in [Scheme::Points, Scheme::Residuals, Scheme::Clusters(labels)] {
            let resampled = bootstrap(&fit, &rows, &scheme, &Bootstrap::default()).unwrap();
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
