//! Distributions over finitely many steps, and the policies that population losses lead to.

use crate::scalar::{Cost, Pair, sigmoid};

/// Scales non-negative numbers to sum 1.
///
/// # Panics
/// If their sum is not a positive finite number.
pub fn normalize(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    assert!(sum > 0.0 && sum.is_finite(), "no distribution: {weights:?}");
    weights.iter().map(|w| w / sum).collect()
}

/// The distribution proportional to `e^logits`.
pub fn softmax(logits: &[f64]) -> Vec<f64> {
    let top = logits.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
    normalize(&logits.iter().map(|l| (l - top).exp()).collect::<Vec<_>>())
}

/// `reference[a] exp(scores[a])`, normalized: the optimum of a reward `scores` at temperature 1.
pub fn tilt(reference: &[f64], scores: &[f64]) -> Vec<f64> {
    softmax(&reference.iter().zip(scores).map(|(p, s)| p.ln() + s).collect::<Vec<_>>())
}

/// Half the summed absolute difference, in [0, 1].
pub fn total_variation(p: &[f64], q: &[f64]) -> f64 {
    p.iter().zip(q).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
}

/// The largest absolute difference.
pub fn largest_gap(p: &[f64], q: &[f64]) -> f64 {
    assert_eq!(p.len(), q.len());
    p.iter().zip(q).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// A loss on the margin `log pi/pi_ref (a) - log pi/pi_ref (b)` of an ordered pair.
#[derive(Clone, Copy, Debug)]
pub enum PairLoss {
    /// With this beta.
    Dpo(f64),
    /// With this tau.
    Ipo(f64),
}

impl PairLoss {
    /// Value and slope, by [`crate::scalar`].
    pub fn cost(self, margin: f64) -> Cost {
        let (reference_chosen, reference_rejected) = (0.0, 0.0);
        let (chosen_tokens, rejected_tokens) = (1.0, 1.0);
        let pair = Pair {
            chosen: margin,
            rejected: 0.0,
            reference_chosen,
            reference_rejected,
            chosen_tokens,
            rejected_tokens,
        };
        match self {
            Self::Dpo(beta) => crate::scalar::dpo(&pair, beta),
            Self::Ipo(tau) => crate::scalar::ipo_sum(&pair, tau),
        }
    }

    /// Second derivative in the margin.
    fn curvature(self, margin: f64) -> f64 {
        match self {
            Self::Dpo(beta) => beta * beta * sigmoid(beta * margin) * sigmoid(-beta * margin),
            Self::Ipo(_) => 2.0,
        }
    }
}

/// The policy that minimizes `sum over (a, b) of weights[a][b] loss(margin of a over b)`, found by Newton's
/// method on log-ratios, from the reference.
///
/// # Panics
/// If it does not converge, as where no optimum is finite.
pub fn pair_optimum(reference: &[f64], weights: &[Vec<f64>], loss: PairLoss) -> Vec<f64> {
    let n = reference.len();
    let objective = |f: &[f64]| {
        let mut local = Local::zero(n);
        for a in 0..n {
            for b in 0..n {
                if a == b {
                    continue;
                }
                let margin = f[a] - f[b];
                let (weight, cost) = (weights[a][b], loss.cost(margin));
                let bend = weight * loss.curvature(margin);
                local.value += weight * cost.loss;
                local.slope[a] += weight * cost.chosen;
                local.slope[b] += weight * cost.rejected;
                local.curvature[a][a] += bend;
                local.curvature[b][b] += bend;
                local.curvature[a][b] -= bend;
                local.curvature[b][a] -= bend;
            }
        }
        local
    };
    tilt(reference, &minimize(n, objective))
}

/// The policy that minimizes `-sum over a of pull[a] log pi(a)`, found by Newton's method on logits, from
/// uniform.
pub fn likelihood_optimum(pull: &[f64]) -> Vec<f64> {
    let (n, total) = (pull.len(), pull.iter().sum::<f64>());
    let objective = |f: &[f64]| {
        let policy = softmax(f);
        let mut local = Local::zero(n);
        for a in 0..n {
            local.value -= pull[a] * policy[a].ln();
            local.slope[a] = total * policy[a] - pull[a];
            for b in 0..n {
                let here = if a == b { policy[a] } else { 0.0 };
                local.curvature[a][b] = total * (here - policy[a] * policy[b]);
            }
        }
        local
    };
    softmax(&minimize(n, objective))
}

/// Value, gradient and Hessian at a point.
struct Local {
    value: f64,
    slope: Vec<f64>,
    curvature: Vec<Vec<f64>>,
}

impl Local {
    fn zero(n: usize) -> Self {
        Self { value: 0.0, slope: vec![0.0; n], curvature: vec![vec![0.0; n]; n] }
    }
}

/// Damped Newton for a convex function that does not change when all coordinates move together; the first is
/// held at 0.
fn minimize(n: usize, objective: impl Fn(&[f64]) -> Local) -> Vec<f64> {
    let mut point = vec![0.0; n];
    let mut here = objective(&point);
    let mut last = f64::INFINITY;
    for _ in 0..10_000 {
        let step = solve(&here.curvature, &here.slope);
        let decrease: f64 = step.iter().zip(&here.slope).map(|(s, g)| s * g).sum();
        let size = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let mut scale = 1.0;
        let (moved, there) = loop {
            let moved: Vec<f64> = point.iter().zip(&step).map(|(x, s)| x - scale * s).collect();
            let there = objective(&moved);
            // Near the optimum values no longer tell points apart: there a full step is right.
            let blind = size < 1e-5 || decrease < 1e-14 * here.value.abs();
            if blind || there.value <= here.value - 0.1 * scale * decrease {
                break (moved, there);
            }
            scale /= 2.0;
            assert!(scale > 1e-12, "no way down from {point:?}");
        };
        (point, here) = (moved, there);
        let converged = size < 1e-12 * (1.0 + point.iter().fold(0.0f64, |m, x| m.max(x.abs())));
        // Steps halve in digits until rounding is all that is left; where the loss is flat that comes early.
        if converged || (size < 1e-5 && size >= last) {
            return point;
        }
        last = size;
    }
    panic!("no optimum after 10,000 steps, at {point:?}")
}

/// Solves `matrix x = right` in all coordinates but the first, which is 0; Gaussian elimination with pivots.
fn solve(matrix: &[Vec<f64>], right: &[f64]) -> Vec<f64> {
    let n = right.len() - 1;
    let mut rows: Vec<Vec<f64>> =
        (0..n).map(|i| matrix[i + 1][1..].iter().copied().chain([right[i + 1]]).collect()).collect();
    for i in 0..n {
        let pivot = (i..n).max_by(|&a, &b| rows[a][i].abs().total_cmp(&rows[b][i].abs())).expect("i < n");
        rows.swap(i, pivot);
        assert!(rows[i][i] != 0.0, "a direction that the loss does not see");
        let (above, below) = rows.split_at_mut(i + 1);
        for row in below {
            let factor = row[i] / above[i][i];
            for (x, pivot) in row[i..].iter_mut().zip(&above[i][i..]) {
                *x -= factor * pivot;
            }
        }
    }
    let mut x = vec![0.0; n + 1];
    for i in (0..n).rev() {
        let known: f64 = (i + 1..n).map(|k| rows[i][k] * x[k + 1]).sum();
        x[i + 1] = (rows[i][n] - known) / rows[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newton_finds_what_is_known() {
        let pull = [3.0, 1.0, 6.0];
        assert!(largest_gap(&likelihood_optimum(&pull), &[0.3, 0.1, 0.6]) < 1e-12);
        // Two steps, won three times of four: the margin is the log-odds over beta.
        let weights = vec![vec![0.0, 3.0], vec![1.0, 0.0]];
        let found = pair_optimum(&[0.5, 0.5], &weights, PairLoss::Dpo(0.5));
        assert!(largest_gap(&found, &softmax(&[3f64.ln() / 0.5, 0.0])) < 1e-12);
    }

    #[test]
    #[should_panic(expected = "a direction that the loss does not see")]
    fn newton_does_not_invent_an_optimum() {
        pair_optimum(&[0.5, 0.5], &[vec![0.0, 1.0], vec![0.0, 0.0]], PairLoss::Dpo(0.5));
    }
}
