//! Weighted negative log-likelihood: SFT, RFT and advantage-weighted RL, by their weights.

use crate::Logps;
use burn::tensor::Tensor;

/// What the weighted sum of negative log-likelihoods is divided by.
///
/// Rows with nothing to score count nowhere. A divisor of 0 (no scored token, or no weight) gives a loss of 0.
/// With negative weights, as a policy gradient has them, only `Batch` is meaningful.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NllReduction {
    /// By the weighted number of tokens: `sum(w nll) / sum(w tokens)`, nats per token. Every token counts the
    /// same, so long sequences count more. What supervised training uses.
    Token,
    /// By the total weight: `sum(w nll) / sum(w)`, nats per sequence. With weights 0 and 1 this is RFT on the
    /// kept rows; constant weights cancel.
    Sequence,
    /// By the number of rows with a scored token: `sum(w nll) / rows`, nats per sequence. Weights keep their
    /// scale: the sample mean of E[w log pi], Eq. 4 of arXiv 2406.14532 with `w = exp(A/beta)`.
    Batch,
}

impl NllReduction {
    /// The divisor of this batch, 0 where there is nothing to divide.
    ///
    /// To train on a batch in parts, add the [`nll_sum`]s of the parts, each divided by the divisor of the
    /// whole batch: the gradient is then that of the batch, whatever the split.
    ///
    /// # Shapes
    /// - `weights`: `[batch]`
    /// - output: `[1]`
    pub fn divisor(self, logps: &Logps, weights: Tensor<1>) -> Tensor<1> {
        let (tokens, weights) = (logps.tokens.clone().without_autodiff(), weights.without_autodiff());
        let counts = match self {
            Self::Token => weights * tokens,
            Self::Sequence => weights.mask_fill(logps.empty(), 0),
            Self::Batch => tokens.ones_like().mask_fill(logps.empty(), 0),
        };
        counts.sum()
    }
}

/// The sum of weighted negative log-likelihoods over the batch, in nats: `sum(-w logps)`.
///
/// # Shapes
/// - `weights`: `[batch]`; constants, no gradient flows through them
/// - output: `[1]`
pub fn nll_sum(logps: &Logps, weights: Tensor<1>) -> Tensor<1> {
    (logps.sums.clone() * weights.without_autodiff()).sum().neg()
}

/// Weighted negative log-likelihood of a batch.
///
/// ```text
/// loss = sum over b of -weights[b] sums[b] / divisor
/// ```
///
/// with the divisor of the [`NllReduction`]. Weights of 1 make it SFT and RFT, `exp(A/beta)` makes it
/// advantage-weighted RL (Eq. 4 of arXiv 2406.14532), and the advantage itself makes it the policy gradient.
///
/// # Shapes
/// - `weights`: `[batch]`; constants, no gradient flows through them
/// - output: `[1]`; nats per token or per sequence, as the reduction says
pub fn weighted_nll(logps: &Logps, weights: Tensor<1>, reduction: NllReduction) -> Tensor<1> {
    let divisor = reduction.divisor(logps, weights.clone());
    let nothing = divisor.clone().equal_elem(0);
    nll_sum(logps, weights) / divisor.mask_fill(nothing, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{autodiff, close, f64_tensor, floats, gradient, logps_of};

    const SUMS: [f64; 4] = [-2.0, -3.5, -0.25, 0.0];
    const TOKENS: [f64; 4] = [4.0, 2.0, 1.0, 0.0];
    const WEIGHTS: [f64; 4] = [1.0, 0.5, 3.0, 7.0];

    #[test]
    fn each_reduction_divides_by_what_it_says() {
        // sum(w nll) = 2 + 1.75 + 0.75 = 4.5; the last row has nothing to score.
        for (reduction, divisor) in
            [(NllReduction::Token, 8.0), (NllReduction::Sequence, 4.5), (NllReduction::Batch, 3.0)]
        {
            let device = autodiff();
            let logps = logps_of(&SUMS, &TOKENS, &device);
            let loss = weighted_nll(&logps, f64_tensor(WEIGHTS.to_vec(), &device), reduction);
            close(&floats(loss.clone()), &[4.5 / divisor], 1e-12);
            let expected: Vec<f64> = WEIGHTS.iter().map(|w| -w / divisor).collect();
            close(&gradient(&logps.sums, loss), &expected, 1e-12);
        }
    }

    #[test]
    fn nothing_to_score_costs_nothing() {
        for reduction in [NllReduction::Token, NllReduction::Sequence, NllReduction::Batch] {
            for (tokens, weights) in [([0.0, 0.0], [1.0, 1.0]), ([3.0, 2.0], [0.0, 0.0])] {
                let device = autodiff();
                let sums = if tokens == [0.0, 0.0] { [0.0, 0.0] } else { [-1.0, -2.0] };
                let logps = logps_of(&sums, &tokens, &device);
                let loss = weighted_nll(&logps, f64_tensor(weights.to_vec(), &device), reduction);
                assert_eq!(floats(loss.clone()), [0.0]);
                assert!(gradient(&logps.sums, loss).iter().all(|g| g.is_finite()));
            }
        }
    }

    #[test]
    fn no_gradient_flows_through_weights() {
        let device = autodiff();
        let logps = logps_of(&SUMS, &TOKENS, &device);
        let weights = f64_tensor(WEIGHTS.to_vec(), &device).require_grad();
        let loss = weighted_nll(&logps, weights.clone(), NllReduction::Token);
        assert!(weights.grad(&loss.backward()).is_none());
    }

    #[test]
    fn negative_weights_turn_the_gradient_round() {
        let device = autodiff();
        let logps = logps_of(&SUMS[..2], &TOKENS[..2], &device);
        let loss = weighted_nll(&logps, f64_tensor(vec![1.0, -2.0], &device), NllReduction::Batch);
        close(&floats(loss.clone()), &[(2.0 - 7.0) / 2.0], 1e-12);
        close(&gradient(&logps.sums, loss), &[-0.5, 1.0], 1e-12);
    }
}
