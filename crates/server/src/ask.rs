//! What is asked of a server: a prompt, and what the solution says so far.

use eightfold_task::Key;
use serde::{Deserialize, Serialize};

/// One turn of a chat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
}

impl Message {
    /// A turn of the user.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: "user".to_owned(), content: content.into() }
    }

    /// A turn of the assistant.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: "assistant".to_owned(), content: content.into() }
    }
}

/// A rendered prompt. Its kind chooses the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Prompt {
    /// Text that the model continues as it stands: `/completions`.
    Text(String),
    /// Turns, to which the server adds the model's own markup: `/chat/completions`.
    Chat(Vec<Message>),
}

/// One completion to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// The rendered prompt.
    pub prompt: Prompt,
    /// The steps of the solution that are already written; empty for a whole solution.
    pub prefix: String,
    /// Names the random stream of this completion; its `seed` is derived from it.
    pub key: Key,
}
