//! What a search for pits adds to the row of a sample; [`crate::Settings::make`] reads it.

use eightfold_advantage::{Completer, Evidence, PrefixValue};
use eightfold_exchange::{StepValue, VerifiedRollouts};
use serde_json::{Map, Value, json};

/// The keys `values` (with intervals of this level, in (0, 1)), `first_pit` and `rollouts` (the right ones), for the
/// completer whose values they are.
pub fn valued(
    evidence: &Evidence,
    pit: Option<usize>,
    completer: Completer,
    level: f64,
) -> Map<String, Value> {
    let value = |value: &PrefixValue| StepValue {
        step: value.steps as u64,
        q: value.q,
        low: value.interval.0,
        high: value.interval.1,
        rollouts: value.rollouts as u64,
        correct: value.correct as u64,
        advantage: value.advantage,
    };
    let values: Vec<StepValue> = evidence.prefix_values(completer, level).iter().map(value).collect();
    let prefixes = evidence.question.iter().map(|rollouts| (0, rollouts));
    let prefixes = prefixes.chain(evidence.steps.iter().enumerate().map(|(i, rollouts)| (i + 1, rollouts)));
    let rollouts: Vec<VerifiedRollouts> = prefixes
        .map(|(step, rollouts)| VerifiedRollouts {
            step: step as u64,
            verified: rollouts.verified().map(str::to_owned).collect(),
        })
        .collect();
    let fields = [("values", json!(values)), ("first_pit", json!(pit)), ("rollouts", json!(rollouts))];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
