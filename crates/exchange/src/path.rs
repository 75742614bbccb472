//! Keys of what lies inside a row, as `reward_model.ground_truth` or `messages[-1].content`, and values that
//! hold a text: alone in a list, as a message, or in parts.

use crate::fields::{RowError, text};
use crate::{Message, Prompt};
use serde_json::{Map, Value};

/// What is looked for in a value that is a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spoken {
    /// What the user asks last.
    Asked,
    /// What the assistant says at the end.
    Said,
}

/// The value under a key. The key is taken as it stands first; otherwise dots go into objects, and `[i]` or
/// `.i` into lists, from the end where `i` is negative.
pub fn look_up<'a>(fields: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    if let Some(value) = fields.get(key) {
        return Some(value);
    }
    // The longest beginning that is a key: names may hold dots themselves.
    let cuts = key.char_indices().rev().filter(|(_, c)| matches!(c, '.' | '['));
    let mut begun = cuts.filter_map(|(cut, _)| Some((fields.get(&key[..cut])?, &key[cut..])));
    begun.find_map(|(value, rest)| inside(value, rest))
}

/// What a path that begins with `.` or `[` leads to.
fn inside<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    if let (Value::Object(fields), Some(key)) = (value, path.strip_prefix('.')) {
        return look_up(fields, key);
    }
    let Value::Array(items) = value else { return None };
    let (index, rest) = match path.strip_prefix('[') {
        Some(path) => path.split_once(']')?,
        None => {
            let path = path.strip_prefix('.')?;
            path.split_at(path.find(['.', '[']).unwrap_or(path.len()))
        }
    };
    let index: i64 = index.trim().parse().ok()?;
    let index = if index < 0 { index + items.len() as i64 } else { index };
    inside(items.get(usize::try_from(index).ok()?)?, rest)
}

/// The text that a value is or holds: a text, the digits of a number, the only item of a list, the text
/// parts of a content, or one message of a conversation.
///
/// # Errors
/// If it holds none, or several of which none is meant; the error names the key.
pub fn spoken(key: &str, value: &Value, spoken_by: Spoken) -> Result<String, RowError> {
    match value {
        Value::Array(items) if items.first().is_some_and(is_message) => message(key, value, spoken_by),
        Value::Array(items) if items.first().is_some_and(is_part) => content(key, value),
        Value::Array(items) => match &items[..] {
            [only] => spoken(&format!("{key}[0]"), only, spoken_by),
            [] => Err(RowError::value(key, "the list is empty")),
            _ => Err(RowError::value(
                key,
                format!("a list of {}, not one text; `{key}[0]` names the first", items.len()),
            )),
        },
        Value::Object(_) if is_message(value) => Ok(Message::read(key, value.clone())?.text()),
        Value::Object(fields) => {
            let inner = fields.keys().next();
            let hint =
                inner.map_or_else(String::new, |inner| format!("; `{key}.{inner}` names what is inside"));
            Err(RowError::value(key, format!("an object, not a text{hint}")))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => text(key, value.clone()),
    }
}

/// The content of a message: a text, or text parts one after the other.
pub(crate) fn content(key: &str, value: &Value) -> Result<String, RowError> {
    let Value::Array(parts) = value else { return text(key, value.clone()) };
    let part = |(i, part): (usize, &Value)| {
        let key = format!("{key}[{i}]");
        match (part, part.get("type").and_then(Value::as_str), part.get("text")) {
            (Value::String(text), _, _) => Ok(text.clone()),
            (_, None | Some("text" | "input_text" | "output_text"), Some(Value::String(text))) => {
                Ok(text.clone())
            }
            (_, kind, _) => {
                let kind = kind.unwrap_or("of no type");
                Err(RowError::value(key, format!("a part that is `{kind}`, not a text")))
            }
        }
    };
    parts.iter().enumerate().map(part).collect()
}

fn is_message(value: &Value) -> bool {
    value.get("role").is_some_and(Value::is_string)
}

fn is_part(value: &Value) -> bool {
    value.get("type").is_some_and(Value::is_string)
}

fn message(key: &str, value: &Value, spoken_by: Spoken) -> Result<String, RowError> {
    let Prompt::Messages(messages) = Prompt::read(key, value.clone())? else {
        return Err(RowError::kind(key, "a list of messages", value));
    };
    let found = match spoken_by {
        Spoken::Asked => messages.iter().rfind(|message| message.role == "user"),
        Spoken::Said => messages.last().filter(|message| message.role == "assistant"),
    };
    let missing = match spoken_by {
        Spoken::Asked => "no message of the user",
        Spoken::Said => "the last message is not the assistant's",
    };
    found.map(Message::text).ok_or_else(|| RowError::value(key, missing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_inside() {
        let row = json!({"a": {"b": [10, {"c": "x"}]}, "a.b": {"d": 1}, "e.f": "whole", "m": [[1, 2], [3]]});
        let Value::Object(row) = row else { unreachable!() };
        let found = |key: &str| look_up(&row, key).cloned();
        assert_eq!(found("e.f"), Some(json!("whole")));
        assert_eq!(found("a.b[0]"), Some(json!(10)));
        assert_eq!(found("a.b.1.c"), Some(json!("x")));
        assert_eq!(found("a.b[-1].c"), Some(json!("x")));
        assert_eq!(found("a.b.d"), Some(json!(1)));
        assert_eq!(found("m[-2][1]"), Some(json!(2)));
        for nothing in ["a.c", "a.b[2]", "a.b[-3]", "a.b[x]", "e", "e.", "m[", "m[0", "", ".", "a..b"] {
            assert_eq!(found(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn lists_and_messages_hold_texts() {
        let said = |value: &Value| spoken("k", value, Spoken::Said).map_err(|error| error.to_string());
        let asked = |value: &Value| spoken("k", value, Spoken::Asked).map_err(|error| error.to_string());
        assert_eq!(said(&json!(["18"])), Ok("18".into()));
        assert_eq!(
            said(&json!(["1", "2"])),
            Err("key `k`: a list of 2, not one text; `k[0]` names the first".into())
        );
        assert_eq!(
            said(&json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}])),
            Ok("ab".into())
        );
        assert!(said(&json!([{"type": "image_url", "image_url": {}}])).unwrap_err().contains("`image_url`"));
        let talk = json!([{"role": "system", "content": "s"}, {"role": "user", "content": "q"},
                          {"role": "assistant", "content": [{"type": "text", "text": "x"}]}]);
        assert_eq!((asked(&talk), said(&talk)), (Ok("q".into()), Ok("x".into())));
        assert!(
            said(&json!([{"role": "user", "content": "q"}])).unwrap_err().contains("not the assistant's")
        );
        assert!(asked(&json!({"b": 1})).unwrap_err().contains("`k.b` names what is inside"));
        assert_eq!(said(&json!(null)), Err("key `k` is null, not a text".into()));
    }
}
