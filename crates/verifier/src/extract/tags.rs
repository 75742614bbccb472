//! Answers in tags and in the fields of a JSON object.

use super::{Extracted, trimmed};
use crate::options::Marker;
use std::ops::Range;

/// Names of tags that hold an answer.
const TAGS: &[(&str, &str)] =
    &[("<answer>", "</answer>"), ("<final_answer>", "</final_answer>"), ("<ans>", "</ans>")];

/// Keys of an object that hold an answer.
const KEYS: &[&str] = &["answer", "final_answer", "final answer", "finalanswer"];

/// What stands in the last tag or field for answers.
pub(super) fn tagged(text: &str, lower: &str) -> Option<Extracted> {
    if !lower.contains("ans") {
        return None;
    }
    let tags = lower.contains("<ans") || lower.contains("<final_ans");
    let tag = TAGS
        .iter()
        .filter(|_| tags)
        .filter_map(|(open, close)| Some((lower.rfind(open)? + open.len(), *close)))
        .max();
    match tag {
        Some((start, close)) => trimmed(text, start..closing(lower, start, close)?, Marker::Tagged),
        None => field(text, lower).and_then(|span| trimmed(text, span, Marker::Tagged)),
    }
}

/// Where a tag closes; one at the end of the text holds the rest of its line.
fn closing(lower: &str, start: usize, close: &str) -> Option<usize> {
    match lower[start..].find(close) {
        Some(len) => Some(start + len),
        None => (!lower[start..].trim().contains('\n')).then_some(lower.len()),
    }
}

/// The value of the last such key: `{"answer": "42"}`.
fn field(text: &str, lower: &str) -> Option<Range<usize>> {
    if !lower.contains('{') {
        return None;
    }
    let keys = KEYS.iter().flat_map(|key| ['"', '\''].map(|quote| format!("{quote}{key}{quote}")));
    let start = keys.filter_map(|key| Some(lower.rfind(&key)? + key.len())).max()?;
    let value = lower[start..].trim_start().strip_prefix(':')?.trim_start();
    let at = lower.len() - value.len();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let inside = &text[at + 1..];
        let mut escaped = false;
        for (end, c) in inside.char_indices() {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if c == quote => return Some(at + 1..at + 1 + end),
                _ => {}
            }
        }
        return None;
    }
    let bracketed = value.starts_with('[');
    let end = value.find(if bracketed { &[']', '\n'] } else { &[',', '}', '\n'][..] })?;
    Some(at..at + end + usize::from(bracketed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tag_or_field_holds_the_answer() {
        let read = |text: &str| tagged(text, &text.to_ascii_lowercase()).map(|found| found.text);
        let cases = [
            ("<answer>4</answer><answer>5</answer>", "5"),
            ("<answer>42", "42"),
            ("<final_answer>42</final_answer>", "42"),
            (r#"{"answer": "42"}"#, "42"),
            ("{'reason': 'x', 'final_answer': 42}", "42"),
            (r#"{"answer": "say \"4\"", "x": 1}"#, r#"say \"4\""#),
            (r#"{"answer": [1, 2]}"#, "[1, 2]"),
        ];
        for (text, answer) in cases {
            assert_eq!(read(text).as_deref(), Some(answer), "{text}");
        }
        for text in ["<answer>so\nthen", r#"{"answer": "42"#, r#"{"other": 4}"#, "the \"answer\" is 4"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
