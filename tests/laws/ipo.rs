//! Identity preference optimization beside DPO, on finitely many steps.

use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::scalar::sigmoid;
use eightfold_tests::tabular::{PairLoss, largest_gap, normalize, pair_optimum, tilt};
use proptest::prelude::*;
use std::cmp::Ordering;

/// How often each step beats each other, and a policy to draw both from.
fn any_preferences() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, Vec<Vec<f64>>)> {
    (2..6usize).prop_flat_map(|n| {
        let policy = || prop::collection::vec(0.05..1.0f64, n).prop_map(|raw| normalize(&raw));
        let wins = prop::collection::vec(prop::collection::vec(0.0..1.0f64, n), n).prop_map(move |p| {
            let wins = |a: usize, b: usize| match a.cmp(&b) {
                Ordering::Less => p[a][b],
                Ordering::Equal => 0.5,
                Ordering::Greater => 1.0 - p[b][a],
            };
            (0..n).map(|a| (0..n).map(|b| wins(a, b)).collect()).collect()
        });
        (policy(), policy(), wins)
    })
}

/// Ordered pairs from mu x mu, ordered as the preference says.
fn pairs(mu: &[f64], wins: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let row = |a: usize| (0..mu.len()).map(|b| mu[a] * mu[b] * wins[a][b]).collect();
    (0..mu.len()).map(row).collect()
}

/// pi_ref exp(E_b[p(a beats b)]/tau)/Z, whatever the preferences.
pub(crate) fn the_optimum_of_ipo() -> Report {
    law(300, Bound::AtMost(1e-9), (any_preferences(), 0.1..2.0f64), |((reference, mu, wins), tau)| {
        let found = pair_optimum(&reference, &pairs(&mu, &wins), PairLoss::Ipo(tau));
        let score = |a: usize| mu.iter().zip(&wins[a]).map(|(m, p)| m * p).sum::<f64>() / tau;
        largest_gap(&found, &tilt(&reference, &(0..mu.len()).map(score).collect::<Vec<_>>()))
    })
}

/// With two steps, one winning with chance p: the same policy when tau = beta (2p-1) / (2 logit p).
pub(crate) fn two_steps_agree_with_dpo_at_the_matched_tau() -> Report {
    let chance = prop_oneof![0.02..0.49f64, 0.51..0.98f64];
    law(300, Bound::AtMost(1e-9), (chance, 0.05..0.95f64, 0.1..2.0f64), |(p, share, beta)| {
        let tau = beta * (2.0 * p - 1.0) / (2.0 * (p / (1.0 - p)).ln());
        let reference = [share, 1.0 - share];
        let weights = pairs(&reference, &[vec![0.5, p], vec![1.0 - p, 0.5]]);
        let dpo = pair_optimum(&reference, &weights, PairLoss::Dpo(beta));
        largest_gap(&pair_optimum(&reference, &weights, PairLoss::Ipo(tau)), &dpo)
    })
}

/// With p = sigmoid(d) and tau = beta/4 the margins of IPO and DPO, tanh(d/2) 2/beta and d/beta, differ by at
/// most |d|^3 / (12 beta). The measured number is the excess.
pub(crate) fn and_to_first_order_at_a_quarter_of_beta() -> Report {
    law(500, Bound::AtMost(1e-8), (-1.0..1.0f64, 0.1..2.0f64), |(d, beta)| {
        let half = [0.5, 0.5];
        let weights = pairs(&half, &[vec![0.5, sigmoid(d)], vec![sigmoid(-d), 0.5]]);
        let margin = |loss: PairLoss| {
            let policy = pair_optimum(&half, &weights, loss);
            (policy[0] / policy[1]).ln()
        };
        let gap = (margin(PairLoss::Ipo(beta / 4.0)) - margin(PairLoss::Dpo(beta))).abs();
        gap - d.abs().powi(3) / (12.0 * beta)
    })
}

/// Gradient descent on the margin of one pair that is always ordered the same way, at the given numbers of
/// steps.
fn descend(loss: PairLoss, rate: f64, marks: &[u32]) -> Vec<f64> {
    let (mut margin, mut done) = (0.0, 0);
    let mut at = |mark: &u32| {
        (done..*mark).for_each(|_| margin -= rate * loss.cost(margin).chosen);
        done = *mark;
        margin
    };
    marks.iter().map(&mut at).collect()
}

/// DPO's margin, times beta, grows by ln 10 for every ten times as many steps: no end. The measured number is
/// the growth over a decade.
pub(crate) fn with_certain_preferences_the_margin_of_dpo_grows_without_bound() -> Report {
    let growth: Vec<f64> = [0.1, 0.5, 2.0]
        .iter()
        .flat_map(|&beta| {
            let rate = 10.0 / (beta * beta);
            let margins = descend(PairLoss::Dpo(beta), rate, &[100, 1_000, 10_000, 100_000, 1_000_000]);
            margins.windows(2).map(move |w| beta * (w[1] - w[0])).collect::<Vec<_>>()
        })
        .collect();
    // Nor is there a margin at which it would stop: the slope is negative as far as f64 can tell.
    assert!((0..700).all(|m| PairLoss::Dpo(1.0).cost(f64::from(m)).chosen < 0.0));
    cases(Bound::AtLeast(2.1), &growth)
}

/// IPO's stops at 1/(2 tau).
pub(crate) fn and_that_of_ipo_does_not() -> Report {
    let misses = [0.1, 0.5, 2.0].map(|tau| (descend(PairLoss::Ipo(tau), 0.1, &[1_000])[0] - 0.5 / tau).abs());
    cases(Bound::AtMost(1e-12), &misses)
}
