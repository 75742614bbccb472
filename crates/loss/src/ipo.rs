//! Identity preference optimization.

use crate::preference::log_ratios;
use crate::{PairLogps, Preference, PreferenceLoss};

/// Whether a side's log-ratio is summed over its tokens or averaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LogRatio {
    /// Summed: the log-ratio of whole sequences, as the theory has it. A shared prefix cancels.
    Sum,
    /// Divided by the side's own number of tokens, as several implementations have it. A shared prefix does
    /// not cancel.
    Mean,
}

/// Identity preference optimization: regression of the difference of log-ratios to a set margin.
///
/// ```text
/// h     = log pi/pi_ref (chosen) - log pi/pi_ref (rejected)
/// loss  = (h - 1 / (2 tau))^2
/// ```
///
/// With log-ratios summed or averaged over tokens as [`LogRatio`] says. The reward of a side is tau times its
/// log-ratio, so that the margin of rewards is driven to 1/2.
///
/// Source: Azar et al. 2023, arXiv 2310.12036, Eq. 17.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ipo {
    /// Strength of the pull to the reference, above 0: the margin aimed at is `1 / (2 tau)` nats.
    pub tau: f64,
    /// How tokens enter.
    pub log_ratio: LogRatio,
}

impl PreferenceLoss for Ipo {
    fn forward(&self, policy: &PairLogps, reference: &PairLogps) -> Preference {
        let (mut chosen, mut rejected) = log_ratios(policy, reference);
        if self.log_ratio == LogRatio::Mean {
            chosen = chosen / policy.chosen.lengths();
            rejected = rejected / policy.rejected.lengths();
        }
        let miss = chosen.clone() - rejected.clone() - 0.5 / self.tau;
        Preference::new(policy, miss.clone() * miss, chosen * self.tau, rejected * self.tau)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CHOSEN_TOKENS, REJECTED_TOKENS, Sides, check_gradients, close, floats};
    use proptest::prelude::*;

    #[test]
    fn the_margin_aimed_at_costs_nothing() {
        let sides = Sides::f64([5.0 - 2.0], [-2.0]);
        let still = Sides::f64([0.0], [0.0]);
        let preference = Ipo { tau: 0.1, log_ratio: LogRatio::Sum }.forward(&sides.policy, &still.policy);
        close(&floats(preference.margins()), &[0.5], 1e-12);
        close(&floats(preference.losses.clone()), &[0.0], 1e-12);
        close(&sides.gradients(preference.losses).0, &[0.0], 1e-12);
    }

    #[test]
    fn an_empty_side_is_no_division_by_zero() {
        let sides = Sides::f32([0.0, 0.0], [0.0, 0.0]).with_tokens([0.0, 4.0]);
        let preference = Ipo { tau: 0.5, log_ratio: LogRatio::Mean }.forward(&sides.policy, &sides.policy);
        assert_eq!(floats(preference.losses.clone()), [0.0, 1.0]);
        assert_eq!(sides.gradients(preference.losses).0, [0.0, -0.5]);
    }

    #[test]
    fn extreme_margins_stay_finite() {
        let sides = Sides::f32([0.0, -1e5], [-1e5, 0.0]);
        let still = Sides::f32([0.0, 0.0], [0.0, 0.0]);
        let preference = Ipo { tau: 0.5, log_ratio: LogRatio::Sum }.forward(&sides.policy, &still.policy);
        close(&floats(preference.losses), &[99_999f64.powi(2), 100_001f64.powi(2)], 1e-6);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn values_and_gradients_are_those_of_the_formula(
            chosen in prop::array::uniform4(-20.0..0.0f64),
            rejected in prop::array::uniform4(-20.0..0.0f64),
            tau in 0.05..2.0f64,
        ) {
            let lengths = [(LogRatio::Sum, 1.0, 1.0), (LogRatio::Mean, CHOSEN_TOKENS, REJECTED_TOKENS)];
            for (log_ratio, c, r) in lengths {
                let loss = Ipo { tau, log_ratio };
                check_gradients(&loss, (chosen, rejected), ([-1.0; 4], [-3.0; 4]), |i| {
                    let miss = (chosen[i] + 1.0) / c - (rejected[i] + 3.0) / r - 1.0 / (2.0 * tau);
                    (miss.powi(2), 2.0 * miss / c, -2.0 * miss / r)
                });
            }
        }
    }
}
