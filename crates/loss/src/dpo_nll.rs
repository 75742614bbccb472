//! DPO held in place by the likelihood of its chosen sides.

use crate::{Dpo, NllReduction, PairLogps, Preference, PreferenceLoss, weighted_nll};

/// DPO with a share of negative log-likelihood on the chosen sides.
///
/// ```text
/// loss[b] = dpo[b] + nll * sum over b of -log pi(chosen[b]) / sum over b of tokens(chosen[b])
/// ```
///
/// DPO alone is free to lower both sides as long as it lowers the rejected one more; the added term is
/// supervised training on the chosen sides at weight `nll`. It is one number for the batch, nats per token, and
/// stands in each pair's loss, so that the mean over pairs is the mean of DPO plus the term once.
///
/// Source: the regularizer of Liu et al. 2024, arXiv 2405.16436, and of Pang et al. 2024, arXiv 2404.19733
/// (who divide by the length of each sequence); ours is divided by the tokens of the batch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DpoNll {
    /// As in [`Dpo`].
    pub beta: f64,
    /// Weight of the likelihood term, at least 0; at 0 this is [`Dpo`].
    pub nll: f64,
}

impl PreferenceLoss for DpoNll {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let dpo = Dpo { beta: self.beta }.forward(policy, reference);
        let ones = policy.chosen.tokens.ones_like();
        let nll = weighted_nll(&policy.chosen, ones, NllReduction::Token) * self.nll;
        Preference::new(policy, dpo.losses + nll, dpo.chosen_rewards, dpo.rejected_rewards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn the_mean_adds_the_term_once() {
        let sides = Sides::f32([-3.0, -1.0], [-2.0, -5.0]).with_tokens([3.0, 5.0]);
        let preference = DpoNll { beta: 0.5, nll: 0.7 }.forward(&sides.policy, &sides.policy);
        let mean = floats(preference.losses.clone().mean());
        close(&mean, &[std::f64::consts::LN_2 + 0.7 * 4.0 / 8.0], 1e-6);
        let (chosen, rejected) = sides.gradients(preference.losses.mean());
        close(&chosen, &[-0.125 - 0.7 / 8.0; 2], 1e-6);
        close(&rejected, &[0.125; 2], 1e-6);
    }

    #[test]
    fn a_batch_of_padding_costs_nothing() {
        let sides = Sides::f32([0.0, 0.0], [0.0, 0.0]).with_tokens([0.0, 0.0]);
        let preference = DpoNll { beta: 0.5, nll: 0.7 }.forward(&sides.policy, &sides.policy);
        assert_eq!(floats(preference.losses.clone()), [0.0, 0.0]);
        assert_eq!(sides.gradients(preference.losses), (vec![0.0; 2], vec![0.0; 2]));
    }

    proptest! {
        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..2.0f64,
            nll in 0.0..2.0f64,
        ) {
            // The tests' batches have two tokens a row: eight in all; four losses carry the term.
            let term = -nll * chosen.iter().sum::<f64>() / 8.0;
            check_gradients(&DpoNll { beta, nll }, (chosen, rejected), ([-1.0; 4], [-3.0; 4]), |i| {
                let margin = beta * (chosen[i] - rejected[i] - 2.0);
                let push = beta / (1.0 + margin.exp());
                ((-margin).exp().ln_1p() + term, -push - 4.0 * nll / 8.0, push)
            });
        }
    }
}
