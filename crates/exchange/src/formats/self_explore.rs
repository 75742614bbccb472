//! Self-Explore (Hwang et al. 2024, arXiv 2404.10346): the right rest of a solution against its first pit.

use crate::fields::{Fields, RowError, count, text, truth};
use crate::{PairRow, Prompt};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct SelfExplore {
    prompt: String,
    chosen: String,
    rejected: String,
}

/// The prompt is the bare question and the steps, not what the model was given.
pub(super) fn export(row: PairRow) -> SelfExplore {
    let before = match row.question {
        Some(question) => question + "\n",
        None => row.prompt.to_text(),
    };
    SelfExplore { prompt: before + &row.initial_steps, chosen: row.chosen, rejected: row.rejected }
}

/// Where the question ends in the prompt is not said, so all of it is the prompt.
pub(super) fn import(mut fields: Fields, id: String) -> Result<PairRow, RowError> {
    Ok(PairRow {
        id,
        sample: fields.optionally("sample", count)?,
        rule: fields.optionally("rule", text)?,
        prompt: Prompt::Text(fields.text("prompt")?),
        initial_steps: String::new(),
        chosen: fields.text("chosen")?,
        rejected: fields.text("rejected")?,
        chosen_ends: fields.optionally("chosen_ends", truth)?.unwrap_or(true),
        rejected_ends: fields.optionally("rejected_ends", truth)?.unwrap_or(false),
        step: fields.optionally("step", count)?,
        question: fields.optionally("question", text)?,
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}
