//! Guesses from text that marks no answer: which of its sentences may hold one.

mod phrases;

use super::{Extracted, Located};
use phrases::{PLANS, REASONS, REFUSALS, REQUESTS};
use std::ops::Range;

/// What a way to guess finds in the sentences that may hold an answer.
pub(super) fn guessed(text: &str, lower: &str, guess: fn(&str) -> Option<Extracted>) -> Located {
    if REFUSALS.iter().any(|refusal| lower.contains(refusal)) {
        return Located::Denied;
    }
    let hidden = hidden(text, lower);
    if hidden.is_empty() {
        return guess(text).into();
    }
    let mut masked = text.to_owned();
    for span in hidden {
        masked.replace_range(span.clone(), &" ".repeat(span.len()));
    }
    match guess(&masked) {
        Some(found) => Located::Found(found),
        None => Located::Missing,
    }
}

/// The parts of a text that hold no answer: requests, plans, and reasons.
fn hidden(text: &str, lower: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for sentence in sentences(text) {
        let said = &lower[sentence.clone()];
        let bare =
            without_connective(said.trim_start_matches(|c: char| c.is_whitespace() || "*#>-(".contains(c)));
        let asks = said.trim_end().ends_with('?') || REQUESTS.iter().any(|word| bare.starts_with(word));
        if asks && let Some(len) = preamble(said, bare) {
            found.push(sentence.start..sentence.start + len);
            continue;
        }
        if asks && !concludes(said) || PLANS.iter().any(|words| said.contains(words)) {
            found.push(sentence);
            continue;
        }
        if sentence.start > 0 && is_cut_item(said) {
            found.push(sentence);
            continue;
        }
        // A remark in brackets after a number: "14 days (2 weeks)".
        if let Some(open) = said.find(" (")
            && let Some(close) = said[open..].find(')')
            && said[..open].bytes().any(|b| b.is_ascii_digit())
            && said[open..open + close].bytes().any(|b| b.is_ascii_digit())
            && !said[open..open + close].contains([',', '$'])
        {
            found.push(sentence.start + open..sentence.start + open + close + 1);
        }
        if let Some(at) = REASONS.iter().filter_map(|reason| said.find(reason)).min() {
            found.push(sentence.start + at..sentence.end);
        }
    }
    found
}

/// How many bytes of a request only lead up to a statement: "Find x: x = 5", "Using the formula, it is 5".
fn preamble(said: &str, bare: &str) -> Option<usize> {
    const SOFT: &[&str] = &[
        "using ",
        "given ",
        "to find ",
        "to solve ",
        "to compute ",
        "to calculate ",
        "to determine ",
        "recall ",
    ];
    if said.trim_end().ends_with('?') {
        return None;
    }
    let colon = said.find(": ").filter(|at| said[*at..].contains('='));
    let comma = || said.find(", ").filter(|_| SOFT.iter().any(|word| bare.starts_with(word)));
    colon.or_else(comma).map(|at| at + 1)
}

/// Whether a sentence that begins as a request comes to a result: "Solve 2x = 6 to get x = 3".
fn concludes(said: &str) -> bool {
    !said.trim_end().ends_with('?')
        && [" to get ", " we get ", " gives ", " so ", ", we have ", " yields ", "therefore", " hence "]
            .iter()
            .any(|words| said.contains(words))
}

/// A sentence without the words that only lead up to it.
fn without_connective(said: &str) -> &str {
    let mut rest = said;
    loop {
        let lead = [
            "so ", "then ", "now ", "next ", "first ", "and ", "first,", "now,", "next,", "so,", "then,",
            "finally,", "also,",
        ]
        .iter()
        .find_map(|word| rest.strip_prefix(word));
        match lead {
            Some(more) => rest = more.trim_start(),
            None => return rest,
        }
    }
}

/// Whether a sentence is the number of an item whose text is missing: "3.".
fn is_cut_item(said: &str) -> bool {
    let bare = said.trim();
    let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits) && matches!(&bare[digits..], "." | ")")
}

/// The sentences of a text, as spans that tile it. A line break ends a sentence, as do `.`, `!` and `?` before white
/// space, outside of formulas.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut found, mut start, mut dollars) = (Vec::new(), 0, 0);
    for (at, byte) in text.bytes().enumerate() {
        dollars += usize::from(byte == b'$');
        let ends = match byte {
            b'\n' => true,
            b'.' | b'!' | b'?' => {
                let number = text[start..at].trim();
                let item = !number.is_empty()
                    && number.bytes().all(|b| b.is_ascii_digit())
                    && byte == b'.'
                    && bytes.get(at + 1) == Some(&b' ')
                    && at + 2 < text.trim_end().len();
                dollars % 2 == 0
                    && bytes.get(at + 1).is_none_or(u8::is_ascii_whitespace)
                    && !item
                    && !is_abbreviated(&text[start..at])
            }
            _ => false,
        };
        if ends {
            found.push(start..at + 1);
            start = at + 1;
        }
    }
    if start < text.len() {
        found.push(start..text.len());
    }
    found
}

fn is_abbreviated(before: &str) -> bool {
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default().trim_start_matches('(');
    ["sq", "ft", "approx", "no", "i.e", "e.g", "mr", "mrs", "ms", "dr", "st", "vs", "eq"]
        .contains(&word.to_ascii_lowercase().as_str())
}
