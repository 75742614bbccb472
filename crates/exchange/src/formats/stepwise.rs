//! TRL's stepwise supervision format.

use super::FormatOptions;
use super::sides::given;
use super::steps::{Labelled, joined, labelled};
use crate::fields::{Fields, RowError, items, text, truth};
use crate::{Prompt, SampleRow};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct TrlStepwise {
    prompt: Prompt,
    completions: Vec<String>,
    labels: Vec<bool>,
}

/// The format has texts alone.
pub(super) fn export(row: &SampleRow, options: &FormatOptions) -> Result<Option<TrlStepwise>, RowError> {
    let prompt = match &row.prompt {
        Some(prompt) => given(prompt, super::Form::Text),
        None => Prompt::Text(format!("{}\n", row.question)),
    };
    let labelled = labelled(row, options)?;
    Ok(labelled.map(|Labelled { texts, labels }| TrlStepwise { prompt, completions: texts, labels }))
}

pub(super) fn import(mut fields: Fields, id: String, options: &FormatOptions) -> Result<SampleRow, RowError> {
    let prompt = fields.text("prompt")?;
    let completions = items("completions", fields.required("completions")?, text)?;
    let labels = items("labels", fields.required("labels")?, truth)?;
    if labels.len() != completions.len() {
        let message = format!("{} labels for {} completions", labels.len(), completions.len());
        return Err(RowError::value("labels", message));
    }
    let (completion, steps) = joined(&completions, &options.separator);
    if steps.len() != labels.len() {
        return Err(RowError::value("completions", "a step is empty"));
    }
    Ok(SampleRow {
        id,
        question: prompt.trim_end().to_owned(),
        prompt: Some(Prompt::Text(prompt)),
        completion,
        steps: Some(steps),
        labels: Some(labels),
        more: fields.rest(),
        ..SampleRow::default()
    })
}
