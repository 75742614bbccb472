//! Ratios, times of day, and numbers with their units.

use super::{Read, Value, split};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::number::{Rational, whole};
use crate::read::number_words::{number_words, plural_part, scale};
use crate::read::scalar::Scalar;
use crate::read::token::{Spelled, Token};
use crate::read::unit::{Unit, unit};

/// `2:3`, or a time of day.
pub(super) fn ratio(all: &[Token], _: usize) -> Option<Read> {
    let mut parts = split(all, |t| t.is(':'));
    if parts.len() < 2 {
        return None;
    }
    let mut half = None;
    if let [first, words @ ..] = parts[parts.len() - 1]
        && !words.is_empty()
        && let Some(found) = unit_of(words)
    {
        half = Some(found);
        let last = parts.len() - 1;
        parts[last] = std::slice::from_ref(first);
    }
    // Full minutes.
    if let [[_], [minutes], [seconds]] = parts[..]
        && minutes.source.len() == 2
        && seconds.source == "00"
    {
        parts.pop();
    }
    if let [[hours], [minutes]] = parts[..]
        && let (Spelled::Number(h), Spelled::Number(m)) = (&hours.spelled, &minutes.spelled)
        && minutes.source.len() == 2
        && h.value <= whole(24)
        && m.value < whole(60)
        && let (Ok(hours), Ok(minutes)) = (hours.source.parse(), minutes.source.parse())
    {
        return Some(Ok(Value::Clock { hours, minutes, half }));
    }
    if half.is_some() {
        return Some(Err(Stop::Unknown));
    }
    let parts: Result<Vec<Expr>, Stop> = parts.iter().map(|part| Scalar::whole(part)).collect();
    Some(parts.map(Value::Ratio))
}

fn unit_of(words: &[Token]) -> Option<Unit> {
    let mut source = String::new();
    for token in words {
        let text = match token.spelled {
            Spelled::Text(text) => text,
            Spelled::Sign('{' | '}') => continue,
            Spelled::Sign('$') => "dollar",
            Spelled::Sign('€') => "euro",
            Spelled::Sign('£') => "sterling",
            Spelled::Sign('¢') => "cent",
            _ => token.source,
        };
        if token.spaced || !matches!(token.spelled, Spelled::Sign(_) | Spelled::Number(_)) {
            source.push(' ');
        }
        source.push_str(text);
    }
    // A power or quotient sign belongs to the unit before it.
    let source = source.replace(" ^", "^").replace("^ ", "^").replace(" / ", "/").replace("/ ", "/");
    unit(&source)
}

/// Most tokens after a number that are tried as its unit.
const MAX_UNIT_TOKENS: usize = 24;

/// Units that would read as quotients of unknowns.
const RATES: &[&str] = &[
    "m/s", "m/s^2", "m/s/s", "m/s^{2}", "km/h", "km/s", "cm/s", "ft/s", "mi/h", "g/cm^3", "kg/m^3", "km/hr",
];

/// A scalar with currency before it, and a scale word or a unit after it.
pub(super) fn number(all: &[Token]) -> Read {
    let mut rest: Vec<Token>;
    let mut tokens = all;
    let mut currency = None;
    let sign_at = usize::from(all.first().is_some_and(|t| t.is('-') || t.is('+')));
    let name = all.get(sign_at).and_then(|token| match token.spelled {
        Spelled::Sign('$') => Some("dollar"),
        Spelled::Sign('€') => Some("euro"),
        Spelled::Sign('£') => Some("sterling"),
        _ => None,
    });
    if let Some(name) = name {
        currency = Some(Unit::Named(name.to_owned()));
        rest = all.to_vec();
        rest.remove(sign_at);
        tokens = &rest;
        if tokens.is_empty() {
            return Err(Stop::Unknown);
        }
    }
    if is_date(tokens) {
        return Err(Stop::Unknown);
    }
    if let [Token { spelled: Spelled::Number(numeral), .. }, rate @ ..] = tokens
        && rate.first().is_some_and(|token| token.spaced)
        && RATES.contains(&rate.iter().map(|token| token.source).collect::<String>().as_str())
    {
        return Ok(with_unit(Expr::Number(numeral.value.clone()), unit_of(rate)));
    }
    // "$3M" is three million.
    if let (
        Some(_),
        [
            Token { spelled: Spelled::Number(count), .. },
            Token { spelled: Spelled::Word(size), spaced: false, .. },
        ],
    ) = (&currency, tokens)
        && let Some(factor) = short_scale(size)
    {
        return Ok(with_unit(Expr::Number(&count.value * factor), currency));
    }
    if let [degrees @ .., Token { spelled: Spelled::Word(scale @ ("C" | "F")), .. }] = tokens
        && degrees.last().is_some_and(|token| token.is('°'))
        && let Ok(expr) = Scalar::whole(degrees)
    {
        return Ok(with_unit(expr, unit(scale)));
    }
    if let Ok(expr) = Scalar::whole(tokens) {
        return Ok(with_unit(expr, currency));
    }
    if let [Token { spelled: Spelled::Text(word), .. }] = tokens {
        return lone_word(&tokens[0], word);
    }
    let first = tokens.len().saturating_sub(MAX_UNIT_TOKENS).max(1);
    for cut in (first..tokens.len()).filter(|&cut| starts_words(&tokens[cut])) {
        let Ok(expr) = Scalar::whole(&tokens[..cut]) else { continue };
        // "a right triangle" counts nothing.
        if matches!(&expr, Expr::Symbol(article) if article.eq_ignore_ascii_case("a")) {
            continue;
        }
        let (factor, words) = scaled(&tokens[cut..]);
        let expr = match factor {
            Some(factor) => match expr {
                Expr::Number(count) => Expr::Number(count * factor),
                other => Expr::Product(vec![other, Expr::Number(factor)]),
            },
            None => expr,
        };
        if words.is_empty() {
            return Ok(with_unit(expr, currency));
        }
        let found = unit_of(words).ok_or(Stop::Unknown)?;
        // "$5 dollars" says the same twice; "$5 per hour" says more, which is a unit of its own.
        let unit = match currency {
            Some(Unit::Named(name)) if found != Unit::Named(name.clone()) => match found {
                Unit::Named(other) => Unit::Named(format!("{name}{other}")),
                Unit::Unknown(other) => Unit::Unknown(format!("{name}{other}")),
                _ => return Err(Stop::Unknown),
            },
            _ => found,
        };
        return Ok(with_unit(expr, Some(unit)));
    }
    Err(Stop::Unknown)
}

