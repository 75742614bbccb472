//! What a whole answer is: a number, a tuple, a set, a relation, a choice, a text.

mod choice;
mod congruence;
mod groups;
mod matrices;
mod operation;
mod quantity;
mod relations;
mod unread;

use super::number_words::number_words;
use super::token::{Spelled, Token};
use super::unit::Unit;
use super::{clean, tokens};
use crate::expr::Expr;
use crate::fuel::Stop;
use choice::choice;
use congruence::congruence;
use groups::{brackets, cases, list, sets};
use matrices::matrix;
use quantity::{number, ratio};
use relations::{member, relations};
use unread::unread;

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

impl Relation {
    /// The relation that holds from the other side.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Equal | Self::Unequal => self,
            Self::Less => Self::Greater,
            Self::AtMost => Self::AtLeast,
            Self::Greater => Self::Less,
            Self::AtLeast => Self::AtMost,
        }
    }
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
    /// Residues by a modulus: sides that are congruent, or one alone.
    Congruence {
        sides: Vec<Expr>,
        modulus: Expr,
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
    if let Some(date) = super::date::date(&plain) {
        return Ok(Value::Text(date));
    }
    if let Some(value) = super::spoken::spoken(&plain) {
        return Ok(value);
    }
    let plain = super::rewrite::rewritten(&plain).unwrap_or(plain);
    let tokens = tokens(&plain)?;
    if tokens.is_empty() {
        return Err(Stop::Unknown);
    }
    match value(&tokens, 0) {
        Ok(value) => Ok(value),
        Err(Stop::Fuel) => Err(Stop::Fuel),
        Err(_) => Ok(without_remarks(&plain).unwrap_or_else(|| unread(&plain, &tokens))),
    }
}

/// What an answer says without the words around it, where that is understood.
fn without_remarks(plain: &str) -> Option<Value> {
    let mut core = super::remark::core(plain)?;
    // Words on both sides.
    for _ in 0..3 {
        match read_bare(&core) {
            Some(value) => return Some(value),
            None => core = super::remark::core(&core)?,
        }
    }
    None
}

/// An answer that is no text.
fn read_bare(plain: &str) -> Option<Value> {
    if let Some(value) = number_words(plain) {
        return Some(Value::Number { expr: Expr::Number(value), unit: None });
    }
    value(&tokens(plain).ok()?, 0).ok()
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
    let readers: [Reader; 10] =
        [choice, list, congruence, sets, relations, member, brackets, cases, matrix, ratio];
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
