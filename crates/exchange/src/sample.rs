//! `samples.jsonl` and the files that follow from it: one drawn solution a line, and what was found out
//! about it.

use crate::fields::{Fields, RowError, count, items, list, number, text, truth};
use crate::{Prompt, StepValue, VerifiedRollouts};
use eightfold_segment::Steps;
use eightfold_verifier::Judgment;
use serde::Serialize;
use serde_json::{Map, Value};

/// A line of `samples.jsonl`. `sample` writes what comes first, `verify`, `segment` and `value` add to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SampleRow {
    /// The problem.
    pub id: String,
    /// Which solution of the problem, from 0.
    pub sample: u64,
    /// What was asked.
    pub question: String,
    /// The right final answer, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// What the model was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<Prompt>,
    /// What it wrote.
    pub completion: String,
    /// Why it stopped: `stop` when it ended the text itself, `length` when it was cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finish_reason: Option<String>,
    /// Tokens of the completion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Log-probability of the completion: the sum over its tokens, in nats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprob: Option<f64>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The seed that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Whether the final answer is right (`verify`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Judgment>,
    /// Where each step starts and ends, in Unicode scalar values of the completion (`segment`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<[u64; 2]>>,
    /// What the prefixes are worth (`value`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<StepValue>>,
    /// The first pit: which of the steps, from 0 (`value`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_pit: Option<u64>,
    /// The rollouts that succeeded (`value`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollouts: Option<Vec<VerifiedRollouts>>,
    /// Whether each step is right, where that was imported and not estimated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<bool>>,
    /// Further keys, as they were.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl SampleRow {
    /// Reads a row.
    ///
    /// # Errors
    /// If a key is missing or holds something else; the error names it.
    pub fn read(fields: Map<String, Value>) -> Result<Self, RowError> {
        let mut fields = Fields::from(fields);
        Ok(Self {
            id: fields.text("id")?,
            sample: fields.count("sample")?,
            question: fields.text("question")?,
            answer: fields.optionally("answer", text)?,
            prompt: fields.optionally("prompt", Prompt::read)?,
            completion: fields.text("completion")?,
            finish_reason: fields.optionally("finish_reason", text)?,
            tokens: fields.optionally("tokens", count)?,
            logprob: fields.optionally("logprob", number)?,
            model: fields.optionally("model", text)?,
            seed: fields.optionally("seed", count)?,
            verdict: fields.optionally("verdict", judgment)?,
            steps: fields.optionally("steps", |key, value| items(key, value, span))?,
            values: fields.optionally("values", |key, value| items(key, value, StepValue::read))?,
            first_pit: fields.optionally("first_pit", count)?,
            rollouts: fields.optionally("rollouts", |k, v| items(k, v, VerifiedRollouts::read))?,
            labels: fields.optionally("labels", |key, value| items(key, value, truth))?,
            more: fields.rest(),
        })
    }

    /// Whether the model ended the text itself. Where nothing is said, it did.
    pub fn is_finished(&self) -> bool {
        self.finish_reason.as_deref() != Some("length")
    }

    /// Whether the answer is right.
    ///
    /// # Errors
    /// If nothing has verified the row.
    pub fn is_correct(&self) -> Result<bool, RowError> {
        let hint = "; `eightfold verify` adds it";
        let verdict = self.verdict.ok_or_else(|| RowError::Missing { key: "verdict".into(), hint })?;
        Ok(verdict == Judgment::Equal)
    }

    /// The completion, cut where `steps` says.
    ///
    /// # Errors
    /// If nothing has cut it, or the spans do not tile it.
    pub fn cut(&self) -> Result<Steps, RowError> {
        let hint = "; `eightfold segment --text-key completion` adds it";
        let spans = self.steps.as_ref().ok_or_else(|| RowError::Missing { key: "steps".into(), hint })?;
        let mut at = 0;
        for &[start, end] in spans {
            if start != at || end <= start {
                let message = format!("[{start}, {end}] does not follow on {at}");
                return Err(RowError::value("steps", message));
            }
            at = end;
        }
        let mut bytes: Vec<usize> = self.completion.char_indices().map(|(at, _)| at).collect();
        if at != bytes.len() as u64 {
            let message = format!("they end at {at}, and the completion has {} characters", bytes.len());
            return Err(RowError::value("steps", message));
        }
        bytes.push(self.completion.len());
        let starts = spans.iter().map(|&[start, _]| bytes[start as usize]);
        Ok(Steps::cut(self.completion.clone(), starts))
    }
}

