//! One sentence, one step.

use crate::{Segmenter, Steps};

/// A step is a sentence with the white space after it. A sentence ends at a line break, and at `.`, `!` or
/// `?` (with closing quotes or brackets) before white space, unless the full stop ends an abbreviation or a
/// single letter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sentences;

/// Words whose full stop does not end a sentence, in lower case.
const ABBREVIATIONS: &[&str] = &[
    "mr", "mrs", "ms", "dr", "prof", "st", "vs", "e.g", "i.e", "etc", "approx", "no", "fig", "eq", "min",
    "max",
];

impl Segmenter for Sentences {
    fn segment(&self, text: &str) -> Steps {
        let mut cuts = Vec::new();
        let (mut ended, mut seen) = (false, false);
        for (at, character) in text.char_indices() {
            if character == '\n' {
                ended = seen;
            } else if character.is_whitespace() {
                ended |= seen && ends_sentence(&text[..at]);
            } else {
                if ended {
                    cuts.push(at);
                }
                (ended, seen) = (false, true);
            }
        }
        Steps::cut(text, cuts)
    }
}

/// Whether the text up to a white space ends in the end of a sentence.
fn ends_sentence(before: &str) -> bool {
    let bare = before.trim_end_matches(['"', '\'', ')', ']', '”', '’']);
    let Some(head) = bare.strip_suffix('.') else { return bare.ends_with(['!', '?']) };
    let word = head.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    let letter = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    !letter && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Sentences.segment(text).iter().map(str::to_owned).collect()
    }

    #[test]
    fn a_full_stop_before_white_space_ends_a_sentence() {
        assert_eq!(
            cut("One is 1. Two is 2!  Three?\nFour"),
            ["One is 1. ", "Two is 2!  ", "Three?\n", "Four"]
        );
        assert_eq!(cut("He said \"no.\" Then left."), ["He said \"no.\" ", "Then left."]);
        assert_eq!(cut("Ann is Ann 7 .\nanswer Ann 7"), ["Ann is Ann 7 .\n", "answer Ann 7"]);
    }

    #[test]
    fn decimals_and_abbreviations_are_never_cut() {
        for text in ["It costs 3.50 dollars", "Mr. Smith met Dr. Jones.", "J. Doe has e.g. five", " \n"] {
            assert_eq!(cut(text), [text]);
        }
    }
}
