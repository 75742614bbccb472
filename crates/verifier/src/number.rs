//! Exact numbers and guaranteed enclosures of real ones.

mod elementary;
mod factor;
mod interval;

pub(crate) use factor::factor;
pub(crate) use interval::{Arithmetic, Complex, Interval};

use dashu_base::BitTest;
use dashu_int::IBig;
use dashu_ratio::RBig;

/// An exact rational number.
pub(crate) type Rational = RBig;

/// The integer `n` as a rational.
pub(crate) fn whole(n: i64) -> Rational {
    Rational::from(n)
}

/// The fraction `n / d`, for literals.
///
/// # Panics
/// If `d` is 0.
pub(crate) fn ratio(n: i64, d: i64) -> Rational {
    Rational::from_parts_signed(IBig::from(n), IBig::from(d))
}

/// Bits of numerator and denominator together: what an operation on the number costs.
pub(crate) fn size(q: &Rational) -> usize {
    q.numerator().bit_len() + q.denominator().bit_len()
}

/// Whether the number is below zero.
pub(crate) fn is_negative(q: &Rational) -> bool {
    *q < Rational::ZERO
}

/// The absolute value.
pub(crate) fn magnitude(q: &Rational) -> Rational {
    if is_negative(q) { -q.clone() } else { q.clone() }
}

/// An integer that fits a machine word, if it is one.
pub(crate) fn small_integer(q: &Rational) -> Option<i64> {
    if q.is_int() { i64::try_from(q.numerator()).ok() } else { None }
}
