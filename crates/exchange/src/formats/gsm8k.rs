//! GSM8K (Cobbe et al. 2021, arXiv 2110.14168): a worked text that ends in the final answer.

use crate::ProblemRow;
use crate::fields::{Fields, RowError};
use serde::Serialize;

/// What comes before the final answer.
const MARK: &str = "####";

#[derive(Serialize)]
pub(super) struct Gsm8k {
    question: String,
    answer: String,
}

pub(super) fn export(row: ProblemRow) -> Gsm8k {
    let last = format!("{MARK} {}", row.answer);
    let answer = match row.solution {
        None => last,
        Some(solution) if solution.contains(MARK) => solution,
        Some(solution) => format!("{}\n{last}", solution.trim_end()),
    };
    Gsm8k { question: row.question, answer }
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<ProblemRow, RowError> {
    let (question, solution) = (fields.text("question")?, fields.text("answer")?);
    let last = solution.trim_end().lines().last().unwrap_or_default();
    let answer = last.strip_prefix(MARK).map(str::trim).filter(|answer| !answer.is_empty());
    let wrong = || RowError::value("answer", format!("its last line is not `{MARK}` and the final answer"));
    let answer = answer.ok_or_else(wrong)?.to_owned();
    Ok(ProblemRow { id, question, answer, solution: Some(solution), split: None, more: fields.rest() })
}
