//! Which part of a response answers: not the thinking before it, nor what a model writes on after its end.

use super::{Located, locate};
use crate::options::{Marker, Thinking};
use std::ops::Range;

/// What ends a response in the text of common models.
const ENDS: &[&str] = &[
    "</s>",
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end|>",
    "<|return|>",
    "<|user|>",
    "<|start_header_id|>",
    "<end_of_turn>",
    "<start_of_turn>",
    "<eos>",
    "<pad>",
    "<|pad|>",
    "<｜end▁of▁sentence｜>",
    "[/inst]",
];

/// What opens and closes a part of thinking.
const THINKING: &[(&str, &str)] = &[
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<scratchpad>", "</scratchpad>"),
    ("<reflection>", "</reflection>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("[think]", "[/think]"),
    ("◁think▷", "◁/think▷"),
];

/// What begins the next task, at the start of a line.
const TASKS: &[&str] = &[
    "question:",
    "question ",
    "q:",
    "q.",
    "problem:",
    "problem ",
    "human:",
    "user:",
    "instruction:",
    "exercise:",
    "input:",
];

/// The part of a response that answers, in bytes. `lower` is the text in ASCII lower case.
pub(super) fn answering(lower: &str, thinking: Thinking) -> Range<usize> {
    let mut span = 0..lower.len();
    if has_tag(lower) {
        let channeled = lower.contains("<|channel|>");
        if thinking == Thinking::Strip && channeled {
            span.start = match lower.rfind("<|channel|>final<|message|>") {
                Some(at) => at + "<|channel|>final<|message|>".len(),
                None => lower.len(),
            };
        }
        if !channeled || thinking == Thinking::Strip {
            span.end = end_of_turn(lower, span.start);
        }
        if thinking == Thinking::Strip {
            span = without_thinking(lower, span);
        }
    }
    span.start..span.start + next_task(&lower[span])
}

/// Whether a text may hold a tag: calculator notes (`<<1+2=3>>`) and comparisons hold none.
fn has_tag(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    let tag = |at: usize| match bytes.get(at + 1) {
        Some(next) => next.is_ascii_alphabetic() || matches!(next, b'/' | b'|' | 0x80..),
        None => false,
    };
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'<' | b'[' => tag(at),
        // The bytes of the triangle around Kimi's tags.
        0xe2 => bytes[at..].starts_with("◁".as_bytes()),
        _ => false,
    })
}

/// Where the turn that begins at `start` ends: at the first end token after some text.
fn end_of_turn(lower: &str, start: usize) -> usize {
    let body = &lower[start..];
    let lead = body.len() - body.trim_start().len();
    let ends = ENDS.iter().filter_map(|token| {
        let at = body[lead..].find(token)?;
        (at > 0).then_some(start + lead + at)
    });
    ends.min().unwrap_or(lower.len())
}

/// What follows the last closing tag; a tag that is not closed hides all that follows it.
fn without_thinking(lower: &str, mut span: Range<usize>) -> Range<usize> {
    let closed =
        THINKING.iter().filter_map(|(_, close)| Some(lower[span.clone()].rfind(close)? + close.len()));
    span.start += closed.max().unwrap_or(0);
    let opened = THINKING.iter().filter_map(|(open, _)| lower[span.clone()].find(open));
    if let Some(at) = opened.min() {
        span.end = span.start + at;
    }
    span
}

/// How many bytes of a text come before the next task that it goes on to, once it has answered the first.
fn next_task(lower: &str) -> usize {
    let mut at = 0;
    for line in lower.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '*', '#', '>']);
        let labeled = matches!(bare.as_bytes().first(), Some(b'q' | b'p' | b'h' | b'u' | b'i' | b'e'));
        if labeled
            && at > 0
            && TASKS.iter().any(|task| bare.starts_with(task))
            && is_task(bare)
            && has_answered(&lower[..at])
        {
            return at;
        }
        at += line.len();
    }
    lower.len()
}

/// Whether a line that begins with such a word is the label of a task: "Question 7: ...", not "Question 7 asks".
fn is_task(line: &str) -> bool {
    let label = line.split(':').next().unwrap_or_default();
    let words = label.split_whitespace().count();
    (line.contains(':') && words <= 2 && label.len() < 20) || line.starts_with("q.")
}

/// Whether a text has an answer that it marks itself, or is one.
fn has_answered(lower: &str) -> bool {
    let marked =
        Marker::EXPLICIT.iter().any(|marker| matches!(locate(lower, lower, *marker), Located::Found(_)));
    marked || matches!(locate(lower, lower, Marker::Whole), Located::Found(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> &str {
        &text[answering(&text.to_ascii_lowercase(), Thinking::Strip)]
    }

    #[test]
    fn thinking_is_no_answer() {
        assert_eq!(rest("<think>5?</think>It is 7."), "It is 7.");
        assert_eq!(rest("<think>5?</think> 6 <thinking>no</thinking>7"), "7");
        assert_eq!(rest("<think>We get 7"), "");
        assert_eq!(rest("It is 7. <think>or"), "It is 7. ");
        assert_eq!(rest("we think so</think>7"), "7");
        assert_eq!(
            rest(
                "<|channel|>analysis<|message|>5<|end|><|start|>assistant<|channel|>final<|message|>7<|return|>"
            ),
            "7"
        );
        assert_eq!(rest("<|channel|>analysis<|message|>so 5"), "");
        let kept = "<think>7</think>";
        assert_eq!(answering(kept, Thinking::Keep), 0..kept.len());
    }

    #[test]
    fn what_follows_the_end_is_another_task() {
        assert_eq!(rest("#### 42</s>#### 7"), "#### 42");
        assert_eq!(rest("The answer is 42.\n\nQuestion: 3 + 4?\nThe answer is 7."), "The answer is 42.\n\n");
        let restated = "Let me see.\nQuestion: 3 + 4?\nThe answer is 7.";
        assert_eq!(rest(restated), restated);
        let parts = "#### 42\nQuestion 1 asks for it";
        assert_eq!(rest(parts), parts);
    }
}
