//! `rollouts.jsonl`: one continuation of a prefix a line; and what `value` makes of them.

use crate::fields::{Fields, RowError, count, items, number, text};
use crate::sample::judgment;
use eightfold_verifier::Judgment;
use serde::Serialize;
use serde_json::{Map, Value};

/// A line of `rollouts.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RolloutRow {
    /// The problem.
    pub id: String,
    /// Which solution of the problem, from 0.
    pub sample: u64,
    /// How many steps of that solution were written already: 0 for the bare question.
    pub step: u64,
    /// Which continuation of that prefix, from 0.
    pub rollout: u64,
    /// The text after the prefix.
    pub completion: String,
    /// Why the model stopped, as in samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Tokens of the completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Whether prefix and completion together reach the right answer, where that is known already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Judgment>,
    /// Further keys, as they were.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl RolloutRow {
    /// Reads a row.
    ///
    /// # Errors
    /// If a key is missing or holds something else; the error names it.
    pub fn read(fields: Map<String, Value>) -> Result<Self, RowError> {
        let mut fields = Fields::from(fields);
        Ok(Self {
            id: fields.text("id")?,
            sample: fields.count("sample")?,
            step: fields.count("step")?,
            rollout: fields.count("rollout")?,
            completion: fields.text("completion")?,
            finish_reason: fields.optionally("finish_reason", text)?,
            tokens: fields.optionally("tokens", count)?,
            verdict: fields.optionally("verdict", judgment)?,
            more: fields.rest(),
        })
    }

    /// Whether the model ended the text itself. Where nothing is said, it did.
    pub fn is_finished(&self) -> bool {
        self.finish_reason.as_deref() != Some("length")
    }
}

/// What one prefix of a solution is worth: an entry of `values`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepValue {
    /// How many steps are written: 0 for the bare question, and as many as the solution has for all of it.
    pub step: u64,
    /// The estimated value, in [0, 1].
    pub q: f64,
    /// Lower end of its interval.
    pub low: f64,
    /// Upper end of its interval.
    pub high: f64,
    /// Rollouts drawn from this prefix. The whole solution has none: its value is its verdict.
    pub rollouts: u64,
    /// How many of them reached the right answer.
    pub correct: u64,
    /// The change of value over the last step written; absent where the value before it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advantage: Option<f64>,
}

impl StepValue {
    /// Reads an entry.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        let mut fields = Fields::of(key, value)?;
        let mut read = || {
            let mut float = |key: &str| number(key, fields.required(key)?);
            let (q, low, high) = (float("q")?, float("low")?, float("high")?);
            Ok(Self {
                step: fields.count("step")?,
                q,
                low,
                high,
                rollouts: fields.count("rollouts")?,
                correct: fields.count("correct")?,
                advantage: fields.optionally("advantage", number)?,
            })
        };
        read().map_err(|error: RowError| error.within(key))
    }
}

/// The rollouts from one prefix that reached the right answer: what chosen sides are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifiedRollouts {
    /// How many steps of the solution were written already.
    pub step: u64,
    /// Their texts after the prefix.
    pub verified: Vec<String>,
}

impl VerifiedRollouts {
    /// Reads an entry.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        let mut fields = Fields::of(key, value)?;
        let mut read = || {
            let step = fields.count("step")?;
            Ok(Self { step, verified: items("verified", fields.required("verified")?, text)? })
        };
        read().map_err(|error: RowError| error.within(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_written_as_it_was_read() {
        let row = json!({"id": "toy-3", "sample": 0, "step": 2, "rollout": 4, "completion": "x", "verdict": "equal",
                         "finish_reason": "length", "server": "a"});
        let Value::Object(fields) = row.clone() else { unreachable!() };
        let found = RolloutRow::read(fields).unwrap();
        assert!(!found.is_finished());
        assert_eq!(serde_json::to_value(found).unwrap(), row);
    }

    #[test]
    fn errors_name_the_entry() {
        let value = StepValue::read("values[2]", json!({"step": 0, "q": 0.5, "low": 0.1})).unwrap_err();
        assert_eq!(value.to_string(), "no key `values[2].high`");
        let rollouts =
            VerifiedRollouts::read("rollouts[0]", json!({"step": 0, "verified": [[]]})).unwrap_err();
        assert_eq!(rollouts.to_string(), "key `rollouts[0].verified[0]` is a list, not a text");
    }
}
