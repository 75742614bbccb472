//! Stepwise supervision: a prompt, its steps in a list, and a label for each. TRL had a trainer for it until
//! 2026; trainers of process reward models still read it.

use super::FormatOptions;
use super::sides::given;
use super::steps::{StepLabels, joined, step_labels};
use crate::fields::{Fields, RowError, items, text, truth};
use crate::{Prompt, SampleRow, StepValue};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
pub(super) struct Stepwise {
    prompt: Prompt,
    completions: Vec<String>,
    #[serde(flatten)]
    labels: StepLabels,
}

/// The format has texts alone.
pub(super) fn export(row: &SampleRow, options: &FormatOptions) -> Result<Option<Stepwise>, RowError> {
    let prompt = match &row.prompt {
        Some(prompt) => given(prompt, super::Form::Text),
        None => Prompt::Text(format!("{}\n", row.question)),
    };
    let labelled = step_labels(row, options)?;
    Ok(labelled.map(|(completions, labels)| Stepwise { prompt, completions, labels }))
}

/// Labels between 0 and 1 are values, with the intervals that the row has beside them; otherwise nothing is
/// known of how sure they are, and the interval is from 0 to 1.
pub(super) fn import(mut fields: Fields, id: String, options: &FormatOptions) -> Result<SampleRow, RowError> {
    let prompt = fields.text("prompt")?;
    let completions = items("completions", fields.required("completions")?, text)?;
    let given = fields.list("labels")?;
    if given.len() != completions.len() {
        let message = format!("{} labels for {} completions", given.len(), completions.len());
        return Err(RowError::value("labels", message));
    }
    let (completion, steps) = joined(&completions, &options.separator);
    if steps.len() != given.len() {
        return Err(RowError::value("completions", "a step is empty"));
    }
    let intervals = fields.optionally("intervals", |key, value| items(key, value, interval))?;
    let (labels, values) = match (&intervals, items("labels", Value::Array(given.clone()), truth)) {
        (None, Ok(labels)) => (Some(labels), None),
        (_, _) => {
            let values = items("labels", Value::Array(given), share)?;
            (None, Some(step_values(values, intervals)?))
        }
    };
    Ok(SampleRow {
        id,
        sample: fields.optionally("sample", crate::fields::count)?.unwrap_or_default(),
        question: prompt.trim_end().to_owned(),
        prompt: Some(Prompt::Text(prompt)),
        completion,
        steps: Some(steps),
        labels,
        values,
        more: fields.rest(),
        ..SampleRow::default()
    })
}

fn step_values(values: Vec<f64>, intervals: Option<Vec<[f64; 2]>>) -> Result<Vec<StepValue>, RowError> {
    let intervals = intervals.unwrap_or_else(|| vec![[0.0, 1.0]; values.len()]);
    if intervals.len() != values.len() {
        let message = format!("{} intervals for {} labels", intervals.len(), values.len());
        return Err(RowError::value("intervals", message));
    }
    let value = |(i, (q, [low, high])): (usize, (f64, [f64; 2]))| StepValue {
        step: i as u64 + 1,
        q,
        low,
        high,
        rollouts: 0,
        correct: 0,
        advantage: None,
    };
    Ok(values.into_iter().zip(intervals).enumerate().map(value).collect())
}

/// A label from 0 to 1; true is 1.
fn share(key: &str, value: Value) -> Result<f64, RowError> {
    let share = value.as_bool().map(|right| f64::from(u8::from(right))).or_else(|| value.as_f64());
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| RowError::kind(key, "true, false or a number from 0 to 1", &value))
}

fn interval(key: &str, value: Value) -> Result<[f64; 2], RowError> {
    let ends = items(key, value, share)?;
    let wrong =
        |ends: Vec<f64>| RowError::value(key, format!("{} numbers, not a low and a high end", ends.len()));
    ends.try_into().map_err(wrong)
}
