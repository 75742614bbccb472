//! Powers and roots.

use super::{Atom, Form, Monomial, Normalizer, Poly};
use crate::expr::Function;
use crate::fuel::Stop;
use crate::number::{Rational, factor, is_negative, magnitude, ratio, whole};
use dashu_base::{Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;
use std::sync::Arc;

/// Largest power of a sum that is expanded.
const MAX_EXPANSION: u64 = 2_000;

impl Normalizer {
    /// `base` to the power `exponent`.
    pub(crate) fn power(&self, base: &Form, exponent: &Form) -> Result<Form, Stop> {
        match exponent.as_rational() {
            Some(q) if q.is_int() => self.integer_power(base, q.numerator()),
            Some(q) => self.fractional_power(base, &q),
            None => {
                let product = self.times(&self.ln(base)?, exponent)?;
                self.exp(&product)
            }
        }
    }

    /// A form to an integer power.
    pub(super) fn integer_power(&self, base: &Form, power: &IBig) -> Result<Form, Stop> {
        if base.num.is_zero() {
            let positive = *power > IBig::ZERO;
            return if positive { Ok(base.clone()) } else { Err(Stop::Undefined) };
        }
        if let Some((monomial, q)) = base.as_term() {
            return Ok(self.term_power(monomial, q, power)?.into());
        }
        let times = u64::try_from(power.unsigned_abs()).map_err(|_| Stop::Fuel)?;
        if times > MAX_EXPANSION {
            return Err(Stop::Fuel);
        }
        let (num, den) = (self.poly_power(&base.num, times)?, self.poly_power(&base.den, times)?);
        if *power < IBig::ZERO { self.quotient(den, num) } else { self.quotient(num, den) }
    }

    /// The root that a radical sign writes: real for odd indices.
    pub(crate) fn root(&self, base: &Form, index: u32) -> Result<Form, Stop> {
        let power = ratio(1, i64::from(index));
        if index % 2 == 1 && !base.has_symbol() && self.sign(base)? == Ordering::Less {
            return Ok(self.fractional_power(&base.neg(), &power)?.neg());
        }
        if index == 1 { Ok(base.clone()) } else { self.fractional_power(base, &power) }
    }

    /// The principal value of a form to a power that is no integer.
    fn fractional_power(&self, base: &Form, power: &Rational) -> Result<Form, Stop> {
        if let Some(q) = base.as_rational() {
            return match q.cmp(&Rational::ZERO) {
                Ordering::Equal if is_negative(power) => Err(Stop::Undefined),
                Ordering::Equal => Ok(base.clone()),
                Ordering::Less => self.negative_power(base, power),
                Ordering::Greater => Ok(self.radical(&q, power)?.into()),
            };
        }
        if !base.has_symbol() && base.is_real() && self.sign(base)? == Ordering::Less {
            return self.negative_power(base, power);
        }
        if !base.den.is_one() {
            let (num, den) = (Form::from(base.num.clone()), Form::from(base.den.clone()));
            if !base.has_symbol() && base.is_real() && self.sign(&den)? == Ordering::Greater {
                let (num, den) = (self.fractional_power(&num, power)?, self.fractional_power(&den, power)?);
                return self.divide(&num, &den);
            }
            return self.carried(vec![(Atom::Power(Arc::new(base.clone())), power.clone())], Rational::ONE);
        }
        match base.as_term() {
            Some((monomial, q)) => self.term_root(monomial, q, power),
            None => self.sum_root(&base.num, power),
        }
    }

    /// The power of a negative number, where its denominator is 2: a power of i and of the opposite number.
    fn negative_power(&self, base: &Form, power: &Rational) -> Result<Form, Stop> {
        if *power.denominator() != UBig::from(2u8) {
            return Err(Stop::Unknown);
        }
        let turn = self.integer_power(&Atom::I.into(), power.numerator())?;
        self.times(&turn, &self.fractional_power(&base.neg(), power)?)
    }

    /// A positive rational to a power, as roots of its factors.
    pub(super) fn radical(&self, q: &Rational, power: &Rational) -> Result<Poly, Stop> {
        self.fuel.spend(500)?;
        let numerator = factor(&q.numerator().unsigned_abs());
        let of = |(base, times): (UBig, u64), sign: i64| {
            let exponent = Rational::from(IBig::from(times)) * power * whole(sign);
            (Atom::Root(base), exponent)
        };
        let mut factors: Vec<_> = numerator.into_iter().map(|f| of(f, 1)).collect();
        factors.extend(factor(q.denominator()).into_iter().map(|f| of(f, -1)));
        factors.sort();
        Ok(self.carried(factors, Rational::ONE)?.num)
    }

    /// The product of factors with merged exponents, times a rational.
    fn carried(&self, factors: Vec<(Atom, Rational)>, q: Rational) -> Result<Form, Stop> {
        let carried = self.carry(factors)?;
        let mut product = Poly::term(carried.monomial, q * carried.coefficient);
        for (base, power) in carried.sums {
            product = self.mul(&product, &self.poly_power(&base, power)?)?;
        }
        Ok(product.into())
    }

    /// One term to a fractional power.
    fn term_root(&self, monomial: &Monomial, q: &Rational, power: &Rational) -> Result<Form, Stop> {
        let scaled = |e: &Rational| e * power;
        let even = |e: &Rational| e.is_int() && (e.numerator() & IBig::ONE).is_zero();
        let outer = if is_negative(q) { None } else { Some(self.radical(q, power)?) };
        let simple = match &monomial.0[..] {
            // (x^(1/k))^p = x^(p/k) on the principal branch, for any x.
            [(atom, e)] if e.numerator().is_one() => Some(vec![(atom.clone(), scaled(e))]),
            [(Atom::Symbol(name), e)] if even(e) => {
                let name = Form::from(Atom::Symbol(name.clone()));
                Some(vec![(Atom::Call(Function::Abs, [name].into()), scaled(e))])
            }
            all if all.iter().all(|(atom, _)| atom.is_positive()) => {
                Some(all.iter().map(|(atom, e)| (atom.clone(), scaled(e))).collect())
            }
            _ => None,
        };
        match (outer, simple) {
            (Some(outer), Some(factors)) => self.times(&outer.into(), &self.carried(factors, Rational::ONE)?),
            (Some(outer), None) => {
                let inside = Form::from(Poly::term(monomial.clone(), Rational::ONE));
                let root =
                    self.carried(vec![(Atom::Power(Arc::new(inside)), power.clone())], Rational::ONE)?;
                self.times(&outer.into(), &root)
            }
            (None, _) => {
                let inside = Form::from(Poly::term(monomial.clone(), q.clone()));
                self.carried(vec![(Atom::Power(Arc::new(inside)), power.clone())], Rational::ONE)
            }
        }
    }

    /// A sum to a fractional power: its rational content comes out, and square roots of a + b sqrt(c) are
    /// taken where the result needs no nested root.
    fn sum_root(&self, sum: &Poly, power: &Rational) -> Result<Form, Stop> {
        let content = content(sum);
        let inside = sum.scale(&(Rational::ONE / &content));
        let outer = Form::from(self.radical(&content, power)?);
        let root = match self.denest(&inside)? {
            Some(root) if *power.denominator() == UBig::from(2u8) => {
                self.integer_power(&root, power.numerator())?
            }
            _ => {
                let atom = Atom::Power(Arc::new(inside.into()));
                self.carried(vec![(atom, power.clone())], Rational::ONE)?
            }
        };
        self.times(&outer, &root)
    }

    /// sqrt(a + b) with a rational and b^2 rational, as a sum of two square roots, where a^2 - b^2 is the
    /// square of a rational d: sqrt((a + d) / 2) and sqrt((a - d) / 2), with the sign of b.
    fn denest(&self, sum: &Poly) -> Result<Option<Form>, Stop> {
        let [(one, a), (monomial, b)] = &sum.0[..] else { return Ok(None) };
        let positive = monomial.0.iter().all(|(atom, _)| matches!(atom, Atom::Root(_)));
        if !one.is_one() || is_negative(a) || !positive {
            return Ok(None);
        }
        let Some(square) = self.term_power(monomial, b, &IBig::from(2))?.as_rational() else {
            return Ok(None);
        };
        let rest = a.sqr() - square;
        if is_negative(&rest) {
            return Ok(None);
        }
        let half = ratio(1, 2);
        let root = self.radical_or_zero(&rest, &half)?;
        let Some(d) = root.as_rational() else { return Ok(None) };
        let left = self.radical_or_zero(&((a + &d) * &half), &half)?;
        let right = self.radical_or_zero(&((a - &d) * &half), &half)?;
        Ok(Some(if is_negative(b) { left.sub(&right) } else { left.add(&right) }.into()))
    }

    fn radical_or_zero(&self, q: &Rational, power: &Rational) -> Result<Poly, Stop> {
        if q.is_zero() { Ok(Poly::default()) } else { self.radical(q, power) }
    }
}

/// The greatest positive rational of which every coefficient is an integer multiple.
pub(super) fn content(sum: &Poly) -> Rational {
    let mut numerator = UBig::ZERO;
    let mut denominator = UBig::ONE;
    for (_, q) in &sum.0 {
        let q = magnitude(q);
        let n = q.numerator().unsigned_abs();
        numerator = if numerator.is_zero() { n } else { numerator.gcd(n) };
        let common = (&denominator).gcd(q.denominator());
        denominator = denominator / common * q.denominator();
    }
    Rational::from_parts(numerator.into(), denominator)
}
