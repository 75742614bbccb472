//! Enclosures of normal forms, with rising precision.

use super::{Atom, Form, Monomial, Normalizer, Poly};
use crate::expr::Function;
use crate::fuel::Stop;
use crate::number::{Arithmetic, Complex, Interval, Rational, is_negative, magnitude, ratio};
use dashu_base::UnsignedAbs;
use std::cmp::Ordering;

/// Precisions tried in turn, in bits after the point.
const PRECISIONS: [usize; 3] = [64, 256, 1024];

/// Largest exponent that is evaluated.
const MAX_POWER: u64 = 4096;

/// Evaluates forms in one arithmetic, with the symbols at one fixed point.
pub(crate) struct Sampling<'a> {
    /// The precision.
    pub(crate) arithmetic: Arithmetic,
    /// Which point the symbols take their values from.
    pub(crate) point: u64,
    /// What the work is taken from.
    pub(crate) normalizer: &'a Normalizer,
}

impl Sampling<'_> {
    /// The value of a quotient; `None` where it cannot be enclosed here.
    pub(crate) fn form(&self, form: &Form) -> Option<Complex> {
        let num = self.poly(&form.num)?;
        if form.den.is_one() {
            return Some(num);
        }
        Some(num.mul(&self.poly(&form.den)?.invert(self.arithmetic)?, self.arithmetic))
    }

    /// The value of a sum.
    pub(crate) fn poly(&self, poly: &Poly) -> Option<Complex> {
        let mut sum = Complex::real(self.arithmetic.integer(0));
        for (monomial, q) in &poly.0 {
            let factor = Complex::real(self.arithmetic.rational(q));
            sum = sum.add(&factor.mul(&self.monomial(monomial)?, self.arithmetic), self.arithmetic);
        }
        Some(sum)
    }

    fn monomial(&self, monomial: &Monomial) -> Option<Complex> {
        let mut product = Complex::real(self.arithmetic.integer(1));
        for (atom, power) in &monomial.0 {
            product = product.mul(&self.atom_power(atom, power)?, self.arithmetic);
        }
        Some(product)
    }

    fn atom_power(&self, atom: &Atom, power: &Rational) -> Option<Complex> {
        let a = self.arithmetic;
        let words = (a.bits / 64 + 1) as u64;
        let series = if atom.is_series() { series_cost(words) } else { 0 };
        self.normalizer.fuel.spend(20 + 4 * words * words + series).ok()?;
        if let Atom::Exp(inside) = atom {
            let exponent = Complex::real(a.rational(power)).mul(&self.monomial(inside)?, a);
            return exponential(&exponent, a);
        }
        let times = u64::try_from(&power.numerator().unsigned_abs()).ok().filter(|&n| n <= MAX_POWER)?;
        let index = u64::try_from(power.denominator()).ok().filter(|&n| n <= 64)?;
        let grown = words + times / 32;
        let roots = words * words * index * index / 64;
        self.normalizer.fuel.spend(roots + if times > 8 { grown * grown } else { 0 }).ok()?;
        let value = self.atom(atom)?;
        let raised = if power.is_int() {
            value.pow(times, a)
        } else {
            if !value.is_real() {
                return None;
            }
            Complex::real(
                a.root(&a.pow(&value.re, times), index as usize).filter(|_| !value.re.is_negative())?,
            )
        };
        if is_negative(power) { raised.invert(a) } else { Some(raised) }
    }

    fn atom(&self, atom: &Atom) -> Option<Complex> {
        let a = self.arithmetic;
        let real = match atom {
            Atom::I => return Some(Complex { re: a.integer(0), im: a.integer(1) }),
            Atom::Root(base) => a.rational(&Rational::from(dashu_int::IBig::from(base.clone()))),
            Atom::Ln(base) => a.ln(&a.rational(&Rational::from(dashu_int::IBig::from(base.clone()))))?,
            Atom::Pi => a.pi(),
            Atom::CosPi(turn) => a.cos_sin(&a.mul(&a.pi(), &a.rational(turn)))?.0,
            Atom::Symbol(name) => a.rational(&sample(name, self.point)),
            Atom::Power(form) => return self.form(form),
            Atom::Exp(_) => return None,
            Atom::Call(function, inside) => return self.call(function, inside),
        };
        Some(Complex::real(real))
    }

    fn call(&self, function: &Function, inside: &[Form]) -> Option<Complex> {
        let a = self.arithmetic;
        let x = self.form(inside.first()?)?;
        if *function == Function::Log {
            // The logarithm of the unknown base of a logarithm.
            return Some(Complex::real(a.rational(&sample("base", self.point))));
        }
        if *function == Function::Exp {
            return exponential(&x, a);
        }
        if !x.is_real() {
            return None;
        }
        let x = x.re;
        let floor = |x: &Interval| {
            let (lo, hi) = a.floor(x);
            (lo == hi).then(|| a.rational(&Rational::from(lo)))
        };
        let value = match function {
            Function::Ln => a.ln(&x)?,
            Function::Sin => a.cos_sin(&x)?.1,
            Function::Cos => a.cos_sin(&x)?.0,
            Function::Atan => a.atan(&x)?,
            Function::Asin => a.asin(&x)?,
            Function::Acos => a.sub(&a.mul(&a.pi(), &a.rational(&ratio(1, 2))), &a.asin(&x)?),
            Function::Abs => a.abs(&x),
            Function::Floor => floor(&x)?,
            Function::Ceil => floor(&x.neg())?.neg(),
            _ => return None,
        };
        Some(Complex::real(value))
    }
}

