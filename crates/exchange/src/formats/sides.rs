//! Prompts and what follows them, as texts or as messages.

use super::{Form, FormatOptions};
use crate::fields::{Fields, RowError};
use crate::{Message, Prompt};

/// The form that a row with this prompt is written in.
pub(super) fn form(prompt: &Prompt, options: &FormatOptions) -> Form {
    options.form.unwrap_or(match prompt {
        Prompt::Text(_) => Form::Text,
        Prompt::Messages(_) => Form::Messages,
    })
}

/// What the assistant says, in the given form.
pub(super) fn said(text: String, form: Form) -> Prompt {
    match form {
        Form::Text => Prompt::Text(text),
        Form::Messages => Prompt::Messages(vec![Message::assistant(text)]),
    }
}

/// The prompt in the given form.
pub(super) fn given(prompt: &Prompt, form: Form) -> Prompt {
    match form {
        Form::Text => Prompt::Text(prompt.to_text()),
        Form::Messages => Prompt::Messages(prompt.to_messages()),
    }
}

/// Takes out what the assistant says, a text or one message of it, where the prompt is of the same form.
pub(super) fn take_said(fields: &mut Fields, key: &str, prompt: &Prompt) -> Result<String, RowError> {
    match (Prompt::read(key, fields.required(key)?)?, prompt) {
        (Prompt::Text(text), Prompt::Text(_)) => Ok(text),
        (Prompt::Messages(messages), Prompt::Messages(_)) => match <[Message; 1]>::try_from(messages) {
            Ok([message]) if message.role == "assistant" => Ok(message.text()),
            _ => Err(RowError::value(key, "one message of the assistant is read, and nothing else")),
        },
        _ => Err(RowError::value(key, "it and `prompt` are not both texts or both lists of messages")),
    }
}
