//! Lists, sets and tuples.

use super::{Joint, Read, Value, all_values, enclosed, split, value};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::read::numeral::numeral;
use crate::read::scalar::Scalar;
use crate::read::token::{Spelled, Token};

fn is_and(token: &Token) -> bool {
    token.is_word("and") || token.is('∧') || token.is('&')
}

fn is_or(token: &Token) -> bool {
    token.is_word("or") || token.is('∨')
}

/// Items joined by commas, "and" or "or".
pub(super) fn list(all: &[Token], depth: usize) -> Option<Read> {
    if let Some(systems) = systems(all, depth) {
        return Some(systems);
    }
    let or = split(all, is_or);
    if or.len() > 1 {
        let items = or.iter().flat_map(|part| commas(part)).collect::<Vec<_>>();
        return Some(all_values(&items, depth).map(|items| Value::List { items, joint: Joint::Or }));
    }
    let and = split(all, is_and);
    if and.len() > 1 {
        let mixed = mixed(&and);
        let items = and.iter().flat_map(|part| commas(part)).collect::<Vec<_>>();
        let joint = if items.len() > and.len() { Joint::Comma } else { Joint::And };
        let list = all_values(&items, depth).map(|items| Value::List { items, joint });
        return Some(match mixed {
            Some(number) => list.map(|list| Value::Nearly(vec![list, number])),
            None => list,
        });
    }
    let parts = commas(all);
    if parts.len() < 2 {
        return None;
    }
    let items = all_values(&parts, depth).map(|items| Value::List { items, joint: Joint::Comma });
    // "2,74" may be two numbers or one with a decimal comma.
    Some(match decimal_comma(all) {
        Some(number) => items.map(|list| Value::Nearly(vec![list, number])),
        None => items,
    })
}

/// The mixed number that "5 and 2/3" may be: a whole number and a fraction below one.
fn mixed(parts: &[&[Token]]) -> Option<Value> {
    let [[whole], part] = parts else { return None };
    let (Spelled::Number(whole), Ok(Expr::Quotient(top, below))) = (&whole.spelled, Scalar::whole(part))
    else {
        return None;
    };
    match (&*top, &*below) {
        (Expr::Number(top), Expr::Number(below)) if whole.is_whole && top < below => {
            Some(Value::Number { expr: Expr::Number(&whole.value + top / below), unit: None })
        }
        _ => None,
    }
}

/// The number that digits before and after a comma say where the comma is the decimal sign: at least two
/// digits after it, and three only where they are no thousands.
fn decimal_comma(all: &[Token]) -> Option<Value> {
    let (negative, rest) = match all {
        [first, rest @ ..] if first.is('-') => (true, rest),
        _ => (false, all),
    };
    let [whole, comma, part] = rest else { return None };
    let digits = |token: &Token| !token.source.is_empty() && token.source.bytes().all(|b| b.is_ascii_digit());
    let len = part.source.len();
    let decimal =
        comma.is(',') && !comma.spaced && !part.spaced && len > 1 && (len != 3 || whole.source == "0");
    if !decimal || !digits(whole) || !digits(part) {
        return None;
    }
    let numeral = numeral(&format!("{}.{}", whole.source, part.source), false).ok()??;
    let value = if negative { -numeral.value } else { numeral.value };
    Some(Value::Number { expr: Expr::Number(value), unit: None })
}

/// Several systems of named values: "p=5, q=2; p=7, q=2".
fn systems(all: &[Token], depth: usize) -> Option<Read> {
    let groups = split(all, |token| token.is(';'));
    let named = |part: &&[Token]| part.iter().any(|token| token.is('='));
    let system = |group: &[Token]| {
        let parts = split(group, |token| token.is(','));
        parts.len() > 1 && parts.iter().all(named)
    };
    if groups.len() < 2 || !groups.iter().all(|group| system(group)) {
        return None;
    }
    Some(all_values(&groups, depth).map(|items| Value::List { items, joint: Joint::Comma }))
}

/// The lines of a system: `\begin{cases} x = 1 \\ y = 2 \end{cases}`. One whose lines have conditions beside them
/// is a function.
pub(super) fn cases(all: &[Token], depth: usize) -> Option<Read> {
    let [begin, _, name, _, body @ .., end, _, _, _] = all else { return None };
    let framed = begin.spelled == Spelled::Command("begin") && end.spelled == Spelled::Command("end");
    let aligned = matches!(name.spelled, Spelled::Word("aligned" | "align" | "array" | "gathered"));
    if framed && aligned && body.iter().any(|token| token.is('=')) {
        // The columns of an array, and the marks that align its lines, are not read.
        let columns = if body.first().is_some_and(|open| open.is('{')) {
            body.iter().position(|token| token.is('}')).map_or(0, |at| at + 1)
        } else {
            0
        };
        let body: Vec<Token> = body[columns..].iter().filter(|token| !token.is('&')).cloned().collect();
        let mut lines = split(&body, |token| token.is('⏎') || token.is(','));
        lines.retain(|line| !line.is_empty());
        let named = lines.len() > 1 && lines.iter().all(|line| line.iter().any(|token| token.is('=')));
        return named
            .then(|| all_values(&lines, depth).map(|items| Value::List { items, joint: Joint::Comma }));
    }
    if !framed || name.spelled != Spelled::Word("cases") || body.iter().any(|token| token.is('&')) {
        return None;
    }
    let mut lines = split(body, |token| token.is('⏎'));
    lines.retain(|line| !line.is_empty());
    Some(all_values(&lines, depth).map(|items| Value::List { items, joint: Joint::Comma }))
}

/// The items between commas or semicolons, without an empty one before "and".
pub(super) fn commas<'t, 'a>(all: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut parts = split(all, |token| token.is(',') || token.is(';'));
    if parts.len() > 1 && parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    parts
}

/// Unions, intersections and differences.
pub(super) fn sets(all: &[Token], depth: usize) -> Option<Read> {
    let union = split(all, |t| t.is('∪') || (t.is_word("U") && t.spaced));
    if union.len() > 1 {
        return Some(all_values(&union, depth).map(Value::Union));
    }
    let intersection = split(all, |t| t.is('∩'));
    if intersection.len() > 1 {
        return Some(all_values(&intersection, depth).map(Value::Intersection));
    }
    // After a letter for numbers a minus sign takes away too.
    let numbers = matches!(all, [first, minus, ..] if matches!(first.spelled, Spelled::Command("R" | "Z" | "N" | "Q" | "C")) && minus.is('-'));
    let difference = split(all, |t| t.is('∖') || (numbers && t.is('-') && std::ptr::eq(t, &all[1])));
    if let [whole, taken] = difference[..] {
        let both = value(whole, depth + 1).and_then(|whole| Ok((whole, value(taken, depth + 1)?)));
        return Some(both.map(|(whole, taken)| Value::Difference(Box::new(whole), Box::new(taken))));
    }
    None
}

/// Sets in braces, and tuples or intervals in other brackets.
pub(super) fn brackets(all: &[Token], depth: usize) -> Option<Read> {
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
