//! The fields of a JSON object, taken out by name, with errors that name the key.

use crate::path::{Spoken, look_up, spoken};
use serde_json::{Map, Value};

/// Why an object is not the row that it should be. Whoever reads the file adds its name and the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// A key is not there, or null.
    #[error("no key `{key}`{hint}")]
    Missing {
        /// The key.
        key: String,
        /// What would add it, from a separator on; empty where nothing can be said.
        hint: &'static str,
    },
    /// A key has another kind of value.
    #[error("key `{key}` is {found}, not {expected}")]
    Kind {
        /// The key.
        key: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A key has a value that does not fit.
    #[error("key `{key}`: {message}")]
    Value {
        /// The key.
        key: String,
        /// What is wrong with it.
        message: String,
    },
}

impl RowError {
    /// A key that is not there.
    pub fn missing(key: impl Into<String>) -> Self {
        Self::Missing { key: key.into(), hint: "" }
    }

    /// A key whose value does not fit.
    pub fn value(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Value { key: key.into(), message: message.into() }
    }

    /// A key with another kind of value than `expected`.
    pub fn kind(key: impl Into<String>, expected: &'static str, found: &Value) -> Self {
        Self::Kind { key: key.into(), expected, found: kind(found) }
    }

    /// The same error about a key of an object inside: its path begins with `outer`.
    pub(crate) fn within(self, outer: &str) -> Self {
        let inside = |key: String| format!("{outer}.{key}");
        match self {
            Self::Missing { key, hint } => Self::Missing { key: inside(key), hint },
            Self::Kind { key, expected, found } => Self::Kind { key: inside(key), expected, found },
            Self::Value { key, message } => Self::Value { key: inside(key), message },
        }
    }
}

/// What kind of value this is, in words.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The fields of an object that nothing has taken yet. A key whose value is null counts as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(Map<String, Value>);

impl From<Map<String, Value>> for Fields {
    fn from(fields: Map<String, Value>) -> Self {
        Self(fields)
    }
}

impl Fields {
    /// The fields of a value that is an object; `key` is named where it is not.
    ///
    /// # Errors
    /// If the value is no object.
    pub fn of(key: &str, value: Value) -> Result<Self, RowError> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            other => Err(RowError::kind(key, "an object", &other)),
        }
    }

    /// Takes a value out, if it is there.
    pub fn optional(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key).filter(|value| !value.is_null())
    }

    /// Takes a value out.
    ///
    /// # Errors
    /// If it is not there.
    pub fn required(&mut self, key: &str) -> Result<Value, RowError> {
        self.optional(key).ok_or_else(|| RowError::missing(key))
    }

    /// Takes a value out and reads it, if it is there.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn optionally<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&str, Value) -> Result<T, RowError>,
    ) -> Result<Option<T>, RowError> {
        self.optional(key).map(|value| read(key, value)).transpose()
    }

    /// Takes a text out; a number counts as its digits.
    ///
    /// # Errors
    /// If there is no text.
    pub fn text(&mut self, key: &str) -> Result<String, RowError> {
        text(key, self.required(key)?)
    }

    /// The text under a key or a path, as in [`look_up`]. What stands in the row itself is taken out; what
    /// lies further inside stays.
    ///
    /// # Errors
    /// If there is no text.
    pub fn spoken(&mut self, key: &str, by: Spoken) -> Result<String, RowError> {
        let found = look_up(&self.0, key).filter(|value| !value.is_null());
        let text = spoken(key, found.ok_or_else(|| RowError::missing(key))?, by)?;
        self.0.remove(key);
        Ok(text)
    }

    /// Puts a value under a key.
    pub(crate) fn put(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// Whether a key is there, be it null.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Takes a whole number from 0 out.
    ///
    /// # Errors
    /// If there is none.
    pub fn count(&mut self, key: &str) -> Result<u64, RowError> {
        count(key, self.required(key)?)
    }

    /// Takes a list out.
    ///
    /// # Errors
    /// If there is none.
    pub fn list(&mut self, key: &str) -> Result<Vec<Value>, RowError> {
        list(key, self.required(key)?)
    }

    /// What nothing has taken.
    pub fn rest(self) -> Map<String, Value> {
        self.0
    }
}

