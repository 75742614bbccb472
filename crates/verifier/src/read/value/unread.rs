//! Answers that are no mathematics, or none that is understood.

use super::Value;
use crate::read::strip;
use crate::read::token::{Spelled, Token};

/// A text, or mathematics that is not understood.
pub(super) fn unread(plain: &str, tokens: &[Token]) -> Value {
    let text = strip::plain_text(plain);
    let said = ["there is ", "there are "].iter().find_map(|lead| text.strip_prefix(lead));
    match said.unwrap_or(&text) {
        "all real numbers" | "all reals" | "all real values" | "set of all real numbers" => {
            return Value::Numbers("R".to_owned());
        }
        "no solution" | "no solutions" | "no real solution" | "no real solutions" | "empty set" => {
            return Value::Set(Vec::new());
        }
        _ => {}
    }
    if text.contains('\\') || plain.contains("...") {
        return Value::Formula(spelled_out(tokens));
    }
    if let Some(words) = words_listed(plain) {
        return Value::Text(words);
    }
    let leads = ["it is ", "it will be ", "it would be ", "it must be ", "it was "];
    let led = leads.iter().find_map(|lead| text.strip_prefix(lead)).map(str::to_owned);
    Value::Text(led.unwrap_or(text))
}

/// Single words between commas, joined by "and": "red, blue".
fn words_listed(plain: &str) -> Option<String> {
    let text = plain.replace(r"\text", "").replace(['{', '}'], "").to_lowercase();
    let text = text.replace(", and ", ", ").replace(" and ", ", ");
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let word = |part: &&str| !part.is_empty() && part.chars().all(char::is_alphabetic);
    ((2..=8).contains(&parts.len()) && parts.iter().all(word)).then(|| parts.join(" and "))
}

/// Tokens with one space between, without the braces around single ones: `\pmod{7}` is `\pmod 7`.
fn spelled_out(tokens: &[Token]) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let braced = token.is('{') && tokens.get(at + 2).is_some_and(|close| close.is('}'));
        let token = if braced { &tokens[at + 1] } else { token };
        at += if braced { 3 } else { 1 };
        match token.spelled {
            Spelled::Sign(sign) => out.push(sign),
            Spelled::Text(text) => out.push_str(text),
            _ => out.push_str(token.source),
        }
        out.push(' ');
    }
    out
}
