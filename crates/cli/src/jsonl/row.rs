//! A row of the input: its text, and what it says.

use super::mend::{Mend, has_long_number, mend};
use anyhow::Context;
use eightfold_exchange::{Fields, RowError, Spoken, look_up, spoken};
use serde_json::{Map, Value};

/// A row of the input.
pub(crate) struct Row {
    line: usize,
    text: String,
    fields: Map<String, Value>,
    mends: Vec<Mend>,
}

impl Row {
    /// The row of a line. A whole number that no machine word holds is read as its digits; `NaN`, infinities
    /// and halves of surrogate pairs are mended.
    pub(crate) fn parse(line: usize, bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).context("not UTF-8")?.trim();
        let read = if has_long_number(text) { None } else { Some(serde_json::from_str(text)) };
        let (value, text, mends) = match read {
            Some(Ok(value)) => (value, text.to_owned(), Vec::new()),
            broken => {
                let mended = mend(text);
                // What is broken otherwise is said of the line as it stands.
                let value = serde_json::from_str(&mended.exact);
                let value = value.map_err(|error| broken.and_then(Result::err).unwrap_or(error))?;
                (value, mended.text, mended.mends)
            }
        };
        let Value::Object(fields) = value else { anyhow::bail!("not a JSON object") };
        Ok(Self { line, text, fields, mends })
    }

    /// What was mended to read it.
    pub(super) fn mends(&self) -> &[Mend] {
        &self.mends
    }

    /// A row that was no line of JSON.
    #[cfg(feature = "parquet")]
    pub(crate) fn of(line: usize, fields: Map<String, Value>) -> Self {
        Self { line, text: Value::Object(fields.clone()).to_string(), fields, mends: Vec::new() }
    }

    /// Which line of its file, from 1.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The text under a key or a path into the row; a number counts as its digits, and of a conversation the
    /// last message is taken, which is the assistant's.
    pub(crate) fn text(&self, key: &str) -> Result<String, RowError> {
        self.spoken(key, Spoken::Said)
    }

    /// The question under a key or a path into the row; of a conversation what the user asks last.
    pub(crate) fn question(&self, key: &str) -> Result<String, RowError> {
        self.spoken(key, Spoken::Asked)
    }

    fn spoken(&self, key: &str, by: Spoken) -> Result<String, RowError> {
        spoken(key, self.value(key).ok_or_else(|| RowError::missing(key))?, by)
    }

    /// The text under a key or a path, as a prediction: null is nothing said.
    pub(crate) fn prediction(&self, key: &str) -> Result<String, RowError> {
        match self.value(key) {
            Some(Value::Null) => Ok(String::new()),
            _ => self.text(key),
        }
    }

    /// The value under a key or a path into the row.
    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        look_up(&self.fields, key)
    }

    /// What the row says.
    pub(crate) fn fields(&self) -> Map<String, Value> {
        self.fields.clone()
    }

    /// What the row says, to be taken out by name.
    pub(crate) fn into_fields(self) -> Fields {
        self.fields.into()
    }

    /// The line as it was written.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The row with further fields at its end. Every other field stays as it was written; one of the same
    /// name is replaced.
    pub(crate) fn with(mut self, fields: Map<String, Value>) -> String {
        if fields.keys().any(|key| self.fields.contains_key(key)) {
            self.fields.extend(fields);
            return Value::Object(self.fields).to_string();
        }
        let end = self.text.rfind('}').unwrap_or(self.text.len());
        let comma = if self.fields.is_empty() { "" } else { "," };
        let added = Value::Object(fields).to_string();
        format!("{}{comma}{}", &self.text[..end], &added[1..])
    }
}
