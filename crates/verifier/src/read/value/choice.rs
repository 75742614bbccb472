//! Letters that name one of several answers.

use super::{Read, Value, value};
use crate::fuel::Stop;
use crate::read::strip::plain_text;
use crate::read::token::{Spelled, Token};

/// A letter that names one of several answers, and the answer beside it.
pub(super) fn choice(all: &[Token], depth: usize) -> Option<Read> {
    let mut rest = all;
    if let [first, after @ ..] = rest
        && ["option", "choice"].iter().any(|word| first.is_word(word))
    {
        rest = after;
    }
    while let [first, after @ ..] = rest
        && (first.is('{') || first.is('('))
        && after.first().is_some_and(|t| t.is('(') || letter_of(t).is_some())
    {
        rest = after;
    }
    let [first, after @ ..] = rest else { return None };
    let letter = letter_of(first)?;
    let marked = rest.len() < all.len();
    let mut after = after;
    let mut closed = false;
    while let [next, more @ ..] = after
        && (next.is(')') || next.is('}') || (next.is('.') || next.is(':')))
    {
        closed |= !next.is('}');
        after = more;
    }
    if after.is_empty() {
        return Some(Ok(Value::Choice { letter, rest: None }));
    }
    // "B - the second".
    if let [dash, words @ ..] = after
        && dash.is('-')
        && dash.spaced
        && words.len() > 1
        && words[0].spaced
        && let Some(text) = said(words)
    {
        return Some(Ok(Value::Choice { letter, rest: Some(Box::new(Value::Text(text))) }));
    }
    // "(B) 12" and "B) 12" and "B. 12", but not "(A + B)" or "C: x > 2" with something computed.
    let opened = marked && all.iter().take(3).any(|t| t.is('('));
    if !closed || !(opened || after[0].spaced) || computes(after) {
        return None;
    }
    Some(beside(after, depth).map(|rest| Value::Choice { letter, rest: Some(Box::new(rest)) }))
}

/// The answer beside a letter, where it names no other letter.
fn beside(after: &[Token], depth: usize) -> Read {
    match value(after, depth + 1) {
        Ok(Value::List { items, .. }) if items.iter().any(|item| matches!(item, Value::Choice { .. })) => {
            Err(Stop::Unknown)
        }
        Ok(rest) => Ok(rest),
        Err(_) => said(after).map(Value::Text).ok_or(Stop::Unknown),
    }
}

/// The text beside a letter, where it is words alone and none of them says more than what is chosen.
fn said(words: &[Token]) -> Option<String> {
    let word = |token: &Token| {
        matches!(
            token.spelled,
            Spelled::Word(_) | Spelled::Text(_) | Spelled::Sign(',' | '\'' | '-' | '{' | '}')
        )
    };
    if !words.iter().all(word) {
        return None;
    }
    const HEDGES: &[&str] =
        &["or", "and", "not", "nor", "but", "either", "neither", "wrong", "incorrect", "if", "unless"];
    let text = plain_text(&words.iter().map(|token| token.source).collect::<Vec<_>>().join(" "));
    (!text.split(' ').any(|word| HEDGES.contains(&word))).then_some(text)
}

/// Whether tokens go on with what stands before them, as in "(B) + 1", and not with a signed answer, as in
/// "(B) -5".
fn computes(after: &[Token]) -> bool {
    let signed = || after[0].spaced && after.get(1).is_some_and(|next| !next.spaced);
    match after[0].spelled {
        Spelled::Sign('+' | '-' | '±' | '∓') => !signed(),
        Spelled::Sign('*' | '/' | '^' | '_' | '!' | '\'' | '=' | '≠' | '<' | '≤' | '>' | '≥' | '∈') => {
            true
        }
        _ => false,
    }
}

fn letter_of(token: &Token) -> Option<char> {
    match token.spelled {
        Spelled::Word(word) | Spelled::Text(word) if word.len() == 1 => {
            word.chars().next().filter(|c| ('A'..='J').contains(c))
        }
        _ => None,
    }
}
