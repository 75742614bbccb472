//! DPO on log-ratios per token.

use crate::dpo::logistic;
use crate::preference::log_ratios;
use crate::{PairLogps, Preference, PreferenceLoss};

/// Length-normalized DPO: each side's log-ratio is divided by its number of tokens.
///
/// ```text
/// r(y)  = (beta / |y|) (log pi(y|x) - log pi_ref(y|x))
/// loss  = -log sigmoid(r(chosen) - r(rejected))
/// ```
///
/// A long side weighs no more than a short one, so beta has to be larger than in [`Dpo`](crate::Dpo) by about
/// the length of a side. A prefix that both sides share does *not* cancel when sides differ in length. An
/// empty side has reward 0.
///
/// Source: Lambert et al. 2024 (Tulu 3), arXiv 2411.15124, Eq. 6.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LengthNormalizedDpo {
    /// Reward for one nat of log-ratio a token, above 0; the source takes 5.
    pub beta: f64,
}

impl PreferenceLoss for LengthNormalizedDpo {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let (chosen, rejected) = log_ratios(policy, reference);
        let chosen = chosen / policy.chosen.lengths() * self.beta;
        let rejected = rejected / policy.rejected.lengths() * self.beta;
        Preference::new(policy, logistic(chosen.clone() - rejected.clone()), chosen, rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CHOSEN_TOKENS, REJECTED_TOKENS, Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn an_empty_side_is_no_division_by_zero() {
        let sides = Sides::f32([0.0, 0.0], [0.0, 0.0]).with_tokens([0.0, 4.0]);
        let preference = LengthNormalizedDpo { beta: 2.0 }.forward(&sides.policy, &sides.policy);
        close(&floats(preference.losses.clone()), &[0.0, std::f64::consts::LN_2], 1e-7);
        assert_eq!(sides.gradients(preference.losses).0, [0.0, -0.25]);
    }

    #[test]
    fn extreme_margins_stay_finite() {
        let sides = Sides::f32([0.0, -1e5], [-1e5, 0.0]).with_tokens([10.0, 10.0]);
        let still = Sides::f32([0.0, 0.0], [0.0, 0.0]);
        let preference = LengthNormalizedDpo { beta: 1.0 }.forward(&sides.policy, &still.policy);
        close(&floats(preference.losses.clone()), &[0.0, 1e4], 1e-6);
        close(&sides.gradients(preference.losses).0, &[0.0, -0.1], 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..2.0f64,
        ) {
            let loss = LengthNormalizedDpo { beta };
            check_gradients(&loss, (chosen, rejected), ([-1.0; 4], [-3.0; 4]), |i| {
                let (c, r) = ((chosen[i] + 1.0) / CHOSEN_TOKENS, (rejected[i] + 3.0) / REJECTED_TOKENS);
                let push = beta / (1.0 + (beta * (c - r)).exp());
                ((beta * (r - c)).exp().ln_1p(), -push / CHOSEN_TOKENS, push / REJECTED_TOKENS)
            });
        }
    }
}
