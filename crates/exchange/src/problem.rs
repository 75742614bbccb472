//! `problems.jsonl`: one problem a line.

use crate::fields::{Fields, RowError, text};
use serde::Serialize;
use serde_json::{Map, Value};
use std::fmt;

/// What a problem may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To train on.
    Train,
    /// To choose settings by.
    Validation,
    /// To report, once.
    Test,
}

impl Split {
    /// Every part, in the order of use.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Reads a part by its name.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        let name = text(key, value)?;
        let named = Self::ALL.into_iter().find(|split| split.to_string() == name);
        let unknown = || RowError::value(key, format!("`{name}` is none of train, validation and test"));
        named.ok_or_else(unknown)
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

/// A line of `problems.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProblemRow {
    /// Names the problem in every file after this one, such as `gsm8k_train-17`.
    pub id: String,
    /// What is asked.
    pub question: String,
    /// The final answer.
    pub answer: String,
    /// A reference solution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solution: Option<String>,
    /// What it may be used for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    /// Further keys, as they were.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl ProblemRow {
    /// Reads a row.
    ///
    /// # Errors
    /// If a key is missing or holds something else; the error names it.
    pub fn read(fields: Map<String, Value>) -> Result<Self, RowError> {
        let mut fields = Fields::from(fields);
        Ok(Self {
            id: fields.text("id")?,
            question: fields.text("question")?,
            answer: fields.text("answer")?,
            solution: fields.optionally("solution", text)?,
            split: fields.optionally("split", Split::read)?,
            more: fields.rest(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: Value) -> Result<ProblemRow, RowError> {
        let Value::Object(fields) = value else { unreachable!() };
        ProblemRow::read(fields)
    }

    #[test]
    fn a_row_is_written_as_it_was_read() {
        let row = json!({"id": "toy-0", "question": "q", "answer": "4", "solution": "2+2", "split": "test",
                         "source": "us"});
        assert_eq!(serde_json::to_value(read(row.clone()).unwrap()).unwrap(), row);
        let few = json!({"id": "toy-0", "question": "q", "answer": "4"});
        assert_eq!(serde_json::to_value(read(few.clone()).unwrap()).unwrap(), few);
    }

    #[test]
    fn errors_name_the_key() {
        let message = |value| read(value).unwrap_err().to_string();
        assert_eq!(message(json!({"id": 1, "question": "q"})), "no key `answer`");
        let split = message(json!({"id": 1, "question": "q", "answer": 1, "split": "dev"}));
        assert_eq!(split, "key `split`: `dev` is none of train, validation and test");
    }
}
