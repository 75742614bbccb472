//! From expressions to normal forms.

use super::poly::MAX_BITS;
use super::{Atom, Form, Normalizer, Poly};
use crate::expr::{Expr, Function};
use crate::fuel::Stop;
use crate::number::{Rational, is_negative, magnitude, ratio, size, small_integer, whole};
use dashu_base::{BitTest, Gcd, UnsignedAbs};
use dashu_int::{IBig, UBig};
use std::cmp::Ordering;
use std::sync::Arc;

/// Largest argument of a factorial that is multiplied out.
const MAX_FACTORIAL: i64 = 1_000;

/// Largest integer that is taken out of the argument of a factorial.
const MAX_SHIFT: i64 = 12;

impl Normalizer {
    /// The normal form of an expression, with `±` read as plus (`upper`) or as minus.
    ///
    /// # Errors
    /// Where the expression has no value, takes too much work, or has no agreed meaning.
    pub(crate) fn form(&self, expr: &Expr, upper: bool) -> Result<Form, Stop> {
        self.fuel.spend(2)?;
        let form = |x: &Expr| self.form(x, upper);
        match expr {
            Expr::Number(q) if size(q) > MAX_BITS => Err(Stop::Fuel),
            Expr::Number(q) => Ok(q.clone().into()),
            Expr::Symbol(name) => Ok(Atom::Symbol(name.clone()).into()),
            Expr::Pi => Ok(Atom::Pi.into()),
            Expr::E => Ok(Atom::Exp(Arc::default()).into()),
            Expr::I => Ok(Atom::I.into()),
            Expr::Infinity => Err(Stop::Undefined),
            Expr::Sum(all) => self.sum(all, upper),
            Expr::Product(all) => {
                let first = Form::from(Rational::ONE);
                all.iter().try_fold(first, |product, x| self.times(&product, &form(x)?))
            }
            Expr::Neg(x) => Ok(form(x)?.neg()),
            Expr::Quotient(a, b) => self.divide(&form(a)?, &form(b)?),
            Expr::Power(a, b) => self.written_power(a, b, upper),
            Expr::Root(index, x) => self.root(&form(x)?, *index),
            Expr::Call(function, inside) => {
                let inside: Vec<Form> = inside.iter().map(form).collect::<Result<_, _>>()?;
                self.call(function, &inside)
            }
            Expr::PlusMinus(plus, x) => Ok(if *plus == upper { form(x)? } else { form(x)?.neg() }),
            Expr::Percent(x) => Ok(form(x)?.scale(&ratio(1, 100))),
            Expr::Degrees(x) => Ok(self.times(&form(x)?, &Atom::Pi.into())?.scale(&ratio(1, 180))),
        }
    }

    /// A sum. Terms without a denominator are sorted and joined once, so that thousands of them cost little
    /// more than their number; the others are added one by one.
    fn sum(&self, terms: &[Expr], upper: bool) -> Result<Form, Stop> {
        let (mut plain, mut total) = (Vec::new(), Form::from(Rational::ZERO));
        for term in terms {
            let form = self.form(term, upper)?;
            self.fuel.spend(2 * form.num.0.len() as u64)?;
            if form.den.is_one() {
                plain.extend(form.num.0);
            } else {
                total = self.add(&total, &form)?;
            }
        }
        self.add(&total, &Poly::collected(plain).into())
    }

    /// A power as written. An odd root of a negative number is a real one to some and principal to others,
    /// so it has no value here; a radical sign decides.
    fn written_power(&self, base: &Expr, exponent: &Expr, upper: bool) -> Result<Form, Stop> {
        let (base, exponent) = (self.form(base, upper)?, self.form(exponent, upper)?);
        if base.num.is_zero() && exponent.num.is_zero() {
            return Err(Stop::Undefined);
        }
        self.power(&base, &exponent)
    }

