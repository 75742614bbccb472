//! Quotients of sums, and their arithmetic.

use super::{Atom, Monomial, Normalizer, Poly};
use crate::fuel::Stop;
use crate::number::Rational;
use dashu_int::IBig;

/// A quotient of two sums. The denominator is 1 or has at least two terms, the first with coefficient 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Form {
    pub(crate) num: Poly,
    pub(crate) den: Poly,
}

impl From<Poly> for Form {
    fn from(num: Poly) -> Self {
        Self { num, den: Poly::constant(Rational::ONE) }
    }
}

impl From<Rational> for Form {
    fn from(q: Rational) -> Self {
        Poly::constant(q).into()
    }
}

impl From<Atom> for Form {
    fn from(atom: Atom) -> Self {
        Poly::term(Monomial::of(atom), Rational::ONE).into()
    }
}

impl Form {
    /// The rational number that this is, if it is one.
    pub(crate) fn as_rational(&self) -> Option<Rational> {
        if self.den.is_one() { self.num.as_rational() } else { None }
    }

    /// Coefficient and monomial, if this is one term.
    pub(crate) fn as_term(&self) -> Option<(&Monomial, &Rational)> {
        match &self.num.0[..] {
            [(monomial, q)] if self.den.is_one() => Some((monomial, q)),
            _ => None,
        }
    }

    /// Whether a symbol stands anywhere inside.
    pub(crate) fn has_symbol(&self) -> bool {
        self.num.has_symbol() || self.den.has_symbol()
    }

    /// Whether the value is known to be real, symbols being real.
    pub(crate) fn is_real(&self) -> bool {
        self.num.is_real() && self.den.is_real()
    }

    /// The negated form.
    pub(crate) fn neg(&self) -> Self {
        self.scale(&-Rational::ONE)
    }

    /// This times a rational.
    pub(crate) fn scale(&self, q: &Rational) -> Self {
        if q.is_zero() {
            return Rational::ZERO.into();
        }
        Self { num: self.num.scale(q), den: self.den.clone() }
    }
}

impl Normalizer {
    /// The quotient of two sums.
    pub(crate) fn quotient(&self, num: Poly, den: Poly) -> Result<Form, Stop> {
        match &den.0[..] {
            [] => Err(Stop::Undefined),
            _ if num.is_zero() => Ok(Rational::ZERO.into()),
            [(monomial, q)] => Ok(self.mul(&num, &self.term_power(monomial, q, &-IBig::ONE)?)?.into()),
            [(_, lead), ..] => {
                let factor = Rational::ONE / lead;
                let (num, den) = (num.scale(&factor), den.scale(&factor));
                match &num.0[..] {
                    [(_, q), ..] if num.0.len() == den.0.len() && num == den.scale(q) => Ok(q.clone().into()),
                    _ => Ok(Form { num, den }),
                }
            }
        }
    }

    /// A term to an integer power. Its atoms stay apart, so no sum appears; negative powers of sums under
    /// roots stay powers.
    pub(super) fn term_power(&self, monomial: &Monomial, q: &Rational, power: &IBig) -> Result<Poly, Stop> {
        let n = Rational::from(power.clone());
        let factors = monomial.0.iter().map(|(atom, e)| (atom.clone(), e * &n)).collect();
        let carried = self.carry(factors)?;
        let coefficient = self.rational_power(q, power)? * carried.coefficient;
        let mut result = Poly::term(carried.monomial, coefficient);
        for (base, times) in carried.sums {
            result = self.mul(&result, &self.poly_power(&base, times)?)?;
        }
        Ok(result)
    }

    /// Sum.
    pub(crate) fn add(&self, a: &Form, b: &Form) -> Result<Form, Stop> {
        self.fuel.spend(1 + (a.num.0.len() + b.num.0.len()) as u64)?;
        if a.den == b.den {
            let num = a.num.add(&b.num);
            return if a.den.is_one() { Ok(num.into()) } else { self.quotient(num, a.den.clone()) };
        }
        let num = self.mul(&a.num, &b.den)?.add(&self.mul(&b.num, &a.den)?);
        self.quotient(num, self.mul(&a.den, &b.den)?)
    }

    /// Difference.
    pub(crate) fn sub(&self, a: &Form, b: &Form) -> Result<Form, Stop> {
        self.add(a, &b.neg())
    }

    /// Product.
    pub(crate) fn times(&self, a: &Form, b: &Form) -> Result<Form, Stop> {
        if a.den == b.num && !a.den.is_one() {
            return self.quotient(a.num.clone(), b.den.clone());
        }
        let num = self.mul(&a.num, &b.num)?;
        if a.den.is_one() && b.den.is_one() {
            return Ok(num.into());
        }
        self.quotient(num, self.mul(&a.den, &b.den)?)
    }

    /// One over a form.
    pub(crate) fn invert(&self, a: &Form) -> Result<Form, Stop> {
        self.quotient(a.den.clone(), a.num.clone())
    }

    /// Quotient of forms.
    pub(crate) fn divide(&self, a: &Form, b: &Form) -> Result<Form, Stop> {
        if b.num.is_zero() {
            return Err(Stop::Undefined);
        }
        let num = self.mul(&a.num, &b.den)?;
        self.quotient(num, self.mul(&a.den, &b.num)?)
    }

    /// Whether a sum is zero once negative powers of its atoms are multiplied away.
    pub(crate) fn vanishes(&self, sum: &Poly) -> Result<bool, Stop> {
        if sum.is_zero() || sum.is_canonical() || !sum.0.iter().any(|(m, _)| m.has_negative_power()) {
            return Ok(sum.is_zero());
        }
        let mut lowest: std::collections::BTreeMap<&Atom, Rational> = std::collections::BTreeMap::new();
        for (atom, power) in sum.0.iter().flat_map(|(monomial, _)| &monomial.0) {
            if crate::number::is_negative(power) {
                let least = lowest.entry(atom).or_insert_with(|| power.clone());
                if power < least {
                    *least = power.clone();
                }
            }
        }
        let factor = lowest.into_iter().map(|(atom, power)| (atom.clone(), -power)).collect();
        let mut terms = Vec::with_capacity(sum.0.len());
        for (monomial, q) in &sum.0 {
            self.fuel.spend(10 + monomial.0.len() as u64)?;
            let carried = self.carry(monomial.merge(&Monomial(Vec::clone(&factor))))?;
            let mut term = Poly::term(carried.monomial, q * carried.coefficient);
            for (base, power) in carried.sums {
                term = self.mul(&term, &self.poly_power(&base, power)?)?;
            }
            terms.extend(term.0);
        }
        Ok(Poly::collected(terms).is_zero())
    }
}
