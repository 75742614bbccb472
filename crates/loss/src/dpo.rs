//! Direct preference optimization.

use crate::preference::log_ratios;
use crate::{PairLogps, Preference, PreferenceLoss};
use burn::tensor::{Tensor, activation::log_sigmoid};

/// Direct preference optimization: logistic regression on the difference of log-ratios.
///
/// ```text
/// r(y)  = beta (log pi(y|x) - log pi_ref(y|x))
/// loss  = -log sigmoid(r(chosen) - r(rejected))
/// ```
///
/// Source: Rafailov et al. 2023, arXiv 2305.18290, Eq. 7. Log-probabilities are sums over tokens, so a prefix
/// that both sides share cancels: on pairs of steps this is the per-step DPO of arXiv 2406.14532.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dpo {
    /// How dear it is to leave the reference: reward, in nats of margin, for one nat of log-ratio. Above 0;
    /// 0.1 is common.
    pub beta: f64,
}

impl PreferenceLoss for Dpo {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let (chosen, rejected) = log_ratios(policy, reference);
        // The difference is taken before scaling: at policy = reference it is exactly 0.
        let margins = (chosen.clone() - rejected.clone()) * self.beta;
        Preference::new(policy, logistic(margins), chosen * self.beta, rejected * self.beta)
    }
}

/// `-log sigmoid(margin)`, finite and with an exact gradient for any finite margin. Shape `[batch]`.
pub(crate) fn logistic(margins: Tensor<1>) -> Tensor<1> {
    log_sigmoid(margins).neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    #[test]
    fn an_untrained_policy_pays_ln_2() {
        let sides = Sides::f32([-3.0, -2000.25, -1e5], [-1.0, -0.5, -7.0]);
        let preference = Dpo { beta: 0.1 }.forward(&sides.policy, &sides.policy);
        let ln_2 = f64::from(std::f32::consts::LN_2);
        assert_eq!(floats(preference.losses), [ln_2; 3]);
        assert_eq!(floats(preference.chosen_rewards), [0.0; 3]);
    }

    #[test]
    fn extreme_margins_stay_finite() {
        let sides = Sides::f32([0.0, -1e5, -1e4], [-1e5, 0.0, -1e4]);
        let reference = Sides::f32([-1e4, -1e4, -1e4], [-1e4; 3]);
        let preference = Dpo { beta: 0.1 }.forward(&sides.policy, &reference.policy);
        close(&floats(preference.losses.clone()), &[0.0, 1e4, std::f64::consts::LN_2], 1e-6);
        let (chosen, rejected) = sides.gradients(preference.losses);
        close(&chosen, &[0.0, -0.1, -0.05], 1e-8);
        close(&rejected, &[0.0, 0.1, 0.05], 1e-8);
    }

    #[test]
    fn a_padded_pair_costs_nothing() {
        let sides = Sides::f32([0.0, -1.0], [0.0, -2.0]).with_tokens([0.0, 3.0]);
        let preference = Dpo { beta: 1.0 }.forward(&sides.policy, &sides.policy);
        close(&floats(preference.losses.clone()), &[0.0, std::f64::consts::LN_2], 1e-7);
        let (chosen, _) = sides.gradients(preference.losses);
        assert_eq!(chosen, [0.0, -0.5]);
    }

    proptest! {
        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            reference in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..2.0f64,
        ) {
            let others = [reference[3], reference[2], reference[1], reference[0]];
            check_gradients(&Dpo { beta }, (chosen, rejected), (reference, others), |i| {
                let margin = beta * ((chosen[i] - reference[i]) - (rejected[i] - others[i]));
                let push = beta * sigmoid(-margin);
                (sigmoid(margin).ln().abs(), -push, push)
            });
        }
    }
}
