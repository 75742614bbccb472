//! Mixed numbers: `7 3/4`, `7\frac34`.

use super::{Read, Scalar};
use crate::expr::Expr;
use crate::fuel::Stop;
use crate::number::Rational;
use crate::read::token::Spelled;

impl Scalar<'_, '_> {
    /// A numeral, and the proper fraction that makes it a mixed number: `7 3/4` or `7\frac34`.
    pub(super) fn mixed(&mut self, value: Rational, is_whole: bool) -> Read {
        let plain = Expr::Number(value.clone());
        let Some(next) = self.peek().filter(|_| is_whole) else { return Ok(plain) };
        let start = self.at;
        let fraction = match &next.spelled {
            Spelled::Number(top) if next.spaced && top.is_whole => {
                let below = self.tokens.get(self.at + 2).map(|t| &t.spelled);
                match (self.tokens.get(self.at + 1), below) {
                    (Some(slash), Some(Spelled::Number(below))) if slash.is('/') && below.is_whole => {
                        self.at += 3;
                        Some((top.value.clone(), below.value.clone()))
                    }
                    _ => None,
                }
            }
            Spelled::Command("frac" | "dfrac" | "tfrac" | "cfrac" | "nicefrac" | "sfrac") => {
                self.at += 1;
                match self.arguments() {
                    Ok((Expr::Number(top), Expr::Number(below))) if top.is_int() && below.is_int() => {
                        Some((top, below))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match fraction {
            // An improper fraction beside a number may be a product or a slip of the pen.
            Some((top, below)) if top >= below || below.is_zero() => Err(Stop::Unknown),
            Some((top, below)) => Ok(Expr::Number(value + top / below)),
            None => {
                self.at = start;
                Ok(plain)
            }
        }
    }
}
