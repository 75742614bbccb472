//! Matrices, and sums, multiples and products of them.

use super::{Read, Value, enclosed, split};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::read::scalar::Scalar;
use crate::read::token::{Spelled, Token};

type Rows = Vec<Vec<Expr>>;

/// Largest matrix that is computed, in nodes of all its expressions: products of products double in size.
const MAX_SIZE: usize = 4_000;

/// An expression with a matrix environment in it.
pub(super) fn matrix(all: &[Token], _: usize) -> Option<Read> {
    let begins = |token: &Token| token.spelled == Spelled::Command("begin");
    all.iter().any(begins).then(|| sum(all).map(Value::Matrix))
}

/// Terms joined by plus and minus.
fn sum(all: &[Token]) -> Result<Rows, Stop> {
    let signs = || {
        all.iter().scan(0, |nesting, token| {
            *nesting += token.nesting();
            Some((*nesting == 0 && (token.is('+') || token.is('-'))).then(|| token.is('-')))
        })
    };
    let mut negative = signs().flatten();
    let mut terms: Vec<Rows> = Vec::new();
    for (at, term) in split(all, |token| token.is('+') || token.is('-')).into_iter().enumerate() {
        let minus = at > 0 && negative.next().unwrap_or(false);
        if at == 0 && term.is_empty() {
            continue;
        }
        let rows = product(term)?;
        if terms.first().is_some_and(|first| shape(first) != shape(&rows)) {
            return Err(Stop::Undefined);
        }
        terms.push(if minus { each(rows, |cell| Expr::Neg(Box::new(cell))) } else { rows });
    }
    if terms.len() < 2 {
        return terms.pop().ok_or(Stop::Unknown);
    }
    let cell = |i: usize, j: usize| Expr::Sum(terms.iter().map(|rows| rows[i][j].clone()).collect());
    let lengths = shape(&terms[0]).into_iter().enumerate();
    Ok(lengths.map(|(i, columns)| (0..columns).map(|j| cell(i, j)).collect()).collect())
}

/// A scalar and matrices side by side.
fn product(term: &[Token]) -> Result<Rows, Stop> {
    let begins = |token: &Token| token.spelled == Spelled::Command("begin");
    let start = term.iter().position(begins).ok_or(Stop::Unknown)?;
    let bracketed = start > 0 && (term[start - 1].is('(') || term[start - 1].is('['));
    let start = start - usize::from(bracketed);
    let scalar = match &term[..start] {
        [] => None,
        [scalar @ .., times] if times.is('*') => Some(Scalar::whole(scalar)?),
        scalar => Some(Scalar::whole(scalar)?),
    };
    let mut rest = &term[start..];
    let mut rows: Option<Rows> = None;
    while !rest.is_empty() {
        if rows.is_some() && rest[0].is('*') {
            rest = &rest[1..];
        }
        let (factor, after) = first_matrix(rest)?;
        rows = Some(match rows {
            None => factor,
            Some(before) => multiplied(&before, &factor)?,
        });
        rest = after;
    }
    let rows = rows.ok_or(Stop::Unknown)?;
    Ok(match scalar {
        Some(scalar) if rows.iter().flatten().count() * scalar.size() > MAX_SIZE => return Err(Stop::Fuel),
        Some(scalar) => each(rows, |cell| Expr::Product(vec![scalar.clone(), cell])),
        None => rows,
    })
}

/// The matrix that tokens begin with, in brackets or not, and what comes after it.
fn first_matrix<'t, 'a>(tokens: &'t [Token<'a>]) -> Result<(Rows, &'t [Token<'a>]), Stop> {
    let mut nesting = 0;
    let closing = tokens.iter().position(|token| {
        nesting += token.nesting();
        nesting == 0
    });
    let at = closing.ok_or(Stop::Unknown)?;
    // The name of the environment follows its end.
    let end = if tokens[at].spelled == Spelled::Command("end") { at + 4 } else { at + 1 };
    let own = tokens.get(..end).ok_or(Stop::Unknown)?;
    let inside = [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| enclosed(own, open, close));
    Ok((environment(inside.unwrap_or(own))?, &tokens[end..]))
}

/// One matrix environment.
fn environment(all: &[Token]) -> Result<Rows, Stop> {
    let [begin, open, name, close, body @ .., end, _, _, _] = all else { return Err(Stop::Unknown) };
    let known =
        matches!(name.spelled, Spelled::Word("pmatrix" | "bmatrix" | "matrix" | "smallmatrix" | "array"));
    let framed = begin.spelled == Spelled::Command("begin") && end.spelled == Spelled::Command("end");
    if !known || !framed || !open.is('{') || !close.is('}') {
        return Err(Stop::Unknown);
    }
    // The columns of an array.
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
    let cells = |row: &&[Token]| split(row, |t| t.is('&')).iter().map(|cell| Scalar::whole(cell)).collect();
    rows.iter().map(cells).collect()
}

fn each(rows: Rows, change: impl Fn(Expr) -> Expr) -> Rows {
    rows.into_iter().map(|row| row.into_iter().map(&change).collect()).collect()
}

fn shape(rows: &Rows) -> Vec<usize> {
    rows.iter().map(Vec::len).collect()
}

/// Nodes of all entries.
fn size(rows: &Rows) -> usize {
    rows.iter().flatten().map(Expr::size).sum()
}

fn multiplied(left: &Rows, right: &Rows) -> Result<Rows, Stop> {
    let (inner, columns) = (right.len(), right.first().map_or(0, Vec::len));
    if left.iter().any(|row| row.len() != inner) || right.iter().any(|row| row.len() != columns) {
        return Err(Stop::Undefined);
    }
    if size(left) * columns + left.len() * size(right) > MAX_SIZE {
        return Err(Stop::Fuel);
    }
    let cell = |row: &[Expr], column: usize| {
        let terms = row.iter().zip(right).map(|(a, b)| Expr::Product(vec![a.clone(), b[column].clone()]));
        Expr::Sum(terms.collect())
    };
    Ok(left.iter().map(|row| (0..columns).map(|column| cell(row, column)).collect()).collect())
}