    fn call(&self, function: &Function, inside: &[Form]) -> Result<Form, Stop> {
        let opaque = || Ok(Atom::Call(function.clone(), inside.into()).into());
        match (function, inside) {
            (Function::Sin, [x]) => Ok(self.cos_sin(x)?.1),
            (Function::Cos, [x]) => Ok(self.cos_sin(x)?.0),
            (Function::Cis, [x]) => {
                let (cos, sin) = self.cos_sin(x)?;
                self.add(&cos, &self.times(&Atom::I.into(), &sin)?)
            }
            (Function::Tan | Function::Cot | Function::Sec | Function::Csc, [x]) => {
                let (cos, sin) = self.cos_sin(x)?;
                match function {
                    Function::Tan => self.divide(&sin, &cos),
                    Function::Cot => self.divide(&cos, &sin),
                    Function::Sec => self.invert(&cos),
                    _ => self.invert(&sin),
                }
            }
            (Function::Asin | Function::Acos | Function::Atan, [x]) => {
                self.inverse_circular(function.clone(), x)
            }
            (Function::Sinh | Function::Cosh | Function::Tanh, [x]) => self.hyperbolic(function, x),
            (Function::Exp, [x]) => self.exp(x),
            (Function::Ln, [x]) => self.ln(x),
            (Function::Log, [x]) => {
                self.divide(&self.ln(x)?, &Atom::Call(Function::Log, [Rational::ONE.into()].into()).into())
            }
            (Function::LogBase, [base, x]) => self.divide(&self.ln(x)?, &self.ln(base)?),
            (Function::Abs, [x]) => self.abs(x),
            (Function::Floor, [x]) if !x.has_symbol() => Ok(self.floor(x)?.into()),
            (Function::Ceil, [x]) if !x.has_symbol() => Ok((-self.floor(&x.neg())?).into()),
            (Function::Factorial, [x]) => match x.as_rational() {
                Some(q) => Ok(self.factorial(&q)?.into()),
                None => self.symbolic_factorial(x),
            },
            (Function::Binomial, [n, k]) => self.binomial(n, k),
            (Function::Gcd | Function::Lcm, _) => integers(function, inside).map(Into::into),
            (Function::Max | Function::Min, [first, rest @ ..]) => {
                let wanted = if *function == Function::Max { Ordering::Greater } else { Ordering::Less };
                rest.iter().try_fold(first.clone(), |best, x| {
                    Ok(if self.compare(x, &best)? == wanted { x.clone() } else { best })
                })
            }
            (Function::Floor | Function::Ceil | Function::Named(_), _) => opaque(),
            _ => Err(Stop::Unknown),
        }
    }

    fn hyperbolic(&self, function: &Function, x: &Form) -> Result<Form, Stop> {
        let (up, down) = (self.exp(x)?, self.exp(&x.neg())?);
        let (sum, difference) = (self.add(&up, &down)?, self.sub(&up, &down)?);
        match function {
            Function::Cosh => Ok(sum.scale(&ratio(1, 2))),
            Function::Sinh => Ok(difference.scale(&ratio(1, 2))),
            _ => self.divide(&difference, &sum),
        }
    }

    /// |x|: by sign for real constants, as a square root for complex ones, with a canonical sign inside else.
    fn abs(&self, x: &Form) -> Result<Form, Stop> {
        if !x.has_symbol() {
            if x.is_real() {
                return Ok(if self.sign(x)? == Ordering::Less { x.neg() } else { x.clone() });
            }
            let (re, im) = split(&x.num);
            if !x.den.is_one() || !re.is_real() || !im.is_real() {
                return Err(Stop::Unknown);
            }
            let square = self.mul(&re, &re)?.add(&self.mul(&im, &im)?);
            return self.root(&square.into(), 2);
        }
        let lead = x.num.0.first().map(|(_, q)| q.clone()).unwrap_or_default();
        let x = if is_negative(&lead) { x.neg() } else { x.clone() };
        let content = super::power::content(&x.num);
        let inside = x.scale(&(Rational::ONE / &content));
        Ok(Form::from(Atom::Call(Function::Abs, [inside].into())).scale(&content))
    }

