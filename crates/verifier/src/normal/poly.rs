//! Sums of rational multiples of monomials.

use super::{Atom, Monomial, Normalizer};
use crate::expr::Function;
use crate::fuel::Stop;
use crate::number::{Rational, size};
use dashu_int::IBig;
use std::collections::BTreeMap;

/// The terms in the order of their monomials, no coefficient zero. The empty sum is zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Poly(pub(crate) Vec<(Monomial, Rational)>);

/// Largest number that is computed, in bits.
pub(super) const MAX_BITS: usize = 16_000;

impl Poly {
    /// A rational constant.
    pub(crate) fn constant(q: Rational) -> Self {
        Self::term(Monomial::default(), q)
    }

    /// One term.
    pub(crate) fn term(monomial: Monomial, q: Rational) -> Self {
        if q.is_zero() { Self::default() } else { Self(vec![(monomial, q)]) }
    }

    /// The sum of terms in any order.
    pub(crate) fn collected(mut terms: Vec<(Monomial, Rational)>) -> Self {
        terms.sort_by(|a, b| a.0.cmp(&b.0));
        let mut sum: Vec<(Monomial, Rational)> = Vec::with_capacity(terms.len());
        for (monomial, q) in terms {
            match sum.last_mut() {
                Some((last, total)) if *last == monomial => *total += q,
                _ => sum.push((monomial, q)),
            }
        }
        sum.retain(|(_, q)| !q.is_zero());
        Self(sum)
    }

    /// Whether this is the empty sum.
    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is the constant 1.
    pub(crate) fn is_one(&self) -> bool {
        matches!(&self.0[..], [(monomial, q)] if monomial.is_one() && q.is_one())
    }

    /// The rational number that this is, if it is one.
    pub(crate) fn as_rational(&self) -> Option<Rational> {
        match &self.0[..] {
            [] => Some(Rational::ZERO),
            [(monomial, q)] if monomial.is_one() => Some(q.clone()),
            _ => None,
        }
    }

    /// Whether a symbol stands anywhere inside.
    pub(crate) fn has_symbol(&self) -> bool {
        self.0.iter().any(|(monomial, _)| monomial.has_symbol())
    }

    /// Whether a logarithm of unknown base is one of the atoms.
    pub(crate) fn has_unknown_base(&self) -> bool {
        let unknown = |atom: &Atom| matches!(atom, Atom::Call(Function::Log, _));
        self.0.iter().any(|(monomial, _)| monomial.0.iter().any(|(atom, _)| unknown(atom)))
    }

    /// Whether the sum is known to be real, symbols being real.
    pub(crate) fn is_real(&self) -> bool {
        self.0.iter().all(|(monomial, _)| monomial.is_real())
    }

    /// The sum with every coefficient multiplied by `q`.
    pub(crate) fn scale(&self, q: &Rational) -> Self {
        if q.is_zero() {
            return Self::default();
        }
        if q.is_one() {
            return self.clone();
        }
        Self(self.0.iter().map(|(monomial, c)| (monomial.clone(), c * q)).collect())
    }

    /// Whether the normal form of a sum like this is unique: equal numbers have the same one. So it is for
    /// polynomials over the rationals, radicals of integers, i, and one of pi and e.
    pub(crate) fn is_canonical(&self) -> bool {
        let (mut pi, mut e) = (false, false);
        let known = self.0.iter().flat_map(|(monomial, _)| &monomial.0).all(|(atom, power)| match atom {
            Atom::I => true,
            // Larger bases may have been left composite.
            Atom::Root(base) => *base < dashu_int::UBig::from(1_000_000u32),
            Atom::Symbol(_) => power.is_int(),
            Atom::Pi => {
                pi = true;
                power.is_int()
            }
            Atom::Exp(inside) => {
                e = true;
                inside.is_one() && power.is_int()
            }
            _ => false,
        });
        known && !(pi && e)
    }

    /// Sum of two sums: a merge, as both are in order.
    pub(crate) fn add(&self, other: &Self) -> Self {
        let mut terms = Vec::with_capacity(self.0.len() + other.0.len());
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => terms.extend(left.next().cloned()),
                std::cmp::Ordering::Greater => terms.extend(right.next().cloned()),
                std::cmp::Ordering::Equal => {
                    let sum = &a.1 + &b.1;
                    if !sum.is_zero() {
                        terms.push((a.0.clone(), sum));
                    }
                    left.next();
                    right.next();
                }
            }
        }
        terms.extend(left.cloned());
        terms.extend(right.cloned());
        Self(terms)
    }

    /// Difference.
    pub(crate) fn sub(&self, other: &Self) -> Self {
        self.add(&other.scale(&-Rational::ONE))
    }
}

/// A product of factors brought to normal form: a coefficient, a monomial, and sums still to be multiplied.
pub(super) struct Carried {
    pub(super) coefficient: Rational,
    pub(super) monomial: Monomial,
    pub(super) sums: Vec<(Poly, u64)>,
}

