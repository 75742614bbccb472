//! What a fit minimizes: a weighted sum over points.

use crate::error::ScalingError;

/// The loss of a fit. Always a **sum** over points: with a mean, an optimizer with a tolerance on the
/// objective stops early, and the bootstrap intervals of such a fit are too narrow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Objective {
    /// Huber loss of r = ln y - ln y_hat: r^2/2 for |r| <= delta, else delta (|r| - delta/2). Natural
    /// logarithms. With delta far below the noise it is least absolute deviation times delta.
    Huber {
        /// Where the loss turns from square to linear, in nats; above 0.
        delta: f64,
    },
    /// r^2/2 of r = ln y - ln y_hat.
    LogSquares,
    /// (y - y_hat)^2 / 2, on the raw scale.
    Squares,
    /// Half the binomial deviance of error rates, trials (y ln(y/y_hat) + (1-y) ln((1-y)/(1-y_hat))). The
    /// spread between seeds is several times the binomial one, so its dispersion is estimated, not taken as
    /// 1 (quasi-binomial). An error of 0 is admitted.
    QuasiBinomial {
        /// Test problems behind each rate; above 0.
        trials: f64,
    },
}

/// A loss at one point, as a function of the predicted logarithm eta: its value, its derivative, its
/// curvature where it has one, and the curvature of the parabola that lies above it and touches it here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    pub(crate) value: f64,
    pub(crate) slope: f64,
    pub(crate) newton: f64,
    pub(crate) majorizer: f64,
}

impl Objective {
    /// The loss at a point measured as `y` and predicted as exp(`eta`).
    pub(crate) fn term(self, y: f64, log_y: f64, eta: f64) -> Term {
        match self {
            Self::Huber { delta } => {
                let r = eta - log_y;
                let size = r.abs();
                if size <= delta {
                    Term { value: 0.5 * r * r, slope: r, newton: 1.0, majorizer: 1.0 }
                } else {
                    let value = delta * (size - 0.5 * delta);
                    Term { value, slope: delta.copysign(r), newton: 0.0, majorizer: delta / size }
                }
            }
            Self::LogSquares => {
                let r = eta - log_y;
                Term { value: 0.5 * r * r, slope: r, newton: 1.0, majorizer: 1.0 }
            }
            Self::Squares => {
                let predicted = eta.exp();
                let r = predicted - y;
                let curvature = predicted * predicted;
                Term { value: 0.5 * r * r, slope: r * predicted, newton: curvature, majorizer: curvature }
            }
            Self::QuasiBinomial { trials } => {
                let predicted = eta.exp();
                if predicted >= 1.0 {
                    return Term { value: f64::INFINITY, slope: 0.0, newton: 0.0, majorizer: 0.0 };
                }
                let miss = -eta.exp_m1();
                let wrong = if y > 0.0 { y * (log_y - eta) } else { 0.0 };
                let value = trials * (wrong + (1.0 - y) * ((1.0 - y).ln() - miss.ln()));
                let fisher = trials * predicted / miss;
                let slope = trials * (predicted - y) / miss;
                Term { value, slope, newton: fisher, majorizer: fisher }
            }
        }
    }

    /// Whether it needs ln y.
    pub(crate) fn on_logs(self) -> bool {
        matches!(self, Self::Huber { .. } | Self::LogSquares)
    }

    /// Whether it needs rates.
    pub(crate) fn on_rates(self) -> bool {
        matches!(self, Self::QuasiBinomial { .. })
    }

    pub(crate) fn check(self) -> Result<(), ScalingError> {
        let (name, value) = match self {
            Self::Huber { delta } => ("delta of the Huber loss", delta),
            Self::QuasiBinomial { trials } => ("trials of the binomial deviance", trials),
            Self::LogSquares | Self::Squares => return Ok(()),
        };
        let good = value.is_finite() && value > 0.0;
        if good { Ok(()) } else { Err(ScalingError::Setting { name, value, must: "finite and above 0" }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_objective() -> impl Strategy<Value = Objective> {
        prop_oneof![
            (1e-3..2.0).prop_map(|delta| Objective::Huber { delta }),
            Just(Objective::LogSquares),
            Just(Objective::Squares),
            (1.0..1000.0).prop_map(|trials| Objective::QuasiBinomial { trials }),
        ]
    }

    proptest! {
        #[test]
        fn slopes_are_derivatives(objective in any_objective(), y in 0.01..0.99f64, eta in -4.0..-0.02f64) {
            let h = 1e-6;
            let at = |eta: f64| objective.term(y, y.ln(), eta).value;
            let numeric = (at(eta + h) - at(eta - h)) / (2.0 * h);
            let slope = objective.term(y, y.ln(), eta).slope;
            prop_assert!((slope - numeric).abs() < 1e-4 * (1.0 + slope.abs()), "{slope} {numeric}");
        }

        #[test]
        fn a_loss_is_least_where_prediction_and_measurement_agree(
            objective in any_objective(), y in 0.01..0.99f64, eta in -4.0..-0.02f64,
        ) {
            let best = objective.term(y, y.ln(), y.ln());
            prop_assert!(best.value.abs() < 1e-9 && best.slope.abs() < 1e-9);
            prop_assert!(objective.term(y, y.ln(), eta).value >= -1e-12);
        }

        #[test]
        fn the_huber_majorizer_lies_above(delta in 1e-3..1.0f64, at in -2.0..2.0f64, to in -2.0..2.0f64) {
            let huber = Objective::Huber { delta };
            let here = huber.term(1.0, 0.0, at);
            let above = here.value + here.slope * (to - at) + 0.5 * here.majorizer * (to - at).powi(2);
            prop_assert!(huber.term(1.0, 0.0, to).value <= above + 1e-12);
        }
    }

    #[test]
    fn huber_by_hand() {
        // delta 0.5, r = 2: 0.5 (2 - 0.25) = 0.875; r = 0.4: 0.08.
        let huber = Objective::Huber { delta: 0.5 };
        assert!((huber.term(1.0, 0.0, 2.0).value - 0.875).abs() < 1e-15);
        assert!((huber.term(1.0, 0.0, -0.4).value - 0.08).abs() < 1e-15);
    }

    #[test]
    fn the_deviance_admits_an_error_of_zero_and_rejects_a_prediction_of_one() {
        let deviance = Objective::QuasiBinomial { trials: 1000.0 };
        // 1000 ln(1 / 0.99)
        let half = deviance.term(0.0, f64::NEG_INFINITY, 0.01f64.ln()).value;
        assert!((half - 10.050_335_853_501_45).abs() < 1e-9);
        assert_eq!(deviance.term(0.5, 0.5f64.ln(), 0.0).value, f64::INFINITY);
    }

    #[test]
    fn a_delta_of_zero_is_refused() {
        assert!(Objective::Huber { delta: 0.0 }.check().is_err());
        assert!(Objective::QuasiBinomial { trials: f64::NAN }.check().is_err());
    }
}
