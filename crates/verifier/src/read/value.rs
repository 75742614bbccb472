//! What a whole answer is: a number, a tuple, a set, a relation, a choice, a text.

use super::number_words::{number_words, scale};
use super::scalar::Scalar;
use super::token::{Spelled, Token};
use super::unit::{Unit, unit};
use super::{clean, tokens};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::number::{Rational, whole};

/// The relation between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// How the parts of a list are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joint {
    Comma,
    And,
    Or,
}

/// An answer as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// A scalar, with the unit after it.
    Number {
        expr: Expr,
        unit: Option<Unit>,
    },
    /// Items in round, square or angle brackets: a tuple, or an interval of two.
    Bracketed {
        open: char,
        items: Vec<Value>,
        close: char,
    },
    Set(Vec<Value>),
    /// Items without brackets.
    List {
        items: Vec<Value>,
        joint: Joint,
    },
    Union(Vec<Value>),
    Intersection(Vec<Value>),
    Difference(Box<Value>, Box<Value>),
    /// A set of numbers by its letter: R, Z, N, Q or C.
    Numbers(String),
    /// What a name is said to be.
    Assignment {
        name: String,
        value: Box<Value>,
    },
    /// Sides and the relations between neighbours.
    Relations {
        sides: Vec<Expr>,
        signs: Vec<Relation>,
    },
    /// Values said to be nearly equal.
    Nearly(Vec<Value>),
    Member {
        name: String,
        set: Box<Value>,
    },
    Matrix(Vec<Vec<Expr>>),
    Ratio(Vec<Expr>),
    /// Hours and minutes, or a ratio that looks like them.
    Clock {
        hours: u32,
        minutes: u32,
        half: Option<Unit>,
    },
    Choice {
        letter: char,
        rest: Option<Box<Value>>,
    },
    Text(String),
    /// Mathematics that is not understood: equal only to what is written alike.
    Formula(String),
}

/// Deepest nesting of values.
const MAX_DEPTH: usize = 12;

/// Longest answer that is taken apart, in bytes.
const MAX_LENGTH: usize = 6_000;

/// Reads an answer. What is no mathematics is a text.
///
/// # Errors
/// Where the answer is empty or too long.
pub(crate) fn read(text: &str) -> Result<Value, Stop> {
    if text.len() > MAX_LENGTH {
        return Err(Stop::Fuel);
    }
    let cleaned = clean(text);
    let plain = super::strip::strip(&cleaned);
    if let Some(numeral) = super::based::based(&plain) {
        return Ok(Value::Number { expr: Expr::Number(numeral), unit: None });
    }
    if let Some(number) = number_words(&plain) {
        return Ok(Value::Number { expr: Expr::Number(number), unit: None });
    }
    let tokens = tokens(&plain)?;
    if tokens.is_empty() {
        return Err(Stop::Unknown);
    }
    match value(&tokens, 0) {
        Ok(value) => Ok(value),
        Err(Stop::Fuel) => Err(Stop::Fuel),
        Err(_) => Ok(unread(&plain)),
    }
}

