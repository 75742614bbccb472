//! The local search: damped Newton steps with exact gradients, inside bounds.
//!
//! The curvature of a Huber loss with a small delta comes from the few points within delta, so a plain
//! Gauss-Newton step is singular or far too long, and reweighting (a parabola above the loss at every point)
//! creeps. The step here solves (N + lambda M) d = -g, with N the former and M the latter curvature: at
//! lambda = 1 it is as cautious as reweighting, near 0 it is Newton's.

use crate::data::Data;
use crate::law::{Basis, Law, MAX_PARAMS, Range};
use crate::objective::Objective;
use crate::starts::{project, separable};
use crate::symmetric::{Matrix, solve};

/// Inner parameters.
pub(crate) type Theta = [f64; MAX_PARAMS];

/// A search problem: what is minimized, over which box.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Problem<'a> {
    pub(crate) law: &'a dyn Law,
    pub(crate) data: &'a Data,
    pub(crate) objective: Objective,
    pub(crate) weight: &'a [f64],
    pub(crate) low: Theta,
    pub(crate) high: Theta,
    /// Parameters held at their place.
    pub(crate) fixed: [bool; MAX_PARAMS],
}

/// Where a search ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minimum {
    pub(crate) theta: Theta,
    pub(crate) value: f64,
}

/// The objective around a place.
pub(crate) struct Local {
    pub(crate) value: f64,
    pub(crate) gradient: Theta,
    pub(crate) newton: Matrix,
    pub(crate) majorizer: Matrix,
}

impl<'a> Problem<'a> {
    /// The problem of fitting `law` to `data`, with the box that the data imply.
    pub(crate) fn new(law: &'a dyn Law, data: &'a Data, objective: Objective, weight: &'a [f64]) -> Self {
        let (smallest, largest) = data.y_range();
        let (mut low, mut high) = ([0.0; MAX_PARAMS], [0.0; MAX_PARAMS]);
        for (j, param) in law.params().iter().enumerate() {
            (low[j], high[j]) = match param.range {
                // Below 1e-7 of the smallest value a floor changes no residual that anyone measures.
                Range::Floor => ((1e-7 * smallest).ln(), (10.0 * largest).ln()),
                // Wide enough for n = 1e12 at an exponent of 8, and finite.
                Range::Positive => (-300.0, 300.0),
                Range::Between(low, high) => (low, high),
            };
        }
        Self { law, data, objective, weight, low, high, fixed: [false; MAX_PARAMS] }
    }

    pub(crate) fn size(&self) -> usize {
        self.law.params().len()
    }

    pub(crate) fn clamp(&self, theta: &mut Theta) {
        for j in 0..self.size() {
            theta[j] = theta[j].clamp(self.low[j], self.high[j]);
        }
    }

    /// Inner value of a floor at and below which it counts as 0: a millionth of the smallest measured value,
    /// ten times the bound, so that resamples with another smallest value agree.
    pub(crate) fn no_floor(&self) -> f64 {
        (1e-6 * self.data.y_range().0).ln()
    }

    /// Whether parameter `j` ended on a bound of the box.
    pub(crate) fn on_bound(&self, theta: &Theta, j: usize) -> bool {
        let near = 1e-9 * (1.0 + self.high[j] - self.low[j]);
        if self.law.params()[j].range == Range::Floor && theta[j] <= self.no_floor() {
            return !self.fixed[j];
        }
        !self.fixed[j] && (theta[j] <= self.low[j] + near || theta[j] >= self.high[j] - near)
    }

    /// Value, gradient and curvatures.
    pub(crate) fn local(&self, theta: &Theta) -> Local {
        let size = self.size();
        let mut basis = Basis::default();
        let mut slope = [0.0; MAX_PARAMS];
        let mut local = Local {
            value: 0.0,
            gradient: [0.0; MAX_PARAMS],
            newton: [[0.0; MAX_PARAMS]; MAX_PARAMS],
            majorizer: [[0.0; MAX_PARAMS]; MAX_PARAMS],
        };
        for (i, &weight) in self.weight.iter().enumerate() {
            if weight == 0.0 {
                continue;
            }
            let eta = self.law.log_value(&theta[..size], self.data.log_x(i), &mut basis, &mut slope[..size]);
            let term = self.objective.term(self.data.y(i), self.data.log_y(i), eta);
            local.value += weight * term.value;
            add(&mut local, &slope, size, weight * term.slope, weight * term.newton, weight * term.majorizer);
        }
        for i in 0..size {
            for j in 0..i {
                local.newton[j][i] = local.newton[i][j];
                local.majorizer[j][i] = local.majorizer[i][j];
            }
        }
        local
    }

