//! Preference optimization without a reference.

use crate::dpo::logistic;
use crate::{PairLogps, Preference, PreferenceLoss};

/// SimPO: the mean log-probability of a token is the reward, and the chosen side has to win by a set margin.
///
/// ```text
/// r(y)  = (beta / |y|) log pi(y|x)
/// loss  = -log sigmoid(r(chosen) - r(rejected) - gamma)
/// ```
///
/// The reference is not read, so nothing holds the policy near it. A prefix that both sides share does *not*
/// cancel when sides differ in length. An empty side has reward 0.
///
/// Source: Meng et al. 2024, arXiv 2405.14734, Eq. 6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimPo {
    /// Reward for one nat a token, above 0; the source takes 2 to 10.
    pub beta: f64,
    /// Reward by which the chosen side has to win, at least 0; the source takes up to 1.6 (0.5 for beta 2).
    pub gamma: f64,
}

impl PreferenceLoss for SimPo {
    fn forward(&self, policy: &PairLogps, _reference: &PairLogps) -> Preference {
        let chosen = policy.chosen.means() * self.beta;
        let rejected = policy.rejected.means() * self.beta;
        let margins = chosen.clone() - rejected.clone() - self.gamma;
        Preference::new(policy, logistic(margins), chosen, rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CHOSEN_TOKENS, REJECTED_TOKENS, Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn the_reference_is_not_read() {
        let sides = Sides::f64([-3.0], [-2.0]);
        let loss = SimPo { beta: 2.0, gamma: 0.5 };
        let once = loss.forward(&sides.policy, &sides.policy);
        let again = loss.forward(&sides.policy, &Sides::f64([-30.0], [-1.0]).policy);
        assert_eq!(floats(once.losses), floats(again.losses));
    }

    #[test]
    fn extreme_margins_and_empty_sides_stay_finite() {
        let sides = Sides::f32([0.0, -1e5, 0.0], [-1e5, 0.0, 0.0]).with_tokens([10.0, 10.0, 0.0]);
        let preference = SimPo { beta: 1.0, gamma: 0.5 }.forward(&sides.policy, &sides.policy);
        close(&floats(preference.losses.clone()), &[0.0, 1e4 + 0.5, 0.0], 1e-6);
        close(&sides.gradients(preference.losses).0, &[0.0, -0.1, 0.0], 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..4.0f64,
            gamma in 0.0..2.0f64,
        ) {
            let loss = SimPo { beta, gamma };
            check_gradients(&loss, (chosen, rejected), ([-1.0; 4], [-3.0; 4]), |i| {
                let lead = beta * (chosen[i] / CHOSEN_TOKENS - rejected[i] / REJECTED_TOKENS) - gamma;
                let push = beta / (1.0 + lead.exp());
                let value = if lead > 0.0 { (-lead).exp().ln_1p() } else { lead.exp().ln_1p() - lead };
                (value, -push / CHOSEN_TOKENS, push / REJECTED_TOKENS)
            });
        }
    }
}