impl Normalizer {
    /// Brings factors with merged exponents to normal form.
    pub(super) fn carry(&self, factors: Vec<(Atom, Rational)>) -> Result<Carried, Stop> {
        let mut result =
            Carried { coefficient: Rational::ONE, monomial: Monomial::default(), sums: Vec::new() };
        for (atom, power) in factors {
            let rest = match &atom {
                Atom::I => self.carry_i(&power, &mut result)?,
                Atom::Root(base) => {
                    let whole = power.floor();
                    let base = Rational::from(IBig::from(base.clone()));
                    result.coefficient *= self.rational_power(&base, &whole)?;
                    power - Rational::from(whole)
                }
                Atom::Power(form) if form.den.is_one() && power >= Rational::ONE => {
                    let whole = power.floor();
                    result.sums.push((form.num.clone(), u64::try_from(&whole).map_err(|_| Stop::Fuel)?));
                    power - Rational::from(whole)
                }
                Atom::Call(Function::Abs, inside) if inside[0].den.is_one() && inside[0].is_real() => {
                    let pairs = (&power / Rational::from(2)).trunc();
                    match u64::try_from(&pairs) {
                        Ok(pairs) if pairs > 0 && power.is_int() => {
                            result.sums.push((inside[0].num.clone(), 2 * pairs));
                            power - Rational::from(2 * pairs)
                        }
                        _ => power,
                    }
                }
                _ => power,
            };
            if !rest.is_zero() {
                result.monomial.0.push((atom, rest));
            }
        }
        Ok(result)
    }

    /// The sign of a power of i; what is left of its exponent is 0 or 1.
    fn carry_i(&self, power: &Rational, result: &mut Carried) -> Result<Rational, Stop> {
        if !power.is_int() {
            return Err(Stop::Unknown);
        }
        let quarter = power.numerator() & IBig::from(3);
        if quarter >= IBig::from(2) {
            result.coefficient = -std::mem::take(&mut result.coefficient);
        }
        Ok(Rational::from(quarter & IBig::ONE))
    }

    /// A rational to an integer power, within bounds.
    pub(super) fn rational_power(&self, q: &Rational, power: &IBig) -> Result<Rational, Stop> {
        if power.is_zero() || q.is_one() {
            return Ok(Rational::ONE);
        }
        if q.is_zero() {
            return if *power > IBig::ZERO { Ok(Rational::ZERO) } else { Err(Stop::Undefined) };
        }
        let n = isize::try_from(power).map_err(|_| Stop::Fuel)?;
        if size(q).saturating_mul(n.unsigned_abs()) > MAX_BITS {
            return Err(Stop::Fuel);
        }
        self.fuel.spend(size(q) as u64 * n.unsigned_abs() as u64 / 16)?;
        Ok(q.pow(n))
    }

    /// Product of two sums.
    pub(crate) fn mul(&self, a: &Poly, b: &Poly) -> Result<Poly, Stop> {
        if let Some(q) = a.as_rational() {
            self.fuel.spend(1 + b.0.len() as u64)?;
            return Ok(b.scale(&q));
        }
        if let Some(q) = b.as_rational() {
            self.fuel.spend(1 + a.0.len() as u64)?;
            return Ok(a.scale(&q));
        }
        let mut terms: BTreeMap<Monomial, Rational> = BTreeMap::new();
        let mut carried = Vec::new();
        for (left, p) in &a.0 {
            for (right, q) in &b.0 {
                let bits = size(p) + size(q);
                if bits > MAX_BITS {
                    return Err(Stop::Fuel);
                }
                // Every factor is copied, and compared with others to find its place.
                self.fuel.spend(4 + (2 * (left.0.len() + right.0.len()) + bits / 16) as u64)?;
                let product = self.carry(left.merge(right))?;
                let coefficient = p * q * product.coefficient;
                if product.sums.is_empty() {
                    *terms.entry(product.monomial).or_default() += coefficient;
                } else {
                    let mut sum = Poly::term(product.monomial, coefficient);
                    for (base, power) in product.sums {
                        sum = self.mul(&sum, &self.poly_power(&base, power)?)?;
                    }
                    carried.extend(sum.0);
                }
            }
        }
        let direct = Poly(terms.into_iter().filter(|(_, q)| !q.is_zero()).collect());
        Ok(if carried.is_empty() { direct } else { direct.add(&Poly::collected(carried)) })
    }

    /// A sum to a power, by repeated multiplication.
    pub(crate) fn poly_power(&self, base: &Poly, power: u64) -> Result<Poly, Stop> {
        let (mut result, mut square, mut left) = (Poly::constant(Rational::ONE), base.clone(), power);
        while left > 0 {
            self.fuel.spend(1)?;
            if left & 1 == 1 {
                result = self.mul(&result, &square)?;
            }
            left >>= 1;
            if left > 0 {
                square = self.mul(&square, &square)?;
            }
        }
        Ok(result)
    }
}
