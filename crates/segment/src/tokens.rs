//! Which tokens make up which step.

use crate::Steps;
use std::ops::Range;

impl Steps {
    /// The tokens of each step, as ranges of token numbers that tile `0..offsets.len()`, in order.
    ///
    /// `offsets` holds the byte range of each token in the text, in the order of the tokens, as tokenizers
    /// give them. A token belongs to the step in which it starts: one that straddles a boundary, such as `".\n"`
    /// with the start of the next line, belongs to the earlier step. Tokens without text, such as `(0, 0)` of a
    /// special token, go with the token before them, and at the start of the text with the first step. A step
    /// in which no token starts has an empty range.
    ///
    /// ```
    /// use eightfold_segment::{Lines, Segmenter};
    ///
    /// let steps = Lines.segment("one\ntwo");
    /// assert_eq!(steps.token_spans(&[(0, 3), (3, 5), (5, 7)]), [0..2, 2..3]);
    /// ```
    pub fn token_spans(&self, offsets: &[(usize, usize)]) -> Vec<Range<usize>> {
        token_spans(self.spans(), offsets)
    }

    /// The steps as ranges of Unicode scalar values.
    pub fn char_spans(&self) -> Vec<Range<usize>> {
        let mut at = 0;
        let count = |step: &str| {
            let start = at;
            at += step.chars().count();
            start..at
        };
        self.iter().map(count).collect()
    }
}

/// As [`Steps::token_spans`], for spans that tile a text and offsets in the same unit, whatever it is: bytes, or
/// characters as tokenizers give them in Python.
pub fn token_spans(spans: &[Range<usize>], offsets: &[(usize, usize)]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    let mut token = 0;
    for (i, span) in spans.iter().enumerate() {
        let first = token;
        let last = i + 1 == spans.len();
        // Tokens are in order, so the step ends at the first token with text that starts behind it.
        while let Some(&(start, end)) = offsets.get(token)
            && (last || start == end || start < span.end)
        {
            token += 1;
        }
        ranges.push(first..token);
    }
    ranges
}

#[cfg(test)]
mod tests {
    use crate::{Lines, Segmenter, Sentences};
    use proptest::prelude::*;

    /// The offsets that a byte-level tokenizer gives for tokens that end at these bytes: a token that ends or
    /// starts inside a character is given the whole character.
    fn byte_level(text: &str, ends: &[usize]) -> Vec<(usize, usize)> {
        let mut edges: Vec<usize> =
            ends.iter().map(|end| end % (text.len() + 1)).chain([0, text.len()]).collect();
        edges.sort_unstable();
        edges.dedup();
        let down = |at: usize| (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap();
        let up = |at: usize| (at..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap();
        edges.windows(2).map(|pair| (down(pair[0]), up(pair[1]))).collect()
    }

    proptest! {
        #[test]
        fn tokens_go_where_they_start(
            text in r"(?s)([a-c]|[.\n ]|é|😀|\PC){0,40}",
            ends in prop::collection::vec(0usize..200, 0..30),
        ) {
            let offsets = byte_level(&text, &ends);
            for steps in [Lines.segment(&text), Sentences.segment(&text)] {
                let ranges = steps.token_spans(&offsets);
                prop_assert_eq!(ranges.len(), steps.len());
                let mut next = 0;
                for (range, span) in ranges.iter().zip(steps.spans()) {
                    prop_assert_eq!(range.start, next);
                    next = range.end;
                    for (start, _) in &offsets[range.clone()] {
                        prop_assert!(span.contains(start), "{start} in {span:?}");
                    }
                }
                prop_assert_eq!(next, if steps.is_empty() { 0 } else { offsets.len() });
            }
        }

        #[test]
        fn characters_tile_too(text in r"(?s)(é|😀|\n|a){0,30}") {
            let steps = Lines.segment(&text);
            let spans = steps.char_spans();
            prop_assert_eq!(spans.last().map_or(0, |span| span.end), text.chars().count());
            for (span, step) in spans.iter().zip(steps.iter()) {
                prop_assert_eq!(text.chars().skip(span.start).take(span.len()).collect::<String>(), step);
            }
        }
    }

    #[test]
    fn a_straddling_token_belongs_to_the_earlier_step() {
        let steps = Lines.segment("one\ntwo\nsix");
        // "one", "\nt", "wo\nsix", and special tokens at both ends.
        let offsets = [(0, 0), (0, 3), (3, 5), (5, 11), (0, 0)];
        assert_eq!(steps.token_spans(&offsets), [0..3, 3..5, 5..5]);
    }
}
