//! Fitting a law: many starts, one answer, and what the answer is worth.

use crate::covariance::Curvature;
use crate::data::{Data, Row};
use crate::descent::{Minimum, Problem, Theta};
use crate::error::ScalingError;
use crate::law::{Basis, Law, MAX_PARAMS, Range};
use crate::objective::Objective;
use crate::starts::starts;
use crate::symmetric::eigenvalues;
use rayon::prelude::*;

/// How many starts are walked to their local minimum, out of those that the grid offers.
const WALKED: usize = 24;
/// The most steps of one walk.
pub(crate) const MOST_STEPS: usize = 400;

/// How the starts of a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Starts {
    /// Places of the grid at which the objective was evaluated.
    pub grid: usize,
    /// Starts that were walked to a local minimum.
    pub walked: usize,
    /// Those of them that ended within 1 % of the best objective.
    pub near_best: usize,
}

/// A fitted law.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The law.
    pub law: &'static dyn Law,
    /// What was minimized.
    pub objective: Objective,
    /// The parameters, as a reader sees them, in the order of [`Law::params`]. A floor on its bound is 0.
    pub params: Vec<f64>,
    /// The objective at the parameters: a weighted sum over points.
    pub value: f64,
    /// How the starts ended.
    pub starts: Starts,
    /// Whether each parameter ended on its bound.
    pub on_bound: Vec<bool>,
    /// The condition number of the curvature of the objective, over free parameters that are not on a bound,
    /// scaled to a unit diagonal (1: parameters do not interact; infinite: some combination has no effect).
    pub condition: f64,
    /// Points with a weight above 0.
    pub points: usize,
    pub(crate) theta: Theta,
    pub(crate) fixed: [bool; MAX_PARAMS],
    pub(crate) spread: [f64; MAX_PARAMS],
    /// Inner value of a floor at and below which it counts as 0.
    pub(crate) no_floor: f64,
}

impl Fit {
    /// The law's value at inputs `x` (each above 0), inside or outside the measured range.
    pub fn predict(&self, x: &[f64]) -> f64 {
        let log_x: Vec<f64> = x.iter().map(|x| x.ln()).collect();
        log_value(self.law, &self.theta, &log_x).exp()
    }

    /// A parameter by name.
    pub fn param(&self, name: &str) -> Option<f64> {
        crate::law::param_index(self.law, name).map(|i| self.params[i])
    }

    /// Names of the parameters that these data do not determine: on a bound, or with a standard error above
    /// 1 in the logarithm of a coefficient, or above the size of an exponent. The standard error is of first
    /// order: residual variance times inverse curvature.
    pub fn weak(&self) -> Vec<&'static str> {
        let unsure = |(j, param): (usize, &crate::Param)| {
            let limit = match param.range {
                Range::Between(..) => self.theta[j].abs(),
                Range::Floor | Range::Positive => 1.0,
            };
            let weak =
                !self.fixed[j] && (self.on_bound[j] || self.spread[j].is_nan() || self.spread[j] > limit);
            weak.then_some(param.name)
        };
        self.law.params().iter().enumerate().filter_map(unsure).collect()
    }
}

/// Fits `law` to `rows`.
///
/// ```
/// use eightfold_scaling::{Objective, PowerLaw, Row, fit};
///
/// let rows: Vec<Row> = [64.0, 128.0, 256.0, 512.0]
///     .map(|n: f64| Row { x: vec![n], y: 3.0 * n.powf(-0.25), weight: 1.0 })
///     .into();
/// let fit = fit(&PowerLaw, &rows, Objective::Huber { delta: 1e-3 })?;
/// assert!((fit.param("a").unwrap() - 0.25).abs() < 1e-6);
/// # Ok::<(), eightfold_scaling::ScalingError>(())
/// ```
///
/// # Errors
/// As [`Data::new`]; too few points or too few different inputs; no start with a finite objective.
pub fn fit(law: &'static dyn Law, rows: &[Row], objective: Objective) -> Result<Fit, ScalingError> {
    let data = Data::new(rows, law, objective)?;
    fit_data(law, &data, objective, data.weights())
}

