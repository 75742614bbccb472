//! Step-DPO (Lai et al. 2024, arXiv 2406.18629): the four columns that its trainer reads, and others as
//! they were.

use crate::fields::{Fields, RowError, count, text, truth};
use crate::{PairRow, Prompt};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct StepDpo {
    prompt: String,
    initial_reason_steps: String,
    chosen: String,
    rejected: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(flatten)]
    more: Map<String, Value>,
}

/// Columns of the published set that say where a pair is from; a row that was imported still has them.
const KEPT: [&str; 3] = ["dataset", "full_chosen", "full_rejected"];

pub(super) fn export(row: PairRow) -> Result<StepDpo, RowError> {
    let prompt = row.question.ok_or_else(|| RowError::missing("question"))?;
    Ok(StepDpo {
        prompt,
        initial_reason_steps: row.initial_steps,
        chosen: row.chosen,
        rejected: row.rejected,
        answer: row.answer,
        more: row.more.into_iter().filter(|(key, _)| KEPT.contains(&key.as_str())).collect(),
    })
}

/// Neither side ends: both are one step.
pub(super) fn import(mut fields: Fields, id: String) -> Result<PairRow, RowError> {
    let question = fields.text("prompt")?;
    Ok(PairRow {
        id,
        sample: fields.optionally("sample", count)?,
        rule: fields.optionally("rule", text)?,
        prompt: Prompt::Text(format!("{question}\n")),
        initial_steps: fields.text("initial_reason_steps")?,
        chosen: fields.text("chosen")?,
        rejected: fields.text("rejected")?,
        chosen_ends: fields.optionally("chosen_ends", truth)?.unwrap_or(false),
        rejected_ends: fields.optionally("rejected_ends", truth)?.unwrap_or(false),
        step: fields.optionally("step", count)?,
        question: Some(question),
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}
