//! TRL's formats for supervised training: prompt and completion, or a conversation.

use super::FormatOptions;
use super::sides::{form, given, said, take_said};
use crate::fields::{Fields, RowError, count, text};
use crate::{ExampleRow, Prompt};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct TrlSft {
    prompt: Prompt,
    completion: Prompt,
}

pub(super) fn export(row: ExampleRow, options: &FormatOptions) -> Result<TrlSft, RowError> {
    row.is_not_wrong()?;
    let form = form(&row.prompt, options);
    Ok(TrlSft { prompt: given(&row.prompt, form), completion: said(row.completion, form) })
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<ExampleRow, RowError> {
    let (prompt, completion) = match fields.optional("messages") {
        None => {
            let prompt = Prompt::read("prompt", fields.required("prompt")?)?;
            let completion = take_said(&mut fields, "completion", &prompt)?;
            (prompt, completion)
        }
        Some(messages) => {
            let wrong =
                || RowError::value("messages", "a conversation that ends in what the assistant says is read");
            let Prompt::Messages(mut messages) = Prompt::read("messages", messages)? else {
                return Err(wrong());
            };
            let last = messages.pop().filter(|message| message.role == "assistant").ok_or_else(wrong)?;
            (Prompt::Messages(messages), last.text())
        }
    };
    Ok(ExampleRow {
        id,
        sample: fields.optionally("sample", count)?,
        prompt,
        completion,
        question: fields.optionally("question", text)?,
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}
