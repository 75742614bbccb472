//! Congruences: `n \equiv 3 \pmod{5}`, `3 \bmod 7`, "3 (mod 7)".

use super::{Read, Value, enclosed, split};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::read::scalar::Scalar;
use crate::read::token::{Spelled, Token};

fn is_modulo(token: &Token) -> bool {
    matches!(token.spelled, Spelled::Command("pmod" | "bmod" | "mod" | "pod")) || token.is_word("mod")
}

/// Sides joined by signs of congruence, and the modulus after them.
pub(super) fn congruence(all: &[Token], _: usize) -> Option<Read> {
    let at = all.iter().position(is_modulo).filter(|at| *at > 0)?;
    let (body, modulus) = match (&all[at - 1], all.last()?) {
        (open, close) if open.is('(') && close.is(')') => (&all[..at - 1], &all[at + 1..all.len() - 1]),
        _ => (&all[..at], &all[at + 1..]),
    };
    Some(read(body, enclosed(modulus, '(', ')').unwrap_or(modulus)))
}

fn read(body: &[Token], modulus: &[Token]) -> Read {
    let sides = split(body, |token| token.is('≡') || token.is('='));
    let sides: Vec<Expr> = sides.into_iter().map(Scalar::whole).collect::<Result<_, Stop>>()?;
    Ok(Value::Congruence { sides, modulus: Scalar::whole(modulus)? })
}
