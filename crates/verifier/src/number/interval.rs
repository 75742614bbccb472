//! Interval arithmetic in fixed point: every operation encloses its exact result.

use super::Rational;
use dashu_base::{BitTest, DivEuclid, UnsignedAbs};
use dashu_int::{IBig, UBig};

/// All numbers from `lo` to `hi`, both in units of 2^-bits of the [`Arithmetic`] that made them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(super) lo: IBig,
    pub(super) hi: IBig,
}

impl Interval {
    /// Whether every number of the interval is above zero.
    pub(crate) fn is_positive(&self) -> bool {
        self.lo > IBig::ZERO
    }

    /// Whether every number of the interval is below zero.
    pub(crate) fn is_negative(&self) -> bool {
        self.hi < IBig::ZERO
    }

    /// Whether zero lies inside.
    pub(crate) fn has_zero(&self) -> bool {
        !self.is_positive() && !self.is_negative()
    }

    /// The negated interval.
    pub(crate) fn neg(&self) -> Self {
        Self { lo: -self.hi.clone(), hi: -self.lo.clone() }
    }

    /// An upper bound of the base-2 logarithm of the largest magnitude inside, in units of 2^-bits.
    pub(crate) fn magnitude_bits(&self) -> usize {
        self.lo.bit_len().max(self.hi.bit_len())
    }
}

/// Fixed-point arithmetic with this many bits after the point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arithmetic {
    /// Bits after the point.
    pub(crate) bits: usize,
}

impl Arithmetic {
    /// The tightest enclosure of a rational.
    pub(crate) fn rational(self, q: &Rational) -> Interval {
        let scaled = Rational::from_parts(q.numerator() << self.bits, q.denominator().clone());
        Interval { lo: scaled.floor(), hi: scaled.ceil() }
    }

    /// An integer, exactly.
    pub(crate) fn integer(self, n: i64) -> Interval {
        let scaled = IBig::from(n) << self.bits;
        Interval { lo: scaled.clone(), hi: scaled }
    }

    /// Sum.
    pub(crate) fn add(self, a: &Interval, b: &Interval) -> Interval {
        Interval { lo: &a.lo + &b.lo, hi: &a.hi + &b.hi }
    }

    /// Difference.
    pub(crate) fn sub(self, a: &Interval, b: &Interval) -> Interval {
        Interval { lo: &a.lo - &b.hi, hi: &a.hi - &b.lo }
    }

    /// Product.
    pub(crate) fn mul(self, a: &Interval, b: &Interval) -> Interval {
        if !(a.lo < IBig::ZERO || b.lo < IBig::ZERO) {
            return Interval { lo: (&a.lo * &b.lo) >> self.bits, hi: ceil_shift(&a.hi * &b.hi, self.bits) };
        }
        if a.lo == a.hi {
            let products = (&a.lo * &b.lo, &a.lo * &b.hi);
            let (lo, hi) = if a.lo < IBig::ZERO { (products.1, products.0) } else { products };
            return Interval { lo: lo >> self.bits, hi: ceil_shift(hi, self.bits) };
        }
        let products = [&a.lo * &b.lo, &a.lo * &b.hi, &a.hi * &b.lo, &a.hi * &b.hi];
        let (lo, hi) = (products.iter().min(), products.iter().max());
        let (lo, hi) = (lo.cloned().unwrap_or_default(), hi.cloned().unwrap_or_default());
        Interval { lo: lo >> self.bits, hi: ceil_shift(hi, self.bits) }
    }

    /// Quotient; `None` where the divisor may be zero.
    pub(crate) fn div(self, a: &Interval, b: &Interval) -> Option<Interval> {
        if b.has_zero() {
            return None;
        }
        if b.is_negative() {
            return self.div(&a.neg(), &b.neg());
        }
        let lo = &a.lo << self.bits;
        let hi = &a.hi << self.bits;
        let below = if lo < IBig::ZERO { &b.lo } else { &b.hi };
        let above = if hi < IBig::ZERO { &b.hi } else { &b.lo };
        Some(Interval { lo: lo.div_euclid(below), hi: -(-hi).div_euclid(above) })
    }

    /// The `n`-th root of an interval of numbers at or above zero; `None` below.
    pub(crate) fn root(self, a: &Interval, n: usize) -> Option<Interval> {
        if n == 0 || a.lo < IBig::ZERO {
            return None;
        }
        let root = |x: &IBig| (x.unsigned_abs() << (self.bits * (n - 1))).nth_root(n);
        Some(Interval { lo: root(&a.lo).into(), hi: IBig::from(root(&a.hi) + UBig::ONE) })
    }

