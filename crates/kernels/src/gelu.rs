//! The exact Gaussian error linear unit, x * Phi(x), forward and backward (Hendrycks and Gimpel 2016).

use crate::simd::{LANES, exp, fma, kernel};

/// erf(z) and exp(-z^2). Abramowitz and Stegun 7.1.26: absolute error of erf below 1.5e-7.
#[inline(always)]
fn erf<const FMA: bool>(z: f32) -> (f32, f32) {
    let size = z.abs();
    let t = 1.0 / fma::<FMA>(0.327_591_1, size, 1.0);
    let decay = exp::<FMA>(-size * size);
    let mut p = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        p = fma::<FMA>(p, t, coefficient);
    }
    ((1.0 - p * t * decay).copysign(z), decay)
}

kernel! {
    /// `out = x * Phi(x)`.
    pub fn gelu(x: &[f32], out: &mut [f32]) {
        for (x, out) in x.iter().zip(out) {
            *out = 0.5 * x * (1.0 + erf::<FMA>(x * std::f32::consts::FRAC_1_SQRT_2).0);
        }
    }
}

/// `x * Phi(x)` and its derivative.
#[inline(always)]
fn both<const FMA: bool>(x: f32) -> (f32, f32) {
    // The density of the standard normal at 0.
    const DENSITY: f32 = 0.398_942_3;
    let (erf, decay) = erf::<FMA>(x * std::f32::consts::FRAC_1_SQRT_2);
    (0.5 * x * (1.0 + erf), fma::<FMA>(x * DENSITY, decay, 0.5 * (1.0 + erf)))
}

kernel! {
    /// [`gelu`] and its derivative.
    pub fn gelu_and_slope(x: &[f32], out: &mut [f32], slope: &mut [f32]) {
        let (x, x_rest) = x.as_chunks::<LANES>();
        let ((out, out_rest), (slope, slope_rest)) = (out.as_chunks_mut::<LANES>(), slope.as_chunks_mut::<LANES>());
        for ((x, out), slope) in x.iter().zip(out).zip(slope) {
            for lane in 0..LANES {
                (out[lane], slope[lane]) = both::<FMA>(x[lane]);
            }
        }
        for ((x, out), slope) in x_rest.iter().zip(out_rest).zip(slope_rest) {
            (*out, *slope) = both::<FMA>(*x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_the_slope() {
        let x: Vec<f32> = (-60..60).map(|i| i as f32 * 0.1).collect();
        let at = |shift: f32| {
            let mut out = vec![0.0; x.len()];
            gelu(&x.iter().map(|x| x + shift).collect::<Vec<_>>(), &mut out);
            out
        };
        let (low, high) = (at(-5e-3), at(5e-3));
        let (mut out, mut slope) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        gelu_and_slope(&x, &mut out, &mut slope);
        assert_eq!(out, at(0.0));
        for i in 0..x.len() {
            assert!((slope[i] - (high[i] - low[i]) / 1e-2).abs() < 1e-4, "at {}", x[i]);
        }
    }

    #[test]
    fn values_are_those_of_the_normal_distribution() {
        // x * Phi(x) from tables of the normal distribution.
        let cases =
            [(0.0, 0.0), (1.0, 0.841_344_7), (-1.0, -0.158_655_3), (2.0, 1.954_499_7), (-4.0, -0.000_126_7)];
        for (x, want) in cases {
            let mut out = [0.0];
            gelu(&[x], &mut out);
            assert!((out[0] - want).abs() < 1e-6, "gelu({x}) = {}, not {want}", out[0]);
        }
    }
}
