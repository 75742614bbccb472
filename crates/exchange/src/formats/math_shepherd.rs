//! Math-Shepherd (Wang et al. 2024, arXiv 2312.08935): question and steps in one text, a mark after each
//! step, and the same text again with a plus or minus for each mark.

use super::FormatOptions;
use super::steps::{Labelled, joined, labelled};
use crate::SampleRow;
use crate::fields::{Fields, RowError, count, text};
use serde::Serialize;

/// What marks the end of a step in `input`.
const MARK: &str = "ки";

/// What begins the first step, and ends the question.
const FIRST: &str = "Step 1:";

#[derive(Serialize)]
pub(super) struct MathShepherd {
    input: String,
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task: Option<String>,
}

/// Steps are numbered, as `Step 1: `, where they are not yet: a reader finds the end of the question by that.
pub(super) fn export(mut row: SampleRow, options: &FormatOptions) -> Result<Option<MathShepherd>, RowError> {
    let Some(Labelled { texts, labels }) = labelled(&row, options)? else { return Ok(None) };
    if row.question.contains(FIRST) {
        return Err(RowError::value("question", format!("it holds `{FIRST}`, where the format ends it")));
    }
    let (mut input, mut label) = (row.question.trim_end().to_owned(), row.question.trim_end().to_owned());
    for (i, (text, right)) in texts.iter().zip(labels).enumerate() {
        let number = format!("Step {}: ", i + 1);
        let text = text.trim();
        let text = if text.starts_with(number.trim_end()) { text.to_owned() } else { number + text };
        if text.contains(MARK) {
            return Err(RowError::value(
                "completion",
                format!("a step holds `{MARK}`, the mark of the format"),
            ));
        }
        let joint = if i == 0 { ' ' } else { '\n' };
        input.push_str(&format!("{joint}{text} {MARK}"));
        label.push_str(&format!("{joint}{text} {}", if right { '+' } else { '-' }));
    }
    let task = row.more.remove("task").and_then(|task| text("task", task).ok());
    Ok(Some(MathShepherd { input, label, task }))
}

pub(super) fn import(mut fields: Fields, id: String) -> Result<SampleRow, RowError> {
    let (input, label) = (fields.text("input")?, fields.text("label")?);
    let (mut texts, mut labels, mut at) = (Vec::new(), Vec::new(), label.as_str());
    let (steps, _) = input
        .rsplit_once(MARK)
        .ok_or_else(|| RowError::value("input", format!("no step ends in `{MARK}`")))?;
    for (i, piece) in steps.split(MARK).enumerate() {
        let wrong =
            || RowError::value("label", format!("it is not `input` with + or - after step {}", i + 1));
        let rest = at.strip_prefix(piece).ok_or_else(wrong)?;
        labels.push(rest.starts_with('+'));
        at = rest.strip_prefix(['+', '-']).ok_or_else(wrong)?;
        texts.push(piece.trim().to_owned());
    }
    let first =
        texts[0].find(FIRST).ok_or_else(|| RowError::value("input", "no `Step 1:` ends the question"))?;
    let step = texts[0].split_off(first);
    let question = std::mem::replace(&mut texts[0], step).trim_end().to_owned();
    let (completion, steps) = joined(&texts, "\n");
    if steps.len() != labels.len() {
        return Err(RowError::value("input", "a step is empty"));
    }
    Ok(SampleRow {
        id,
        sample: fields.optionally("sample", count)?.unwrap_or_default(),
        question,
        completion,
        steps: Some(steps),
        labels: Some(labels),
        more: fields.rest(),
        ..SampleRow::default()
    })
}
