//! Per-step DPO is DPO on pairs that share a prefix: which losses see a shared prefix, and which do not.

use crate::laws::tensors::{Sequence, Table, numbers, value_and_gradients};
use eightfold_loss::{
    ConservativeDpo, Dpo, DpoNll, DpoPositive, Ipo, LengthNormalizedDpo, LogRatio, Logps, PairLogps,
    PreferenceLoss, SimPo,
};
use eightfold_tests::law::{Bound, Report, cases, law};
use proptest::prelude::*;

const TOKENS: usize = 4;

/// A pair of sequences that share a prefix, under a policy and a reference. Every position of the prefix and
/// of either rest has a context of its own.
#[derive(Clone, Debug)]
struct World {
    policy: Vec<f64>,
    reference: Vec<f64>,
    prefix: Vec<usize>,
    chosen: Vec<usize>,
    rejected: Vec<usize>,
}

fn any_world() -> impl Strategy<Value = World> {
    let rest = || prop::collection::vec(0..TOKENS, 1..5);
    (prop::collection::vec(0..TOKENS, 1..6), rest(), rest()).prop_flat_map(|(prefix, chosen, rejected)| {
        let size = TOKENS * (prefix.len() + chosen.len() + rejected.len());
        let logits = || prop::collection::vec(-2.0..2.0f64, size);
        (logits(), logits()).prop_map(move |(policy, reference)| World {
            policy,
            reference,
            prefix: prefix.clone(),
            chosen: chosen.clone(),
            rejected: rejected.clone(),
        })
    })
}

/// Losses of the difference of summed log-ratios.
fn difference_losses(beta: f64) -> [Box<dyn PreferenceLoss>; 3] {
    [
        Box::new(Dpo { beta }),
        Box::new(ConservativeDpo { beta, smoothing: 0.1 }),
        Box::new(Ipo { tau: beta, log_ratio: LogRatio::Sum }),
    ]
}

/// The others: they look at one side alone, or at its length.
fn other_losses() -> [Box<dyn PreferenceLoss>; 5] {
    [
        Box::new(SimPo { beta: 2.0, gamma: 0.5 }),
        Box::new(LengthNormalizedDpo { beta: 2.0 }),
        Box::new(DpoPositive { beta: 0.5, lambda: 5.0 }),
        Box::new(DpoNll { beta: 0.5, nll: 1.0 }),
        Box::new(Ipo { tau: 0.5, log_ratio: LogRatio::Mean }),
    ]
}

impl World {
    /// The sequences prefix + chosen and prefix + rejected, the prefix scored or not.
    fn sequences(&self, scored: bool) -> (Sequence, Sequence) {
        let place = |start: usize, tokens: &[usize], scored: bool| -> Sequence {
            tokens.iter().enumerate().map(|(i, &token)| (start + i, token, scored)).collect()
        };
        let (p, c) = (self.prefix.len(), self.chosen.len());
        let prefix = place(0, &self.prefix, scored);
        let chosen = [prefix.clone(), place(p, &self.chosen, true)].concat();
        let rejected = [prefix, place(p + c, &self.rejected, true)].concat();
        (chosen, rejected)
    }

    fn logps(&self, table: &Table, scored: bool) -> PairLogps {
        let (chosen, rejected) = self.sequences(scored);
        PairLogps { chosen: table.score(&[chosen]), rejected: table.score(&[rejected]) }
    }

    /// Loss, and gradient with respect to every logit; the references raised by a constant.
    fn cost(&self, loss: &dyn PreferenceLoss, scored: bool, raise: f64) -> Vec<f64> {
        let policy = Table::new(&self.policy, TOKENS);
        let raised = |logps: Logps| Logps { sums: logps.sums + raise, tokens: logps.tokens };
        let reference = self.logps(&Table::new(&self.reference, TOKENS), scored);
        let reference = PairLogps { chosen: raised(reference.chosen), rejected: raised(reference.rejected) };
        let losses = loss.forward(&self.logps(&policy, scored), &reference).losses;
        let (value, mut cost) = value_and_gradients(losses, &[&policy.logits]);
        cost.push(value);
        cost
    }