/// Reads what `verify` writes.
pub(crate) fn judgment(key: &str, value: Value) -> Result<Judgment, RowError> {
    let name = text(key, value)?;
    let all = [Judgment::Equal, Judgment::Different, Judgment::Undecided];
    let named = all.into_iter().find(|judgment| judgment.to_string() == name);
    named.ok_or_else(|| RowError::value(key, format!("`{name}` is none of equal, different and undecided")))
}

fn span(key: &str, value: Value) -> Result<[u64; 2], RowError> {
    let ends = list(key, value)?.into_iter().map(|end| count(key, end)).collect::<Result<Vec<_>, _>>()?;
    let wrong =
        |ends: Vec<u64>| RowError::value(key, format!("{} numbers, not a start and an end", ends.len()));
    ends.try_into().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<SampleRow, RowError> {
        let Value::Object(fields) = value else { unreachable!() };
        SampleRow::read(fields)
    }

    fn cut(completion: &str, steps: Value) -> Result<Steps, RowError> {
        let row = json!({"id": "a", "sample": 0, "question": "q", "completion": completion, "steps": steps});
        read(row)?.cut()
    }

    #[test]
    fn a_row_is_written_as_it_was_read() {
        let row = json!({
            "id": "toy-3", "sample": 1, "question": "q", "answer": "4", "prompt": [{"role": "user", "content": "q"}],
            "completion": "é\nx", "finish_reason": "stop", "tokens": 4, "logprob": -1.5, "model": "m", "seed": 7,
            "verdict": "different", "reason": "other_value", "extracted": null, "steps": [[0, 2], [2, 3]],
            "values": [{"step": 1, "q": 0.5, "low": 0.01, "high": 0.99, "rollouts": 2, "correct": 1}],
            "first_pit": 1, "rollouts": [{"step": 1, "verified": ["y"]}],
        });
        let found = read(row.clone()).unwrap();
        assert_eq!(serde_json::to_value(&found).unwrap(), row);
        assert!(found.is_finished() && !found.is_correct().unwrap());
        assert_eq!(found.cut().unwrap().iter().collect::<Vec<_>>(), ["é\n", "x"]);
    }

    #[test]
    fn spans_that_do_not_tile_are_named() {
        let message = |steps| cut("éx", steps).unwrap_err().to_string();
        assert_eq!(message(json!([[0, 1], [2, 3]])), "key `steps`: [2, 3] does not follow on 1");
        assert_eq!(
            message(json!([[0, 3]])),
            "key `steps`: they end at 3, and the completion has 2 characters"
        );
        assert_eq!(message(json!([[0]])), "key `steps[0]`: 1 numbers, not a start and an end");
        assert!(message(Value::Null).contains("no key `steps`; `eightfold segment"));
        assert!(cut("", json!([])).unwrap().is_empty());
    }

    #[test]
    fn a_verdict_is_one_of_three() {
        let row = json!({"id": "a", "sample": 0, "question": "q", "completion": "c"});
        assert!(
            read(row.clone()).unwrap().is_correct().unwrap_err().to_string().contains("eightfold verify")
        );
        let mut row = row;
        row["verdict"] = json!("yes");
        assert!(read(row).unwrap_err().to_string().contains("`yes` is none of equal"));
    }
}
