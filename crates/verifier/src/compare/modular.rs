//! Equality of rational functions that are too large to expand: by their values at many points modulo several
//! large primes.

use crate::expr::Expr;
use crate::number::Rational;
use dashu_base::{RemEuclid, UnsignedAbs};
use dashu_int::IBig;

/// Primes just below powers of two.
const PRIMES: [u64; 4] = [(1 << 61) - 1, (1 << 62) - 57, (1 << 60) - 93, (1 << 59) - 55];

/// Points per prime. Two different functions of degree d agree at one point modulo one prime with a
/// probability of about d / 2^60.
const POINTS: u64 = 3;

/// Whether two rational functions agree at every point tried; `None` where one is no rational function, or
/// too few points could be evaluated.
pub(super) fn agree_modulo_primes(gold: &Expr, pred: &Expr) -> Option<bool> {
    let mut agreed = 0;
    for prime in PRIMES {
        for point in 0..POINTS {
            let field = Field { prime, point };
            let mut steps = 20_000;
            let (Some(a), Some(b)) = (field.evaluate(gold, &mut steps)?, field.evaluate(pred, &mut steps)?)
            else {
                continue;
            };
            if a != b {
                return Some(false);
            }
            agreed += 1;
        }
    }
    (agreed > PRIMES.len() * 2).then_some(true)
}

/// A prime field, with the unknowns at one point.
struct Field {
    prime: u64,
    point: u64,
}

impl Field {
    fn mul(&self, a: u64, b: u64) -> u64 {
        (u128::from(a) * u128::from(b) % u128::from(self.prime)) as u64
    }

    fn add(&self, a: u64, b: u64) -> u64 {
        ((u128::from(a) + u128::from(b)) % u128::from(self.prime)) as u64
    }

    fn pow(&self, mut base: u64, mut power: u64) -> u64 {
        let mut result = 1;
        while power > 0 {
            if power & 1 == 1 {
                result = self.mul(result, base);
            }
            base = self.mul(base, base);
            power >>= 1;
        }
        result
    }

    /// One over an element other than zero, by Fermat.
    fn invert(&self, a: u64) -> Option<u64> {
        (a != 0).then(|| self.pow(a, self.prime - 2))
    }

    fn integer(&self, n: &IBig) -> Option<u64> {
        u64::try_from(n.rem_euclid(&IBig::from(self.prime))).ok()
    }

    /// The value of an expression; the inner `None` says that it divides by zero here, the outer one that it
    /// is no rational function or takes too many steps.
    fn evaluate(&self, x: &Expr, steps: &mut u64) -> Option<Option<u64>> {
        *steps = steps.checked_sub(1)?;
        let mut fold = |all: &[Expr], first: u64, join: fn(&Self, u64, u64) -> u64| {
            let mut result = Some(first);
            for item in all {
                let value = self.evaluate(item, steps)?;
                result = result.zip(value).map(|(a, b)| join(self, a, b));
            }
            Some(result)
        };
        match x {
            Expr::Number(q) => {
                let bottom = self.integer(&IBig::from(q.denominator().clone()))?;
                let top = self.integer(q.numerator())?;
                Some(self.invert(bottom).map(|inverse| self.mul(top, inverse)))
            }
            Expr::Symbol(name) => Some(Some(self.sample(name))),
            Expr::Sum(all) => fold(all, 0, Self::add),
            Expr::Product(all) => fold(all, 1, Self::mul),
            Expr::Neg(x) => Some(self.evaluate(x, steps)?.map(|a| if a == 0 { 0 } else { self.prime - a })),
            Expr::Quotient(a, b) => {
                let (a, b) = (self.evaluate(a, steps)?, self.evaluate(b, steps)?);
                Some(a.zip(b.and_then(|b| self.invert(b))).map(|(a, b)| self.mul(a, b)))
            }
            Expr::Power(base, power) => {
                let power = integer_exponent(power)?;
                let base = self.evaluate(base, steps)?;
                let size = u64::try_from(power.numerator().unsigned_abs()).ok().filter(|&n| n < 1 << 30)?;
                let negative = *power.numerator() < IBig::ZERO;
                Some(base.and_then(|base| {
                    let raised = self.pow(base, size);
                    if negative { self.invert(raised) } else { Some(raised) }
                }))
            }
            _ => None,
        }
    }

    fn sample(&self, name: &str) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325u64 ^ (self.point + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hash = name.bytes().fold(start, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mixed = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 32)) % self.prime
    }
}

fn integer_exponent(power: &Expr) -> Option<Rational> {
    match power {
        Expr::Number(q) if q.is_int() => Some(q.clone()),
        Expr::Neg(inner) => integer_exponent(inner).map(|q| -q),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moduli_are_prime() {
        for prime in PRIMES {
            let field = Field { prime, point: 0 };
            let (twos, odd) = ((prime - 1).trailing_zeros(), (prime - 1) >> (prime - 1).trailing_zeros());
            // Miller and Rabin, with the bases that decide below 2^64.
            for base in [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37] {
                let mut x = field.pow(base, odd);
                let mut passed = x == 1 || x == prime - 1;
                for _ in 1..twos {
                    x = field.mul(x, x);
                    passed |= x == prime - 1;
                }
                assert!(passed, "{prime} is composite");
            }
        }
    }
}
