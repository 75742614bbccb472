//! Exponential, logarithm, circular functions and their inverses, enclosed.

use super::interval::{Arithmetic, Interval};
use dashu_base::{BitTest, DivEuclid};
use dashu_int::IBig;
use std::sync::OnceLock;

impl Arithmetic {
    /// A few bits more, and the shift back, so that rounding in a series does not show in its result.
    fn guarded(self, x: &Interval, f: impl Fn(Self, &Interval) -> Option<Interval>) -> Option<Interval> {
        let guard = 24;
        let wide = Self { bits: self.bits + guard };
        let result = f(wide, &Interval { lo: &x.lo << guard, hi: &x.hi << guard })?;
        Some(Interval { lo: result.lo >> guard, hi: super::interval::ceil_shift(result.hi, guard) })
    }

    /// `x` divided by a positive machine integer.
    fn div_small(self, x: &Interval, d: u64) -> Interval {
        let d = IBig::from(d);
        Interval { lo: (&x.lo).div_euclid(&d), hi: -(-x.hi.clone()).div_euclid(&d) }
    }

    /// Widens by `units` of the last place on both sides.
    fn widen(self, x: &Interval, units: &IBig) -> Interval {
        Interval { lo: &x.lo - units, hi: &x.hi + units }
    }

    /// Pi.
    pub(crate) fn pi(self) -> Interval {
        static PI: OnceLock<Interval> = OnceLock::new();
        self.constant(&PI, Self::machin)
    }

    /// The logarithm of 2.
    fn ln_two(self) -> Interval {
        static LN_TWO: OnceLock<Interval> = OnceLock::new();
        self.constant(&LN_TWO, |wide| {
            wide.mul(&wide.odd_series(&wide.div_small(&wide.integer(1), 3), false), &wide.integer(2))
        })
    }

    /// A constant, computed once at a precision that nearly all uses stay below.
    fn constant(self, stored: &OnceLock<Interval>, compute: impl Fn(Self) -> Interval) -> Interval {
        const STORED: usize = 2048;
        let Some(spare) = STORED.checked_sub(self.bits) else { return compute(self) };
        let wide = stored.get_or_init(|| compute(Self { bits: STORED }));
        Interval { lo: &wide.lo >> spare, hi: super::interval::ceil_shift(wide.hi.clone(), spare) }
    }

    /// Pi, by Machin's formula.
    fn machin(self) -> Interval {
        let wide = Self { bits: self.bits + 24 };
        let arctan_inverse = |n: u64| wide.odd_series(&wide.div_small(&wide.integer(1), n), true);
        let four = wide.integer(4);
        let inner = wide.sub(&wide.mul(&four, &arctan_inverse(5)), &arctan_inverse(239));
        let pi = wide.mul(&four, &inner);
        Interval { lo: pi.lo >> 24, hi: super::interval::ceil_shift(pi.hi, 24) }
    }

    /// The sum of `x^(2k+1) / (2k+1)`, with alternating signs for the arc tangent and without for the area
    /// tangent, for |x| at most 1/2: the tail is below 4/3 of the first term left out.
    fn odd_series(self, x: &Interval, alternating: bool) -> Interval {
        let square = self.mul(x, x);
        let (mut power, mut sum, mut k) = (x.clone(), x.clone(), 1u64);
        loop {
            power = self.mul(&power, &square);
            let term = self.div_small(&power, 2 * k + 1);
            sum = if alternating && k % 2 == 1 { self.sub(&sum, &term) } else { self.add(&sum, &term) };
            if power.magnitude_bits() <= 2 {
                return self.widen(&sum, &IBig::from(8));
            }
            k += 1;
        }
    }

    /// e^x; `None` for |x| above 4,096.
    pub(crate) fn exp(self, x: &Interval) -> Option<Interval> {
        if x.magnitude_bits() > self.bits + 12 {
            return None;
        }
        self.guarded(x, |wide, x| {
            let lo = wide.exp_point(&x.lo)?;
            let hi = if x.lo == x.hi { lo.clone() } else { wide.exp_point(&x.hi)? };
            Some(Interval { lo: lo.lo, hi: hi.hi })
        })
    }

