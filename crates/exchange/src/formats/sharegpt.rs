//! ShareGPT's conversations, as LLaMA-Factory and Axolotl read them: examples, and pairs of answers to one.

use crate::fields::{Fields, RowError, count, list, text, truth};
use crate::path::content;
use crate::{ExampleRow, Message, PairRow, Prompt};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct ShareGpt {
    conversations: Vec<Turn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
}

#[derive(Serialize)]
pub(super) struct ShareGptPreference {
    conversations: Vec<Turn>,
    chosen: Turn,
    rejected: Turn,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
}

#[derive(Serialize)]
struct Turn {
    from: &'static str,
    value: String,
}

/// The roles by both names, those that are written first.
const ROLES: [(&str, &str); 8] = [
    ("human", "user"),
    ("gpt", "assistant"),
    ("system", "system"),
    ("observation", "tool"),
    ("user", "user"),
    ("assistant", "assistant"),
    ("tool", "tool"),
    ("chatgpt", "assistant"),
];

/// The conversation ends in what is imitated. A system message at the start stands beside it.
pub(super) fn export(row: ExampleRow) -> Result<ShareGpt, RowError> {
    row.is_not_wrong()?;
    let (system, mut conversations) = turns(&row.prompt)?;
    conversations.push(Turn { from: "gpt", value: row.completion });
    Ok(ShareGpt { conversations, system })
}

/// The initial steps begin both sides, as in TRL's form of messages.
pub(super) fn export_pair(row: PairRow) -> Result<ShareGptPreference, RowError> {
    let (system, conversations) = turns(&row.prompt)?;
    let side = |text: String| Turn { from: "gpt", value: row.initial_steps.clone() + &text };
    Ok(ShareGptPreference { conversations, chosen: side(row.chosen), rejected: side(row.rejected), system })
}

fn turns(prompt: &Prompt) -> Result<(Option<String>, Vec<Turn>), RowError> {
    let (mut system, mut turns) = (None, Vec::new());
    for (i, message) in prompt.to_messages().into_iter().enumerate() {
        let key = format!("prompt[{i}]");
        if let Some(more) = message.more.keys().next() {
            return Err(RowError::value(format!("{key}.{more}"), "the format has no place for it"));
        }
        let role = ROLES.iter().find(|(_, role)| *role == message.role);
        let (from, role) = role.ok_or_else(|| unknown(&format!("{key}.role"), &message.role))?;
        if i == 0 && *role == "system" {
            system = Some(message.content);
        } else {
            turns.push(Turn { from, value: message.content });
        }
    }
    Ok((system, turns))
}

fn unknown(key: &str, role: &str) -> RowError {
    RowError::value(key, format!("`{role}` is none of human, gpt, system, observation and their other names"))
}

/// Every turn but the last is the prompt.
pub(super) fn import(mut fields: Fields, id: String) -> Result<ExampleRow, RowError> {
    let mut messages = take_turns(&mut fields)?;
    let wrong = || RowError::value("conversations", "it does not end in what the assistant says");
    let last = messages.pop().filter(|message| message.role == "assistant").ok_or_else(wrong)?;
    Ok(ExampleRow {
        id,
        sample: fields.optionally("sample", count)?,
        prompt: Prompt::Messages(messages),
        completion: last.text(),
        question: fields.optionally("question", text)?,
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}

pub(super) fn import_pair(mut fields: Fields, id: String) -> Result<PairRow, RowError> {
    let prompt = Prompt::Messages(take_turns(&mut fields)?);
    let mut side = |key: &str| match fields.required(key)? {
        Value::String(text) => Ok(text),
        value => Ok(turn(key, value)?.text()),
    };
    Ok(PairRow {
        chosen: side("chosen")?,
        rejected: side("rejected")?,
        chosen_ends: fields.optionally("chosen_ends", truth)?.unwrap_or(true),
        rejected_ends: fields.optionally("rejected_ends", truth)?.unwrap_or(true),
        id,
        sample: fields.optionally("sample", count)?,
        rule: fields.optionally("rule", text)?,
        prompt,
        initial_steps: String::new(),
        step: fields.optionally("step", count)?,
        question: fields.optionally("question", text)?,
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}

fn take_turns(fields: &mut Fields) -> Result<Vec<Message>, RowError> {
    let system = fields.optionally("system", text)?.filter(|text| !text.is_empty());
    let turns = list("conversations", fields.required("conversations")?)?;
    let turns = turns.into_iter().enumerate().map(|(i, value)| turn(&format!("conversations[{i}]"), value));
    system.map(|system| Ok(Message::new("system", system))).into_iter().chain(turns).collect()
}

/// A turn by `from` and `value`, or by `role` and `content`.
fn turn(key: &str, value: Value) -> Result<Message, RowError> {
    let mut fields = Fields::of(key, value)?;
    let (from, value) = if fields.has("from") { ("from", "value") } else { ("role", "content") };
    let within = |error: RowError| error.within(key);
    let name = fields.text(from).map_err(within)?;
    let (_, role) = ROLES
        .iter()
        .find(|(theirs, _)| *theirs == name)
        .ok_or_else(|| unknown(&format!("{key}.{from}"), &name))?;
    let said = fields.required(value).map_err(within)?;
    let content = content(&format!("{key}.{value}"), &said)?;
    let more: Map<String, Value> = fields.rest().into_iter().filter(|(_, value)| !value.is_null()).collect();
    Ok(Message { role: (*role).to_owned(), content, more })
}
