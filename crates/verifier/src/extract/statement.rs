//! Answers in words: "the answer is ...", "Answer: ...".

mod words;

use super::{Extracted, Located};
use crate::options::Marker;
use crate::read::{Value, read};
use std::ops::Range;
use words::{
    is_numeral, only_formula, trim, with_option, without_adverbs, without_negation, without_reasons,
};

/// What the last of these phrases says. A phrase that says nothing readable is passed over.
pub(super) fn after(text: &str, lower: &str, phrases: &[&str], marker: Marker) -> Located {
    let mut end = lower.len();
    if !phrases.iter().any(|phrase| lower.contains(phrase)) && !lower.contains("answer c") {
        return Located::Missing;
    }
    let denials = ["answer cannot be", "answer can't be", "answer can not be", "answer could not be"];
    let mut missing = match denials.iter().any(|denial| lower.contains(denial)) {
        true => Located::Denied,
        false => Located::Missing,
    };
    // An answer stated more often than this is not stated.
    for _ in 0..8 {
        let last = phrases.iter().filter_map(|p| Some((lower[..end].rfind(p)?, p))).max();
        let Some((at, phrase)) = last else { return missing };
        let start = at + phrase.len();
        let rest = &lower[start..];
        if rest.starts_with("n't") || is_asked(&lower[..at]) {
            missing = Located::Denied;
        } else if phrase.ends_with('\n')
            || !phrase.is_ascii()
            || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            match says(text, lower, start, marker) {
                Located::Missing => {}
                Located::Denied => missing = Located::Denied,
                found => return found,
            }
        }
        end = at;
    }
    missing
}

/// Whether a statement after these words asks: "I am not sure whether the ...".
fn is_asked(before: &str) -> bool {
    let mut words =
        before.split_whitespace().rev().skip_while(|word| ["the", "final", "correct", "my"].contains(word));
    words.next() == Some("whether")
}

/// What the last line beginning with "A:" or the last "Answer:" says.
pub(super) fn colon(text: &str, lower: &str) -> Located {
    let mut line_start = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '*', '#', '>']);
        if let Some(rest) = bare.strip_prefix("A:").or_else(|| bare.strip_prefix("Ans:")) {
            line_start = Some(start + line.len() - rest.len());
        }
        start += line.len();
    }
    let phrases = ["answer:", "answer**:", "answer :", "answer =", "answer —", "answer –", "answer - "];
    let phrases = if lower.contains("answer") { &phrases[..] } else { &[] };
    let inline = phrases.iter().filter_map(|p| Some(lower.rfind(p)? + p.len())).max();
    match line_start.max(inline) {
        Some(start) => says(text, lower, start, Marker::AnswerColon),
        None => Located::Missing,
    }
}

/// What a statement says that begins at `start`.
fn says(text: &str, lower: &str, start: usize, marker: Marker) -> Located {
    let Some(span) = sentence(text, start) else { return Located::Missing };
    if text[span.end..].starts_with('?') {
        return Located::Missing;
    }
    let number = trim(text, span.clone());
    if is_numeral(&text[number.clone()]) {
        return Located::Found(Extracted::one(text, number, marker));
    }
    let Some(span) = without_negation(lower, span) else { return Located::Denied };
    if let Some(both) = with_option(text, lower, span.clone(), marker) {
        return Located::Found(both);
    }
    let span = without_reasons(lower, span);
    let span = trim(text, without_adverbs(lower, span));
    if span.is_empty() {
        return Located::Missing;
    }
    let said = &text[span.clone()];
    if !matches!(read(said), Ok(Value::Text(_))) {
        return Located::Found(Extracted::one(text, span, marker));
    }
    // Emphasis on a part: "**42** apples".
    let bare = said.replace("**", "");
    if bare.len() < said.len() && !matches!(read(&bare), Ok(Value::Text(_)) | Err(_)) {
        return Located::Found(Extracted { spans: vec![span], text: bare, marker });
    }
    if let Some(formula) = only_formula(said) {
        let formula = span.start + formula.start..span.start + formula.end;
        return Located::Found(Extracted::one(text, formula, marker));
    }
    let clause = last_clause(text, span.clone());
    if clause != span {
        return Located::Found(Extracted::one(text, trim(text, clause), marker));
    }
    match said.split_whitespace().count() <= 6 {
        true => Located::Found(Extracted::one(text, span, marker)),
        false => Located::Missing,
    }
}

/// What a statement says after its last "is", "are" or "equals", where that is a value and the whole is not:
/// "the volume is 5" says 5.
pub(super) fn last_clause(text: &str, span: Range<usize>) -> Range<usize> {
    let said = &text[span.clone()];
    let verbs = [" is ", " are ", " equals "];
    let Some(at) = verbs.iter().filter_map(|verb| Some(said.rfind(verb)? + verb.len())).max() else {
        return span;
    };
    let tail = said[at..].trim_end_matches(['.', ' ']);
    let is_text = |text: &str| matches!(read(text), Ok(Value::Text(_)) | Err(_));
    if is_text(said) && !is_text(tail) { span.start + at..span.start + at + tail.len() } else { span }
}

/// The rest of the sentence at `start`, over the line breaks and marks before it; or the formula that it
/// begins with, where that is displayed.
fn sentence(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let begin = start + rest.len() - without_lead(rest).len();
    let rest = &text[begin..];
    for (open, close) in [("$$", "$$"), (r"\[", r"\]")] {
        if let Some(inside) = rest.strip_prefix(open) {
            let end = inside.find(close)?;
            return Some(begin + open.len()..begin + open.len() + end);
        }
    }
    let bytes = rest.as_bytes();
    let mut end = rest.len();
    for (at, byte) in rest.bytes().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'<' => bytes.get(at + 1) == Some(&b'/'),
            0xe3 => rest[at..].starts_with('。'),
            b'.' | b'!' | b'?' => {
                let next = bytes.get(at + 1).is_none_or(|b| b.is_ascii_whitespace());
                next && !abbreviated(&rest[..at])
                    && !(byte == b'!' && at > 0 && bytes[at - 1].is_ascii_digit())
            }
            _ => false,
        };
        if ends {
            end = at;
            break;
        }
    }
    Some(begin..begin + end)
}

/// The text without the marks, white space and tags that it begins with.
fn without_lead(text: &str) -> &str {
    let mut rest = text;
    loop {
        let bare = rest.trim_start_matches([':', ' ', '\n', '\r', '\t', '*', '_', '>', '：']);
        let tag =
            bare.strip_prefix('<').and_then(|tag| tag.get(..tag.bytes().take(12).position(|b| b == b'>')?));
        match tag {
            Some(tag) if tag.bytes().all(|b| b.is_ascii_alphabetic() || b == b'/') => {
                rest = &bare[tag.len() + 2..]
            }
            _ => return bare,
        }
    }
}

/// Whether a full stop after this text belongs to an abbreviation or to the letter of a choice.
fn abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    ["sq", "ft", "approx", "no", "a.m", "p.m"].contains(&word.to_ascii_lowercase().as_str())
        || (word.len() == 1 && before.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase()))
}
