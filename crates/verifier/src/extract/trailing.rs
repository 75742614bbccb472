//! Answers that nothing marks: a response that is one, the last formula, the last number.

use super::{Extracted, trimmed};
use crate::options::Marker;
use crate::read::{Value, is_math, read};
use std::ops::Range;

/// The whole response, if it reads as one value and not as text.
pub(super) fn whole(text: &str) -> Option<Extracted> {
    let bare = text.trim();
    if bare.is_empty() || bare.len() > 2_000 || sentences(bare) {
        return None;
    }
    // Words before a formula lead up to it.
    let formula = bare.find(['$', '\\']).unwrap_or(0);
    if bare[..formula].split(|c: char| !c.is_alphabetic()).any(|word| word.len() > 1) {
        return None;
    }
    match read(bare) {
        Ok(Value::Text(_)) | Err(_) => None,
        Ok(_) => trimmed(text, 0..text.len(), Marker::Whole),
    }
}

/// Whether a text is running text of more than one sentence or line.
fn sentences(text: &str) -> bool {
    let matrix = text.contains(r"\begin");
    (!matrix && text.contains('\n')) || text.contains(". ") || text.contains("<<")
}

/// The last formula between delimiters, if no number comes after it.
pub(super) fn formula(text: &str) -> Option<Extracted> {
    let span = [last_dollars(text), last_pair(text, r"\(", r"\)"), last_pair(text, r"\[", r"\]")];
    let span = span.into_iter().flatten().max_by_key(|span| span.end)?;
    if text[span.end..].bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    match read(&text[span.clone()]) {
        Ok(Value::Text(_) | Value::Formula(_)) | Err(_) => None,
        Ok(_) => trimmed(text, span, Marker::LastFormula),
    }
}

fn last_dollars(text: &str) -> Option<Range<usize>> {
    let close = text.rfind('$')?;
    let end = text[..close].trim_end_matches('$').len();
    let open = text[..end].rfind('$')? + 1;
    (open < end && (end < close || is_math(&text[open..end]))).then_some(open..end)
}

fn last_pair(text: &str, open: &str, close: &str) -> Option<Range<usize>> {
    let end = text.rfind(close)?;
    let start = text[..end].rfind(open)? + open.len();
    Some(start..end)
}

/// The last number, with its sign, fraction, percent sign or currency. A number that the text denies, compares
/// with or lists is not taken.
pub(super) fn number(text: &str) -> Option<Extracted> {
    let last = text.rfind(|c: char| c.is_ascii_digit())?;
    let start = last_word(&text[..last]);
    let end = last + text[last..].find(|c: char| c.is_whitespace()).unwrap_or(text.len() - last);
    let mut span = start..end;
    // Calculator notes and equations: what is after them is the result.
    for mark in [">>", "="] {
        if let Some(at) = text[span.clone()].rfind(mark)
            && text[span.start + at + mark.len()..span.end].bytes().any(|b| b.is_ascii_digit())
        {
            span.start += at + mark.len();
        }
    }
    let edge = |c: char| {
        matches!(c, '*' | '_' | '"' | '\'' | '(' | ')' | '[' | ']' | ',' | '.' | ':' | ';' | '!' | '?')
    };
    let word = &text[span.clone()];
    let span = span.end - word.trim_start_matches(|c| edge(c) && c != '.').len()
        ..span.start + word.trim_end_matches(edge).len();
    if span.is_empty() || span.len() > 200 {
        return None;
    }
    let span = with_scale(text, with_whole_part(text, span));
    match before(&text[..span.start]) {
        Before::Nothing => {}
        Before::Denied(at) => return number(&text[..at]),
        Before::Compared => return None,
    }
    let after =
        text[span.end..].trim_start_matches(|c: char| c.is_whitespace() || edge(c)).to_ascii_lowercase();
    if ["is wrong", "is incorrect", "is not", "isn't", "is false", "wrong"]
        .iter()
        .any(|denial| after.starts_with(denial))
    {
        return None;
    }
    match read(&text[span.clone()]) {
        Ok(Value::Number { .. } | Value::Ratio(_) | Value::Clock { .. }) => {
            Some(Extracted::one(text, span, Marker::LastNumber))
        }
        _ => None,
    }
}

/// Where the last word of a text begins; its end if it ends in white space.
fn last_word(text: &str) -> usize {
    text.len() - text.rsplit(char::is_whitespace).next().map_or(0, str::len)
}

/// What the words before a number make of it.
enum Before {
    Nothing,
    /// It is denied by words that begin here.
    Denied(usize),
    /// It is a bound, an operand or an item of a list.
    Compared,
}

fn before(text: &str) -> Before {
    if text.ends_with(">>") {
        return Before::Nothing;
    }
    let trimmed = text.trim_end_matches([' ', '(', '$', '*']);
    let start = last_word(trimmed);
    let word = trimmed[start..].to_ascii_lowercase();
    let earlier = trimmed[..start].trim_end();
    let digit = |text: &str| text.trim_end_matches([',', ' ']).ends_with(|c: char| c.is_ascii_digit());
    match word.as_str() {
        "not" | "isn't" | "(not" => Before::Denied(start),
        "to" if earlier.to_ascii_lowercase().ends_with("not equal") => Before::Compared,
        "be" if earlier.to_ascii_lowercase().ends_with("not") || earlier.ends_with("n't") => Before::Compared,
        "than" | "least" | "most" | "between" | "nor" | "except" | "below" | "above" | "under" | "over" => {
            Before::Compared
        }
        "and" | "or" if digit(earlier) => Before::Compared,
        _ if word.ends_with(',') && digit(&word) => Before::Compared,
        // An operator, or a relation other than equality.
        _ if word.ends_with(['/', '<', '>', '+', '*', '^', '-', '≤', '≥', '≠', '×', '÷']) => {
            Before::Compared
        }
        r"\le" | r"\ge" | r"\ne" | r"\leq" | r"\geq" | r"\neq" | r"\cdot" | r"\times" | r"\approx" => {
            Before::Compared
        }
        _ => Before::Nothing,
    }
}

/// A numeral with the "million" after it.
fn with_scale(text: &str, span: Range<usize>) -> Range<usize> {
    let rest = &text[span.end..];
    let word = rest.trim_start();
    let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    let scales = ["dozen", "hundred", "thousand", "million", "billion", "trillion"];
    if scales.contains(&word[..len].to_ascii_lowercase().as_str()) {
        return span.start..span.end + (rest.len() - word.len()) + len;
    }
    span
}

/// `3/4` with the `7` before it.
fn with_whole_part(text: &str, span: Range<usize>) -> Range<usize> {
    // "1 / 2" with spaces.
    let head = text[..span.start].trim_end_matches(' ');
    if let Some(above) = head.strip_suffix('/') {
        let above = above.trim_end_matches(' ');
        let digits = above.bytes().rev().take_while(u8::is_ascii_digit).count();
        return if digits > 0 { above.len() - digits..span.end } else { span };
    }
    let fraction = text[span.clone()].split_once('/').is_some_and(|(a, b)| {
        [a, b].iter().all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()))
    });
    let before = text[..span.start].trim_end_matches(' ');
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    if fraction && digits > 0 && before.len() < span.start { before.len() - digits..span.end } else { span }
}
