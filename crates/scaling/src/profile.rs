//! Profile likelihood: the values of a parameter that the data do not contradict.

use crate::covariance::Curvature;
use crate::data::{Data, Row};
use crate::descent::{Problem, Theta};
use crate::error::ScalingError;
use crate::fit::{Fit, MOST_STEPS};
use crate::law::{MAX_PARAMS, Range};
use crate::resampled::Interval;
use crate::student::t_quantile;

/// The profile interval of parameter `param`: all values at which the objective, minimized over the others,
/// rises by no more than dispersion t^2 / 2, t the quantile of Student's t at the residual degrees of freedom.
///
/// For squares and deviances this inverts the F test of one parameter; for Huber loss it is its robust
/// likelihood ratio. It follows the curvature that the delta method cuts off: an exponent of few sizes has a
/// long upper tail, a floor that the data do not exclude an interval down to 0. Points count as independent.
/// An end that is never reached is the bound of the parameter.
///
/// # Errors
/// Rows that [`fit`](crate::fit()) refuses; a level outside (0, 1).
///
/// # Panics
/// If the law has no such parameter.
pub fn profile(fit: &Fit, rows: &[Row], param: usize, level: f64) -> Result<Interval, ScalingError> {
    assert!(param < fit.params.len(), "{} has no parameter {param}", fit.law.name());
    if !(level > 0.0 && level < 1.0) {
        return Err(ScalingError::Setting { name: "level", value: level, must: "between 0 and 1" });
    }
    let data = Data::new(rows, fit.law, fit.objective)?;
    let mut problem = Problem::new(fit.law, &data, fit.objective, data.weights());
    problem.fixed = fit.fixed;
    let curvature = Curvature::new(&problem, &fit.theta);
    let freedom = fit.points.saturating_sub(curvature.free.len()).max(1) as f64;
    let t = t_quantile(0.5 + 0.5 * level, freedom);
    let limit = fit.value + 0.5 * curvature.dispersion * t * t;
    problem.fixed[param] = true;
    let walk = Walk { problem, param, limit, start: fit.theta };
    let step = first_step(&curvature, param);
    let (low, high) = (walk.end(-step), walk.end(step));
    let natural = |inner: f64, unbounded: f64| match fit.law.params()[param].range {
        Range::Between(..) => inner,
        Range::Floor if inner <= fit.no_floor => 0.0,
        _ if inner.is_finite() => inner.exp(),
        _ => unbounded,
    };
    Ok(Interval { low: natural(low, 0.0), high: natural(high, f64::INFINITY) })
}

/// A standard error, or a tenth where the curvature gives none.
fn first_step(curvature: &Curvature, param: usize) -> f64 {
    let error = curvature.delta().map_or(f64::NAN, |covariance| covariance[param][param].sqrt());
    if error.is_finite() && error > 0.0 { error.min(1.0) } else { 0.1 }
}

struct Walk<'a> {
    problem: Problem<'a>,
    param: usize,
    limit: f64,
    start: Theta,
}

impl Walk<'_> {
    /// The objective at a held value, and where the others went.
    fn at(&self, held: f64, from: &Theta) -> (f64, Theta) {
        let mut theta: [f64; MAX_PARAMS] = *from;
        theta[self.param] = held;
        let end = self.problem.descend(&theta, MOST_STEPS);
        (end.value, end.theta)
    }

    /// Walks away in growing steps until the objective passes the limit, then halves. Infinite (or the bound,
    /// for parameters searched as they are) where it never does.
    fn end(&self, step: f64) -> f64 {
        let (low, high) = (self.problem.low[self.param], self.problem.high[self.param]);
        let (mut inside, mut theta, mut step) = (self.start[self.param], self.start, step);
        loop {
            let held = (inside + step).clamp(low, high);
            let (value, there) = self.at(held, &theta);
            if value > self.limit {
                return self.halve(inside, held, theta);
            }
            if held <= low || held >= high {
                let as_it_is = matches!(self.problem.law.params()[self.param].range, Range::Between(..));
                return if as_it_is { held } else { f64::INFINITY.copysign(step) };
            }
            (inside, theta, step) = (held, there, step * 1.6);
        }
    }

    fn halve(&self, inside: f64, outside: f64, theta: Theta) -> f64 {
        let (mut inside, mut outside, mut theta) = (inside, outside, theta);
        for _ in 0..40 {
            let middle = 0.5 * (inside + outside);
            let (value, there) = self.at(middle, &theta);
            if value > self.limit {
                outside = middle
            } else {
                (inside, theta) = (middle, there)
            }
            if (outside - inside).abs() < 1e-9 * (1.0 + inside.abs()) {
                break;
            }
        }
        0.5 * (inside + outside)
    }
}