    /// e^x at one point: e^(x / 2^k) by its series, squared k times.
    fn exp_point(self, x: &IBig) -> Option<Interval> {
        let halvings = (x.bit_len() + 8).saturating_sub(self.bits);
        let wide = Self { bits: self.bits + 2 * halvings + 16 };
        let r = Interval { lo: x << (halvings + 16), hi: x << (halvings + 16) };
        let (mut term, mut sum, mut k) = (wide.integer(1), wide.integer(1), 1);
        while term.magnitude_bits() > 2 {
            term = wide.div_small(&wide.mul(&term, &r), k);
            sum = wide.add(&sum, &term);
            k += 1;
        }
        sum = wide.widen(&sum, &IBig::from(8));
        for _ in 0..halvings {
            sum = wide.mul(&sum, &sum);
        }
        let shift = wide.bits - self.bits;
        Some(Interval { lo: sum.lo >> shift, hi: super::interval::ceil_shift(sum.hi, shift) })
    }

    /// ln x; `None` where numbers at or below zero lie inside.
    pub(crate) fn ln(self, x: &Interval) -> Option<Interval> {
        if !x.is_positive() {
            return None;
        }
        self.guarded(x, |wide, x| {
            let lo = wide.ln_point(&x.lo)?;
            let hi = if x.lo == x.hi { lo.clone() } else { wide.ln_point(&x.hi)? };
            Some(Interval { lo: lo.lo, hi: hi.hi })
        })
    }

    /// ln x at one point above zero: x = m 2^k with m in [1, 2), ln m = 2 artanh((m - 1) / (m + 1)).
    fn ln_point(self, x: &IBig) -> Option<Interval> {
        let k = x.bit_len() as i64 - 1 - self.bits as i64;
        let m = if k >= 0 {
            let down = k as usize;
            Interval { lo: x >> down, hi: super::interval::ceil_shift(x.clone(), down) }
        } else {
            let up = x << k.unsigned_abs() as usize;
            Interval { lo: up.clone(), hi: up }
        };
        let one = self.integer(1);
        let argument = self.div(&self.sub(&m, &one), &self.add(&m, &one))?;
        let twice = self.mul(&self.odd_series(&argument, false), &self.integer(2));
        Some(self.add(&twice, &self.mul(&self.ln_two(), &self.integer(k))))
    }

    /// (cos x, sin x); `None` for |x| above 2^64.
    pub(crate) fn cos_sin(self, x: &Interval) -> Option<(Interval, Interval)> {
        if x.magnitude_bits() > self.bits + 64 {
            return None;
        }
        let wide = Self { bits: self.bits + 96 };
        let (middle, radius) = wide.middle(&Interval { lo: &x.lo << 96, hi: &x.hi << 96 });
        let half_pi = wide.div_small(&wide.pi(), 2);
        let quotient = wide.div(&middle, &half_pi)?;
        let turns = (&quotient.lo + (IBig::ONE << (wide.bits - 1))) >> wide.bits;
        let quarter = i64::try_from(&turns & IBig::from(3)).ok()?;
        let scaled = Interval { lo: &turns << wide.bits, hi: &turns << wide.bits };
        let (c, s) = wide.cos_sin_series(&wide.sub(&middle, &wide.mul(&scaled, &half_pi)));
        let (c, s) = match quarter {
            0 => (c, s),
            1 => (s.neg(), c),
            2 => (c.neg(), s.neg()),
            _ => (s, c.neg()),
        };
        let back = |y: Interval| {
            let y = wide.widen(&y, &radius);
            Interval { lo: y.lo >> 96, hi: super::interval::ceil_shift(y.hi, 96) }
        };
        Some((back(c), back(s)))
    }

