//! The last number of a text, or the letter, brackets or clause that it ends in.

mod context;

use super::Extracted;
use crate::options::Marker;
use crate::read::{Value, read};
use context::{Before, before, is_one_of_several, last_word, subordinate};
use std::ops::Range;

/// The last number, with its sign, fraction, percent sign or currency. A number that the text denies, compares
/// with or lists is not taken.
pub(super) fn number(text: &str) -> Option<Extracted> {
    if let Some(found) = in_brackets(text).or_else(|| last_letter(text)).or_else(|| said_last(text)) {
        return Some(found);
    }
    let mut end = text.len();
    // A number denied or counted more often than this says nothing.
    for _ in 0..8 {
        match number_before(text, end)? {
            Last::Number(found) => return Some(found),
            Last::Denied(at) => end = at,
        }
    }
    None
}

/// The last number of a part of a text.
enum Last {
    Number(Extracted),
    /// It is denied, or numbers a step, by words that begin here.
    Denied(usize),
}

fn number_before(text: &str, end: usize) -> Option<Last> {
    let last = text[..end].rfind(|c: char| c.is_ascii_digit())?;
    let mut span = without_unit(text, number_word(&text[..end], last));
    if span.is_empty() || span.len() > 200 {
        return None;
    }
    span = with_scale(text, with_whole_part(text, span));
    match before(&text[..span.start]) {
        Before::Nothing => {}
        Before::Denied(at) => return Some(Last::Denied(at)),
        Before::Compared => return None,
    }
    if let Some(at) = subordinate(&text[..span.start]) {
        // "1 in 6" is a share.
        let odds = text[..at].trim_end();
        let digits = odds.bytes().rev().take_while(u8::is_ascii_digit).count();
        if text[at..].starts_with("in ")
            && digits > 0
            && text[at + 3..span.end].bytes().all(|b| b.is_ascii_digit())
        {
            return Some(Last::Number(Extracted::one(
                text,
                odds.len() - digits..span.end,
                Marker::LastNumber,
            )));
        }
        // "5% of 40" is to be computed.
        let share = text[at..].starts_with("of ")
            && text[..at].trim_end().ends_with(['%', '$', '}', ')', '½', '¼', '¾']);
        return (!share).then_some(Last::Denied(at));
    }
    if is_one_of_several(&text[..span.start]) {
        return None;
    }
    let after = text[span.end..].trim_start_matches(|c: char| c.is_whitespace() || is_edge(c));
    let denials = ["is wrong", "is incorrect", "is not", "isn't", "is false", "wrong"];
    let denied =
        |denial: &&str| after.get(..denial.len()).is_some_and(|start| start.eq_ignore_ascii_case(denial));
    if denials.iter().any(denied) {
        return None;
    }
    match read(&text[span.clone()]) {
        Ok(value) if value.is_operation() => None,
        Ok(Value::Number { .. } | Value::Ratio(_) | Value::Clock { .. } | Value::Nearly(_)) => {
            Some(Last::Number(Extracted::one(text, span, Marker::LastNumber)))
        }
        _ => None,
    }
}

fn is_edge(c: char) -> bool {
    matches!(c, '*' | '_' | '"' | '\'' | '(' | ')' | '[' | ']' | ',' | '.' | ':' | ';' | '!' | '?')
}

/// The word around the digit at `last`, from the last sign of a calculation on, without the marks around it.
fn number_word(text: &str, last: usize) -> Range<usize> {
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
    let word = &text[span.clone()];
    let start = span.end - word.trim_start_matches(|c| is_edge(c) && c != '.').len();
    start..(span.start + word.trim_end_matches(is_edge).len()).max(start)
}

/// A number without the squared or cubed unit that is glued to it: "1,000 m²" written as "1,000m²".
fn without_unit(text: &str, span: Range<usize>) -> Range<usize> {
    let word = &text[span.clone()];
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || ".,-$".contains(c));
    let known = ["m²", "m³", "cm²", "cm³", "mm²", "km²", "ft²", "ft³", "in²", "in³"];
    if known.contains(&unit) { span.start..span.end - unit.len() } else { span }
}

/// The letter of a choice, or the tuple or interval, with which a text ends: "Therefore (D).", "it is (1, 2)".
fn in_brackets(text: &str) -> Option<Extracted> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!'));
    if !bare.ends_with([')', ']']) {
        return None;
    }
    let inside = &bare[..bare.len() - 1];
    let open = inside.rfind(['(', '['])?;
    let letter = matches!(&inside.as_bytes()[open + 1..], [b'A'..=b'J']);
    if inside.len() - open > 100
        || !bare[..open].ends_with([' ', '\n'])
        || !(letter || inside[open..].contains(','))
    {
        return None;
    }
    match read(&bare[open..]) {
        Ok(Value::Bracketed { .. } | Value::Choice { .. }) => {
            Some(Extracted::one(text, open..bare.len(), Marker::LastNumber))
        }
        _ => None,
    }
}

/// The letter of a choice that ends a text after words that choose it: "so D."
fn last_letter(text: &str) -> Option<Extracted> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '*'));
    let before = bare.strip_suffix(|c: char| ('A'..='J').contains(&c))?;
    let chosen =
        ["so ", "option ", "choice ", "choose ", "pick ", "select ", "therefore ", "hence ", "thus "];
    let lower = before.trim_end_matches('*').to_ascii_lowercase();
    let word = chosen.iter().find(|word| lower.ends_with(**word))?;
    let start = lower.len() - word.len();
    let whole_word = start == 0 || lower[..start].ends_with([' ', ',', '\n', '.']);
    whole_word.then(|| Extracted::one(text, before.len()..bare.len(), Marker::LastNumber))
}

/// What the last sentence says after "is", where that is an inequality or a word or two.
fn said_last(text: &str) -> Option<Extracted> {
    let bare = text.trim_end().trim_end_matches(['.', '!', ',']).trim_end();
    let start = bare.rfind(['\n', '.', '?', '!']).map_or(0, |at| at + 1);
    let at = start
        + [" is ", " are "].iter().filter_map(|verb| Some(bare[start..].rfind(verb)? + verb.len())).max()?;
    let said = &bare[at..];
    let tail = said.trim();
    let span = at + (said.len() - said.trim_start().len())..bare.len();
    let word = tail.split(' ').count() == 1
        && tail.starts_with(char::is_uppercase)
        && tail.chars().all(char::is_alphabetic)
        && tail.len() > 1;
    let inequality = || {
        tail.len() < 40
            && tail.contains(['<', '>', '≤', '≥'])
            && matches!(read(tail), Ok(Value::Relations { .. }))
    };
    (word || inequality()).then(|| Extracted::one(text, span, Marker::LastNumber))
}

/// A numeral with the "million" after it.
fn with_scale(text: &str, span: Range<usize>) -> Range<usize> {
    let rest = &text[span.end..];
    let word = rest.trim_start();
    let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    let scales = ["dozen", "hundred", "thousand", "million", "billion", "trillion", "lakh", "crore"];
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
