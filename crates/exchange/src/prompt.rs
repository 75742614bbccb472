//! What a model is given: a text to continue, or a list of chat messages.

use crate::fields::{Fields, RowError, items, text};
use crate::path::content;
use serde::Serialize;
use serde_json::{Map, Value};

/// One chat message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Message {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said.
    pub content: String,
    /// Further keys, as they were: `tool_calls`, `name`, `thinking` and others.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Keys that hold what the assistant thought before it spoke.
const THINKING: [&str; 3] = ["thinking", "reasoning_content", "reasoning"];

impl Message {
    /// What somebody says.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self { role: role.into(), content: content.into(), more: Map::new() }
    }

    /// What the user says.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new("user", content)
    }

    /// What the assistant says.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new("assistant", content)
    }

    /// Reads a message. Its content is a text or a list of text parts, which are put together; it may be
    /// null where tools are called.
    ///
    /// # Errors
    /// If it is none, or a part is no text.
    pub fn read(key: &str, value: Value) -> Result<Self, RowError> {
        let mut fields = Fields::of(key, value)?;
        let within = |error: RowError| error.within(key);
        let role = fields.text("role").map_err(within)?;
        let content = match fields.optional("content") {
            Some(value) => content("content", &value).map_err(within)?,
            None if fields.has("tool_calls") || fields.has("function_call") => String::new(),
            None => return Err(within(RowError::missing("content"))),
        };
        let more = fields.rest().into_iter().filter(|(_, value)| !value.is_null()).collect();
        Ok(Self { role, content, more })
    }

    /// What is said, after what was thought, between `<think>` and `</think>`.
    pub fn text(&self) -> String {
        let thought = THINKING.iter().find_map(|key| self.more.get(*key)?.as_str());
        match thought.filter(|thought| !thought.trim().is_empty()) {
            Some(thought) => format!("<think>\n{}\n</think>\n\n{}", thought.trim(), self.content),
            None => self.content.clone(),
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
    fn messages_keep_what_else_they_hold() {
        let call = json!({"role": "assistant", "content": "", "tool_calls": [{"id": "a"}]});
        let result = json!({"role": "tool", "content": "4", "tool_call_id": "a"});
        for message in [&call, &result] {
            let read = Message::read("m", message.clone()).unwrap();
            assert_eq!(&serde_json::to_value(read).unwrap(), message);
        }
        let null = json!({"role": "assistant", "content": null, "tool_calls": [{"id": "a"}]});
        assert_eq!(serde_json::to_value(Message::read("m", null).unwrap()).unwrap(), call);
        let parts = json!([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]);
        let read = Message::read("m", json!({"role": "user", "content": parts})).unwrap();
        assert_eq!(read, Message::user("ab"));
        let thought = json!({"role": "assistant", "content": "4", "thinking": "2 + 2"});
        let read = Message::read("m", thought).unwrap();
        assert_eq!(read.text(), "<think>\n2 + 2\n</think>\n\n4");
    }

    #[test]
    fn errors_name_the_message() {
        let message = |value| Prompt::read("prompt", value).unwrap_err().to_string();
        assert_eq!(message(json!([{"role": "user"}])), "no key `prompt[0].content`");
        assert_eq!(message(json!(3)), "key `prompt` is a number, not a text or a list of messages");
        let image = json!([{"role": "user", "content": [{"type": "image", "image": "x"}]}]);
        assert!(message(image).contains("`prompt[0].content[0]`: a part that is `image`"));
        assert!(message(json!(["x"])).contains("`prompt[0]` is a text, not an object"));
    }
}