/// A text, or mathematics that is not understood.
fn unread(plain: &str) -> Value {
    let text = super::strip::plain_text(plain);
    match text.as_str() {
        "all real numbers" | "all reals" | "all real values" | "set of all real numbers" => {
            return Value::Numbers("R".to_owned());
        }
        "no solution" | "no solutions" | "no real solution" | "no real solutions" | "empty set" => {
            return Value::Set(Vec::new());
        }
        _ => {}
    }
    if text.contains('\\') || plain.contains("...") {
        return Value::Formula(plain.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Value::Text(text)
}

type Read = Result<Value, Stop>;

/// Reads values of one kind; `None` where the tokens are of another.
type Reader = fn(&[Token], usize) -> Option<Read>;

fn value(mut all: &[Token], depth: usize) -> Read {
    if depth > MAX_DEPTH {
        return Err(Stop::Fuel);
    }
    while let [rest @ .., last] = all
        && matches!(last.spelled, Spelled::Sign('.' | ',' | ';'))
    {
        all = rest;
    }
    // "= 5" says 5.
    while let [first, rest @ ..] = all
        && first.is('=')
    {
        all = rest;
    }
    if let Some(inside) = enclosed(all, '{', '}')
        && split(inside, |t| t.is(',')).len() == 1
    {
        return value(inside, depth + 1);
    }
    if all.is_empty() {
        return Err(Stop::Unknown);
    }
    let readers: [Reader; 8] = [choice, list, sets, relations, member, brackets, matrix, ratio];
    for reader in readers {
        if let Some(found) = reader(all, depth) {
            return found;
        }
    }
    number(all)
}

/// The parts between top-level tokens of one kind.
fn split<'t, 'a>(all: &'t [Token<'a>], is_separator: impl Fn(&Token<'a>) -> bool) -> Vec<&'t [Token<'a>]> {
    let (mut parts, mut start, mut nesting) = (Vec::new(), 0, 0);
    for (at, token) in all.iter().enumerate() {
        nesting += token.nesting();
        if nesting == 0 && is_separator(token) {
            parts.push(&all[start..at]);
            start = at + 1;
        }
    }
    parts.push(&all[start..]);
    parts
}

/// What stands between brackets that open at the first token and close at the last.
fn enclosed<'t, 'a>(all: &'t [Token<'a>], open: char, close: char) -> Option<&'t [Token<'a>]> {
    let [first, inside @ .., last] = all else { return None };
    if !first.is(open) || !last.is(close) {
        return None;
    }
    let mut nesting = 1;
    for token in inside {
        nesting += token.nesting();
        if nesting == 0 {
            return None;
        }
    }
    Some(inside)
}

/// Most items of a list.
const MAX_ITEMS: usize = 300;

fn all_values(parts: &[&[Token]], depth: usize) -> Result<Vec<Value>, Stop> {
    if parts.len() > MAX_ITEMS {
        return Err(Stop::Fuel);
    }
    parts.iter().map(|part| value(part, depth + 1)).collect()
}

fn is_and(token: &Token) -> bool {
    token.is_word("and") || token.is('∧') || token.is('&')
}

fn is_or(token: &Token) -> bool {
    token.is_word("or") || token.is('∨')
}

/// Items joined by commas, "and" or "or".
fn list(all: &[Token], depth: usize) -> Option<Read> {
    let or = split(all, is_or);
    if or.len() > 1 {
        let items = or.iter().flat_map(|part| commas(part)).collect::<Vec<_>>();
        return Some(all_values(&items, depth).map(|items| Value::List { items, joint: Joint::Or }));
    }
    let and = split(all, is_and);
    if and.len() > 1 {
        let items = and.iter().flat_map(|part| commas(part)).collect::<Vec<_>>();
        let joint = if items.len() > and.len() { Joint::Comma } else { Joint::And };
        return Some(all_values(&items, depth).map(|items| Value::List { items, joint }));
    }
    let parts = commas(all);
    if parts.len() < 2 {
        return None;
    }
    Some(all_values(&parts, depth).map(|items| Value::List { items, joint: Joint::Comma }))
}

/// The items between commas or semicolons, without an empty one before "and".
fn commas<'t, 'a>(all: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut parts = split(all, |token| token.is(',') || token.is(';'));
    if parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    parts
}

/// Unions, intersections and differences.
fn sets(all: &[Token], depth: usize) -> Option<Read> {
    let union = split(all, |t| t.is('∪') || (t.is_word("U") && t.spaced));
    if union.len() > 1 {
        return Some(all_values(&union, depth).map(Value::Union));
    }
    let intersection = split(all, |t| t.is('∩'));
    if intersection.len() > 1 {
        return Some(all_values(&intersection, depth).map(Value::Intersection));
    }
    let difference = split(all, |t| t.is('∖'));
    if let [whole, taken] = difference[..] {
        let both = value(whole, depth + 1).and_then(|whole| Ok((whole, value(taken, depth + 1)?)));
        return Some(both.map(|(whole, taken)| Value::Difference(Box::new(whole), Box::new(taken))));
    }
    None
}

fn relation_of(token: &Token) -> Option<Relation> {
    match token.spelled {
        Spelled::Sign('=') => Some(Relation::Equal),
        Spelled::Sign('≠') => Some(Relation::Unequal),
        Spelled::Sign('<') => Some(Relation::Less),
        Spelled::Sign('≤') => Some(Relation::AtMost),
        Spelled::Sign('>') => Some(Relation::Greater),
        Spelled::Sign('≥') => Some(Relation::AtLeast),
        _ => None,
    }
}

/// Equations, assignments, inequalities and approximations.
fn relations(all: &[Token], depth: usize) -> Option<Read> {
    let nearly = split(all, |t| t.is('≈'));
    if nearly.len() > 1 {
        let named = nearly.iter().filter(|part| !part.is_empty());
        return Some(named.map(|part| value(part, depth + 1)).collect::<Result<_, _>>().map(Value::Nearly));
    }
    let sides = split(all, |t| relation_of(t).is_some());
    if sides.len() < 2 {
        return None;
    }
    let mut nesting = 0;
    let top = all.iter().filter(|token| {
        nesting += token.nesting();
        nesting == 0
    });
    let signs: Vec<Relation> = top.filter_map(relation_of).collect();
    if signs[0] == Relation::Equal
        && let Some(name) = name_of(sides[0])
    {
        let rest = &all[sides[0].len() + 1..];
        let said = value(rest, depth + 1);
        return Some(said.map(|value| Value::Assignment { name, value: Box::new(value) }));
    }
    let sides: Result<Vec<Expr>, Stop> = sides.iter().map(|side| Scalar::whole(side)).collect();
    Some(sides.map(|sides| Value::Relations { sides, signs }))
}

/// The name that a left side is: an unknown, a function of unknowns, a tuple of them, a measure, or words.
fn name_of(side: &[Token]) -> Option<String> {
    let source = || side.iter().map(|token| token.source).collect::<String>();
    match Scalar::whole(side) {
        Ok(Expr::Symbol(name)) => Some(name),
        Ok(Expr::Call(crate::expr::Function::Named(_), _)) => Some(source()),
        // P(A), n(S), |AB|: a capital or a measure of named things, with nothing computed.
        Ok(Expr::Product(factors)) if factors.len() == 2 && side.len() == 4 && side[1].is('(') => {
            factors.iter().all(|f| matches!(f, Expr::Symbol(_))).then(source)
        }
        Ok(Expr::Call(crate::expr::Function::Abs, inside)) if matches!(inside[..], [Expr::Symbol(_)]) => {
            Some(source())
        }
        // The inverse of a function: f^{-1}(x).
        Ok(_)
            if side.len() > 4 && side[0].spelled == Spelled::Word("f") && source().starts_with("f^{-1}(") =>
        {
            Some(source())
        }
        Ok(_) => None,
        Err(_) => {
            let words = side.iter().all(|t| {
                matches!(
                    t.spelled,
                    Spelled::Word(_) | Spelled::Text(_) | Spelled::Command("angle" | "triangle")
                ) || t.is('{')
                    || t.is('}')
                    || t.is('°')
            });
            let tuple = enclosed(side, '(', ')').is_some_and(|inside| {
                split(inside, |t| t.is(','))
                    .iter()
                    .all(|item| matches!(Scalar::whole(item), Ok(Expr::Symbol(_))))
            });
            (!side.is_empty() && (words || tuple)).then(source)
        }
    }
}

/// `x \in S`.
fn member(all: &[Token], depth: usize) -> Option<Read> {
    let parts = split(all, |t| t.is('∈'));
    let [name, set] = parts[..] else { return None };
    let Ok(Expr::Symbol(name)) = Scalar::whole(name) else { return Some(Err(Stop::Unknown)) };
    Some(value(set, depth + 1).map(|set| Value::Member { name, set: Box::new(set) }))
}

/// Sets in braces, and tuples or intervals in other brackets.
fn brackets(all: &[Token], depth: usize) -> Option<Read> {
    if let [only] = all {
        match &only.spelled {
            Spelled::Sign('∅') => return Some(Ok(Value::Set(Vec::new()))),
            Spelled::Command(letter @ ("R" | "Z" | "N" | "Q" | "C")) => {
                return Some(Ok(Value::Numbers((*letter).to_owned())));
            }
            _ => {}
        }
    }
    if let Some(inside) = enclosed(all, '⟦', '⟧').or_else(|| enclosed(all, '{', '}')) {
        return Some(set(inside, depth));
    }
    for (open, close) in [('(', ')'), ('[', ']'), ('(', ']'), ('[', ')'), ('⟨', '⟩')] {
        let Some(inside) = enclosed(all, open, close) else { continue };
        let parts = commas(inside);
        if parts.len() < 2 {
            // Brackets around one expression are grouping; around one item of another kind, nothing.
            let grouped = Scalar::whole(all).is_ok();
            return if grouped { None } else { Some(value(inside, depth + 1)) };
        }
        return Some(all_values(&parts, depth).map(|items| Value::Bracketed { open, items, close }));
    }
    None
}

/// The inside of braces: items, or a name and its condition.
fn set(inside: &[Token], depth: usize) -> Read {
    if inside.is_empty() {
        return Ok(Value::Set(Vec::new()));
    }
    let parts = split(inside, |t| t.is('|') || t.is(':'));
    if let [name, condition] = parts[..] {
        let member = split(name, |t| t.is('∈'));
        let over_reals = match member[..] {
            [_] => true,
            [_, [set]] => set.spelled == Spelled::Command("R"),
            _ => false,
        };
        let named = matches!(Scalar::whole(member[0]), Ok(Expr::Symbol(_)));
        return if over_reals && named { value(condition, depth + 1) } else { Err(Stop::Unknown) };
    }
    all_values(&commas(inside), depth).map(Value::Set)
}

/// A matrix environment, alone or inside one pair of brackets.
fn matrix(all: &[Token], _: usize) -> Option<Read> {
    let [begin, open, name, close, body @ .., end, _, _, _] = all else { return None };
    let environment =
        matches!(name.spelled, Spelled::Word("pmatrix" | "bmatrix" | "matrix" | "smallmatrix" | "array"));
    if begin.spelled != Spelled::Command("begin") || end.spelled != Spelled::Command("end") {
        return None;
    }
    if !environment || !open.is('{') || !close.is('}') {
        return Some(Err(Stop::Unknown));
    }
    let body = match body {
        [open, Token { spelled: Spelled::Word(_), .. }, close, body @ ..]
            if open.is('{') && close.is('}') =>
        {
            body
        }
        _ => body,
    };
    let mut rows = split(body, |t| t.is('⏎'));
    if rows.last().is_some_and(|row| row.is_empty()) {
        rows.pop();
    }
    let rows =
        rows.iter().map(|row| split(row, |t| t.is('&')).iter().map(|cell| Scalar::whole(cell)).collect());
    Some(rows.collect::<Result<Vec<Vec<Expr>>, Stop>>().map(Value::Matrix))
}

/// `2:3`, or a time of day.
fn ratio(all: &[Token], _: usize) -> Option<Read> {
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

/// A letter that names one of several answers, and the answer beside it.
fn choice(all: &[Token], depth: usize) -> Option<Read> {
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
    // "(B) 12" and "B) 12" and "B. 12", but not "(A + B)" or "C: x > 2" with something computed.
    let opened = marked && all.iter().take(3).any(|t| t.is('('));
    if !closed || !(opened || after[0].spaced) {
        return None;
    }
    Some(value(after, depth + 1).map(|rest| Value::Choice { letter, rest: Some(Box::new(rest)) }))
}

fn letter_of(token: &Token) -> Option<char> {
    match token.spelled {
        Spelled::Word(word) | Spelled::Text(word) if word.len() == 1 => {
            word.chars().next().filter(|c| ('A'..='J').contains(c))
        }
        _ => None,
    }
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

/// Units that would read as quotients of unknowns.
const RATES: &[&str] =
    &["m/s", "m/s^2", "m/s^{2}", "km/h", "km/s", "cm/s", "ft/s", "mi/h", "g/cm^3", "kg/m^3", "km/hr"];

/// A scalar with currency before it, and a scale word or a unit after it.
fn number(all: &[Token]) -> Read {
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
    if let Ok(expr) = Scalar::whole(tokens) {
        return Ok(with_unit(expr, currency));
    }
    for cut in (1..tokens.len()).filter(|&cut| starts_words(&tokens[cut])) {
        let Ok(expr) = Scalar::whole(&tokens[..cut]) else { continue };
        let (factor, words) = scaled(&tokens[cut..]);
        let expr = match factor {
            Some(factor) => Expr::Product(vec![expr, Expr::Number(factor)]),
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
                _ => return Err(Stop::Unknown),
            },
            _ => found,
        };
        return Ok(with_unit(expr, Some(unit)));
    }
    Err(Stop::Unknown)
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
        Some(Spelled::Word(word) | Spelled::Text(word)) if *word != "half" => scale(word),
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
    Value::Number { expr, unit: sign.or(unit).filter(named) }
}
