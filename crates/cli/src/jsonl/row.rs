//! A row of the input: its text, and what it says.

use anyhow::Context;
use eightfold_exchange::{Fields, RowError};
use serde_json::{Map, Value};

/// A row of the input.
pub(crate) struct Row {
    line: usize,
    text: String,
    fields: Map<String, Value>,
}

impl Row {
    pub(super) fn parse(line: usize, bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).context("not UTF-8")?.trim().to_owned();
        let fields = match serde_json::from_str(&text)? {
            Value::Object(fields) => fields,
            _ => anyhow::bail!("not a JSON object"),
        };
        Ok(Self { line, text, fields })
    }

    /// A row that was no line of JSON.
    #[cfg(feature = "parquet")]
    pub(crate) fn of(line: usize, fields: Map<String, Value>) -> Self {
        Self { line, text: Value::Object(fields.clone()).to_string(), fields }
    }

    /// Which line of its file, from 1.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The text of a field; a number counts as its digits.
    pub(crate) fn text(&self, key: &str) -> Result<String, RowError> {
        match self.fields.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(other) => Err(RowError::kind(key, "a text", other)),
            None => Err(RowError::missing(key)),
        }
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
