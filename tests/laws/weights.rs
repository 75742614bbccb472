//! Likelihood with weights: what it becomes when weights are 0 and 1, constant, nearly flat, or nearly a choice.

use crate::laws::tensors::{value_and_gradients, vector};
use eightfold_loss::{AdvantageWeighting, Logps, NllReduction, advantage_weighted_nll, weighted_nll};
use eightfold_tests::law::{Bound, Report, law};
use eightfold_tests::tabular::{largest_gap, normalize, total_variation};
use proptest::prelude::*;

const ROWS: usize = 6;

fn any_batch() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    let tokens = prop::collection::vec((1..40u32).prop_map(f64::from), ROWS);
    (prop::collection::vec(-50.0..0.0f64, ROWS), tokens)
}

/// Loss, and gradient with respect to every row's sum.
fn cost(sums: &[f64], tokens: &[f64], loss: impl Fn(&Logps) -> burn::tensor::Tensor<1>) -> Vec<f64> {
    let logps = Logps { sums: vector(sums).require_grad(), tokens: vector(tokens) };
    let (value, mut cost) = value_and_gradients(loss(&logps), &[&logps.sums]);
    cost.push(value);
    cost
}

pub(crate) fn weights_of_zero_and_one_are_rft_on_the_kept_rows() -> Report {
    let kept =
        prop::collection::vec(any::<bool>(), ROWS).prop_filter("some row is kept", |k| k.contains(&true));
    law(100, Bound::AtMost(1e-13), (any_batch(), kept), |((sums, tokens), kept)| {
        let weights: Vec<f64> = kept.iter().map(|&k| f64::from(u8::from(k))).collect();
        let of_kept = |column: &[f64]| -> Vec<f64> {
            column.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(x, _)| *x).collect()
        };
        let gaps = [NllReduction::Token, NllReduction::Sequence].map(|reduction| {
            let whole = cost(&sums, &tokens, |logps| weighted_nll(logps, vector(&weights), reduction));
            let (sums, tokens) = (of_kept(&sums), of_kept(&tokens));
            let ones = vec![1.0; sums.len()];
            let part = cost(&sums, &tokens, |logps| weighted_nll(logps, vector(&ones), reduction));
            // Dropped rows have no gradient; the others, and the loss, are those of the kept rows alone.
            let kept_and_loss: Vec<bool> = kept.iter().copied().chain([true]).collect();
            let (mut rest, mut gap) = (part.iter(), 0.0f64);
            for (found, kept) in whole.iter().zip(kept_and_loss) {
                let expected = if kept { *rest.next().expect("a number for each kept row") } else { 0.0 };
                gap = gap.max((found - expected).abs());
            }
            gap
        });
        gaps[0].max(gaps[1])
    })
}

/// Times exp(A/beta) when divided by rows; not at all when divided by weights.
pub(crate) fn constant_advantages_scale_or_cancel() -> Report {
    law(
        100,
        Bound::AtMost(1e-12),
        (any_batch(), -1.0..1.0f64, 0.2..3.0f64),
        |((sums, tokens), advantage, beta)| {
            let weighting = AdvantageWeighting::Exponential { beta };
            let constant = vector(&[advantage; ROWS]);
            let kinds = [
                (NllReduction::Batch, (advantage / beta).exp()),
                (NllReduction::Token, 1.0),
                (NllReduction::Sequence, 1.0),
            ];
            let gaps = kinds.map(|(reduction, factor)| {
                let nll = cost(&sums, &tokens, |logps| weighted_nll(logps, vector(&[1.0; ROWS]), reduction));
                let scaled: Vec<f64> = nll.iter().map(|x| factor * x).collect();
                let found = cost(&sums, &tokens, |logps| {
                    advantage_weighted_nll(logps, constant.clone(), weighting, reduction)
                });
                largest_gap(&found, &scaled) / factor.max(1.0) / 50.0
            });
            gaps.into_iter().fold(0.0, f64::max)
        },
    )
}

/// |w - 1| <= (|A|/beta) exp(|A|/beta); the measured number is the excess over the bound.
pub(crate) fn a_large_beta_is_plain_likelihood() -> Report {
    law(2000, Bound::AtMost(0.0), (-1.0..1.0f64, 0.02..1e4f64), |(advantage, beta)| {
        let weight = AdvantageWeighting::Exponential { beta }.weight(advantage);
        let ratio = advantage.abs() / beta;
        // A rounding error of the weight itself is no excess.
        ((weight - 1.0).abs() - ratio * ratio.exp() - f64::EPSILON).max(0.0)
    })
}

