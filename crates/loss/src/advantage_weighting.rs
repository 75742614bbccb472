//! Advantage-weighted regression: likelihood, weighted by what a step was worth.

use crate::{Logps, NllReduction, weighted_nll};
use burn::tensor::Tensor;

/// The weight of a step in advantage-weighted regression, a function of its advantage.
///
/// Sources: Peng et al. 2019, arXiv 1910.00177, Eq. 12 (exponential weights, clipped in its experiments);
/// arXiv 2406.14532, Eq. 4.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AdvantageWeighting {
    /// `exp(A / beta)`. The weight overflows single precision where `A / beta` is above 88.
    Exponential {
        /// Temperature, above 0, in units of advantage. Large: all steps count alike. Small: only the best do.
        beta: f64,
    },
    /// `min(exp(A / beta), max)`: finite for every beta. As beta falls to 0 this becomes a filter of positive
    /// advantages, not a search for the best step.
    Clipped {
        /// As above.
        beta: f64,
        /// The largest weight, above 1.
        max: f64,
    },
    /// 1 where `A > threshold`, else 0: likelihood on the steps that made progress.
    Filtered {
        /// In units of advantage, [-1, 1] where rewards are 0 and 1.
        threshold: f64,
    },
}

impl AdvantageWeighting {
    /// The weight of one step.
    pub fn weight(self, advantage: f64) -> f64 {
        match self {
            Self::Exponential { beta } => (advantage / beta).exp(),
            // Clipped before the exponential, which could overflow.
            Self::Clipped { beta, max } => (advantage / beta).min(max.ln()).exp(),
            Self::Filtered { threshold } => f64::from(u8::from(advantage > threshold)),
        }
    }

    /// The weights of a batch of steps; constants. Shape `[batch]`.
    pub fn weights(self, advantages: Tensor<1>) -> Tensor<1> {
        let advantages = advantages.without_autodiff();
        match self {
            Self::Exponential { beta } => (advantages / beta).exp(),
            Self::Clipped { beta, max } => (advantages / beta).clamp_max(max.ln()).exp(),
            Self::Filtered { threshold } => {
                let kept = advantages.clone().greater_elem(threshold);
                advantages.zeros_like().mask_fill(kept, 1)
            }
        }
    }
}

/// Advantage-weighted regression on a batch of steps.
///
/// ```text
/// loss = sum over b of -w(A[b]) log pi(step[b] | prefix[b]) / divisor
/// ```
///
/// [`NllReduction::Batch`] is Eq. 4 of arXiv 2406.14532 as written; `Token` and `Sequence` normalize the
/// weights, so that a constant advantage has no effect.
///
/// # Shapes
/// - `advantages`: `[batch]`, in [-1, 1] where rewards are 0 and 1; constants
/// - output: `[1]`
pub fn advantage_weighted_nll(
    logps: &Logps,
    advantages: Tensor<1>,
    weighting: AdvantageWeighting,
    reduction: NllReduction,
) -> Tensor<1> {
    weighted_nll(logps, weighting.weights(advantages), reduction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{autodiff, close, f64_tensor, floats, gradient, logps_of};
    use proptest::prelude::*;

    #[test]
    fn clipped_and_filtered_weights_survive_a_tiny_beta() {
        let clipped = AdvantageWeighting::Clipped { beta: 1e-6, max: 20.0 };
        close(&[clipped.weight(1.0), clipped.weight(0.0), clipped.weight(-1.0)], &[20.0, 1.0, 0.0], 1e-12);
        let device = autodiff();
        let advantages = Tensor::<1>::from_floats([1.0, 0.0, -1.0], &device);
        close(&floats(clipped.weights(advantages.clone())), &[20.0, 1.0, 0.0], 1e-5);
        let filtered = AdvantageWeighting::Filtered { threshold: 0.0 };
        assert_eq!(floats(filtered.weights(advantages)), [1.0, 0.0, 0.0]);
        assert_eq!([1e-9, 0.0, -1.0].map(|advantage| filtered.weight(advantage)), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn nothing_kept_costs_nothing() {
        let device = autodiff();
        let logps = logps_of(&[-1.0, -2.0], &[3.0, 4.0], &device);
        let filtered = AdvantageWeighting::Filtered { threshold: 0.5 };
        for reduction in [NllReduction::Token, NllReduction::Sequence, NllReduction::Batch] {
            let advantages = f64_tensor(vec![0.5, -0.5], &device);
            let loss = advantage_weighted_nll(&logps, advantages, filtered, reduction);
            assert_eq!(floats(loss), [0.0]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn weights_are_those_of_one_step_and_scale_its_gradient(
            advantages in prop::array::uniform4(-1.0..1.0f64),
            sums in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.2..3.0f64,
        ) {
            let kinds = [
                AdvantageWeighting::Exponential { beta },
                AdvantageWeighting::Clipped { beta, max: 1.5 },
                AdvantageWeighting::Filtered { threshold: 0.1 },
            ];
            for kind in kinds {
                let device = autodiff();
                let weights: Vec<f64> = advantages.iter().map(|&a| kind.weight(a)).collect();
                let tensor = f64_tensor(advantages.to_vec(), &device);
                close(&floats(kind.weights(tensor.clone())), &weights, 1e-12);
                let logps = logps_of(&sums, &[1.0; 4], &device);
                let loss = advantage_weighted_nll(&logps, tensor, kind, NllReduction::Batch);
                let expected: Vec<f64> = weights.iter().map(|w| -w / 4.0).collect();
                close(&gradient(&logps.sums, loss), &expected, 1e-12);
            }
        }
    }
}
