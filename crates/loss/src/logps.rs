//! Log-probabilities of sequences: the one thing a loss reads of a model.

use burn::tensor::{Bool, Int, Tensor, activation::log_softmax};

/// Log-probabilities of a batch of sequences: sums over target tokens, in nats, and how many tokens each sum
/// has.
#[derive(Clone, Debug)]
pub struct Logps {
    /// Sum of the log-probabilities of the scored tokens, in nats, at most 0. Shape `[batch]`.
    pub sums: Tensor<1>,
    /// How many tokens each sum has: a whole number, 0 for a row with nothing to score. Shape `[batch]`. A
    /// constant: no gradient flows through it.
    pub tokens: Tensor<1>,
}

impl Logps {
    /// Sums the scored tokens of each row.
    ///
    /// # Shapes
    /// - `logps`: `[batch, seq]`, log-probability of each target token, in nats
    /// - `mask`: `[batch, seq]`, 1 where a token is scored and 0 where not (prompt, padding)
    /// - output: `[batch]`
    ///
    /// What stands at an unscored position has no effect, even where it is infinite or not a number.
    pub fn from_tokens(logps: Tensor<2>, mask: Tensor<2>) -> Self {
        let unscored = mask.equal_elem(0);
        let tokens = logps.ones_like().mask_fill(unscored.clone(), 0).sum_dim(1).squeeze_dim(1);
        Self { sums: logps.mask_fill(unscored, 0).sum_dim(1).squeeze_dim(1), tokens }
    }

    /// The same numbers as constants: no gradient flows through them.
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self { sums: self.sums.clone().without_autodiff(), tokens: self.tokens.clone().without_autodiff() }
    }

    /// Log-probability for each token, in nats: `sums / tokens`, and 0 for a row with nothing to score. Shape
    /// `[batch]`.
    pub fn means(&self) -> Tensor<1> {
        self.sums.clone() / self.tokens.clone().clamp_min(1)
    }

    /// Which rows have nothing to score. Shape `[batch]`.
    pub(crate) fn empty(&self) -> Tensor<1, Bool> {
        self.tokens.clone().equal_elem(0)
    }
}

/// Log-probabilities of the two sides of a batch of pairs, under one model.
#[derive(Clone, Debug)]
pub struct PairLogps {
    /// Of the preferred sequences.
    pub chosen: Logps,
    /// Of the others, row by row.
    pub rejected: Logps,
}

