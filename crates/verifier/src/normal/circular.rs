//! Circular functions: exact at rational multiples of pi, exponentials elsewhere.

use super::{Atom, Form, Normalizer, Poly};
use crate::expr::Function;
use crate::fuel::Stop;
use crate::number::{Rational, is_negative, magnitude, ratio, whole};

impl Normalizer {
    /// The rational r with `form` = pi r, if there is one.
    fn turns(form: &Form) -> Option<Rational> {
        if form.num.is_zero() {
            return Some(Rational::ZERO);
        }
        let (monomial, q) = form.as_term()?;
        match &monomial.0[..] {
            [(Atom::Pi, power)] if power.is_one() => Some(q.clone()),
            _ => None,
        }
    }

    /// cos(pi r), as radicals where r is a multiple of 1/8, 1/10 or 1/12.
    pub(super) fn cos_pi(&self, r: &Rational) -> Result<Form, Stop> {
        // Into [0, 1], then into [0, 1/2].
        let two = whole(2);
        let turn = magnitude(r);
        let turn = &turn - (&turn / &two).floor() * &two;
        let turn = if turn > Rational::ONE { two - turn } else { turn };
        if turn > ratio(1, 2) {
            return Ok(self.cos_pi(&(Rational::ONE - turn))?.neg());
        }
        if turn.is_zero() {
            return Ok(Rational::ONE.into());
        }
        if turn == ratio(1, 2) {
            return Ok(Rational::ZERO.into());
        }
        match self.cosine_table(&turn)? {
            Some(value) => Ok(value),
            None => Ok(Atom::CosPi(turn).into()),
        }
    }

    /// Cosines inside (0, pi/2) that are square roots over the rationals.
    fn cosine_table(&self, turn: &Rational) -> Result<Option<Form>, Stop> {
        let root = |n: i64| self.radical(&whole(n), &ratio(1, 2));
        let nested = |sum: Poly| self.root(&sum.into(), 2);
        let (Ok(n), Ok(d)) = (i64::try_from(turn.numerator()), i64::try_from(turn.denominator())) else {
            return Ok(None);
        };
        let constant = |n: i64| Poly::constant(whole(n));
        let (value, over) = match (n, d) {
            (1, 3) => (constant(1).into(), 2),
            (1, 4) => (root(2)?.into(), 2),
            (1, 6) => (root(3)?.into(), 2),
            (1, 5) => (root(5)?.add(&constant(1)).into(), 4),
            (2, 5) => (root(5)?.sub(&constant(1)).into(), 4),
            (1, 12) => (root(6)?.add(&root(2)?).into(), 4),
            (5, 12) => (root(6)?.sub(&root(2)?).into(), 4),
            (1, 8) => (nested(root(2)?.add(&constant(2)))?, 2),
            (3, 8) => (nested(constant(2).sub(&root(2)?))?, 2),
            (1, 10) => (nested(root(5)?.scale(&whole(2)).add(&constant(10)))?, 4),
            (3, 10) => (nested(constant(10).sub(&root(5)?.scale(&whole(2))))?, 4),
            _ => return Ok(None),
        };
        Ok(Some(value.scale(&ratio(1, over))))
    }

    /// sin(pi r).
    pub(super) fn sin_pi(&self, r: &Rational) -> Result<Form, Stop> {
        self.cos_pi(&(ratio(1, 2) - r))
    }

    /// (cos x, sin x).
    pub(crate) fn cos_sin(&self, x: &Form) -> Result<(Form, Form), Stop> {
        if let Some(turns) = Self::turns(x) {
            return Ok((self.cos_pi(&turns)?, self.sin_pi(&turns)?));
        }
        if !x.den.is_one() {
            let call = |function| Form::from(Atom::Call(function, [x.clone()].into()));
            return Ok((call(Function::Cos), call(Function::Sin)));
        }
        // cos x = (z + 1/z) / 2 and sin x = (z - 1/z) / 2i, with z = e^(ix).
        let angle = self.times(&Atom::I.into(), x)?;
        let (z, inverse) = (self.exp(&angle)?, self.exp(&angle.neg())?);
        let cos = self.add(&z, &inverse)?.scale(&ratio(1, 2));
        let sin = self.times(&Atom::I.into(), &self.sub(&z, &inverse)?)?.scale(&ratio(-1, 2));
        Ok((cos, sin))
    }

    /// An inverse circular function: exact where the angle is a multiple of pi/12.
    pub(crate) fn inverse_circular(&self, function: Function, x: &Form) -> Result<Form, Stop> {
        let call = |x: &Form| Form::from(Atom::Call(function.clone(), [x.clone()].into()));
        if x.has_symbol() || !x.is_real() {
            return Ok(call(x));
        }
        let range = match function {
            Function::Acos => 0..=12,
            _ => -6..=6,
        };
        for twelfths in range {
            let turns = ratio(twelfths, 12);
            let (cos, sin) = (self.cos_pi(&turns)?, self.sin_pi(&turns)?);
            let reached = match function {
                Function::Acos => cos,
                Function::Asin => sin,
                _ if cos.num.is_zero() => continue,
                _ => self.divide(&sin, &cos)?,
            };
            if self.vanishes(&self.sub(&reached, x)?.num)? {
                return Ok(Form::from(Atom::Pi).scale(&turns));
            }
        }
        // Odd functions take their sign outside, so that opposite arguments meet.
        match x.num.0.first() {
            Some((_, lead)) if is_negative(lead) && function != Function::Acos => Ok(call(&x.neg()).neg()),
            _ => Ok(call(x)),
        }
    }
}