    /// The series of cosine and sine, for |x| at most 1.
    fn cos_sin_series(self, x: &Interval) -> (Interval, Interval) {
        let (mut cos, mut sin) = (self.integer(1), x.clone());
        let (mut term, mut k) = (x.clone(), 2u64);
        while term.magnitude_bits() > 2 {
            term = self.div_small(&self.mul(&term, x), k);
            let target = if k % 2 == 0 { &mut cos } else { &mut sin };
            *target = if (k / 2) % 2 == 1 { self.sub(target, &term) } else { self.add(target, &term) };
            k += 1;
        }
        (self.widen(&cos, &IBig::from(8)), self.widen(&sin, &IBig::from(8)))
    }

    /// The middle of an interval as a point, and its radius in units of the last place.
    fn middle(self, x: &Interval) -> (Interval, IBig) {
        let middle = (&x.lo + &x.hi) >> 1;
        let radius = (&x.hi - &middle).max(&middle - &x.lo);
        (Interval { lo: middle.clone(), hi: middle }, radius)
    }

    /// arctan x: its slope is at most 1, so the radius carries over.
    pub(crate) fn atan(self, x: &Interval) -> Option<Interval> {
        let wide = Self { bits: self.bits + 32 };
        let (middle, radius) = wide.middle(&Interval { lo: &x.lo << 32, hi: &x.hi << 32 });
        let one = wide.integer(1);
        let inverted = wide.abs(&middle).lo > one.hi;
        let mut y = if inverted { wide.div(&one, &middle)? } else { middle.clone() };
        for _ in 0..2 {
            let root = wide.root(&wide.add(&one, &wide.mul(&y, &y)), 2)?;
            y = wide.div(&y, &wide.add(&one, &root))?;
        }
        let mut angle = wide.mul(&wide.odd_series(&y, true), &wide.integer(4));
        if inverted {
            let half_pi = wide.div_small(&wide.pi(), 2);
            let half_pi = if middle.is_negative() { half_pi.neg() } else { half_pi };
            angle = wide.sub(&half_pi, &angle);
        }
        let angle = wide.widen(&angle, &radius);
        Some(Interval { lo: angle.lo >> 32, hi: super::interval::ceil_shift(angle.hi, 32) })
    }

    /// arcsin x for |x| surely below 1, as arctan(x / sqrt(1 - x^2)); `None` otherwise.
    pub(crate) fn asin(self, x: &Interval) -> Option<Interval> {
        let rest = self.sub(&self.integer(1), &self.mul(x, x));
        if !rest.is_positive() {
            return None;
        }
        self.atan(&self.div(x, &self.root(&rest, 2)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ratio;
    use proptest::prelude::*;

    const FIXED: Arithmetic = Arithmetic { bits: 100 };

    /// The interval as floats, after checking that it is narrow.
    fn middle(x: &Interval) -> f64 {
        assert!((&x.hi - &x.lo).bit_len() < 40, "wide: {x:?}");
        super::super::Rational::from_parts(x.lo.clone(), dashu_int::UBig::ONE << 100).to_f64_fast()
    }

    proptest! {
        #[test]
        fn functions_agree_with_floats(n in -4000i64..4000) {
            let (x, q) = (n as f64 / 128.0, ratio(n, 128));
            let point = FIXED.rational(&q);
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
            prop_assert!(near(middle(&FIXED.atan(&point).unwrap()), x.atan()));
            let (cos, sin) = FIXED.cos_sin(&point).unwrap();
            prop_assert!(near(middle(&cos), x.cos()) && near(middle(&sin), x.sin()));
            if n > 0 {
                prop_assert!(near(middle(&FIXED.ln(&point).unwrap()), x.ln()));
            }
            if x.abs() < 1.0 {
                prop_assert!(near(middle(&FIXED.asin(&point).unwrap()), x.asin()));
                let exp = FIXED.exp(&point).unwrap();
                prop_assert!(near(middle(&exp), x.exp()));
                // The logarithm of the exponential encloses the argument.
                let back = FIXED.ln(&exp).unwrap();
                prop_assert!(back.lo <= point.lo && point.hi <= back.hi);
            }
        }
    }

    #[test]
    fn pi_is_enclosed_closely() {
        assert!((middle(&FIXED.pi()) - std::f64::consts::PI).abs() < 1e-15);
    }
}