    /// How much loss or gradient change when the shared prefix is scored.
    fn prefix_effect(&self, loss: &dyn PreferenceLoss) -> f64 {
        eightfold_tests::tabular::largest_gap(&self.cost(loss, true, 0.0), &self.cost(loss, false, 0.0))
    }

    /// How much loss or gradient change when a constant is added to both references.
    fn constant_effect(&self, loss: &dyn PreferenceLoss, raise: f64) -> f64 {
        eightfold_tests::tabular::largest_gap(&self.cost(loss, false, raise), &self.cost(loss, false, 0.0))
    }
}

fn largest(effects: impl Iterator<Item = f64>) -> f64 {
    effects.fold(0.0, f64::max)
}

pub(crate) fn a_difference_of_log_ratios_does_not_see_a_shared_prefix() -> Report {
    law(60, Bound::AtMost(1e-12), (any_world(), 0.1..2.0f64), |(world, beta)| {
        largest(difference_losses(beta).iter().map(|loss| world.prefix_effect(&**loss)))
    })
}

pub(crate) fn nor_a_constant_added_to_both_references() -> Report {
    law(60, Bound::AtMost(1e-12), (any_world(), 0.1..2.0f64, -20.0..20.0f64), |(world, beta, raise)| {
        largest(difference_losses(beta).iter().map(|loss| world.constant_effect(&**loss, raise)))
    })
}

/// The margin changes its sign, and DPO's loss rises by the margin: -log sigmoid(-m) = -log sigmoid(m) + m.
pub(crate) fn swapping_sides_mirrors_the_margin() -> Report {
    law(60, Bound::AtMost(1e-12), (any_world(), 0.1..2.0f64), |(world, beta)| {
        let tables = [&world.policy, &world.reference].map(|logits| Table::new(logits, TOKENS));
        let [policy, reference] = tables.map(|table| world.logps(&table, true));
        let swap =
            |pair: &PairLogps| PairLogps { chosen: pair.rejected.clone(), rejected: pair.chosen.clone() };
        largest(difference_losses(beta).iter().enumerate().map(|(i, loss)| {
            let here = loss.forward(&policy, &reference);
            let there = loss.forward(&swap(&policy), &swap(&reference));
            let margin = numbers(here.margins())[0];
            let mirrored = (margin + numbers(there.margins())[0]).abs();
            let rise = numbers(there.losses)[0] - numbers(here.losses)[0];
            // Each loss's own rise: m; (1 - 2 smoothing) m; ((h + t)^2 - (h - t)^2) = 4 h t with t = 1/(2 tau).
            let expected = [margin, 0.8 * margin, 2.0 * margin / (beta * beta)][i];
            mirrored.max((rise - expected).abs() / expected.abs().max(1.0))
        }))
    })
}

/// One world, in which the sides differ in length and the policy has moved on the prefix.
fn example() -> World {
    let logits = |rate: f64| (0..32).map(|i| 2.0 * (f64::from(i) * rate).sin()).collect();
    World {
        policy: logits(0.7),
        reference: logits(1.3),
        prefix: vec![0, 2, 1],
        chosen: vec![3],
        rejected: vec![1, 0, 2, 2],
    }
}

pub(crate) fn losses_of_one_side_or_of_length_see_the_prefix() -> Report {
    cases(Bound::AtLeast(0.05), &other_losses().map(|loss| example().prefix_effect(&*loss)))
}

/// All but SimPO, which reads no reference, and DPO + NLL, whose added term reads none.
pub(crate) fn and_those_that_read_a_reference_see_the_constant() -> Report {
    let effects = other_losses().map(|loss| example().constant_effect(&*loss, 3.0));
    let [simpo, normalized, positive, nll, ipo_mean] = effects;
    assert!(simpo == 0.0 && nll < 1e-12, "{effects:?}");
    cases(Bound::AtLeast(0.05), &[normalized, positive, ipo_mean])
}
