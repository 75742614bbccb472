//! Solutions on a terminal.

use super::view::{Step, View, Worth};
use std::fmt::Write;

/// Columns before the text of a step.
const MARGIN: usize = 44;

/// Colors as a terminal is told of them.
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const PLAIN: &str = "\x1b[0m";

/// The text of a solution; it ends in an empty line.
pub(crate) fn render(view: &View, color: bool) -> String {
    let paint = |code: &str, text: &str| {
        if color && !text.is_empty() { format!("{code}{text}{PLAIN}") } else { text.to_owned() }
    };
    let mut out = String::new();
    let verdict = match view.verdict {
        Some("right") => paint(GREEN, "right"),
        Some(other) => paint(RED, other),
        None => "not verified".to_owned(),
    };
    let answer =
        view.answer.as_ref().map_or(String::new(), |answer| format!(", the answer is {}", clean(answer)));
    let name = paint(BOLD, &clean(&view.id));
    let _ = writeln!(out, "{name} sample {}: {verdict}{answer}", view.sample);
    for line in view.question.lines() {
        let _ = writeln!(out, "  {}", paint(DIM, &clean(line)));
    }
    if view.valued {
        let _ = writeln!(out, "  {}", paint(DIM, "    value (interval)        correct  change"));
    }
    if let Some(start) = &view.start {
        let _ = writeln!(out, "  {}", margin("", Some(start), color));
    }
    for step in &view.steps {
        write_step(&mut out, step, view.valued, color);
    }
    out.push('\n');
    out
}

fn write_step(out: &mut String, step: &Step, valued: bool, color: bool) {
    let paint = |code: &str, text: &str| if color { format!("{code}{text}{PLAIN}") } else { text.to_owned() };
    let label = step.label.map_or("", |right| if right { "+ " } else { "- " });
    let number = format!("{:>2}", step.number);
    let head = if valued { margin(&number, step.worth.as_ref(), color) } else { number };
    let indent = if valued { MARGIN } else { 2 };
    for (i, line) in step.text.split('\n').enumerate() {
        let before = if i == 0 { head.clone() } else { " ".repeat(indent) };
        let text = clean(line);
        let text = if step.is_pit { paint(RED, &text) } else { text };
        let mark = if step.is_pit && i == 0 { paint(RED, " <- first pit") } else { String::new() };
        let _ = writeln!(out, "  {before}  {label}{text}{mark}");
    }
}

/// Number, value, interval, rollouts and advantage, as wide as [`MARGIN`].
fn margin(number: &str, worth: Option<&Worth>, color: bool) -> String {
    let Some(worth) = worth else { return format!("{number:>2}{}", " ".repeat(MARGIN - 2)) };
    let rollouts = worth.rollouts.as_deref().unwrap_or("verdict");
    let advantage = worth.advantage.as_deref().unwrap_or("");
    let text = format!("{number:>2}  {:<20}  {rollouts:>9}  {advantage:>5}", worth.interval);
    let code = match worth.q {
        q if q <= 0.0 => RED,
        q if q >= 1.0 => GREEN,
        _ => YELLOW,
    };
    if color { format!("{code}{text:<MARGIN$}{PLAIN}") } else { format!("{text:<MARGIN$}") }
}

/// Text without characters that would move the cursor or change the terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_exchange::{SampleRow, StepValue};
    use eightfold_verifier::Judgment;

    fn view() -> View {
        let value = |step, q, rollouts, correct, advantage| StepValue {
            step,
            q,
            low: 0.0,
            high: 1.0,
            rollouts,
            correct,
            advantage,
        };
        let row = SampleRow {
            id: "toy-0".into(),
            question: "2 + 2?".into(),
            answer: Some("4".into()),
            completion: "2 + 2 = 5\u{1b}[2J\n#### 5".into(),
            verdict: Some(Judgment::Different),
            steps: Some(vec![[0, 14], [14, 20]]),
            values: Some(vec![
                value(0, 0.5, 4, 2, None),
                value(1, 0.0, 4, 0, Some(-0.5)),
                value(2, 0.0, 0, 0, Some(0.0)),
            ]),
            first_pit: Some(0),
            ..SampleRow::default()
        };
        View::of(&row).unwrap()
    }

    #[test]
    fn steps_stand_beside_their_values() {
        let text = render(&view(), false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "toy-0 sample 0: wrong, the answer is 4");
        assert_eq!(lines[3].trim_end(), "      .50 (.00 to 1.00)        2 of 4");
        assert!(lines[4].contains("0 of 4   -.50") && lines[4].ends_with("<- first pit"), "{}", lines[4]);
        assert!(lines[5].contains("verdict") && lines[5].ends_with("#### 5"), "{}", lines[5]);
        assert!(!text.contains('\u{1b}'), "neither color nor what a solution smuggles in");
    }

    #[test]
    fn color_adds_nothing_but_color() {
        let colored = render(&view(), true);
        assert!(colored.contains(RED) && !colored.contains("\u{1b}[2J"));
        let mut plain = colored;
        for code in [BOLD, DIM, RED, GREEN, YELLOW, PLAIN] {
            plain = plain.replace(code, "");
        }
        assert_eq!(plain, render(&view(), false));
    }
}