    /// The `n`-th power by repeated squaring.
    pub(crate) fn pow(self, a: &Interval, mut n: u64) -> Interval {
        let (mut result, mut base) = (self.integer(1), a.clone());
        while n > 0 {
            if n & 1 == 1 {
                result = self.mul(&result, &base);
            }
            n >>= 1;
            if n > 0 {
                base = self.mul(&base, &base);
            }
        }
        result
    }

    /// The integers that the floor of numbers inside may be: the least and the greatest.
    pub(crate) fn floor(self, a: &Interval) -> (IBig, IBig) {
        (&a.lo >> self.bits, &a.hi >> self.bits)
    }

    /// Magnitudes of the numbers inside.
    pub(crate) fn abs(self, a: &Interval) -> Interval {
        if a.is_negative() {
            a.neg()
        } else if a.has_zero() {
            Interval { lo: IBig::ZERO, hi: a.hi.clone().max(-a.lo.clone()) }
        } else {
            a.clone()
        }
    }
}

/// `x / 2^bits`, rounded up.
pub(super) fn ceil_shift(x: IBig, bits: usize) -> IBig {
    -((-x) >> bits)
}

/// A rectangle of complex numbers.
#[derive(Clone, Debug)]
pub(crate) struct Complex {
    /// Real parts.
    pub(crate) re: Interval,
    /// Imaginary parts.
    pub(crate) im: Interval,
}

impl Complex {
    /// A real interval; its imaginary part is exactly zero.
    pub(crate) fn real(re: Interval) -> Self {
        Self { re, im: Interval { lo: IBig::ZERO, hi: IBig::ZERO } }
    }

    /// Whether the imaginary part is exactly zero.
    pub(crate) fn is_real(&self) -> bool {
        self.im.lo == IBig::ZERO && self.im.hi == IBig::ZERO
    }

    /// Whether zero lies inside.
    pub(crate) fn has_zero(&self) -> bool {
        self.re.has_zero() && self.im.has_zero()
    }

    /// Sum.
    pub(crate) fn add(&self, other: &Self, a: Arithmetic) -> Self {
        Self { re: a.add(&self.re, &other.re), im: a.add(&self.im, &other.im) }
    }

    /// Product.
    pub(crate) fn mul(&self, other: &Self, a: Arithmetic) -> Self {
        if self.is_real() && other.is_real() {
            return Self::real(a.mul(&self.re, &other.re));
        }
        let re = a.sub(&a.mul(&self.re, &other.re), &a.mul(&self.im, &other.im));
        let im = a.add(&a.mul(&self.re, &other.im), &a.mul(&self.im, &other.re));
        Self { re, im }
    }

    /// One over this; `None` where zero may lie inside.
    pub(crate) fn invert(&self, a: Arithmetic) -> Option<Self> {
        if self.is_real() {
            return Some(Self::real(a.div(&a.integer(1), &self.re)?));
        }
        let square = a.add(&a.pow(&a.abs(&self.re), 2), &a.pow(&a.abs(&self.im), 2));
        Some(Self { re: a.div(&self.re, &square)?, im: a.div(&self.im.neg(), &square)? })
    }

    /// The `n`-th power by repeated squaring.
    pub(crate) fn pow(&self, mut n: u64, a: Arithmetic) -> Self {
        if self.is_real() {
            return Self::real(a.pow(&self.re, n));
        }
        let (mut result, mut base) = (Self::real(a.integer(1)), self.clone());
        while n > 0 {
            if n & 1 == 1 {
                result = result.mul(&base, a);
            }
            n >>= 1;
            if n > 0 {
                base = base.mul(&base, a);
            }
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ratio;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn results_are_enclosed(a in -999i64..999, b in 1i64..99, c in -999i64..999, d in 1i64..99) {
            let fixed = Arithmetic { bits: 20 };
            let (x, y) = (ratio(a, b), ratio(c, d));
            let (ix, iy) = (fixed.rational(&x), fixed.rational(&y));
            let holds = |i: &Interval, q: Rational| {
                let tight = fixed.rational(&q);
                i.lo <= tight.lo && tight.hi <= i.hi
            };
            prop_assert!(holds(&fixed.add(&ix, &iy), &x + &y));
            prop_assert!(holds(&fixed.sub(&ix, &iy), &x - &y));
            prop_assert!(holds(&fixed.mul(&ix, &iy), &x * &y));
            if let Some(quotient) = fixed.div(&ix, &iy) {
                prop_assert!(holds(&quotient, &x / &y));
            }
            let square = fixed.mul(&ix, &ix);
            if let Some(root) = fixed.root(&fixed.abs(&square), 2) {
                prop_assert!(holds(&root, crate::number::magnitude(&x)));
            }
        }
    }
}