/// The delta-method interval of parameter `param`: estimate and standard error on the scale of the search
/// (the logarithm of a coefficient), the quantile of Student's t at the residual degrees of freedom. Points
/// count as independent. From minus to plus infinity (0 to infinity for coefficients) where the curvature
/// does not determine the parameter.
///
/// # Errors
/// As [`profile`].
///
/// # Panics
/// As [`profile`].
pub fn delta(fit: &Fit, rows: &[Row], param: usize, level: f64) -> Result<Interval, ScalingError> {
    assert!(param < fit.params.len(), "{} has no parameter {param}", fit.law.name());
    if !(level > 0.0 && level < 1.0) {
        return Err(ScalingError::Setting { name: "level", value: level, must: "between 0 and 1" });
    }
    let data = Data::new(rows, fit.law, fit.objective)?;
    let mut problem = Problem::new(fit.law, &data, fit.objective, data.weights());
    problem.fixed = fit.fixed;
    let curvature = Curvature::new(&problem, &fit.theta);
    let freedom = fit.points.saturating_sub(curvature.free.len()).max(1) as f64;
    let determined = curvature.free.contains(&param);
    let covariance = curvature.delta().filter(|_| determined);
    let error = covariance.map_or(f64::INFINITY, |covariance| covariance[param][param].sqrt());
    let half = t_quantile(0.5 + 0.5 * level, freedom) * error;
    let ends = (fit.theta[param] - half, fit.theta[param] + half);
    Ok(match fit.law.params()[param].range {
        Range::Between(..) => ends.into(),
        _ => (ends.0.exp(), ends.1.exp()).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{normal, plant};
    use crate::{Objective, PowerLaw, SaturatingPowerLaw, fit};
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn noisy(seed: u64) -> Vec<Row> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let sizes = (0..18).map(|i| vec![64.0 * 2f64.powi(i % 6)]);
        plant(&PowerLaw, &[2.0, 0.3], sizes, || 0.1 * normal(&mut rng))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]
        #[test]
        fn of_a_straight_line_profile_and_delta_are_one(seed in 0..1000u64) {
            // ln y is linear in the inner parameters, so the objective is a parabola.
            let rows = noisy(seed);
            let fit = fit(&PowerLaw, &rows, Objective::LogSquares).unwrap();
            for param in 0..2 {
                let (a, b) = (profile(&fit, &rows, param, 0.95).unwrap(), delta(&fit, &rows, param, 0.95).unwrap());
                prop_assert!((a.low / b.low - 1.0).abs() < 1e-5 && (a.high / b.high - 1.0).abs() < 1e-5, "{a:?} {b:?}");
            }
        }

        #[test]
        fn a_profile_holds_the_estimate_and_grows_with_its_level(seed in 0..1000u64) {
            let rows = noisy(seed);
            let objective = Objective::Huber { delta: 1e-3 };
            let fit = fit(&SaturatingPowerLaw, &rows, objective).unwrap();
            for param in 0..3 {
                let wide = profile(&fit, &rows, param, 0.95).unwrap();
                let narrow = profile(&fit, &rows, param, 0.5).unwrap();
                let estimate = fit.params[param];
                prop_assert!(wide.low <= narrow.low + 1e-9 && narrow.high <= wide.high + 1e-9);
                prop_assert!(narrow.low <= estimate + 1e-9 && estimate <= narrow.high + 1e-9, "{narrow:?} {fit:?}");
            }
        }
    }

    #[test]
    fn a_floor_that_the_data_do_not_exclude_reaches_down_to_zero() {
        let rows = noisy(1);
        let fit = fit(&SaturatingPowerLaw, &rows, Objective::LogSquares).unwrap();
        let floor = profile(&fit, &rows, 0, 0.95).unwrap();
        assert!(floor.low == 0.0 && floor.high > 0.0 && floor.high < rows[5].y, "{floor:?}");
    }
}
