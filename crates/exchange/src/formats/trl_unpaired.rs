//! TRL's unpaired preference format.

use super::FormatOptions;
use super::sides::{form, given, said, take_said};
use crate::fields::{Fields, RowError, count, truth};
use crate::{Prompt, SampleRow};
use eightfold_verifier::Judgment;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct TrlUnpaired {
    prompt: Prompt,
    completion: Prompt,
    label: bool,
}

pub(super) fn export(row: SampleRow, options: &FormatOptions) -> Result<TrlUnpaired, RowError> {
    let label = row.is_correct()?;
    let prompt = row.prompt.unwrap_or_else(|| Prompt::Text(format!("{}\n", row.question)));
    let form = form(&prompt, options);
    Ok(TrlUnpaired { prompt: given(&prompt, form), completion: said(row.completion, form), label })
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<SampleRow, RowError> {
    let prompt = Prompt::read("prompt", fields.required("prompt")?)?;
    let label = truth("label", fields.required("label")?)?;
    Ok(SampleRow {
        id,
        sample: fields.optionally("sample", count)?.unwrap_or_default(),
        question: prompt.to_text().trim_end().to_owned(),
        completion: take_said(&mut fields, "completion", &prompt)?,
        prompt: Some(prompt),
        verdict: Some(if label { Judgment::Equal } else { Judgment::Different }),
        more: fields.rest(),
        ..SampleRow::default()
    })
}
