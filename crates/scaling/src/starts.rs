//! Where searches start: shapes from the law's grid, coefficients solved for (variable projection).
//!
//! Given the shape, a law is linear in its coefficients, so the best coefficients of a relative least-squares
//! problem come from small normal equations under c >= 0. Only the shape has to be searched over a grid.

use crate::descent::{Problem, Theta};
use crate::law::{Basis, Link, MAX_PARAMS, MAX_TERMS};
use crate::objective::Objective;

/// One start for each shape of the law's grid.
pub(crate) fn starts(problem: &Problem) -> Vec<Theta> {
    problem.law.starts(problem.data).iter().map(|shape| start(problem, shape)).collect()
}

fn start(problem: &Problem, shape: &[f64]) -> Theta {
    let terms = problem.law.terms();
    let mut theta = [0.0; MAX_PARAMS];
    theta[terms..terms + shape.len()].copy_from_slice(shape);
    // A term that is not wanted starts at a thousandth, not at 0, where its logarithm has no slope.
    project(problem, &mut theta, 1e-3 * problem.data.y_range().0);
    problem.clamp(&mut theta);
    theta
}

/// Whether the coefficients that [`project`] finds are the best under the objective itself.
pub(crate) fn separable(problem: &Problem) -> bool {
    let free = !problem.fixed[..problem.law.terms()].contains(&true);
    problem.objective == Objective::Squares && problem.law.link() == Link::Log && problem.law.linear() && free
}

/// Sets the coefficients of `theta` to those that fit best under its shape.
///
/// The target is the value, or the odds under a logit link. Residuals are relative, which is what they are on
/// logs to first order, except under squares on the raw scale, where the answer is then exact. No term is
/// smaller than `least` at its largest.
pub(crate) fn project(problem: &Problem, theta: &mut Theta, least: f64) {
    let (terms, size) = (problem.law.terms(), problem.size());
    // Terms are scaled to 1 at their largest, so that n^-8 at n = 1e12 does not underflow the equations.
    let mut top = [f64::NEG_INFINITY; MAX_TERMS];
    let mut basis = Basis::default();
    for i in 0..problem.data.len() {
        problem.law.shape_basis(&theta[..size], problem.data.log_x(i), &mut basis);
        for k in 0..terms {
            top[k] = top[k].max(basis.log[k]);
        }
    }
    let (mut gram, mut right) = ([[0.0; MAX_TERMS]; MAX_TERMS], [0.0; MAX_TERMS]);
    for (i, &weight) in problem.weight.iter().enumerate() {
        let target = target(problem, i);
        if weight == 0.0 || target == 0.0 {
            continue;
        }
        problem.law.shape_basis(&theta[..size], problem.data.log_x(i), &mut basis);
        let scale = if problem.objective == Objective::Squares { 1.0 } else { 1.0 / target };
        let mut phi = [0.0; MAX_TERMS];
        for k in 0..terms {
            phi[k] = (basis.log[k] - top[k]).exp() * scale;
        }
        for k in 0..terms {
            right[k] += weight * phi[k] * target * scale;
            for l in 0..terms {
                gram[k][l] += weight * phi[k] * phi[l];
            }
        }
    }
    let coefficients = nonnegative(&gram, &right, terms);
    for k in 0..terms {
        theta[k] = coefficients[k].max(least).ln() - top[k];
    }
}

fn target(problem: &Problem, i: usize) -> f64 {
    let y = problem.data.y(i);
    match problem.law.link() {
        Link::Log => y,
        Link::Logit => y / (1.0 - y),
    }
}

/// argmin c G c / 2 - c r under c >= 0, by trying every set of positive coefficients (at most seven).
fn nonnegative(
    gram: &[[f64; MAX_TERMS]; MAX_TERMS],
    right: &[f64; MAX_TERMS],
    terms: usize,
) -> [f64; MAX_TERMS] {
    let mut best = ([0.0; MAX_TERMS], 0.0);
    for set in 1usize..1 << terms {
        let members: Vec<usize> = (0..terms).filter(|k| set >> k & 1 == 1).collect();
        let mut matrix = [[0.0; MAX_PARAMS]; MAX_PARAMS];
        let mut target = [0.0; MAX_PARAMS];
        for (a, &k) in members.iter().enumerate() {
            target[a] = right[k];
            for (b, &l) in members.iter().enumerate() {
                matrix[a][b] = gram[k][l];
            }
        }
        let Some(solved) = crate::symmetric::solve(&matrix, &target, members.len()) else { continue };
        if solved[..members.len()].iter().any(|&c| c < 0.0) {
            continue;
        }
        // At the solution of its equations the value is -c r / 2.
        let value: f64 = members.iter().enumerate().map(|(a, &k)| -0.5 * solved[a] * right[k]).sum();
        if value < best.1 {
            best = ([0.0; MAX_TERMS], value);
            members.iter().enumerate().for_each(|(a, &k)| best.0[k] = solved[a]);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_nonnegative_neighbor_is_better(
            half in prop::array::uniform3(prop::array::uniform3(-1.0..1.0f64)),
            right in prop::array::uniform3(-1.0..1.0f64),
            nudge in prop::array::uniform3(-0.1..0.1f64),
        ) {
            let mut gram = [[0.0; 3]; 3];
            for i in 0..3 {
                for j in 0..3 {
                    gram[i][j] = (0..3).map(|k| half[i][k] * half[j][k]).sum::<f64>();
                }
                gram[i][i] += 0.01;
            }
            let value = |c: &[f64; 3]| -> f64 {
                let quadratic: f64 = (0..9).map(|ij| c[ij / 3] * gram[ij / 3][ij % 3] * c[ij % 3]).sum();
                0.5 * quadratic - (0..3).map(|i| c[i] * right[i]).sum::<f64>()
            };
            let best = nonnegative(&gram, &right, 3);
            let other = std::array::from_fn(|i| (best[i] + nudge[i]).max(0.0));
            prop_assert!(best.iter().all(|c| *c >= 0.0));
            prop_assert!(value(&best) <= value(&other) + 1e-12);
        }
    }
}
