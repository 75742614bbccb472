//! DPO where it starts: policy = reference.

use crate::laws::tensors::{Sequence, Table, numbers, value_and_gradients, vector};
use eightfold_loss::{Dpo, Logps, PairLogps, PreferenceLoss};
use eightfold_tests::law::{Bound, Report, law};
use proptest::prelude::*;

pub(crate) fn an_untrained_policy_pays_ln_2() -> Report {
    let sums = prop::collection::vec(-1e5..0.0f64, 6);
    law(100, Bound::AtMost(0.0), (sums, 0.01..10.0f64), |(sums, beta)| {
        let logps = |s: &[f64]| Logps { sums: vector(s), tokens: vector(&[5.0; 3]) };
        let policy = PairLogps { chosen: logps(&sums[..3]), rejected: logps(&sums[3..]) };
        let losses = numbers(Dpo { beta }.forward(&policy, &policy).losses);
        losses.iter().map(|loss| (loss - std::f64::consts::LN_2).abs()).fold(0.0, f64::max)
    })
}

/// -(beta/2) (grad log pi(chosen) - grad log pi(rejected)), with respect to every logit of a model.
pub(crate) fn the_first_gradient_is_half_beta_times_the_difference() -> Report {
    let logits = prop::collection::vec(-3.0..3.0f64, 12);
    let sequence = || prop::collection::vec((0..4usize, 0..3usize, any::<bool>()), 1..6);
    let world = (logits, sequence(), sequence(), 0.01..5.0f64);
    law(100, Bound::AtMost(1e-13), world, |(logits, chosen, rejected, beta)| {
        let table = Table::new(&logits, 3);
        let score = |sequence: &Sequence| table.score(std::slice::from_ref(sequence));
        let gradient_of = |sequence: &Sequence| value_and_gradients(score(sequence).sums, &[&table.logits]).1;
        let expected: Vec<f64> = gradient_of(&chosen)
            .iter()
            .zip(gradient_of(&rejected))
            .map(|(chosen, rejected)| -beta / 2.0 * (chosen - rejected))
            .collect();
        let policy = PairLogps { chosen: score(&chosen), rejected: score(&rejected) };
        let (_, found) = value_and_gradients(Dpo { beta }.forward(&policy, &policy).losses, &[&table.logits]);
        eightfold_tests::tabular::largest_gap(&found, &expected)
    })
}
