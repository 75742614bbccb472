//! What a model is given: a text to continue, or a list of chat messages.

use crate::fields::{Fields, RowError, items, text};
use serde::Serialize;
use serde_json::Value;

/// One chat message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Message {
    /// Who speaks: `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

impl Message {
    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: "user".into(), content: content.into() }
    }

    /// What the assistant says.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: "assistant".into(), content: content.into() }
    }

    /// Reads a message. A message that holds more than role and text is refused: nothing here could keep it.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        let mut fields = Fields::of(key, value)?;
        let within = |error: RowError| error.within(key);
        let role = fields.text("role").map_err(within)?;
        let content = fields.text("content").map_err(within)?;
        match fields.rest().into_iter().find(|(_, value)| !value.is_null()) {
            None => Ok(Self { role, content }),
            Some((more, _)) => {
                Err(RowError::value(format!("{key}.{more}"), "a message of role and content alone is read"))
            }
        }
    }
}

/// A prompt, or a side of a pair, in one of the two forms that tools use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum Prompt {
    /// Plain text, to be continued.
    Text(String),
    /// Chat messages, in order.
    Messages(Vec<Message>),
}

impl Prompt {
    /// Reads either form.
    ///
    /// # Errors
    /// If it is neither.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        match value {
            Value::Array(_) => items(key, value, Message::read).map(Self::Messages),
            Value::String(_) => text(key, value).map(Self::Text),
            other => Err(RowError::kind(key, "a text or a list of messages", &other)),
        }
    }

    /// The text of the prompt; of messages, their contents with a line break between each two.
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Messages(messages) => {
                messages.iter().map(|m| m.content.as_str()).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The prompt as chat messages; plain text is what the user says.
    pub fn to_messages(&self) -> Vec<Message> {
        match self {
            Self::Text(text) => vec![Message::user(text.clone())],
            Self::Messages(messages) => messages.clone(),
        }
    }
}

impl From<&str> for Prompt {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read_and_written_alike() {
        for value in [json!("What is 1 + 1?\n"), json!([{"content": "Hi", "role": "user"}])] {
            let prompt = Prompt::read("prompt", value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&prompt).unwrap(), value);
        }
        let text = Prompt::from("Hi");
        assert_eq!(text.to_messages(), [Message::user("Hi")]);
        assert_eq!(Prompt::Messages(vec![Message::user("a"), Message::assistant("b")]).to_text(), "a\nb");
    }

    #[test]
    fn errors_name_the_message() {
        let message = |value| Prompt::read("prompt", value).unwrap_err().to_string();
        assert_eq!(message(json!([{"role": "user"}])), "no key `prompt[0].content`");
        assert_eq!(message(json!(3)), "key `prompt` is a number, not a text or a list of messages");
        assert!(message(json!([{"role": "user", "content": "x", "name": "y"}])).contains("`prompt[0].name`"));
        assert!(message(json!(["x"])).contains("`prompt[0]` is a text, not an object"));
    }
}
