//! First-order covariances: the delta method, and its robust form over clusters.

use crate::descent::{Problem, Theta};
use crate::law::{Basis, MAX_PARAMS};
use crate::objective::Objective;
use crate::symmetric::{Matrix, invert};

/// The expected curvature of an objective at a place, and the scale of its noise.
pub(crate) struct Curvature {
    /// Sum over points of curvature times the outer square of the gradient of ln y_hat.
    pub(crate) matrix: Matrix,
    /// Parameters that are neither fixed nor on a bound nor without any effect.
    pub(crate) free: Vec<usize>,
    /// Variance of the slope over its curvature: 1 for a loss that is minus a log-likelihood.
    pub(crate) dispersion: f64,
    slopes: Vec<Slope>,
}

/// One point's part: its weight, the slope of its loss and the gradient of ln y_hat.
struct Slope {
    point: usize,
    weight: f64,
    loss: f64,
    gradient: Theta,
}

impl Curvature {
    pub(crate) fn new(problem: &Problem, theta: &Theta) -> Self {
        let size = problem.size();
        let (mut basis, mut gradient) = (Basis::default(), [0.0; MAX_PARAMS]);
        let (mut slopes, mut matrix, mut squares) = (vec![], [[0.0; MAX_PARAMS]; MAX_PARAMS], 0.0);
        let mut residuals = vec![];
        for (point, &weight) in problem.weight.iter().enumerate() {
            if weight == 0.0 {
                continue;
            }
            let eta = problem.law.log_value(
                &theta[..size],
                problem.data.log_x(point),
                &mut basis,
                &mut gradient[..size],
            );
            let term = problem.objective.term(problem.data.y(point), problem.data.log_y(point), eta);
            // Under Huber every point gets the same curvature, below; the others have one of their own.
            let huber = matches!(problem.objective, Objective::Huber { .. });
            let curvature = if huber { 1.0 } else { term.majorizer };
            squares += weight * term.slope * term.slope / curvature;
            for i in 0..size {
                for j in 0..size {
                    matrix[i][j] += weight * curvature * gradient[i] * gradient[j];
                }
            }
            residuals.push((eta - problem.data.log_y(point), weight));
            slopes.push(Slope { point, weight, loss: term.slope, gradient });
        }
        let free = free(problem, theta, &matrix);
        let freedom = (slopes.len().saturating_sub(free.len())).max(1) as f64;
        let mut dispersion = squares / freedom * slopes.len() as f64 / weight_sum(&slopes);
        if let Objective::Huber { delta } = problem.objective {
            let expected = smoothed_curvature(&mut residuals, delta);
            matrix.iter_mut().flatten().for_each(|entry| *entry *= expected);
            dispersion /= expected;
        }
        Self { matrix, free, dispersion, slopes }
    }

    /// The covariance of inner parameters if points are independent and the law is right: dispersion times
    /// inverse curvature. 0 for parameters that are not free; `None` where the curvature is singular.
    pub(crate) fn delta(&self) -> Option<Matrix> {
        let mut covariance = self.inverse()?;
        covariance.iter_mut().flatten().for_each(|entry| *entry *= self.dispersion);
        Some(covariance)
    }

    /// The covariance if only clusters are independent: inverse curvature around the outer squares of the
    /// clusters' slopes. A cluster drawn `count` times enters as so many clusters.
    pub(crate) fn robust(&self, cluster: &[usize], counts: &[f64]) -> Option<Matrix> {
        let inverse = self.inverse()?;
        let mut sums = vec![[0.0; MAX_PARAMS]; counts.len()];
        for slope in &self.slopes {
            let count = counts[cluster[slope.point]];
            // A drawn cluster's weight is that of one copy times its count.
            let share = slope.weight / count * slope.loss;
            for j in 0..MAX_PARAMS {
                sums[cluster[slope.point]][j] += share * slope.gradient[j];
            }
        }
        let mut middle = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        for (sum, count) in sums.iter().zip(counts) {
            for i in 0..MAX_PARAMS {
                for j in 0..MAX_PARAMS {
                    middle[i][j] += count * sum[i] * sum[j];
                }
            }
        }
        let drawn: f64 = counts.iter().sum();
        let factor = drawn / (drawn - 1.0);
        let half = product(&inverse, &middle);
        let mut covariance = product(&half, &inverse);
        covariance.iter_mut().flatten().for_each(|entry| *entry *= factor);
        Some(covariance)
    }

