//! Thoughts before the answer, cut at paragraphs.

use crate::{Paragraphs, Segmenter, Steps};
use std::ops::Range;

/// Cuts the thoughts of a text at paragraphs, and what stands around them as `inner` does. A thought is what stands
/// between the marks of thinking, as `<think>`: lines and sentences of it are too many to be valued one by one, and numbers in it
/// number nothing. The mark goes with the paragraph beside it, and white space after the thought with its last one.
/// A thought that never closes goes on to the end; where a text closes one that it did not open, as after a prompt that
/// opens it, all before the mark is thought. A text without thoughts is cut by `inner`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Thoughts<S> {
    /// Cuts what is no thought.
    pub inner: S,
}

/// What opens a thought, and what closes it.
const MARKS: [(&str, &str); 7] = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("<|channel|>analysis<|message|>", "<|end|>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
];

impl<S: Segmenter> Segmenter for Thoughts<S> {
    fn segment(&self, text: &str) -> Steps {
        let thoughts = thoughts(text);
        let (mut cuts, mut at) = (Vec::new(), 0);
        for thought in &thoughts {
            self.cut_rest(text, at..thought.whole.start, &mut cuts);
            cuts.push(thought.whole.start);
            let inside = &text[thought.inside.clone()];
            let paragraphs = Paragraphs.segment(inside);
            // The first paragraph begins with the mark.
            cuts.extend(paragraphs.spans().iter().skip(1).map(|span| thought.inside.start + span.start));
            let rest = &text[thought.whole.end..];
            at = text.len() - rest.trim_start().len();
            cuts.push(at);
        }
        self.cut_rest(text, at..text.len(), &mut cuts);
        Steps::cut(text, cuts)
    }
}

impl<S: Segmenter> Thoughts<S> {
    /// Where a part that is no thought is cut, its start left out.
    fn cut_rest(&self, text: &str, part: Range<usize>, cuts: &mut Vec<usize>) {
        let steps = self.inner.segment(&text[part.clone()]);
        cuts.extend(steps.spans().iter().skip(1).map(|span| part.start + span.start));
    }
}

/// A thought: its bytes with its marks, and those between them.
struct Thought {
    whole: Range<usize>,
    inside: Range<usize>,
}

/// Every thought of a text, in order. One pass: a thought is looked into for its end alone.
fn thoughts(text: &str) -> Vec<Thought> {
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(sign) = text[at..].find(['<', '[', '◁']) {
        let start = at + sign;
        let rest = &text[start..];
        if let Some((open, close)) = MARKS.iter().find(|(open, _)| rest.starts_with(open)) {
            let inside = start + open.len();
            let end = text[inside..].find(close).map_or(text.len(), |end| inside + end);
            let whole = start..(end + close.len()).min(text.len());
            at = whole.end;
            found.push(Thought { whole, inside: inside..end });
        } else if let Some(close) = closes_unopened(rest).filter(|_| found.is_empty()) {
            at = start + close;
            found.push(Thought { whole: 0..at, inside: 0..start });
        } else {
            at = start + rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The length of the closing mark that a text begins with. `<|end|>` closes other messages too.
fn closes_unopened(rest: &str) -> Option<usize> {
    let mark = MARKS.iter().map(|(_, close)| *close).find(|close| rest.starts_with(close))?;
    (mark != "<|end|>").then_some(mark.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lines, Numbered};
    use proptest::prelude::*;

    fn cut(text: &str) -> Vec<String> {
        Thoughts { inner: Lines }.segment(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn thoughts_are_cut_at_paragraphs_and_the_rest_as_asked() {
        let text = "<think>\n\nLet me see.\nIt is 4.\n\nWait, 5.\n</think>\n\nIt is 5.\n#### 5";
        let steps =
            ["<think>\n\nLet me see.\nIt is 4.\n\n", "Wait, 5.\n</think>\n\n", "It is 5.\n", "#### 5"];
        assert_eq!(cut(text), steps);
        // The prompt opened it, or the text was cut within it.
        assert_eq!(cut("a\nb\n\nc</think>d\ne"), ["a\nb\n\n", "c</think>", "d\n", "e"]);
        assert_eq!(cut("Hm.\n<think>a\nb\n\nc\nd"), ["Hm.\n", "<think>a\nb\n\n", "c\nd"]);
        let harmony = "<|channel|>analysis<|message|>a\nb<|end|><|channel|>final<|message|>c\nd";
        assert_eq!(
            cut(harmony),
            ["<|channel|>analysis<|message|>a\nb<|end|>", "<|channel|>final<|message|>c\n", "d"]
        );
        let numbered = Thoughts { inner: Numbered }.segment("<think>1. a\n2. b</think>\n1. c\n2. d");
        assert_eq!(numbered.iter().collect::<Vec<_>>(), ["<think>1. a\n2. b</think>\n", "1. c\n", "2. d"]);
    }

    proptest! {
        #[test]
        fn without_thoughts_nothing_changes(text in r"(?s)([a-c<>/]|\n|\n\n|\[|think){0,40}") {
            prop_assume!(thoughts(&text).is_empty());
            prop_assert_eq!(cut(&text), Lines.segment(&text).iter().map(str::to_owned).collect::<Vec<_>>());
        }
    }
}
