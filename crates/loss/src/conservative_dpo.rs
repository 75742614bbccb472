//! DPO for labels that are sometimes wrong.

use crate::dpo::logistic;
use crate::preference::log_ratios;
use crate::{PairLogps, Preference, PreferenceLoss};

/// Conservative DPO: DPO with smoothed labels.
///
/// ```text
/// m     = beta (log pi/pi_ref (chosen) - log pi/pi_ref (rejected))
/// loss  = -(1 - smoothing) log sigmoid(m) - smoothing log sigmoid(-m)
/// ```
///
/// The chance that a label is turned round is `smoothing`; the best margin is then finite,
/// `ln((1 - smoothing) / smoothing)`. Rewards are those of [`Dpo`](crate::Dpo).
///
/// Source: Mitchell 2023, "A note on DPO with noisy preferences and relationship to IPO".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConservativeDpo {
    /// As in [`Dpo`](crate::Dpo).
    pub beta: f64,
    /// Assumed share of turned labels, in [0, 0.5); at 0 this is [`Dpo`](crate::Dpo).
    pub smoothing: f64,
}

impl PreferenceLoss for ConservativeDpo {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let (chosen, rejected) = log_ratios(policy, reference);
        let margins = (chosen.clone() - rejected.clone()) * self.beta;
        let kept = logistic(margins.clone()) * (1.0 - self.smoothing);
        let turned = logistic(margins.neg()) * self.smoothing;
        Preference::new(policy, kept + turned, chosen * self.beta, rejected * self.beta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn the_best_margin_is_the_log_odds_of_the_labels() {
        let odds = (0.9f64 / 0.1).ln();
        let sides = Sides::f64([odds / 0.5], [0.0]);
        let still = Sides::f64([0.0], [0.0]);
        let loss = ConservativeDpo { beta: 0.5, smoothing: 0.1 };
        let preference = loss.forward(&sides.policy, &still.policy);
        // The entropy of the labels, and no way down from there.
        close(&floats(preference.losses.clone()), &[-(0.9 * 0.9f64.ln() + 0.1 * 0.1f64.ln())], 1e-12);
        close(&sides.gradients(preference.losses).0, &[0.0], 1e-12);
    }

    #[test]
    fn extreme_margins_stay_finite() {
        let sides = Sides::f32([0.0, -1e5], [-1e5, 0.0]);
        let still = Sides::f32([0.0, 0.0], [0.0, 0.0]);
        let loss = ConservativeDpo { beta: 0.1, smoothing: 0.25 };
        let preference = loss.forward(&sides.policy, &still.policy);
        close(&floats(preference.losses.clone()), &[2.5e3, 7.5e3], 1e-6);
        close(&sides.gradients(preference.losses).0, &[0.025, -0.075], 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            beta in 0.01..2.0f64,
            smoothing in 0.0..0.5f64,
        ) {
            let loss = ConservativeDpo { beta, smoothing };
            check_gradients(&loss, (chosen, rejected), ([-1.0; 4], [-3.0; 4]), |i| {
                let margin = beta * (chosen[i] - rejected[i] - 2.0);
                let win = 1.0 / (1.0 + (-margin).exp());
                // Cross entropy of the labels; its slope is the miss in probability.
                let value = (-margin).exp().ln_1p() + smoothing * margin;
                let slope = beta * (win - (1.0 - smoothing));
                (value, slope, -slope)
            });
        }
    }
}
