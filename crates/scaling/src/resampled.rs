//! From refits to intervals.

use crate::descent::Theta;
use crate::error::ScalingError;
use crate::fit::{Fit, log_value};
use crate::law::{Law, MAX_PARAMS, Range};
use crate::resample::{percentile, quantile};
use crate::symmetric::Matrix;

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