/// The letter of a scale after an amount of money.
fn short_scale(letter: &str) -> Option<Rational> {
    scale(match letter {
        "k" | "K" => "thousand",
        "M" | "mn" | "MM" => "million",
        "B" | "bn" => "billion",
        _ => return None,
    })
}

/// A letter, a number in words or an infinity that is set as text.
fn lone_word(token: &Token, word: &str) -> Read {
    if let Some(number) = number_words(word) {
        return Ok(Value::Number { expr: Expr::Number(number), unit: None });
    }
    if word.chars().count() != 1 && !word.eq_ignore_ascii_case("infinity") {
        return Err(Stop::Unknown);
    }
    let word = Token { spelled: Spelled::Word(word), ..token.clone() };
    Scalar::whole(&[word]).map(|expr| Value::Number { expr, unit: None })
}

/// Whether tokens look like `2020-01-31` or `1/31/2020`: three whole numbers, one of four digits or with a
/// leading zero, without spaces.
fn is_date(tokens: &[Token]) -> bool {
    let [a, s, b, t, c] = tokens else { return false };
    let signs = (s.is('-') && t.is('-')) || (s.is('/') && t.is('/'));
    let whole = |token: &Token| matches!(&token.spelled, Spelled::Number(n) if n.is_whole);
    let year =
        |token: &Token| token.source.len() == 4 || (token.source.len() > 1 && token.source.starts_with('0'));
    signs
        && [a, b, c].iter().all(|x| whole(x))
        && [a, b, c].iter().any(|x| year(x))
        && tokens[1..].iter().all(|x| !x.spaced)
}

/// Whether words may begin at a token.
fn starts_words(token: &Token) -> bool {
    match token.spelled {
        Spelled::Word(word) => word.len() > 1,
        Spelled::Text(_) => true,
        Spelled::Sign('$' | '€' | '£' | '¢') => true,
        _ => false,
    }
}

/// "million", "dozen" and the like at the start of the words after a number.
fn scaled<'t, 'a>(words: &'t [Token<'a>]) -> (Option<Rational>, &'t [Token<'a>]) {
    let factor = match words.first().map(|t| &t.spelled) {
        Some(Spelled::Word(word) | Spelled::Text(word)) if word.trim() != "half" => {
            scale(word).or_else(|| plural_part(word))
        }
        _ => None,
    };
    if factor.is_some() { (factor, &words[1..]) } else { (None, words) }
}

/// The number with its unit; a degree or percent sign of the whole expression is a unit too.
fn with_unit(expr: Expr, unit: Option<Unit>) -> Value {
    let (expr, sign) = match expr {
        Expr::Degrees(inside) => (*inside, Some(Unit::Degrees)),
        Expr::Percent(inside) => (*inside, Some(Unit::Percent)),
        Expr::Neg(inner) => match *inner {
            Expr::Degrees(inside) => (Expr::Neg(inside), Some(Unit::Degrees)),
            Expr::Percent(inside) => (Expr::Neg(inside), Some(Unit::Percent)),
            other => (Expr::Neg(Box::new(other)), None),
        },
        other => (other, None),
    };
    let named = |unit: &Unit| !matches!(unit, Unit::Named(name) if name.is_empty());
    let unit = match (sign, unit.filter(named)) {
        // "40% decrease", "30° N", "20 °C".
        (Some(sign), Some(words)) => Some(Unit::signed(&sign, words)),
        (sign, unit) => sign.or(unit),
    };
    Value::Number { expr, unit }
}