    fn factorial(&self, q: &Rational) -> Result<Rational, Stop> {
        let n = small_integer(q).ok_or(Stop::Unknown)?;
        match n {
            0..=MAX_FACTORIAL => {
                self.fuel.spend((n * n / 8) as u64)?;
                let product = (1..=n as u64).fold(UBig::ONE, |product, k| product * k);
                Ok(Rational::from(IBig::from(product)))
            }
            ..0 => Err(Stop::Undefined),
            _ => Err(Stop::Fuel),
        }
    }

    /// The factorial of a sum with unknowns, as that of the sum without its integer and the factors between.
    fn symbolic_factorial(&self, x: &Form) -> Result<Form, Stop> {
        let constant = x.num.0.iter().find(|(monomial, _)| monomial.is_one()).map(|(_, q)| q.clone());
        let shift =
            constant.as_ref().and_then(small_integer).filter(|c| x.den.is_one() && c.abs() <= MAX_SHIFT);
        let shift = shift.unwrap_or(0);
        let base = self.sub(x, &whole(shift).into())?;
        let mut result = Form::from(Atom::Call(Function::Factorial, [base.clone()].into()));
        for k in 1..=shift {
            result = self.times(&result, &self.add(&base, &whole(k).into())?)?;
        }
        for k in shift + 1..=0 {
            result = self.divide(&result, &self.add(&base, &whole(k).into())?)?;
        }
        Ok(result)
    }

    /// n over k as n (n-1) ... (n-k+1) / k!, for k a small integer.
    fn binomial(&self, n: &Form, k: &Form) -> Result<Form, Stop> {
        let Some(k) = k.as_rational().and_then(|k| small_integer(&k)) else {
            if n.has_symbol() && k.has_symbol() {
                let below = self.times(
                    &self.symbolic_factorial(k)?,
                    &self.call(&Function::Factorial, &[self.sub(n, k)?])?,
                )?;
                return self.divide(&self.symbolic_factorial(n)?, &below);
            }
            return Ok(Atom::Call(Function::Binomial, [n.clone(), k.clone()].into()).into());
        };
        // n over k = n over n - k, whichever has fewer factors.
        let k = match n.as_rational().and_then(|n| small_integer(&n)) {
            Some(n) if n >= 0 && k > n => return Ok(Rational::ZERO.into()),
            Some(n) if n >= 0 && k > n / 2 => n - k,
            _ => k,
        };
        if k < 0 {
            return Ok(Rational::ZERO.into());
        }
        let factorial = self.factorial(&whole(k))?;
        let mut product = Form::from(Rational::ONE);
        for step in 0..k {
            product = self.times(&product, &self.sub(n, &whole(step).into())?)?;
        }
        Ok(product.scale(&(Rational::ONE / factorial)))
    }
}

/// Real and imaginary parts of a sum whose other atoms are real.
fn split(sum: &Poly) -> (Poly, Poly) {
    let (mut re, mut im) = (Vec::new(), Vec::new());
    for (monomial, q) in &sum.0 {
        match monomial.0.first() {
            Some((Atom::I, _)) => im.push((super::Monomial(monomial.0[1..].to_vec()), q.clone())),
            _ => re.push((monomial.clone(), q.clone())),
        }
    }
    (Poly::collected(re), Poly::collected(im))
}

/// Greatest common divisor or least common multiple of integers.
fn integers(function: &Function, inside: &[Form]) -> Result<Rational, Stop> {
    let mut result: Option<UBig> = None;
    for x in inside {
        let q = x.as_rational().filter(|q| q.is_int() && !q.is_zero()).ok_or(Stop::Unknown)?;
        let n = magnitude(&q).numerator().unsigned_abs();
        result = Some(match result {
            None => n,
            Some(before) => {
                let divisor = (&before).gcd(&n);
                if *function == Function::Gcd { divisor } else { before / divisor * n }
            }
        });
        if result.as_ref().is_some_and(|n| n.bit_len() > MAX_BITS) {
            return Err(Stop::Fuel);
        }
    }
    result.map(|n| Rational::from(IBig::from(n))).ok_or(Stop::Unknown)
}
