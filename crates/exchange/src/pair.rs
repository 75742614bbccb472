//! `pairs.jsonl` and `examples.jsonl`: what is trained on.

use crate::Prompt;
use crate::fields::{Fields, RowError, count, text, truth};
use serde::Serialize;
use serde_json::{Map, Value};

/// A line of `pairs.jsonl`: prefer `chosen` to `rejected`, both after the prompt and the initial steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairRow {
    /// The problem.
    pub id: String,
    /// The solution that the rejected side is from, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// How the pair was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What the model is given before its solution.
    pub prompt: Prompt,
    /// The steps that both sides continue; empty for whole solutions.
    pub initial_steps: String,
    /// The side to make likelier.
    pub chosen: String,
    /// The side to make less likely.
    pub rejected: String,
    /// Whether the end of the text belongs to the chosen side.
    pub chosen_ends: bool,
    /// Whether the end of the text belongs to the rejected side. A lone step does not end.
    pub rejected_ends: bool,
    /// The pit: which step of the solution, from 0; absent for whole solutions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The right final answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Further keys, as they were.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl PairRow {
    /// Reads a row. Where nothing is said, the chosen side ends, and the rejected side ends if there is no
    /// pit.
    ///
    /// # Errors
    /// If a key is missing or holds something else; the error names it.
    pub fn read(fields: Map<String, Value>) -> Result<Self, RowError> {
        let mut fields = Fields::from(fields);
        let step = fields.optionally("step", count)?;
        Ok(Self {
            id: fields.text("id")?,
            sample: fields.optionally("sample", count)?,
            rule: fields.optionally("rule", text)?,
            prompt: Prompt::read("prompt", fields.required("prompt")?)?,
            initial_steps: fields.optionally("initial_steps", text)?.unwrap_or_default(),
            chosen: fields.text("chosen")?,
            rejected: fields.text("rejected")?,
            chosen_ends: fields.optionally("chosen_ends", truth)?.unwrap_or(true),
            rejected_ends: fields.optionally("rejected_ends", truth)?.unwrap_or(step.is_none()),
            step,
            question: fields.optionally("question", text)?,
            answer: fields.optionally("answer", text)?,
            more: fields.rest(),
        })
    }
}

/// A line of `examples.jsonl`: imitate the completion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExampleRow {
    /// The problem.
    pub id: String,
    /// The solution that it is, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// What the model is given.
    pub prompt: Prompt,
    /// What it should write.
    pub completion: String,
    /// What was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// The right final answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Further keys, as they were.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl ExampleRow {
    /// Reads a row.
    ///
    /// # Errors
    /// If a key is missing or holds something else; the error names it.
    pub fn read(fields: Map<String, Value>) -> Result<Self, RowError> {
        let mut fields = Fields::from(fields);
        Ok(Self {
            id: fields.text("id")?,
            sample: fields.optionally("sample", count)?,
            prompt: Prompt::read("prompt", fields.required("prompt")?)?,
            completion: fields.text("completion")?,
            question: fields.optionally("question", text)?,
            answer: fields.optionally("answer", text)?,
            more: fields.rest(),
        })
    }

    /// Whether the row may be imitated: a solution with a verdict must be right.
    pub(crate) fn is_not_wrong(&self) -> Result<(), RowError> {
        match self.more.get("verdict").and_then(Value::as_str) {
            None | Some("equal") => Ok(()),
            Some(verdict) => {
                let message = format!(
                    "`{verdict}`: a wrong solution is no example; `eightfold pairs --rule rft` takes the right ones"
                );
                Err(RowError::value("verdict", message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Map<String, Value> {
        let Value::Object(fields) = value else { unreachable!() };
        fields
    }

    #[test]
    fn rows_are_written_as_they_were_read() {
        let pair = json!({"id": "a", "sample": 2, "rule": "shared-prefix", "prompt": "q\n", "initial_steps": "x\n",
                          "chosen": "y", "rejected": "z", "chosen_ends": true, "rejected_ends": false, "step": 1,
                          "question": "q", "answer": "4", "weight": 2.5});
        assert_eq!(serde_json::to_value(PairRow::read(fields(pair.clone())).unwrap()).unwrap(), pair);
        let example = json!({"id": "a", "prompt": [{"role": "user", "content": "q"}], "completion": "c"});
        assert_eq!(
            serde_json::to_value(ExampleRow::read(fields(example.clone())).unwrap()).unwrap(),
            example
        );
    }

    #[test]
    fn ends_follow_from_the_pit_where_nothing_is_said() {
        let read = |step: Value| {
            let row = json!({"id": 0, "prompt": "q", "chosen": "c", "rejected": "r", "step": step});
            let row = PairRow::read(fields(row)).unwrap();
            (row.chosen_ends, row.rejected_ends)
        };
        assert_eq!((read(json!(0)), read(Value::Null)), ((true, false), (true, true)));
    }
}