/// As [`fit`], on checked data and with other weights.
pub(crate) fn fit_data(
    law: &'static dyn Law,
    data: &Data,
    objective: Objective,
    weight: &[f64],
) -> Result<Fit, ScalingError> {
    let problem = Problem::new(law, data, objective, weight);
    enough(&problem)?;
    let mut offered: Vec<(f64, Theta)> =
        starts(&problem).into_iter().map(|theta| (value(&problem, &theta), theta)).collect();
    offered.retain(|(value, _)| value.is_finite());
    offered.sort_by(|a, b| a.0.total_cmp(&b.0));
    let grid = offered.len();
    let ends: Vec<Minimum> =
        spread_over(grid).into_par_iter().map(|i| problem.descend(&offered[i].1, MOST_STEPS)).collect();
    let best = ends.iter().min_by(|a, b| a.value.total_cmp(&b.value));
    let Some(best) = best.filter(|best| best.value.is_finite()) else {
        return Err(ScalingError::NoFiniteStart { law: law.name() });
    };
    // An exact fit has an objective of rounding errors, of which 1 % means nothing.
    let near = 1.01 * best.value + 1e-20;
    let near_best = ends.iter().filter(|end| end.value <= near).count();
    Ok(finish(law, &problem, best, Starts { grid, walked: ends.len(), near_best }))
}

/// The best half of the walks from the best places, the others at even distances through the rest.
fn spread_over(offered: usize) -> Vec<usize> {
    if offered <= WALKED {
        return (0..offered).collect();
    }
    let best = WALKED / 2;
    let rest = (0..WALKED - best).map(|i| best + (offered - 1 - best) * (i + 1) / (WALKED - best));
    (0..best).chain(rest).collect()
}

/// Walks from a known place only: the fit of a resample.
pub(crate) fn refit(law: &dyn Law, data: &Data, objective: Objective, weight: &[f64], from: &Fit) -> Minimum {
    let mut problem = Problem::new(law, data, objective, weight);
    problem.fixed = from.fixed;
    problem.descend(&from.theta, MOST_STEPS)
}

fn enough(problem: &Problem) -> Result<(), ScalingError> {
    let free = (0..problem.size()).filter(|&j| !problem.fixed[j]).count();
    let points = problem.weight.iter().filter(|w| **w > 0.0).count();
    let law = problem.law.name();
    if points <= free {
        return Err(ScalingError::TooFewPoints { law, points, free });
    }
    let distinct = problem.data.distinct(problem.weight);
    if distinct < free {
        return Err(ScalingError::RepeatedSizes { law, distinct, free });
    }
    Ok(())
}

/// The objective alone.
pub(crate) fn value(problem: &Problem, theta: &Theta) -> f64 {
    problem.local(theta).value
}

/// ln of the law at logarithms of inputs.
pub(crate) fn log_value(law: &dyn Law, theta: &Theta, log_x: &[f64]) -> f64 {
    let size = law.params().len();
    let mut gradient = [0.0; MAX_PARAMS];
    law.log_value(&theta[..size], log_x, &mut Basis::default(), &mut gradient[..size])
}

/// Parameters as a reader sees them: a floor on its lower bound is 0.
pub(crate) fn natural(problem: &Problem, theta: &Theta) -> Vec<f64> {
    let params = problem.law.params().iter().enumerate();
    params
        .map(|(j, param)| {
            let none = param.range == Range::Floor && theta[j] <= problem.no_floor();
            if none { 0.0 } else { param.natural(theta[j]) }
        })
        .collect()
}

fn finish(law: &'static dyn Law, problem: &Problem, best: &Minimum, starts: Starts) -> Fit {
    let size = problem.size();
    let on_bound: Vec<bool> = (0..size).map(|j| problem.on_bound(&best.theta, j)).collect();
    let points = problem.weight.iter().filter(|w| **w > 0.0).count();
    let (condition, spread) = precision(problem, &best.theta);
    Fit {
        law,
        objective: problem.objective,
        params: natural(problem, &best.theta),
        value: best.value,
        starts,
        on_bound,
        condition,
        points,
        theta: best.theta,
        fixed: problem.fixed,
        spread,
        no_floor: problem.no_floor(),
    }
}

