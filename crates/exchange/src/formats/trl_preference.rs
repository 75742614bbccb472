//! TRL's preference format, with a prompt of its own: `docs/source/dataset_formats.md` of TRL.

use super::sides::{form, given, said, take_said};
use super::{Form, FormatOptions};
use crate::fields::{Fields, RowError, count, text, truth};
use crate::{PairRow, Prompt};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
pub(super) struct TrlPreference {
    prompt: Prompt,
    chosen: Prompt,
    rejected: Prompt,
}

/// As texts, the initial steps are the end of the prompt. As messages they begin both sides: there a prompt
/// cannot end within a message, and under DPO what both sides begin with cancels.
pub(super) fn export(row: PairRow, options: &FormatOptions) -> TrlPreference {
    let form = form(&row.prompt, options);
    let prompt = given(&row.prompt, form);
    match prompt {
        Prompt::Text(prompt) => TrlPreference {
            prompt: Prompt::Text(prompt + &row.initial_steps),
            chosen: Prompt::Text(row.chosen),
            rejected: Prompt::Text(row.rejected),
        },
        prompt @ Prompt::Messages(_) => {
            let side = |text: String| said(row.initial_steps.clone() + &text, Form::Messages);
            TrlPreference { prompt, chosen: side(row.chosen), rejected: side(row.rejected) }
        }
    }
}

/// A prompt inside both sides is what both begin with. Of texts it ends before a word, so that no word or
/// number is cut; of messages it ends with a message.
fn imply(fields: &mut Fields) -> Result<(), RowError> {
    let mut side = |key: &str| Prompt::read(key, fields.required(key)?);
    let (chosen, rejected) = (side("chosen")?, side("rejected")?);
    if chosen == rejected {
        return Err(RowError::value("rejected", "it is the same as `chosen`"));
    }
    let (prompt, chosen, rejected) = match (chosen, rejected) {
        (Prompt::Text(chosen), Prompt::Text(rejected)) => {
            let both = chosen.char_indices().zip(rejected.chars()).take_while(|((_, a), b)| a == b);
            let shared = both.last().map_or(0, |((at, c), _)| at + c.len_utf8());
            let cut = chosen[..shared].rfind(char::is_whitespace).unwrap_or(0);
            // A line break ends the prompt; a space begins the word after it.
            let cut = cut + usize::from(chosen[cut..].starts_with('\n'));
            let (prompt, chosen) = chosen.split_at(cut);
            (json!(prompt), json!(chosen), json!(rejected[cut..]))
        }
        (Prompt::Messages(chosen), Prompt::Messages(rejected)) => {
            let shared = chosen.iter().zip(&rejected).take_while(|(a, b)| a == b).count();
            (json!(chosen[..shared]), json!(chosen[shared..]), json!(rejected[shared..]))
        }
        _ => {
            return Err(RowError::value(
                "chosen",
                "it and `rejected` are not both texts or both lists of messages",
            ));
        }
    };
    let is_empty = |value: &Value| value.as_str().is_some_and(str::is_empty) || *value == json!([]);
    if is_empty(&prompt) {
        let hint = ", and the sides begin with nothing in common";
        return Err(RowError::Missing { key: "prompt".into(), hint });
    }
    for (key, value) in [("prompt", prompt), ("chosen", chosen), ("rejected", rejected)] {
        if is_empty(&value) {
            return Err(RowError::value(key, "nothing is left of it after what both sides begin with"));
        }
        fields.put(key, value);
    }
    Ok(())
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<PairRow, RowError> {
    if !fields.has("prompt") {
        imply(&mut fields)?;
    }
    let prompt = Prompt::read("prompt", fields.required("prompt")?)?;
    Ok(PairRow {
        id,
        sample: fields.optionally("sample", count)?,
        rule: fields.optionally("rule", text)?,
        initial_steps: String::new(),
        chosen: take_said(&mut fields, "chosen", &prompt)?,
        rejected: take_said(&mut fields, "rejected", &prompt)?,
        prompt,
        chosen_ends: fields.optionally("chosen_ends", truth)?.unwrap_or(true),
        rejected_ends: fields.optionally("rejected_ends", truth)?.unwrap_or(true),
        step: fields.optionally("step", count)?,
        question: fields.optionally("question", text)?,
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}