/// A policy over steps and their advantages, of which none but the best are nearer than 0.01 to it, or to 0.
fn any_state() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (2..6usize).prop_flat_map(|n| {
        let policy = prop::collection::vec(0.05..1.0f64, n).prop_map(|raw| normalize(&raw));
        // Hundredths: ties occur, and gaps are clear.
        let advantages = prop::collection::vec((-100..100i32).prop_map(|h| f64::from(h) / 100.0 + 0.005), n);
        (policy, advantages)
    })
}

/// The policy of weighted likelihood in one state: proportional to pi_sft w.
fn weighted_policy(policy: &[f64], advantages: &[f64], weighting: AdvantageWeighting) -> Vec<f64> {
    let pull: Vec<f64> = policy.iter().zip(advantages).map(|(p, &a)| p * weighting.weight(a)).collect();
    normalize(&pull)
}

/// pi_sft on some of its steps.
fn restricted(policy: &[f64], kept: impl Fn(usize) -> bool) -> Vec<f64> {
    let mass: Vec<f64> = policy.iter().enumerate().map(|(i, &p)| if kept(i) { p } else { 0.0 }).collect();
    normalize(&mass)
}

/// Total variation to pi_sft on the best steps is at most ((1-p*)/p*) exp(-gap/beta), with p* their mass and
/// gap their lead; at a beta of a fortieth of the gap they are all that is left.
pub(crate) fn a_small_beta_keeps_the_best_steps() -> Report {
    law(500, Bound::AtMost(1e-12), (any_state(), 0.0..1.0f64), |((policy, advantages), place)| {
        let best = advantages.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        // Relative to the best, so that weights do not overflow: normalized weights do not see the constant.
        let relative: Vec<f64> = advantages.iter().map(|a| a - best).collect();
        let Some(gap) = relative.iter().filter(|a| **a < -1e-9).map(|a| -a).min_by(f64::total_cmp) else {
            return 0.0;
        };
        let limit = restricted(&policy, |i| relative[i] > -1e-9);
        let mass: f64 = policy.iter().zip(&relative).filter(|(_, a)| **a > -1e-9).map(|(p, _)| p).sum();
        let distance = |beta: f64| {
            let weighting = AdvantageWeighting::Exponential { beta };
            total_variation(&weighted_policy(&policy, &relative, weighting), &limit)
        };
        let beta = gap * 40f64.powf(place - 1.0) * 2.0;
        let excess = (distance(beta) - (1.0 - mass) / mass * (-gap / beta).exp()).max(0.0);
        excess.max(distance(gap / 40.0) - 1e-12)
    })
}

/// Clipped weights do not look for the best: as beta falls they leave pi_sft on all steps of positive
/// advantage. Total variation at most ((1-p+)/(p+ max)) exp(-gap/beta), with p+ the mass of those and gap the
/// smallest |A|, once every positive weight is clipped.
pub(crate) fn a_small_beta_with_clipped_weights_is_a_filter() -> Report {
    let states = any_state().prop_filter("some advantage is positive", |(_, a)| a.iter().any(|a| *a > 0.0));
    law(
        500,
        Bound::AtMost(1e-12),
        (states, 2.0..100.0f64, 0.05..1.0f64),
        |((policy, advantages), max, part)| {
            let gap = advantages.iter().map(|a| a.abs()).fold(f64::INFINITY, f64::min);
            let beta = part * gap / max.ln();
            let kept = |i: usize| advantages[i] > 0.0;
            let mass: f64 = (0..policy.len()).filter(|&i| kept(i)).map(|i| policy[i]).sum();
            let found = weighted_policy(&policy, &advantages, AdvantageWeighting::Clipped { beta, max });
            let filter =
                weighted_policy(&policy, &advantages, AdvantageWeighting::Filtered { threshold: 0.0 });
            let exact = largest_gap(&filter, &restricted(&policy, kept));
            let bound = (1.0 - mass) / (mass * max) * (-gap / beta).exp();
            exact.max(total_variation(&found, &filter) - bound)
        },
    )
}
