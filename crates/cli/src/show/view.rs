//! What is shown of a solution, whatever it is shown on.

use eightfold_exchange::{RowError, SampleRow, StepValue};
use eightfold_verifier::Judgment;
use serde::Serialize;

/// A solution to look at.
#[derive(Debug, Serialize)]
pub(crate) struct View {
    pub(crate) id: String,
    pub(crate) sample: u64,
    pub(crate) question: String,
    pub(crate) answer: Option<String>,
    /// `right`, `wrong`, `undecided`, or nothing where it was not verified.
    pub(crate) verdict: Option<&'static str>,
    /// The value of the bare question.
    pub(crate) start: Option<Worth>,
    pub(crate) steps: Vec<Step>,
    /// Whether any prefix has a value.
    pub(crate) valued: bool,
}

/// A step to look at.
#[derive(Debug, Serialize)]
pub(crate) struct Step {
    /// From 1.
    pub(crate) number: usize,
    /// Without the white space at its end.
    pub(crate) text: String,
    pub(crate) worth: Option<Worth>,
    pub(crate) label: Option<bool>,
    pub(crate) is_pit: bool,
}

/// A value to look at.
#[derive(Debug, Serialize)]
pub(crate) struct Worth {
    pub(crate) q: f64,
    /// As `.40 (.05 to .85)`.
    pub(crate) interval: String,
    /// As `2 of 5`; nothing for a verdict.
    pub(crate) rollouts: Option<String>,
    /// As `-.60`.
    pub(crate) advantage: Option<String>,
    /// Whether the advantage is below 0.
    pub(crate) falls: bool,
}

impl View {
    /// What a row says.
    pub(crate) fn of(row: &SampleRow) -> Result<Self, RowError> {
        let values = row.values.as_deref().unwrap_or_default();
        let worth = |step: u64| values.iter().find(|value| value.step == step).map(Worth::of);
        let steps = match row.steps {
            Some(_) => row.cut()?.iter().map(str::to_owned).collect(),
            None => vec![row.completion.clone()],
        };
        let cut = row.steps.is_some();
        let step = |(i, text): (usize, String)| Step {
            number: i + 1,
            text: text.trim_end().to_owned(),
            worth: worth(i as u64 + 1).filter(|_| cut),
            label: row.labels.as_ref().and_then(|labels| labels.get(i).copied()),
            is_pit: row.first_pit == Some(i as u64),
        };
        Ok(Self {
            id: row.id.clone(),
            sample: row.sample,
            question: row.question.clone(),
            answer: row.answer.clone(),
            verdict: row.verdict.map(|verdict| match verdict {
                Judgment::Equal => "right",
                Judgment::Different => "wrong",
                Judgment::Undecided => "undecided",
            }),
            start: worth(0),
            steps: steps.into_iter().enumerate().map(step).collect(),
            valued: !values.is_empty(),
        })
    }
}

impl Worth {
    fn of(value: &StepValue) -> Self {
        let drawn = value.rollouts > 0;
        let interval = if drawn {
            format!("{} ({} to {})", share(value.q), share(value.low), share(value.high))
        } else {
            share(value.q)
        };
        Self {
            q: value.q,
            interval,
            rollouts: drawn.then(|| format!("{} of {}", value.correct, value.rollouts)),
            advantage: value.advantage.map(signed),
            falls: value.advantage.is_some_and(|advantage| advantage < 0.0),
        }
    }
}

/// A number in [0, 1] with two places and no leading zero.
fn share(x: f64) -> String {
    let text = format!("{x:.2}");
    text.strip_prefix('0').map_or(text.clone(), str::to_owned)
}

/// A difference of two such numbers.
fn signed(x: f64) -> String {
    let size = share(x.abs());
    if size == ".00" { " .00".to_owned() } else { format!("{}{size}", if x < 0.0 { '-' } else { '+' }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!((share(0.0), share(0.456), share(1.0)), (".00".into(), ".46".into(), "1.00".into()));
        assert_eq!(
            (signed(-0.6), signed(0.25), signed(-0.001)),
            ("-.60".into(), "+.25".into(), " .00".into())
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let row = SampleRow { completion: "a\nb\n".into(), first_pit: None, ..SampleRow::default() };
        let view = View::of(&row).unwrap();
        assert_eq!((view.steps.len(), view.steps[0].text.as_str(), view.valued), (1, "a\nb", false));
        let cut = SampleRow { steps: Some(vec![[0, 2], [2, 4]]), first_pit: Some(1), ..row };
        let view = View::of(&cut).unwrap();
        assert_eq!(view.steps.iter().map(|step| step.is_pit).collect::<Vec<_>>(), [false, true]);
    }
}
