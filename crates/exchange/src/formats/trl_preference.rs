//! TRL's preference format, with a prompt of its own: `docs/source/dataset_formats.md` of TRL.

use super::sides::{form, given, said, take_said};
use super::{Form, FormatOptions};
use crate::fields::{Fields, RowError};
use crate::{PairRow, Prompt};
use serde::Serialize;

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

pub(super) fn import(mut fields: Fields, id: String) -> Result<PairRow, RowError> {
    let hint = "; a prompt inside both sides is not read";
    let prompt = fields.optional("prompt").ok_or(RowError::Missing { key: "prompt".into(), hint })?;
    let prompt = Prompt::read("prompt", prompt)?;
    Ok(PairRow {
        id,
        sample: None,
        rule: None,
        initial_steps: String::new(),
        chosen: take_said(&mut fields, "chosen", &prompt)?,
        rejected: take_said(&mut fields, "rejected", &prompt)?,
        prompt,
        chosen_ends: true,
        rejected_ends: true,
        step: None,
        question: None,
        answer: None,
        more: fields.rest(),
    })
}
