//! Proof that an algebraic constant is zero: it is smaller than the least magnitude it could have otherwise.
//!
//! Every algebraic atom is a quotient of algebraic integers whose conjugates are bounded, the numerator's by u
//! and the denominator's by l. Sums, products, quotients and roots carry such bounds along (Burnikel, Funke,
//! Mehlhorn, Schirra, Schmitt 2001: "A separation bound for real algebraic expressions"). If the expression is
//! not zero, its numerator is an algebraic integer of degree at most D other than zero, so that its magnitude
//! is at least u^(1-D), and the value's at least u^(1-D) / l.

use super::{Atom, Form, Monomial, Normalizer, Poly, Sampling};
use crate::number::{Arithmetic, Rational, is_negative};
use dashu_base::{BitTest, UnsignedAbs};
use dashu_int::UBig;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest precision tried, in bits: what a proof may cost.
const MAX_PRECISION: f64 = 6_000.0;

/// Base-2 logarithms of the bounds u and l.
#[derive(Clone, Copy)]
struct Bounds {
    u: f64,
    l: f64,
}

impl Bounds {
    const ONE: Self = Self { u: 0.0, l: 0.0 };

    fn times(self, other: Self) -> Self {
        Self { u: self.u + other.u, l: self.l + other.l }
    }

    fn inverse(self) -> Self {
        Self { u: self.l, l: self.u }
    }

    fn plus(self, other: Self) -> Self {
        let (a, b) = (self.u + other.l, other.u + self.l);
        // log2(2^a + 2^b), rounded up by one bit.
        Self { u: a.max(b) + 1.0, l: self.l + other.l }
    }

    /// The k-th root, taking the side on which the bound stays smaller.
    fn root(self, k: f64) -> Self {
        if self.u >= self.l {
            Self { u: (self.u + (k - 1.0) * self.l) / k, l: self.l }
        } else {
            Self { u: self.u, l: ((k - 1.0) * self.u + self.l) / k }
        }
    }
}

/// The degrees that the atoms of an expression adjoin to the rationals.
type Degrees = BTreeMap<Atom, u64>;

impl Normalizer {
    /// Whether a constant is shown to be zero. False says nothing.
    pub(crate) fn is_separated_zero(&self, poly: &Poly) -> bool {
        let mut degrees = Degrees::new();
        let Some(bounds) = poly_bounds(poly, &mut degrees, 0) else { return false };
        let degree: f64 = degrees.values().map(|&d| d as f64).product();
        let needed = (degree - 1.0) * bounds.u + bounds.l + 2.0;
        if !needed.is_finite() || needed > MAX_PRECISION {
            return false;
        }
        let needed = needed.ceil().max(1.0) as usize;
        // Room for the rounding of intermediate results; more costs little and a failure is only a "no".
        let arithmetic = Arithmetic { bits: 2 * needed + 128 };
        let sampling = Sampling { arithmetic, point: 0, normalizer: self };
        let Some(value) = sampling.poly(poly) else { return false };
        // |value| < 2^-needed / sqrt(2) in both parts.
        let largest = value.re.magnitude_bits().max(value.im.magnitude_bits());
        value.has_zero() && largest + needed < arithmetic.bits
    }
}

fn poly_bounds(poly: &Poly, degrees: &mut Degrees, depth: usize) -> Option<Bounds> {
    let mut sum: Option<Bounds> = None;
    for (monomial, q) in &poly.0 {
        let term = rational_bounds(q).times(monomial_bounds(monomial, degrees, depth)?);
        sum = Some(sum.map_or(term, |sum| sum.plus(term)));
    }
    sum
}

fn rational_bounds(q: &Rational) -> Bounds {
    Bounds { u: q.numerator().unsigned_abs().bit_len() as f64, l: q.denominator().bit_len() as f64 }
}

fn monomial_bounds(monomial: &Monomial, degrees: &mut Degrees, depth: usize) -> Option<Bounds> {
    let mut product = Bounds::ONE;
    for (atom, power) in &monomial.0 {
        let times = u64::try_from(&power.numerator().unsigned_abs()).ok()? as f64;
        let index = u64::try_from(power.denominator()).ok()?;
        let base = atom_bounds(atom, degrees, depth)?;
        let base = if is_negative(power) { base.inverse() } else { base };
        let raised = Bounds { u: base.u * times, l: base.l * times };
        if index > 1 {
            // The root of the same atom for the least common index generates all powers.
            let degree = degrees.entry(Atom::Power(Arc::new(Form::from(atom.clone())))).or_insert(1);
            *degree = lcm(*degree, index)?;
        }
        product = product.times(raised.root(index as f64));
    }
    Some(product)
}

fn atom_bounds(atom: &Atom, degrees: &mut Degrees, depth: usize) -> Option<Bounds> {
    if depth > 20 {
        return None;
    }
    match atom {
        Atom::I => {
            degrees.insert(atom.clone(), 2);
            Some(Bounds::ONE)
        }
        Atom::Root(base) => Some(Bounds { u: base.bit_len() as f64, l: 0.0 }),
        Atom::CosPi(turn) => {
            // 2 cos(pi n/d) = z + 1/z with z a 2d-th root of unity: an integer of degree at most phi(2d)/2,
            // all of whose conjugates are at most 2.
            let order = u64::try_from(&(turn.denominator() * UBig::from(2u8))).ok().filter(|&d| d < 1000)?;
            degrees.insert(atom.clone(), (totient(order) / 2).max(1));
            Some(Bounds { u: 1.0, l: 1.0 })
        }
        Atom::Power(form) => {
            let num = poly_bounds(&form.num, degrees, depth + 1)?;
            let den = poly_bounds(&form.den, degrees, depth + 1)?;
            Some(num.times(den.inverse()))
        }
        Atom::Pi | Atom::Ln(_) | Atom::Symbol(_) | Atom::Exp(_) | Atom::Call(..) => None,
    }
}

fn totient(n: u64) -> u64 {
    (1..=n).filter(|&k| gcd(k, n) == 1).count() as u64
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn lcm(a: u64, b: u64) -> Option<u64> {
    (a / gcd(a, b)).checked_mul(b)
}