/// The scaled condition number, and first-order standard errors of inner parameters.
fn precision(problem: &Problem, theta: &Theta) -> (f64, [f64; MAX_PARAMS]) {
    let curvature = Curvature::new(problem, theta);
    let size = curvature.free.len();
    let values = eigenvalues(&curvature.scaled().0, size);
    let condition = match (values.first(), values.last()) {
        (Some(least), Some(most)) if *least > 1e-15 * most => most / least,
        _ => f64::INFINITY,
    };
    // A parameter that does nothing has no standard error.
    let idle = (0..problem.size())
        .any(|j| !problem.fixed[j] && !problem.on_bound(theta, j) && !curvature.free.contains(&j));
    let mut spread = [f64::NAN; MAX_PARAMS];
    if let Some(covariance) = curvature.delta() {
        curvature.free.iter().for_each(|&j| spread[j] = covariance[j][j].sqrt());
    }
    (if idle { f64::INFINITY } else { condition }, spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PowerLaw, SaturatingPowerLaw};
    use proptest::prelude::*;

    const HUBER: Objective = Objective::Huber { delta: 1e-3 };

    fn rows(points: impl IntoIterator<Item = (f64, f64)>) -> Vec<Row> {
        points.into_iter().map(|(n, y)| Row { x: vec![n], y, weight: 1.0 }).collect()
    }

    #[test]
    fn one_outlier_moves_a_huber_fit_less_than_a_square_one() {
        let mut points: Vec<(f64, f64)> =
            (4..12).map(|k| (2f64.powi(k), 2.0 * 2f64.powi(k).powf(-0.3))).collect();
        points[6].1 *= 2.0;
        let huber = fit(&PowerLaw, &rows(points.clone()), HUBER).unwrap();
        let square = fit(&PowerLaw, &rows(points), Objective::LogSquares).unwrap();
        let off = |fit: &Fit| (fit.params[1] - 0.3).abs();
        assert!(off(&huber) < 1e-3 && off(&square) > 0.03, "{huber:?} {square:?}");
    }

    #[test]
    fn squares_on_logs_are_linear_regression() {
        // Slope and intercept of ln y on ln n by the normal equations.
        let points = [(1.0, 0.9), (2.0, 0.5), (4.0, 0.45), (8.0, 0.2)];
        let logs = points.map(|(n, y): (f64, f64)| (n.ln(), y.ln()));
        let mean = |f: fn(&(f64, f64)) -> f64| logs.iter().map(f).sum::<f64>() / 4.0;
        let (mx, my) = (mean(|p| p.0), mean(|p| p.1));
        let sxy: f64 = logs.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
        let sxx: f64 = logs.iter().map(|p| (p.0 - mx).powi(2)).sum();
        let fit = fit(&PowerLaw, &rows(points), Objective::LogSquares).unwrap();
        assert!((fit.params[1] + sxy / sxx).abs() < 1e-8);
        assert!((fit.params[0].ln() - (my - sxy / sxx * mx)).abs() < 1e-8);
    }

    #[test]
    fn a_floor_that_the_data_do_not_have_is_zero_and_weak() {
        let points = (4..12).map(|k| (2f64.powi(k), 2.0 * 2f64.powi(k).powf(-0.3)));
        let fit = fit(&SaturatingPowerLaw, &rows(points), Objective::LogSquares).unwrap();
        assert_eq!((fit.params[0], fit.on_bound[0]), (0.0, true));
        assert_eq!(fit.weak(), ["E"]);
        assert!((fit.params[2] - 0.3).abs() < 1e-5);
    }

    #[test]
    fn too_little_data_is_an_error() {
        let two = fit(&PowerLaw, &rows([(1.0, 0.5), (2.0, 0.4)]), HUBER).unwrap_err();
        assert_eq!(two, ScalingError::TooFewPoints { law: "power", points: 2, free: 2 });
        let repeats = fit(&PowerLaw, &rows([(2.0, 0.5), (2.0, 0.4), (2.0, 0.3)]), HUBER).unwrap_err();
        assert_eq!(repeats, ScalingError::RepeatedSizes { law: "power", distinct: 1, free: 2 });
        let zero = fit(&PowerLaw, &rows([(1.0, 0.5), (2.0, 0.0), (3.0, 0.3)]), HUBER).unwrap_err();
        assert_eq!(zero, ScalingError::Zero { row: 1 });
        let negative = fit(&PowerLaw, &rows([(1.0, 0.5), (-2.0, 0.1), (3.0, 0.3)]), HUBER).unwrap_err();
        assert!(matches!(negative, ScalingError::Input { row: 1, .. }));
    }

    proptest! {
        #[test]
        fn a_planted_power_law_is_found(log_a in -3.0..5.0f64, a in -0.5..2.0f64) {
            let points = (5..11).map(|k| 2f64.powi(k)).map(|n| (n, (log_a - a * n.ln()).exp()));
            let fit = fit(&PowerLaw, &rows(points), HUBER).unwrap();
            prop_assert!((fit.params[1] - a).abs() < 1e-6 && (fit.params[0].ln() - log_a).abs() < 1e-5);
            prop_assert_eq!(fit.starts.near_best, fit.starts.walked);
        }

        #[test]
        fn a_planted_saturating_law_is_found(e in 0.01..0.3f64, share in 0.3..30.0f64, a in 0.2..1.5f64) {
            let points = (5..12).map(|k| 2f64.powi(k)).map(|n| (n, e * (1.0 + share * (n / 32.0).powf(-a))));
            let fit = fit(&SaturatingPowerLaw, &rows(points), HUBER).unwrap();
            prop_assert!((fit.params[2] - a).abs() < 1e-3 * a, "{:?}", fit);
            prop_assert!((fit.params[0] / e - 1.0).abs() < 1e-3, "{:?}", fit);
        }

        #[test]
        fn squares_are_stationary_and_no_nearby_place_is_better(
            noise in prop::array::uniform12(-0.1..0.1f64), nudge in prop::array::uniform3(-0.02..0.02f64),
        ) {
            let points = noise.iter().enumerate().map(|(i, z)| {
                let n = 2f64.powi(3 + i as i32);
                (n, (0.1 + 2.0 * n.powf(-0.6)) * z.exp())
            });
            let rows = rows(points);
            let fit = fit(&SaturatingPowerLaw, &rows, Objective::Squares).unwrap();
            let data = Data::new(&rows, &SaturatingPowerLaw, Objective::Squares).unwrap();
            let problem = Problem::new(&SaturatingPowerLaw, &data, Objective::Squares, data.weights());
            let mut other = fit.theta;
            (0..3).for_each(|j| other[j] += nudge[j]);
            problem.clamp(&mut other);
            prop_assert!(value(&problem, &other) >= fit.value * (1.0 - 1e-9));
            let local = problem.local(&fit.theta);
            for j in 0..3 {
                let rise = local.gradient[j].powi(2) / local.majorizer[j][j];
                prop_assert!(fit.on_bound[j] || rise < 1e-8 * fit.value, "{j} {rise} {fit:?}");
            }
        }

        #[test]
        fn a_unit_of_data_moves_only_the_coefficient(scale in 0.01..100.0f64, noise in prop::array::uniform8(-0.2..0.2f64)) {
            let points: Vec<(f64, f64)> = noise.iter().enumerate()
                .map(|(i, z)| (2f64.powi(4 + i as i32), (0.5 - 0.3 * (4.0 + i as f64) + z).exp())).collect();
            let scaled = points.iter().map(|(n, y)| (n * scale, *y));
            for objective in [Objective::LogSquares, Objective::Huber { delta: 0.1 }] {
                let one = fit(&PowerLaw, &rows(points.clone()), objective).unwrap();
                let other = fit(&PowerLaw, &rows(scaled.clone()), objective).unwrap();
                prop_assert!((one.value - other.value).abs() < 1e-9 * (1.0 + one.value));
                // The least Huber loss may be reached along a segment: only squares have one answer.
                let same = (one.params[1] - other.params[1]).abs() < 1e-6;
                prop_assert!(same || objective != Objective::LogSquares);
            }
        }
    }
}
