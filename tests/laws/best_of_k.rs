//! The best of K rollouts: values, pits, and where they fall.

use eightfold_advantage::{Completer, Evidence, PitRule, Rollouts, pit_law};
use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::tabular::largest_gap;
use eightfold_verifier::Verdict;
use proptest::prelude::*;

fn best_of(q: f64, k: u32) -> f64 {
    Completer::BestOf { k: k as usize }.value(q)
}

/// Chance of an outcome of independent draws, bit by bit, each verified with chance q.
fn chance(outcome: u32, draws: u32, q: f64) -> f64 {
    (0..draws).map(|i| if outcome >> i & 1 == 1 { q } else { 1.0 - q }).product()
}

/// 1 - (1-q)^K is the mean verdict of the best of K, summed over all 2^K outcomes.
pub(crate) fn the_value_of_the_best_of_k() -> Report {
    law(200, Bound::AtMost(1e-12), (0.0..=1.0f64, 1..=10u32), |(q, k)| {
        let mean: f64 = (1..1u32 << k).map(|outcome| chance(outcome, k, q)).sum();
        (mean - best_of(q, k)).abs()
    })
}

/// More draws never lower the value; the measured number is by how much they do, beyond rounding.
pub(crate) fn the_value_rises_with_k() -> Report {
    law(500, Bound::AtMost(1e-15), (0.0..=1.0f64, 1..=30u32), |(q, k)| best_of(q, k) - best_of(q, k + 1))
}

/// The advantage of a step does not: a step from q = 1/2 to 1/10 costs most at K = 2, one from 1/10 to 3/10
/// gains most at K = 4. The measured numbers are the moves up to there and back.
pub(crate) fn the_advantage_does_not() -> Report {
    let advantage = |before: f64, after: f64, k: u32| best_of(after, k) - best_of(before, k);
    let costs = [1, 2, 8].map(|k| -advantage(0.5, 0.1, k));
    let gains = [1, 4, 20].map(|k| advantage(0.1, 0.3, k));
    let moves = [costs, gains].map(|at| [at[1] - at[0], at[1] - at[2]]);
    cases(Bound::AtLeast(0.05), &moves.concat())
}

/// A wrong solution with K rollouts from each prefix but the last, which is the solution itself.
fn any_evidence() -> impl Strategy<Value = Evidence> {
    (0..8usize, 1..7usize).prop_flat_map(|(prefixes, k)| {
        let row = prop::collection::vec(prop::bool::weighted(0.3), k);
        prop::collection::vec(row, prefixes).prop_map(|rows| {
            let rollouts = |row: Vec<bool>| Rollouts {
                draws: row.into_iter().map(|good| good.then(String::new)).collect(),
                tokens: 0,
            };
            let steps: Vec<_> = rows.into_iter().map(rollouts).collect();
            Evidence { len: steps.len() + 1, steps, ..Evidence::new(0, Verdict::Incorrect) }
        })
    })
}

/// Rollouts from each prefix.
fn draws(evidence: &Evidence) -> usize {
    evidence.steps.first().map_or(1, |rollouts| rollouts.draws.len())
}

fn all_fail(evidence: &Evidence, k: usize) -> usize {
    let pit = PitRule::AllFail { k }.first_pit(evidence, Completer::BestOf { k: 1 });
    pit.expect("the last step of a wrong solution is a pit")
}

/// The two pit rules name one step when they read the same rollouts and the last value is the verdict, whether
/// values are means or those of the best of K.
pub(crate) fn the_lowest_value_is_the_first_of_k_failures() -> Report {
    law(500, Bound::AtMost(0.0), any_evidence(), |evidence| {
        let k = draws(&evidence);
        let lowest = |k: usize| PitRule::LowestQ.first_pit(&evidence, Completer::BestOf { k });
        let pit = Some(all_fail(&evidence, k));
        f64::from(u8::from(pit != lowest(1) || pit != lowest(k)))
    })
}

/// With nested rollouts a larger K never moves the pit earlier; the measured number is by how many steps.
pub(crate) fn more_rollouts_never_move_the_pit_earlier() -> Report {
    law(500, Bound::AtMost(0.0), any_evidence(), |evidence| {
        let pits: Vec<usize> = (1..=draws(&evidence)).map(|k| all_fail(&evidence, k)).collect();
        pits.windows(2).map(|w| w[0].saturating_sub(w[1]) as f64).fold(0.0, f64::max)
    })
}

/// P(i) = (1-q_i)^K prod over j < i of (1 - (1-q_j)^K), against the sum over all outcomes of all rollouts.
pub(crate) fn pits_fall_where_the_law_says() -> Report {
    let values = prop::collection::vec(0.0..=1.0f64, 1..4);
    law(60, Bound::AtMost(1e-13), (values, 1..=3u32), |(mut values, k)| {
        values.push(0.0);
        let bits = k * values.len() as u32;
        let mut found = vec![0.0; values.len()];
        for outcome in 0..1u32 << bits {
            let rows: Vec<u32> =
                (0..values.len() as u32).map(|i| outcome >> (i * k) & ((1 << k) - 1)).collect();
            let p: f64 = rows.iter().zip(&values).map(|(&row, &q)| chance(row, k, q)).product();
            if p > 0.0 {
                found[rows.iter().position(|&row| row == 0).expect("the last step is a pit")] += p;
            }
        }
        let passed =
            |i: usize| -> f64 { values[..i].iter().map(|q| 1.0 - (1.0 - q).powi(k as i32)).product() };
        let law: Vec<f64> = (0..values.len()).map(|i| (1.0 - values[i]).powi(k as i32) * passed(i)).collect();
        largest_gap(&found, &law).max(largest_gap(&pit_law(&values, k as usize), &law))
    })
}
