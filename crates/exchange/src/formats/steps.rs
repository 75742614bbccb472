//! Steps with labels: what process reward models are trained on.

use super::{FormatOptions, Labels};
use crate::fields::RowError;
use crate::{SampleRow, StepValue};
use serde::Serialize;

/// Steps, and whether each is right.
pub(super) struct Labelled {
    /// Their texts, without the separator at their ends.
    pub(super) texts: Vec<String>,
    /// As many labels.
    pub(super) labels: Vec<bool>,
}

/// The steps of a solution that have a label, from the first on, without the separator at their ends; and
/// the labels. A label is what the row says it is, or whether the value after the step lies above the
/// threshold. `None` where not even the first step has one.
pub(super) fn labelled(row: &SampleRow, options: &FormatOptions) -> Result<Option<Labelled>, RowError> {
    let steps = row.cut()?;
    let label = |i: usize| match (&row.labels, &row.values) {
        (Some(labels), _) => labels.get(i).copied(),
        (None, Some(values)) => {
            let value = values.iter().find(|value| value.step == i as u64 + 1)?;
            Some(value.q > options.threshold)
        }
        (None, None) => None,
    };
    if row.labels.is_none() && row.values.is_none() {
        return Err(RowError::Missing { key: "values".into(), hint: "; `eightfold value` adds it" });
    }
    let labels: Vec<bool> = (0..steps.len()).map_while(label).collect();
    let bare = |step: &str| step.strip_suffix(&options.separator).unwrap_or(step).to_owned();
    let texts = steps.iter().take(labels.len()).map(bare).collect();
    Ok((!labels.is_empty()).then_some(Labelled { texts, labels }))
}

/// The labels of steps as they are written.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum StepLabels {
    /// Whether each step is right.
    Hard { labels: Vec<bool> },
    /// What each step is worth, from 0 to 1.
    Soft { labels: Vec<f64> },
    /// What each step is worth, and between which values that is sure.
    Interval { labels: Vec<f64>, intervals: Vec<[f64; 2]> },
}

/// The steps that have a label, and the labels as the options ask for them. A label that somebody gave is 1 or
/// 0, and has no interval.
pub(super) fn step_labels(
    row: &SampleRow,
    options: &FormatOptions,
) -> Result<Option<(Vec<String>, StepLabels)>, RowError> {
    let Some(Labelled { texts, labels }) = labelled(row, options)? else { return Ok(None) };
    let value = |i: usize| -> Option<&StepValue> {
        row.values.iter().flatten().find(|value| value.step == i as u64 + 1)
    };
    let places = 0..labels.len();
    let soft = || {
        places.clone().map(|i| match (&row.labels, value(i)) {
            (None, Some(value)) => value.q,
            _ => f64::from(u8::from(labels[i])),
        })
    };
    let labels = match options.labels {
        Labels::Hard => StepLabels::Hard { labels },
        Labels::Soft => StepLabels::Soft { labels: soft().collect() },
        Labels::Interval => {
            let interval = |i| value(i).map(|value| [value.low, value.high]);
            let intervals: Option<Vec<_>> = places.clone().map(interval).collect();
            let hint = "; labels that were given have no interval";
            let missing = || RowError::Missing { key: "values".into(), hint };
            StepLabels::Interval { labels: soft().collect(), intervals: intervals.ok_or_else(missing)? }
        }
    };
    Ok(Some((texts, labels)))
}

/// The completion that these steps are, with where each starts and ends. The separator follows every step
/// but the last; a step that is empty and last is left out.
pub(super) fn joined(texts: &[String], separator: &str) -> (String, Vec<[u64; 2]>) {
    let (mut completion, mut spans, mut at) = (String::new(), Vec::new(), 0);
    for (i, text) in texts.iter().enumerate() {
        let separator = if i + 1 < texts.len() { separator } else { "" };
        completion.push_str(text);
        completion.push_str(separator);
        let end = at + (text.chars().count() + separator.chars().count()) as u64;
        if end > at {
            spans.push([at, end]);
        }
        at = end;
    }
    (completion, spans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_are_joined_can_be_cut_again() {
        let texts = ["é".to_owned(), String::new(), "b".to_owned()];
        assert_eq!(joined(&texts, "\n"), ("é\n\nb".to_owned(), vec![[0, 2], [2, 3], [3, 4]]));
        assert_eq!(joined(&[], "\n"), (String::new(), vec![]));
    }
}
