//! Answers in words: "3 out of 4", "does not exist", "seventy thousand dollars".

use super::number_words::number_words;
use super::strip::plain_text;
use super::unit::unit;
use super::value::Value;
use crate::expr::Expr;
use crate::number::Rational;

/// The value of an answer in words.
pub(super) fn spoken(plain: &str) -> Option<Value> {
    if plain.len() > 120 || !plain.contains([' ', '}']) && plain.len() > 12 {
        return None;
    }
    if !plain.bytes().any(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    // Words stand bare, or in a text command.
    let commands = plain.contains('\\');
    if commands && !plain.contains(r"\text") && !plain.contains(r"\mathrm") {
        return None;
    }
    let text = plain_text(plain);
    if text.contains('\\') {
        return None;
    }
    hour(plain)
        .or_else(|| phrase(&text))
        .or_else(|| pair(&text))
        .or_else(|| based(&text))
        .or_else(|| counted(&text))
}

/// Sayings that have one meaning.
fn phrase(text: &str) -> Option<Value> {
    let said = match text {
        "dne"
        | "does not exist"
        | "limit does not exist"
        | "it does not exist"
        | "doesn't exist"
        | "doesn t exist"
        | "limit doesn t exist" => "does not exist",
        "infinitely many"
        | "infinitely many solutions"
        | "there are infinitely many solutions"
        | "infinite solutions"
        | "infinite number of solutions"
        | "infinitely many values" => "infinitely many",
        "noon" | "12:00 noon" | "12 noon" => return Some(clock(12, "pm")),
        "midnight" | "12:00 midnight" | "12 midnight" => return Some(clock(12, "am")),
        "origin" => {
            let zero = || Value::Number { expr: Expr::Number(Rational::ZERO), unit: None };
            return Some(Value::Bracketed { open: '(', items: vec![zero(), zero()], close: ')' });
        }
        _ => return quadrant(text),
    };
    Some(Value::Text(said.to_owned()))
}

fn clock(hours: u32, half: &str) -> Value {
    Value::Clock { hours, minutes: 0, half: unit(half) }
}

/// "second quadrant" is "Quadrant II".
fn quadrant(text: &str) -> Option<Value> {
    let which = text.strip_prefix("quadrant ").or_else(|| text.strip_suffix(" quadrant"))?;
    let number = match which {
        "i" | "1" | "first" | "one" => "1",
        "ii" | "2" | "second" | "two" => "2",
        "iii" | "3" | "third" | "three" => "3",
        "iv" | "4" | "fourth" | "four" => "4",
        _ => return None,
    };
    Some(Value::Text(format!("quadrant {number}")))
}

/// "8 a.m." is 8:00 in the morning.
fn hour(plain: &str) -> Option<Value> {
    if !plain.trim_end_matches(['.', '}', ' ']).ends_with(['m', 'M']) {
        return None;
    }
    let text = plain.replace(r"\text", "").replace(['{', '}', '.', ' ', '~'], "").to_ascii_lowercase();
    let half = ["am", "pm"].into_iter().find(|half| text.ends_with(half))?;
    let hours: u32 = text.strip_suffix(half)?.parse().ok()?;
    (1..=12).contains(&hours).then(|| clock(hours, half))
}

/// Two numbers and the words between them.
fn pair(text: &str) -> Option<Value> {
    if let Some(hour) = text.strip_suffix(" o clock").or_else(|| text.strip_suffix(" o'clock")) {
        return Some(Value::Clock {
            hours: hour.parse().ok().filter(|hour| *hour <= 12)?,
            minutes: 0,
            half: None,
        });
    }
    let split = |word: &str| text.split_once(word).and_then(|(a, b)| Some((count(a)?, count(b)?)));
    if let Some((a, b)) = split(" is to ").or_else(|| split(" to ")) {
        return Some(Value::Ratio(vec![Expr::Number(a), Expr::Number(b)]));
    }
    if let Some((a, b)) = split(" out of ").or_else(|| split(" in ")) {
        return (a <= b && b > Rational::ZERO).then(|| number(a / b));
    }
    let (a, b) = split(" remainder ").or_else(|| split(" r ")).or_else(|| split(" remainder of "))?;
    Some(Value::Text(format!("{a} remainder {b}")))
}

fn number(value: Rational) -> Value {
    Value::Number { expr: Expr::Number(value), unit: None }
}

/// A whole number in digits or words.
fn count(text: &str) -> Option<Rational> {
    let digits = !text.is_empty() && text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { Some(Rational::from(text.parse::<i64>().ok()?)) } else { number_words(text) }
}

/// "1101 in base 2".
fn based(text: &str) -> Option<Value> {
    let (digits, base) = text.split_once(" in base ").or_else(|| text.split_once(" base "))?;
    super::based::based(&format!("{}_{}", digits.to_uppercase(), base)).map(number)
}

/// A number in words with the unit after it.
fn counted(text: &str) -> Option<Value> {
    if text.starts_with(|c: char| !c.is_ascii_alphabetic()) {
        return None;
    }
    let (words, noun) = text.rsplit_once(' ')?;
    let expr = Expr::Number(number_words(words)?);
    Some(Value::Number { expr, unit: Some(unit(noun).filter(|unit| unit.is_known())?) })
}