/// What a series costs at a precision of so many words: some terms for each word, and each term its words and
/// an allocation.
fn series_cost(words: u64) -> u64 {
    150 + 40 * words + 6 * words * words
}

/// e^z = e^(re z) (cos(im z) + i sin(im z)).
fn exponential(z: &Complex, a: Arithmetic) -> Option<Complex> {
    if z.is_real() {
        return Some(Complex::real(a.exp(&z.re)?));
    }
    let (cos, sin) = a.cos_sin(&z.im)?;
    if z.re == a.integer(0) {
        return Some(Complex { re: cos, im: sin });
    }
    let scale = a.exp(&z.re)?;
    Some(Complex { re: a.mul(&scale, &cos), im: a.mul(&scale, &sin) })
}

/// The value of a symbol at one of the fixed points, by the hash of its name: a rational between 1/2 and 3 at
/// the first point, of either sign at the others.
fn sample(name: &str, point: u64) -> Rational {
    let start = 0xcbf2_9ce4_8422_2325u64 ^ point.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let hash = name.bytes().fold(start, |h, byte| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let sign = if point > 0 && hash & 0x100 != 0 { -1 } else { 1 };
    ratio(sign * (509 + ((hash >> 20) % 2503) as i64), 1009)
}

impl Normalizer {
    /// The sign of a real constant.
    ///
    /// # Errors
    /// Where no precision within bounds tells.
    pub(crate) fn sign(&self, form: &Form) -> Result<Ordering, Stop> {
        if let Some(q) = form.as_rational() {
            return Ok(q.cmp(&Rational::ZERO));
        }
        for bits in PRECISIONS {
            let sampling = Sampling { arithmetic: Arithmetic { bits }, point: 0, normalizer: self };
            let Some(value) = sampling.form(form) else { continue };
            if !value.is_real() {
                return Err(Stop::Unknown);
            }
            if value.re.is_positive() {
                return Ok(Ordering::Greater);
            }
            if value.re.is_negative() {
                return Ok(Ordering::Less);
            }
        }
        if self.vanishes(&form.num)? || self.is_separated_zero(&form.num) {
            return Ok(Ordering::Equal);
        }
        Err(Stop::Unknown)
    }

    /// The order of two real constants.
    pub(crate) fn compare(&self, a: &Form, b: &Form) -> Result<Ordering, Stop> {
        match (a.as_rational(), b.as_rational()) {
            (Some(a), Some(b)) => Ok(a.cmp(&b)),
            _ => self.sign(&self.sub(a, b)?),
        }
    }

    /// The floor of a real constant.
    pub(crate) fn floor(&self, form: &Form) -> Result<Rational, Stop> {
        if let Some(q) = form.as_rational() {
            return Ok(Rational::from(q.floor()));
        }
        for bits in PRECISIONS {
            let arithmetic = Arithmetic { bits };
            let sampling = Sampling { arithmetic, point: 0, normalizer: self };
            let Some(value) = sampling.form(form).filter(Complex::is_real) else { continue };
            let (lo, hi) = arithmetic.floor(&value.re);
            if lo == hi {
                return Ok(Rational::from(lo));
            }
        }
        Err(Stop::Unknown)
    }

    /// Whether a sum is shown to be other than zero at some point.
    pub(crate) fn is_shown_nonzero(&self, poly: &Poly) -> bool {
        let points = if poly.has_symbol() { 6 } else { 1 };
        PRECISIONS.into_iter().any(|bits| {
            (0..points).any(|point| {
                let sampling = Sampling { arithmetic: Arithmetic { bits }, point, normalizer: self };
                sampling.poly(poly).is_some_and(|value| !value.has_zero())
            })
        })
    }

    /// Whether a form has a value at some point: no denominator inside it is a hidden zero.
    pub(crate) fn is_shown_defined(&self, form: &Form) -> bool {
        if form.is_plain() {
            return true;
        }
        PRECISIONS.into_iter().any(|bits| {
            (0..3).any(|point| {
                let sampling = Sampling { arithmetic: Arithmetic { bits }, point, normalizer: self };
                sampling.form(form).is_some()
            })
        })
    }

    /// Whether a real constant is shown to lie within `bound` of zero.
    pub(crate) fn is_within(&self, difference: &Form, bound: &Rational) -> bool {
        if let Some(q) = difference.as_rational() {
            return magnitude(&q) <= *bound;
        }
        let arithmetic = Arithmetic { bits: 256 };
        let sampling = Sampling { arithmetic, point: 0, normalizer: self };
        let Some(value) = sampling.form(difference).filter(Complex::is_real) else { return false };
        arithmetic.sub(&arithmetic.rational(bound), &arithmetic.abs(&value.re)).is_positive()
    }
}

impl Atom {
    /// Whether the atom is evaluated by a series.
    fn is_series(&self) -> bool {
        matches!(self, Self::Ln(_) | Self::CosPi(_) | Self::Exp(_) | Self::Call(..))
    }

    /// Whether no division hides in the atom.
    fn is_simple(&self) -> bool {
        match self {
            Self::I | Self::Root(_) | Self::Pi | Self::Symbol(_) => true,
            // The value of a function that is only a name is an unknown like any other.
            Self::Call(Function::Named(_) | Function::Factorial, inside) => inside.iter().all(Form::is_plain),
            _ => false,
        }
    }
}

impl Form {
    /// Whether no division hides in any atom.
    fn is_plain(&self) -> bool {
        let simple = |poly: &Poly| poly.0.iter().all(|(m, _)| m.0.iter().all(|(atom, _)| atom.is_simple()));
        simple(&self.num) && simple(&self.den)
    }
}
