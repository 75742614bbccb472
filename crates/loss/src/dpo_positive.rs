//! DPO that does not let the chosen side sink.

use crate::dpo::logistic;
use crate::preference::log_ratios;
use crate::{PairLogps, Preference, PreferenceLoss};
use burn::tensor::activation::relu;

/// DPO-positive: a chosen side that has fallen below the reference is charged for it.
///
/// ```text
/// r_c, r_r = log pi/pi_ref (chosen), log pi/pi_ref (rejected)
/// loss     = -log sigmoid(beta (r_c - r_r - lambda max(0, -r_c)))
/// ```
///
/// The loss rises as the chosen side's log-probability falls, faster below the reference than above. At the
/// kink `r_c = 0`, where training starts, the gradient is that of DPO. A prefix that both sides share does
/// *not* cancel: it moves `r_c`. The penalty is part of the chosen side's reward.
///
/// Source: Pal et al. 2024 (Smaug), arXiv 2402.13228, Eq. 3.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DpoPositive {
    /// As in [`Dpo`](crate::Dpo).
    pub beta: f64,
    /// How dear a nat below the reference is, at least 0; the source takes 5 to 500. At 0 this is
    /// [`Dpo`](crate::Dpo).
    pub lambda: f64,
}

impl PreferenceLoss for DpoPositive {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let (chosen, rejected) = log_ratios(policy, reference);
        let sunk = relu(chosen.clone().neg());
        let held = chosen - sunk * self.lambda;
        let margins = (held.clone() - rejected.clone()) * self.beta;
        Preference::new(policy, logistic(margins), held * self.beta, rejected * self.beta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dpo;
    use crate::testing::{Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn at_the_start_the_gradient_is_that_of_dpo() {
        let sides = Sides::f64([-3.0, -1.0], [-2.0, -4.0]);
        let start = DpoPositive { beta: 0.3, lambda: 50.0 }.forward(&sides.policy, &sides.policy);
        close(&floats(start.losses.clone()), &[std::f64::consts::LN_2; 2], 1e-12);
        let dpo = Dpo { beta: 0.3 }.forward(&sides.policy, &sides.policy);
        let expected = sides.gradients(dpo.losses);
        assert_eq!(sides.gradients(start.losses), expected);
    }

    #[test]
    fn extreme_margins_stay_finite() {
        let sides = Sides::f32([0.0, -1e5], [-1e5, 0.0]);
        let still = Sides::f32([0.0, 0.0], [0.0, 0.0]);
        let preference = DpoPositive { beta: 0.1, lambda: 5.0 }.forward(&sides.policy, &still.policy);
        close(&floats(preference.losses.clone()), &[0.0, 6e4], 1e-6);
        close(&sides.gradients(preference.losses).0, &[0.0, -0.6], 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_loss_rises_as_the_chosen_side_falls(
            high in -20.0..0.0f64, drop in 0.01..10.0f64, lambda in 0.0..50.0f64, beta in 0.01..1.0f64,
        ) {
            let sides = Sides::f64([high, high - drop], [-9.0, -9.0]);
            let still = Sides::f64([-10.0, -10.0], [-10.0, -10.0]);
            let losses = floats(DpoPositive { beta, lambda }.forward(&sides.policy, &still.policy).losses);
            prop_assert!(losses[1] > losses[0]);
        }

        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            // Kept away from the kink, which finite differences cannot straddle.
            chosen in prop::array::uniform4(prop_oneof![-20.0..-10.1f64, -9.9..0.0f64]),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..0.5f64,
            lambda in 0.0..5.0f64,
        ) {
            let loss = DpoPositive { beta, lambda };
            check_gradients(&loss, (chosen, rejected), ([-10.0; 4], [-12.0; 4]), |i| {
                let rise = chosen[i] + 10.0;
                let price = if rise < 0.0 { 1.0 + lambda } else { 1.0 };
                let margin = beta * (price * rise - (rejected[i] + 12.0));
                let push = beta / (1.0 + margin.exp());
                let value = if margin > 0.0 { (-margin).exp().ln_1p() } else { margin.exp().ln_1p() - margin };
                (value, -push * price, push)
            });
        }
    }
}