/// Log-probabilities of target tokens under a model's logits.
///
/// ```text
/// sums[b] = sum over i with mask[b, i] = 1 of log softmax(logits[b, i])[targets[b, i]]
/// ```
///
/// # Shapes
/// - `logits`: `[batch, seq, vocab]`, the model's output at each position, in nats up to a constant
/// - `targets`: `[batch, seq]`, the token that follows each position, each below `vocab`
/// - `mask`: `[batch, seq]`, 1 where the target is scored and 0 where not (prompt, padding)
/// - output: `[batch]`
///
/// A row whose mask is all 0 has sum 0, no tokens and no gradient. Targets at unscored positions are looked up
/// too, so they must be valid tokens.
pub fn sequence_logps(logits: Tensor<3>, targets: Tensor<2, Int>, mask: Tensor<2>) -> Logps {
    let logps = log_softmax(logits, 2).gather(2, targets.unsqueeze_dim(2)).squeeze_dim(2);
    Logps::from_tokens(logps, mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{autodiff, close, f64_tensor, floats};

    /// The same by hand, in f64: sums, and their gradient with respect to the logits.
    fn by_hand(
        logits: &[[[f64; 3]; 2]; 2],
        targets: [[usize; 2]; 2],
        mask: [[f64; 2]; 2],
    ) -> ([f64; 2], Vec<f64>) {
        let mut sums = [0.0; 2];
        let mut gradient = Vec::new();
        for b in 0..2 {
            for i in 0..2 {
                let z: f64 = logits[b][i].iter().map(|l| l.exp()).sum();
                sums[b] += mask[b][i] * (logits[b][i][targets[b][i]] - z.ln());
                for (v, logit) in logits[b][i].iter().enumerate() {
                    let here = if v == targets[b][i] { 1.0 } else { 0.0 };
                    gradient.push(mask[b][i] * (here - logit.exp() / z));
                }
            }
        }
        (sums, gradient)
    }

    #[test]
    fn sums_and_gradients_are_those_of_a_softmax() {
        let logits = [[[0.3, -1.2, 2.0], [0.1, 0.0, -0.4]], [[5.0, 4.0, -3.0], [-0.7, 0.2, 0.9]]];
        let (targets, mask) = ([[2, 0], [1, 2]], [[1.0, 1.0], [0.0, 1.0]]);
        let (sums, gradient) = by_hand(&logits, targets, mask);
        let device = autodiff();
        let leaf = Tensor::<3>::from_data(logits, &device).require_grad();
        let targets = Tensor::from_data([[2, 0], [1, 2]], &device);
        let logps = sequence_logps(leaf.clone(), targets, Tensor::from_data(mask, &device));
        close(&floats(logps.sums.clone()), &sums, 1e-6);
        assert_eq!(floats(logps.tokens), [2.0, 1.0]);
        let found = leaf.grad(&logps.sums.sum().backward()).expect("a leaf has a gradient");
        close(&floats(found.reshape([12])), &gradient, 1e-6);
    }

    #[test]
    fn gradients_are_finite_differences() {
        let logits = vec![0.3, -1.2, 2.0, 0.1, 0.0, -0.4, 5.0, 4.0, -3.0, -0.7, 0.2, 0.9];
        let device = autodiff();
        let total = |logits: &[f64]| {
            let leaf = f64_tensor(logits.to_vec(), &device).require_grad();
            let targets = Tensor::from_data([[2, 0], [1, 2]], &device);
            let mask = Tensor::from_data([[1, 1], [0, 1]], &device);
            let logps = sequence_logps(leaf.clone().reshape([2, 2, 3]), targets, mask);
            // Rows weighted unlike each other, so that a mix-up of rows would show.
            let sum = (logps.sums * f64_tensor(vec![1.0, -2.0], &device)).sum();
            (sum, leaf)
        };
        let (sum, leaf) = total(&logits);
        let gradient = floats(leaf.grad(&sum.backward()).expect("a leaf has a gradient"));
        for i in 0..logits.len() {
            let at = |h: f64| {
                let mut moved = logits.clone();
                moved[i] += h;
                total(&moved).0.into_scalar::<f64>()
            };
            let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!((gradient[i] - difference).abs() < 1e-9, "{i}: {} against {difference}", gradient[i]);
        }
    }

    #[test]
    fn logits_shifted_by_a_constant_or_huge_give_the_same() {
        let device = autodiff();
        let score = |logits: [f32; 3]| {
            let logits = Tensor::<1>::from_floats(logits, &device).reshape([1, 1, 3]);
            let logps =
                sequence_logps(logits, Tensor::from_data([[1]], &device), Tensor::ones([1, 1], &device));
            floats(logps.sums)[0]
        };
        assert!((score([1.0, 2.0, 3.0]) - score([1001.0, 1002.0, 1003.0])).abs() < 1e-6);
        assert_eq!(score([1e5, 0.0, 0.0]), -1e5);
        assert_eq!(score([0.0, 1e5, 0.0]), 0.0);
    }

    #[test]
    fn an_unscored_row_is_zero_whatever_stands_in_it() {
        let device = autodiff();
        let inf = f32::INFINITY;
        let leaf = Tensor::<2>::from_floats([[-inf, f32::NAN], [-1.0, -inf]], &device).require_grad();
        let logps = Logps::from_tokens(leaf.clone(), Tensor::from_floats([[0.0, 0.0], [1.0, 0.0]], &device));
        assert_eq!(floats(logps.sums.clone()), [0.0, -1.0]);
        assert_eq!(floats(logps.tokens.clone()), [0.0, 1.0]);
        assert_eq!(floats(logps.means()), [0.0, -1.0]);
        let gradient = leaf.grad(&logps.means().sum().backward()).expect("a leaf has a gradient");
        assert_eq!(floats(gradient.reshape([4])), [0.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn frozen_log_probabilities_carry_no_gradient() {
        let device = autodiff();
        let leaf = Tensor::<2>::from_floats([[-1.0, -2.0]], &device).require_grad();
        let logps = Logps::from_tokens(leaf.clone(), Tensor::ones([1, 2], &device));
        let both = (logps.frozen().sums * 3 + logps.sums).sum();
        assert_eq!(both.clone().into_scalar::<f32>(), -12.0);
        let gradient = leaf.grad(&both.backward()).expect("a leaf has a gradient");
        assert_eq!(floats(gradient.reshape([2])), [1.0, 1.0]);
    }
}