    /// Walks downhill from `start` to a local minimum inside the box.
    ///
    /// Where the objective is least squares in the coefficients (squares on the raw scale), they are solved
    /// for after each step, so that only the shape is searched: variable projection in the form of Kaufman
    /// (1975), whose step in the shape is that of the joint problem.
    pub(crate) fn descend(&self, start: &Theta, most_steps: usize) -> Minimum {
        let mut theta = *start;
        self.clamp(&mut theta);
        let mut local = self.local(&theta);
        let separable = separable(self);
        let mut lambda = 0.1;
        let mut still = 0;
        for _ in 0..most_steps {
            if !local.value.is_finite() || still >= 2 {
                break;
            }
            let Some((mut to, expected)) = self.step(&theta, &local, lambda) else {
                if lambda > 1e12 {
                    break;
                }
                lambda *= 10.0;
                continue;
            };
            if separable {
                project(self, &mut to, 0.0);
                self.clamp(&mut to);
            }
            let there = self.local(&to);
            let gained = local.value - there.value;
            if gained > 0.0 {
                let small = gained <= 1e-12 * local.value.abs() || local.value < 1e-28;
                still = if small { still + 1 } else { 0 };
                lambda *= if gained > 0.75 * expected {
                    0.1
                } else if gained < 0.25 * expected {
                    3.0
                } else {
                    0.5
                };
                lambda = lambda.max(1e-12);
                (theta, local) = (to, there);
            } else {
                if expected <= 1e-14 * local.value.abs() || lambda > 1e12 {
                    break;
                }
                lambda = (lambda * 6.0).max(1e-6);
            }
        }
        Minimum { theta, value: local.value }
    }

    /// The damped step from `theta`, cut to the box, and the decrease that its parabola promises.
    fn step(&self, theta: &Theta, local: &Local, lambda: f64) -> Option<(Theta, f64)> {
        let mut free = [0; MAX_PARAMS];
        let mut count = 0;
        for j in 0..self.size() {
            let g = local.gradient[j];
            let held = (theta[j] <= self.low[j] && g >= 0.0) || (theta[j] >= self.high[j] && g <= 0.0);
            if !held && !self.fixed[j] {
                free[count] = j;
                count += 1;
            }
        }
        let free = &free[..count];
        let trace: f64 = free.iter().map(|&j| local.majorizer[j][j]).sum();
        let mut matrix = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        let mut right = [0.0; MAX_PARAMS];
        for (a, &i) in free.iter().enumerate() {
            right[a] = -local.gradient[i];
            for (b, &j) in free.iter().enumerate() {
                matrix[a][b] = local.newton[i][j] + lambda * local.majorizer[i][j];
            }
            // A parameter without influence here has no curvature of its own.
            matrix[a][a] += lambda * (0.05 * local.majorizer[i][i] + 1e-7 * trace) + 1e-300;
        }
        let direction = solve(&matrix, &right, count)?;
        let longest = direction.iter().fold(0.0f64, |most, d| most.max(d.abs()));
        let scale = if longest > LONGEST_STEP { LONGEST_STEP / longest } else { 1.0 };
        let mut to = *theta;
        for (a, &j) in free.iter().enumerate() {
            to[j] += scale * direction[a];
        }
        self.clamp(&mut to);
        Some((to, promised(local, theta, &to, free)))
    }
}

/// No parameter moves further than this in one step: a factor of 55 for a coefficient.
const LONGEST_STEP: f64 = 4.0;

/// -g d - d N d / 2: what the undamped parabola promises for the step taken.
fn promised(local: &Local, from: &Theta, to: &Theta, free: &[usize]) -> f64 {
    let mut promise = 0.0;
    for &i in free {
        let d = to[i] - from[i];
        let curved: f64 = free.iter().map(|&j| local.newton[i][j] * (to[j] - from[j])).sum();
        promise -= d * (local.gradient[i] + 0.5 * curved);
    }
    promise.max(0.0)
}

/// Adds one point to the lower triangles.
fn add(local: &mut Local, slope: &Theta, size: usize, gradient: f64, newton: f64, majorizer: f64) {
    for i in 0..size {
        local.gradient[i] += gradient * slope[i];
        let scaled = majorizer * slope[i];
        for j in 0..=i {
            local.majorizer[i][j] += scaled * slope[j];
        }
    }
    if newton != 0.0 {
        for i in 0..size {
            let scaled = newton * slope[i];
            for j in 0..=i {
                local.newton[i][j] += scaled * slope[j];
            }
        }
    }
}
