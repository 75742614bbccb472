//! The worked example of figure 6 for the page: what is known after each step.

use super::view::{Pair, Step, Stepper};
use crate::pipeline::{Probed, Worked, WorkedStep};
use crate::store::Record;

/// The first worked example among some records.
pub(super) fn stepper(records: &[Record]) -> Option<Stepper> {
    let worked = records.iter().find_map(|record| match &record.metrics.probed {
        Some(Probed::Pits(pits)) => pits.worked.as_ref(),
        _ => None,
    });
    worked.map(view)
}

fn view(worked: &Worked) -> Stepper {
    let values = worked.values();
    let line = |at: usize, text: String, reading: &'static str| Step {
        text,
        reading,
        pit: at == worked.pit + 1,
        percent: format!("{:.1}", 100.0 * values[at][0].clamp(0.0, 1.0)),
        exact: format!("{:.3}", values[at][0]),
        rollouts: format!("{:.3}", values[at][1]),
        best: format!("{:.3}", values[at][2]),
        advantage: gain(&values, at, 0),
        estimated: gain(&values, at, 1),
        says: says(worked, &values, at),
    };
    let start = line(0, "(the question alone)".into(), "");
    let step = |(i, step): (usize, &WorkedStep)| line(i + 1, step.text.clone(), reading(step));
    let text = |text: &str| text.trim_end().to_owned();
    Stepper {
        question: worked.question.clone(),
        answer: worked.answer.clone(),
        rollouts: worked.rollouts,
        k: worked.k,
        steps: std::iter::once(start).chain(worked.steps.iter().enumerate().map(step)).collect(),
        pair: worked.pair.as_ref().map(|pair| Pair {
            prompt: text(&pair.prompt),
            chosen: text(&pair.chosen.text),
            rejected: text(&pair.rejected.text),
        }),
    }
}

/// What a step adds to a value; the question adds nothing.
fn gain(values: &[[f64; 3]], at: usize, of: usize) -> String {
    if at == 0 { String::new() } else { format!("{:+.3}", values[at][of] - values[at - 1][of]) }
}

fn reading(step: &WorkedStep) -> &'static str {
    match step.reading {
        None => "",
        Some((true, true)) => "right, critical",
        Some((false, true)) => "wrong, critical",
        Some((true, false)) => "right, side branch",
        Some((false, false)) => "wrong, side branch",
    }
}

/// A sentence on the prefix that ends here.
fn says(worked: &Worked, values: &[[f64; 3]], at: usize) -> String {
    let q = format!("Q is {:.3}", values[at][0]);
    if at == 0 {
        return format!("Nothing is written yet: {q}.");
    }
    let (count, change) = (worked.steps.len(), values[at][0] - values[at - 1][0]);
    let reading = match worked.steps[at - 1].reading {
        Some((false, true)) => "It misreads a word that the answer depends on",
        Some((false, false)) => "It misreads a word on a side branch, which does no harm",
        Some((true, _)) => "It reads its word rightly",
        None => "It reads no word",
    };
    let pit = if at == worked.pit + 1 { " This is the first pit." } else { "" };
    format!("Step {at} of {count}. {reading}; advantage {change:+.3}, {q}.{pit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pit_and_the_gains_stand_at_their_steps() {
        let step = |text: &str, exact: f64, successes, reading| WorkedStep {
            text: text.into(),
            exact,
            successes,
            reading,
        };
        let worked = Worked {
            question: "? Bob <b>".into(),
            answer: "3".into(),
            rollouts: 10,
            k: 5,
            start: (0.5, 5),
            steps: vec![
                step("Ann is Ann 7 .", 0.6, 6, Some((true, true))),
                step("Bob 9 .", 0.0, 0, Some((false, true))),
            ],
            pit: 1,
            pair: None,
        };
        let stepper = view(&worked);
        let pits: Vec<bool> = stepper.steps.iter().map(|step| step.pit).collect();
        assert_eq!(pits, [false, false, true]);
        let gains: Vec<&str> = stepper.steps.iter().map(|step| step.advantage.as_str()).collect();
        assert_eq!(gains, ["", "+0.100", "-0.600"]);
        assert_eq!(stepper.steps[1].rollouts, "0.600");
        assert!(stepper.steps[2].says.ends_with("This is the first pit."));
        assert!(stepper.steps[2].says.contains("that the answer depends on; advantage -0.600, Q is 0.000"));
    }
}
