//! PRM800K (Lightman et al. 2023, arXiv 2305.20050): the steps that a labeler went through, each with
//! candidates, their ratings, and the one that was gone on with.

use super::FormatOptions;
use super::steps::{Labelled, joined, labelled};
use crate::SampleRow;
use crate::fields::{Fields, RowError, count, list, text};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
pub(super) struct Prm800k {
    question: Question,
    label: Label,
}

#[derive(Serialize)]
struct Question {
    problem: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground_truth_answer: Option<String>,
}

#[derive(Serialize)]
struct Label {
    steps: Vec<Step>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Step {
    completions: [Candidate; 1],
    human_completion: (),
    chosen_completion: Option<u8>,
}

#[derive(Serialize)]
struct Candidate {
    text: String,
    rating: i64,
    flagged: bool,
}

/// One candidate a step. A right step is rated 1 and a wrong one -1, unless the row has ratings of its own.
pub(super) fn export(row: SampleRow, options: &FormatOptions) -> Result<Option<Prm800k>, RowError> {
    let Some(Labelled { texts, labels }) = labelled(&row, options)? else { return Ok(None) };
    let own = row.more.get("ratings").and_then(Value::as_array);
    let rating = |i: usize| {
        let own = own.and_then(|ratings| ratings.get(i)).and_then(Value::as_i64);
        own.unwrap_or(if labels[i] { 1 } else { -1 })
    };
    let step = |(i, text): (usize, String)| {
        let rating = rating(i);
        let chosen_completion = (rating >= 0).then_some(0);
        Step {
            completions: [Candidate { text, rating, flagged: false }],
            human_completion: (),
            chosen_completion,
        }
    };
    let finish_reason = if labels.iter().all(|right| *right) { "solution" } else { "found_error" };
    Ok(Some(Prm800k {
        question: Question { problem: row.question, ground_truth_answer: row.answer },
        label: Label { steps: texts.into_iter().enumerate().map(step).collect(), finish_reason },
    }))
}

/// The path that the labeler took, as the README of the set follows it: at each step the chosen candidate, or
/// else the labeler's own. Where there is neither the first candidate is read. The path ends before a step
/// without a rating or without a text, and is `None` where that is the first. The other candidates are not
/// kept. A rating of 0 counts as right, as in the paper; `ratings` has all three.
pub(super) fn import(
    mut fields: Fields,
    id: String,
    options: &FormatOptions,
) -> Result<Option<SampleRow>, RowError> {
    let mut question = Fields::of("question", fields.required("question")?)?;
    let mut label = Fields::of("label", fields.required("label")?)?;
    let problem = question.text("problem").map_err(|error| error.within("question"))?;
    let answer =
        question.optionally("ground_truth_answer", text).map_err(|error| error.within("question"))?;
    let (mut texts, mut ratings) = (Vec::new(), Vec::new());
    for (i, step) in label.list("steps").map_err(|error| error.within("label"))?.into_iter().enumerate() {
        let key = format!("label.steps[{i}]");
        let Some((text, rating)) = path(Fields::of(&key, step)?).map_err(|error| error.within(&key))? else {
            break;
        };
        texts.push(text);
        ratings.push(rating);
    }
    if texts.is_empty() {
        return Ok(None);
    }
    let (completion, steps) = joined(&texts, &options.separator);
    if steps.len() != ratings.len() {
        return Err(RowError::value("label.steps", "a step is empty"));
    }
    let sample = fields.optionally("sample", count)?.unwrap_or_default();
    let mut more: Map<String, Value> = fields.rest();
    more.insert("ratings".into(), ratings.clone().into());
    Ok(Some(SampleRow {
        id,
        sample,
        question: problem,
        answer,
        completion,
        steps: Some(steps),
        labels: Some(ratings.into_iter().map(|rating| rating >= 0).collect()),
        more,
        ..SampleRow::default()
    }))
}

/// The text that a step of the path has, with its rating; `None` where the path ends before it.
fn path(mut step: Fields) -> Result<Option<(String, i64)>, RowError> {
    let (chosen, own) = (step.optionally("chosen_completion", count)?, step.optional("human_completion"));
    let (text, rating) = match (chosen, own) {
        (None, Some(own)) => human(own)?,
        (chosen, _) => {
            let mut candidates = step.optionally("completions", list)?.unwrap_or_default();
            if candidates.is_empty() && chosen.is_none() {
                return Ok(None);
            }
            let chosen = chosen.unwrap_or(0);
            let at = usize::try_from(chosen).ok().filter(|at| *at < candidates.len());
            let outside = || format!("{chosen}, of {} candidates", candidates.len());
            let at = at.ok_or_else(|| RowError::value("chosen_completion", outside()))?;
            let mut candidate = Fields::of("completions", candidates.swap_remove(at))?;
            (candidate.text("text")?, candidate.optionally("rating", rating)?)
        }
    };
    Ok(rating.filter(|_| !text.is_empty()).map(|rating| (text, rating)))
}

/// What the labeler wrote; it is right where nothing else is said.
fn human(own: Value) -> Result<(String, Option<i64>), RowError> {
    if let Value::String(text) = own {
        return Ok((text, Some(1)));
    }
    let mut own = Fields::of("human_completion", own)?;
    let rating = own.optionally("rating", rating)?.unwrap_or(1);
    Ok((own.text("text")?, Some(rating)))
}

fn rating(key: &str, value: Value) -> Result<i64, RowError> {
    let rating = value.as_i64().filter(|rating| (-1..=1).contains(rating));
    rating.ok_or_else(|| RowError::value(key, format!("{value} is none of -1, 0 and 1")))
}
