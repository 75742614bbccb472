//! The losses a second time, on one pair, in plain f64: value and derivatives from their closed forms.
//!
//! Nothing is shared with `eightfold-loss`, which computes on tensors and differentiates automatically.

/// Log-probabilities of one pair, in nats, and numbers of tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// log pi of the chosen side.
    pub chosen: f64,
    /// log pi of the rejected side.
    pub rejected: f64,
    /// log pi_ref of the chosen side.
    pub reference_chosen: f64,
    /// log pi_ref of the rejected side.
    pub reference_rejected: f64,
    /// Tokens of the chosen side.
    pub chosen_tokens: f64,
    /// Tokens of the rejected side.
    pub rejected_tokens: f64,
}

/// A loss, and its derivatives with respect to `chosen` and `rejected`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The loss.
    pub loss: f64,
    /// d loss / d chosen.
    pub chosen: f64,
    /// d loss / d rejected.
    pub rejected: f64,
}

/// 1 / (1 + e^-x).
pub fn sigmoid(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

/// -log sigmoid(x), without overflow and exact for small results.
pub fn softplus_neg(x: f64) -> f64 {
    if x < 0.0 { x.exp().ln_1p() - x } else { (-x).exp().ln_1p() }
}

impl Pair {
    /// log-ratio of the chosen side minus log-ratio of the rejected side.
    pub fn difference(&self) -> f64 {
        (self.chosen - self.rejected) - (self.reference_chosen - self.reference_rejected)
    }

    fn rise(&self) -> f64 {
        self.chosen - self.reference_chosen
    }
}

/// DPO, Rafailov et al. 2023, Eq. 7.
pub fn dpo(pair: &Pair, beta: f64) -> Cost {
    let margin = beta * pair.difference();
    let slope = -beta * sigmoid(-margin);
    Cost { loss: softplus_neg(margin), chosen: slope, rejected: -slope }
}

/// DPO with labels turned at rate `smoothing`: the mean of both labels' costs.
pub fn conservative_dpo(pair: &Pair, beta: f64, smoothing: f64) -> Cost {
    let margin = beta * pair.difference();
    let slope = beta * (smoothing * sigmoid(margin) - (1.0 - smoothing) * sigmoid(-margin));
    let loss = (1.0 - smoothing) * softplus_neg(margin) + smoothing * softplus_neg(-margin);
    Cost { loss, chosen: slope, rejected: -slope }
}

/// IPO on summed log-ratios, Azar et al. 2023, Eq. 17.
pub fn ipo_sum(pair: &Pair, tau: f64) -> Cost {
    let miss = pair.difference() - 1.0 / (2.0 * tau);
    Cost { loss: miss * miss, chosen: 2.0 * miss, rejected: -2.0 * miss }
}

/// IPO on log-ratios averaged over tokens.
pub fn ipo_mean(pair: &Pair, tau: f64) -> Cost {
    let chosen = pair.rise() / pair.chosen_tokens;
    let rejected = (pair.rejected - pair.reference_rejected) / pair.rejected_tokens;
    let miss = chosen - rejected - 1.0 / (2.0 * tau);
    let (chosen, rejected) = (2.0 * miss / pair.chosen_tokens, -2.0 * miss / pair.rejected_tokens);
    Cost { loss: miss * miss, chosen, rejected }
}

/// DPO-positive, Pal et al. 2024, Eq. 3. At the kink the derivative is that of DPO.
pub fn dpo_positive(pair: &Pair, beta: f64, lambda: f64) -> Cost {
    let sunk = (-pair.rise()).max(0.0);
    let margin = beta * (pair.difference() - lambda * sunk);
    let push = beta * sigmoid(-margin);
    let price = if sunk > 0.0 { 1.0 + lambda } else { 1.0 };
    Cost { loss: softplus_neg(margin), chosen: -push * price, rejected: push }
}

/// DPO on log-ratios divided by the side's tokens.
pub fn length_normalized_dpo(pair: &Pair, beta: f64) -> Cost {
    let (c, r) = (beta / pair.chosen_tokens, beta / pair.rejected_tokens);
    let margin = c * pair.rise() - r * (pair.rejected - pair.reference_rejected);
    let push = sigmoid(-margin);
    Cost { loss: softplus_neg(margin), chosen: -push * c, rejected: push * r }
}

/// SimPO, Meng et al. 2024, Eq. 6.
pub fn simpo(pair: &Pair, beta: f64, gamma: f64) -> Cost {
    let (c, r) = (beta / pair.chosen_tokens, beta / pair.rejected_tokens);
    let margin = c * pair.chosen - r * pair.rejected - gamma;
    let push = sigmoid(-margin);
    Cost { loss: softplus_neg(margin), chosen: -push * c, rejected: push * r }
}

/// DPO plus `nll` times the chosen side's negative log-likelihood per token of the batch, which has
/// `batch_tokens` of them and a summed log-likelihood `batch_chosen`, in a batch of `batch` pairs. The
/// derivatives are those of the batch's summed losses.
pub fn dpo_nll(pair: &Pair, beta: f64, nll: f64, batch_chosen: f64, batch_tokens: f64, batch: f64) -> Cost {
    let cost = dpo(pair, beta);
    Cost {
        loss: cost.loss - nll * batch_chosen / batch_tokens,
        chosen: cost.chosen - batch * nll / batch_tokens,
        rejected: cost.rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logistic_is_exact_at_its_ends() {
        assert_eq!(softplus_neg(0.0), std::f64::consts::LN_2);
        assert_eq!(softplus_neg(-1e4), 1e4);
        assert_eq!(softplus_neg(800.0), 0.0);
        assert!((softplus_neg(40.0) - (-40f64).exp()).abs() < 1e-30);
        assert_eq!((sigmoid(-1e4), sigmoid(1e4), sigmoid(0.0)), (0.0, 1.0, 0.5));
    }
}