    /// The inverse of the curvature of free parameters, scaled to a unit diagonal for the inversion.
    fn inverse(&self) -> Option<Matrix> {
        let (scaled, scale) = self.scaled();
        let inverse = invert(&scaled, self.free.len())?;
        let mut full = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        for (a, &i) in self.free.iter().enumerate() {
            for (b, &j) in self.free.iter().enumerate() {
                full[i][j] = inverse[a][b] / (scale[a] * scale[b]);
            }
        }
        Some(full)
    }

    /// The curvature of free parameters with a unit diagonal, and the roots of its diagonal.
    pub(crate) fn scaled(&self) -> (Matrix, Vec<f64>) {
        let scale: Vec<f64> = self.free.iter().map(|&j| self.matrix[j][j].sqrt()).collect();
        let mut scaled = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        for (a, &i) in self.free.iter().enumerate() {
            for (b, &j) in self.free.iter().enumerate() {
                scaled[a][b] = self.matrix[i][j] / (scale[a] * scale[b]);
            }
        }
        (scaled, scale)
    }
}

fn weight_sum(slopes: &[Slope]) -> f64 {
    slopes.iter().map(|slope| slope.weight).sum()
}

/// Parameters that can move and whose movement does something.
fn free(problem: &Problem, theta: &Theta, matrix: &Matrix) -> Vec<usize> {
    let most = (0..problem.size()).map(|j| matrix[j][j]).fold(0.0, f64::max);
    let moves = |j: &usize| !problem.fixed[*j] && !problem.on_bound(theta, *j);
    (0..problem.size()).filter(moves).filter(|&j| matrix[j][j] > 1e-14 * most).collect()
}

/// E[psi'] of the Huber loss: the share of residuals within delta, smoothed by Epanechnikov's kernel, because
/// at a delta far below the noise hardly any residual lies within.
fn smoothed_curvature(residuals: &mut [(f64, f64)], delta: f64) -> f64 {
    residuals.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = residuals.iter().map(|(_, weight)| weight).sum();
    let mean = residuals.iter().map(|(r, w)| w * r).sum::<f64>() / total;
    let variance = residuals.iter().map(|(r, w)| w * (r - mean).powi(2)).sum::<f64>() / total;
    let quartiles = quantile(residuals, 0.75 * total) - quantile(residuals, 0.25 * total);
    // Silverman's rule for this kernel; the smaller of two spreads, so that outliers do not widen it.
    let spread = variance.sqrt().min(if quartiles > 0.0 { quartiles / 1.349 } else { f64::INFINITY });
    let width = (2.0 * spread * total.powf(-0.2)).max(1e-12);
    let cumulated = |u: f64| {
        let u = u.clamp(-1.0, 1.0);
        0.5 + 0.25 * u * (3.0 - u * u)
    };
    let within = |r: f64| cumulated((delta - r) / width) - cumulated((-delta - r) / width);
    let share = residuals.iter().map(|(r, w)| w * within(*r)).sum::<f64>() / total;
    share.max(1e-9)
}

fn quantile(sorted: &[(f64, f64)], cumulated: f64) -> f64 {
    let mut sum = 0.0;
    for (value, weight) in sorted {
        sum += weight;
        if sum >= cumulated {
            return *value;
        }
    }
    sorted.last().map_or(0.0, |last| last.0)
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut c = [[0.0; MAX_PARAMS]; MAX_PARAMS];
    for i in 0..MAX_PARAMS {
        for j in 0..MAX_PARAMS {
            c[i][j] = (0..MAX_PARAMS).map(|k| a[i][k] * b[k][j]).sum();
        }
    }
    c
}
