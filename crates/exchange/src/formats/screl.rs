//! ScRel (Yuan et al. 2023, arXiv 2308.01825): rejection sampled solutions.

use crate::fields::{Fields, RowError, count, text};
use crate::{ExampleRow, Prompt};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct ScRel {
    query: String,
    response: String,
}

/// The query is the bare question.
pub(super) fn export(row: ExampleRow) -> Result<ScRel, RowError> {
    row.is_not_wrong()?;
    let query = row.question.unwrap_or_else(|| row.prompt.to_text());
    Ok(ScRel { query, response: row.completion })
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<ExampleRow, RowError> {
    let query = fields.text("query")?;
    Ok(ExampleRow {
        id,
        sample: fields.optionally("sample", count)?,
        prompt: Prompt::Text(format!("{query}\n")),
        completion: fields.text("response")?,
        question: Some(query),
        answer: fields.optionally("answer", text)?,
        more: fields.rest(),
    })
}
