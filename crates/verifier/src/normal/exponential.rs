//! Exponentials and logarithms.

use super::{Atom, Form, Monomial, Normalizer, Poly};
use crate::expr::Function;
use crate::fuel::Stop;
use crate::number::{Rational, factor, is_negative, magnitude};
use dashu_base::UnsignedAbs;
use dashu_int::IBig;
use std::cmp::Ordering;
use std::sync::Arc;

impl Normalizer {
    /// e to the power of a form, term by term: e^(a + b) = e^a e^b.
    pub(crate) fn exp(&self, form: &Form) -> Result<Form, Stop> {
        if !form.den.is_one() {
            return Ok(Atom::Call(Function::Exp, [form.clone()].into()).into());
        }
        let mut product = Form::from(Rational::ONE);
        for (monomial, q) in &form.num.0 {
            let factor = match &monomial.0[..] {
                [(Atom::Ln(base), power)] if power.is_one() => {
                    let base = Form::from(Rational::from(IBig::from(base.clone())));
                    self.power(&base, &q.clone().into())?
                }
                [(Atom::Call(Function::Ln, inside), power)] if power.is_one() => {
                    self.power(&inside[0], &q.clone().into())?
                }
                [(Atom::I, _), (Atom::Pi, power)] if power.is_one() => self.root_of_unity(q)?,
                _ => Poly::term(
                    Monomial(vec![(Atom::Exp(Arc::new(monomial.clone())), q.clone())]),
                    Rational::ONE,
                )
                .into(),
            };
            product = self.times(&product, &factor)?;
        }
        Ok(product)
    }

    /// cos(pi r) + i sin(pi r).
    fn root_of_unity(&self, r: &Rational) -> Result<Form, Stop> {
        let sine = self.times(&Atom::I.into(), &self.sin_pi(r)?)?;
        self.add(&self.cos_pi(r)?, &sine)
    }

    /// The principal natural logarithm.
    pub(crate) fn ln(&self, form: &Form) -> Result<Form, Stop> {
        if let Some(q) = form.as_rational() {
            return self.ln_rational(&q);
        }
        let opaque = Form::from(Atom::Call(Function::Ln, [form.clone()].into()));
        if form.has_symbol() || !form.is_real() {
            return match form.as_term() {
                Some((monomial, q)) if *q > Rational::ZERO => {
                    Ok(self.ln_term(monomial, q)?.unwrap_or(opaque))
                }
                _ => Ok(opaque),
            };
        }
        if self.sign(form)? != Ordering::Greater {
            return Err(Stop::Unknown);
        }
        if !form.den.is_one() {
            let (num, den) = (Form::from(form.num.clone()), Form::from(form.den.clone()));
            if self.sign(&den)? == Ordering::Greater {
                return self.sub(&self.ln(&num)?, &self.ln(&den)?);
            }
            return Ok(opaque);
        }
        match form.as_term() {
            Some((monomial, q)) if *q > Rational::ZERO => Ok(self.ln_term(monomial, q)?.unwrap_or(opaque)),
            _ => Ok(opaque),
        }
    }

    fn ln_rational(&self, q: &Rational) -> Result<Form, Stop> {
        if q.is_zero() {
            return Err(Stop::Undefined);
        }
        self.fuel.spend(500)?;
        let mut sum = Poly::default();
        let absolute = magnitude(q);
        let parts = [(absolute.numerator().unsigned_abs(), 1), (absolute.denominator().clone(), -1)];
        for (part, sign) in parts {
            for (base, power) in factor(&part) {
                let coefficient = Rational::from(IBig::from(power) * sign);
                sum = sum.add(&Poly::term(Monomial::of(Atom::Ln(base)), coefficient));
            }
        }
        if is_negative(q) {
            let half_turn = Monomial(vec![(Atom::I, Rational::ONE), (Atom::Pi, Rational::ONE)]);
            sum = sum.add(&Poly::term(half_turn, Rational::ONE));
        }
        Ok(sum.into())
    }

    /// The logarithm of a product of positive numbers, factor by factor; `None` if one may not be positive.
    fn ln_term(&self, monomial: &Monomial, q: &Rational) -> Result<Option<Form>, Stop> {
        if monomial.0.iter().any(|(atom, _)| !atom.is_positive()) {
            return Ok(None);
        }
        let mut sum = self.ln_rational(q)?;
        for (atom, power) in &monomial.0 {
            let part = match atom {
                Atom::Root(base) => self.ln_rational(&Rational::from(IBig::from(base.clone())))?,
                Atom::Exp(inside) => Poly::term(Monomial::clone(inside), Rational::ONE).into(),
                _ => Form::from(Atom::Call(Function::Ln, [atom.clone().into()].into())),
            };
            sum = self.add(&sum, &part.scale(power))?;
        }
        Ok(Some(sum))
    }
}