/// Further keys of a row; each that is `taken` becomes `given_` and its name, so that no key is written twice.
pub fn besides(more: Map<String, Value>, taken: impl Fn(&str) -> bool) -> Map<String, Value> {
    let (clash, mut kept): (Map<_, _>, Map<_, _>) = more.into_iter().partition(|(key, _)| taken(key));
    for (key, value) in clash {
        let mut name = format!("given_{key}");
        while taken(&name) || kept.contains_key(&name) {
            name.insert_str(0, "given_");
        }
        kept.insert(name, value);
    }
    kept
}

/// A value as a text; a number counts as its digits.
///
/// # Errors
/// If it is neither.
pub(crate) fn text(key: &str, value: Value) -> Result<String, RowError> {
    match value {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(RowError::kind(key, "a text", &other)),
    }
}

/// A value as a whole number from 0.
///
/// # Errors
/// If it is not one.
pub(crate) fn count(key: &str, value: Value) -> Result<u64, RowError> {
    value.as_u64().ok_or_else(|| RowError::kind(key, "a whole number from 0", &value))
}

/// A value as a number.
///
/// # Errors
/// If it is not one.
pub(crate) fn number(key: &str, value: Value) -> Result<f64, RowError> {
    value.as_f64().ok_or_else(|| RowError::kind(key, "a number", &value))
}

/// A value as a truth value; 1 and 0 count as such, also with a decimal point.
///
/// # Errors
/// If it is not one.
pub(crate) fn truth(key: &str, value: Value) -> Result<bool, RowError> {
    let number = |number| match number {
        1.0 => Some(true),
        0.0 => Some(false),
        _ => None,
    };
    let truth = value.as_bool().or_else(|| value.as_f64().and_then(number));
    truth.ok_or_else(|| RowError::kind(key, "true or false", &value))
}

/// A value as a list.
///
/// # Errors
/// If it is not one.
pub(crate) fn list(key: &str, value: Value) -> Result<Vec<Value>, RowError> {
    match value {
        Value::Array(items) => Ok(items),
        other => Err(RowError::kind(key, "a list", &other)),
    }
}

/// A list, each item read; an error names the item, from 0.
///
/// # Errors
/// If it is no list, or an item cannot be read.
pub(crate) fn items<T>(
    key: &str,
    value: Value,
    read: impl Fn(&str, Value) -> Result<T, RowError>,
) -> Result<Vec<T>, RowError> {
    let item = |(i, item)| read(&format!("{key}[{i}]"), item);
    list(key, value)?.into_iter().enumerate().map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> Fields {
        Fields::of("row", value).unwrap()
    }

    #[test]
    fn what_is_taken_is_gone_and_the_rest_stays() {
        let mut row = fields(json!({"id": 7, "note": "x", "none": null}));
        assert_eq!(row.text("id").unwrap(), "7");
        assert_eq!(row.optional("none"), None);
        assert_eq!(Value::Object(row.rest()), json!({"note": "x"}));
    }

    #[test]
    fn errors_name_the_key_and_what_is_there() {
        let message = |read: fn(&mut Fields) -> RowError| {
            read(&mut fields(json!({"a": [1, "x"], "b": {}, "n": null}))).to_string()
        };
        assert_eq!(message(|row| row.text("z").unwrap_err()), "no key `z`");
        assert_eq!(message(|row| row.text("n").unwrap_err()), "no key `n`");
        assert_eq!(message(|row| row.text("b").unwrap_err()), "key `b` is an object, not a text");
        let item = |row: &mut Fields| items("a", row.required("a").unwrap(), count).unwrap_err();
        assert_eq!(message(item), "key `a[1]` is a text, not a whole number from 0");
        assert_eq!(RowError::missing("text").within("b").to_string(), "no key `b.text`");
    }
}
