//! Reading curves between their sizes, and the horizontal distance of two readings.

use crate::curve::Curve;
use crate::data::Data;
use crate::descent::Theta;
use crate::error::ScalingError;
use crate::fit::{Fit, log_value};
use crate::isotonic::{at, first_reach, isotonic};
use crate::law::{Law, linspace};
use crate::objective::Objective;
use crate::resample::Draw;
use crate::seeds::{fit_checked, refit_draw, seed_count};

/// How curves are read between their sizes.
#[derive(Clone, Copy, Debug)]
pub enum Reading {
    /// By a law fitted to each of the two curves.
    Law {
        /// The law, of one input.
        law: &'static dyn Law,
        /// What its fit minimizes.
        objective: Objective,
    },
    /// By straight lines on log axes between isotonic means: no law.
    Isotonic,
}

/// Where the ratio is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum At {
    /// At the method's error with this many problems. The method must have been measured there.
    Size(f64),
    /// Where both curves have this error.
    Error(f64),
    /// The geometric mean over errors from `low` to `high`, even in the logarithm. Declare it beforehand: a
    /// range chosen after seeing the curves can favor either.
    Errors {
        /// The smallest error; above 0.
        low: f64,
        /// The largest error.
        high: f64,
    },
}

/// A curve, and its fit where it is read by a law.
pub(crate) struct Reader<'a> {
    curve: &'a Curve,
    law: Option<(Fit, Data)>,
}

/// A curve of one resample, ready to be inverted within its measured range.
pub(crate) struct Line {
    log_range: (f64, f64),
    shape: Shape,
    means: Vec<(f64, f64)>,
}

enum Shape {
    Law(&'static dyn Law, Theta),
    Knots(Vec<(f64, f64)>),
}

/// Where a curve comes down to an error, as bounds of ln n.
type Reach = (f64, f64);

impl<'a> Reader<'a> {
    pub(crate) fn new(curve: &'a Curve, reading: &Reading) -> Result<Self, ScalingError> {
        let law = match *reading {
            Reading::Law { law, objective } => Some(fit_checked(law, curve, objective)?),
            Reading::Isotonic => None,
        };
        Ok(Self { curve, law })
    }

    pub(crate) fn whole(&self) -> Line {
        let shape = self.law.as_ref().map(|(fit, _)| Shape::Law(fit.law, fit.theta));
        self.line(shape, |_| 1.0)
    }

    pub(crate) fn resampled(&self, seeds: &[u64], draw: &Draw) -> Result<Line, ScalingError> {
        let shape = match &self.law {
            Some((fit, data)) => {
                Some(Shape::Law(fit.law, refit_draw(fit, self.curve, data, seeds, draw)?.theta))
            }
            None => None,
        };
        Ok(self.line(shape, |seed| seed_count(seeds, draw, seed)))
    }

    fn line(&self, shape: Option<Shape>, weight: impl Fn(u64) -> f64) -> Line {
        let means = self.curve.means(weight);
        let log_range =
            (means.first().map_or(f64::NAN, |m| m.log_n), means.last().map_or(f64::NAN, |m| m.log_n));
        let shape = shape.unwrap_or_else(|| Shape::Knots(isotonic(&means)));
        Line { log_range, shape, means: means.iter().map(|m| (m.log_n, m.log_error)).collect() }
    }
}

impl Line {
    /// ln error at a measured size: the law's, or without a law the mean's own.
    fn log_error(&self, log_n: f64) -> Option<f64> {
        match &self.shape {
            Shape::Law(law, theta) => Some(log_value(*law, theta, &[log_n])),
            Shape::Knots(_) => at(&self.means, log_n),
        }
    }

    /// Bounds of the ln n at which the curve first comes down to `log_error`.
    fn reach(&self, log_error: f64) -> Reach {
        let (start, end) = self.log_range;
        let found = match &self.shape {
            Shape::Law(law, theta) => first_crossing(|x| log_value(*law, theta, &[x]), start, end, log_error),
            Shape::Knots(knots) => first_reach(knots, log_error),
        };
        let above = |log_n| self.shape_at(log_n) > log_error;
        match found {
            Some(log_n) => (log_n, log_n),
            None if above(start) => (end, f64::INFINITY),
            None => (f64::NEG_INFINITY, start),
        }
    }

    fn shape_at(&self, log_n: f64) -> f64 {
        match &self.shape {
            Shape::Law(law, theta) => log_value(*law, theta, &[log_n]),
            Shape::Knots(knots) => at(knots, log_n).unwrap_or(f64::NAN),
        }
    }
}

/// The first x from `start` to `end` at which `f` comes down to `level`; `None` if it is below at the start
/// or above all along.
fn first_crossing(f: impl Fn(f64) -> f64, start: f64, end: f64, level: f64) -> Option<f64> {
    if f(start) < level - 1e-12 {
        return None;
    }
    // Laws of one bend at most: sixteen pieces find the first crossing of those that fall and rise again.
    let ends: Vec<f64> = linspace(start, end, 17).collect();
    let below = |x: f64| f(x) <= level + 1e-12;
    let piece = ends.iter().position(|&x| below(x))?;
    let (mut left, mut right) = (ends[piece.saturating_sub(1)], ends[piece]);
    for _ in 0..60 {
        let middle = 0.5 * (left + right);
        if below(middle) { right = middle } else { left = middle }
    }
    Some(right)
}

/// Errors over which a range is averaged.
const ERRORS: usize = 33;

/// Bounds of the logarithm of the ratio.
pub(crate) fn log_ratio(baseline: &Line, method: &Line, at: At) -> (f64, f64) {
    let distance = |log_error: f64| {
        let (b, m) = (baseline.reach(log_error), method.reach(log_error));
        (b.0 - m.1, b.1 - m.0)
    };
    match at {
        At::Size(n) => match method.log_error(n.ln()) {
            Some(log_error) => {
                let reach = baseline.reach(log_error);
                (reach.0 - n.ln(), reach.1 - n.ln())
            }
            None => (f64::NEG_INFINITY, f64::INFINITY),
        },
        At::Error(error) => distance(error.ln()),
        At::Errors { low, high } => {
            let mut sum = (0.0, 0.0);
            for (i, log_error) in linspace(low.ln(), high.ln(), ERRORS).enumerate() {
                let (below, above) = distance(log_error);
                // The trapezoid rule: ends count half.
                let share = if i == 0 || i == ERRORS - 1 { 0.5 } else { 1.0 } / (ERRORS - 1) as f64;
                sum = (sum.0 + share * below, sum.1 + share * above);
            }
            sum
        }
    }
}
