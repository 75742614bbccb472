//! What every loss on pairs takes and gives.

use crate::PairLogps;
use burn::tensor::{Bool, Tensor};

/// A loss on pairs of sequences, chosen and rejected. Training takes any.
pub trait PreferenceLoss {
    /// The cost of each pair.
    ///
    /// # Shapes
    /// All tensors are `[batch]`. Gradients flow to the policy's sums alone: the reference is a constant. A
    /// pair of which neither side has a scored token under the policy is padding and costs 0.
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference;
}

/// The cost of a batch of pairs, and how the policy sees them.
#[derive(Clone, Debug)]
pub struct Preference {
    /// Cost of each pair, in nats where the loss is a log-likelihood. Shape `[batch]`; training minimizes the
    /// mean.
    pub losses: Tensor<1>,
    /// The implicit reward of each chosen side, in the units of its loss. A constant, shape `[batch]`.
    pub chosen_rewards: Tensor<1>,
    /// The implicit reward of each rejected side. A constant, shape `[batch]`.
    pub rejected_rewards: Tensor<1>,
}

impl Preference {
    /// Chosen reward minus rejected reward. Shape `[batch]`.
    pub fn margins(&self) -> Tensor<1> {
        self.chosen_rewards.clone() - self.rejected_rewards.clone()
    }

    /// The share of pairs, in [0, 1], whose chosen side has the higher reward; ties count as wrong, as they
    /// stand before the first update. Shape `[1]`.
    pub fn accuracy(&self) -> Tensor<1> {
        let margins = self.margins();
        let lost = margins.clone().lower_equal_elem(0);
        margins.ones_like().mask_fill(lost, 0).mean()
    }

    /// Assembles the result: padding costs 0, and rewards are constants.
    pub(crate) fn new(policy: &PairLogps, losses: Tensor<1>, chosen: Tensor<1>, rejected: Tensor<1>) -> Self {
        Self {
            losses: losses.mask_fill(padding(policy), 0),
            chosen_rewards: chosen.without_autodiff(),
            rejected_rewards: rejected.without_autodiff(),
        }
    }
}

/// The summed log-ratios `log pi - log pi_ref` of the chosen and the rejected sides, in nats. Shapes `[batch]`.
pub(crate) fn log_ratios(policy: &PairLogps, reference: &PairLogps) -> (Tensor<1>, Tensor<1>) {
    (
        policy.chosen.sums.clone() - reference.chosen.frozen().sums,
        policy.rejected.sums.clone() - reference.rejected.frozen().sums,
    )
}

/// Which pairs have no scored token on either side.
fn padding(policy: &PairLogps) -> Tensor<1, Bool> {
    policy.chosen.empty().bool_and(policy.rejected.empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::floats;
    use burn::tensor::Device;

    #[test]
    fn accuracy_counts_strict_wins() {
        let device = Device::flex();
        let tensor = |values: [f32; 4]| Tensor::<1>::from_floats(values, &device);
        let preference = Preference {
            losses: tensor([0.0; 4]),
            chosen_rewards: tensor([1.0, 0.0, -1.0, 2.0]),
            rejected_rewards: tensor([0.5, 0.0, 1.0, 3.0]),
        };
        assert_eq!(floats(preference.margins()), [0.5, 0.0, -2.0, -1.0]);
        assert_eq!(floats(preference.accuracy()), [0.25]);
    }
}
