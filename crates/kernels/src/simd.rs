//! One body, three builds: AVX-512, AVX2 with FMA, and plain; chosen once for the process.

use std::sync::OnceLock;

/// The widest instruction set that the kernels may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// No assumption about the processor.
    Plain,
    /// AVX2 and FMA.
    Avx2,
    /// AVX-512 F, VL, BW and DQ.
    Avx512,
}

/// What this processor offers; at most AVX2 where the environment says `EIGHTFOLD_SIMD=avx2`, nothing where it
/// says `off`.
pub(crate) fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| match (std::env::var("EIGHTFOLD_SIMD").as_deref(), detect()) {
        (Ok("off"), _) => Level::Plain,
        (Ok("avx2"), Level::Avx512) => Level::Avx2,
        (_, level) => level,
    })
}

#[cfg(target_arch = "x86_64")]
fn detect() -> Level {
    if is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
    {
        Level::Avx512
    } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        Level::Avx2
    } else {
        Level::Plain
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> Level {
    Level::Plain
}

/// Whether the plain build fuses multiplication and addition: it is an instruction of every aarch64 processor.
pub(crate) const PLAIN_FUSED: bool = cfg!(target_arch = "aarch64");

/// `a * b + c`: rounded once where the build has the instruction, twice where it would be a library call.
#[inline(always)]
pub(crate) fn fma<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Defines a function whose body is compiled for every [`Level`] and dispatched at each call. In the body,
/// `FMA` is a constant that says whether fused multiply-add is an instruction, and `WIDE` whether vectors
/// have 16 lanes.
macro_rules! kernel {
    ($(#[$meta:meta])* $vis:vis unsafe fn $($rest:tt)*) => {
        $crate::simd::kernel! { @ [unsafe] $(#[$meta])* $vis fn $($rest)* }
    };
    ($(#[$meta:meta])* $vis:vis fn $($rest:tt)*) => {
        $crate::simd::kernel! { @ [] $(#[$meta])* $vis fn $($rest)* }
    };
    (@ [$($unsafe:ident)?] $(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $ret:ty)? $body:block) => {
        $(#[$meta])*
        #[allow(clippy::too_many_arguments, unused_unsafe)]
        $vis $($unsafe)? fn $name($($arg: $ty),*) $(-> $ret)? {
            #[inline(always)]
            #[allow(clippy::too_many_arguments, clippy::extra_unused_type_parameters)]
            $($unsafe)? fn body<const FMA: bool, const WIDE: bool>($($arg: $ty),*) $(-> $ret)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq,avx2,fma")]
                #[allow(clippy::too_many_arguments, unused_unsafe)]
                $($unsafe)? fn avx512($($arg: $ty),*) $(-> $ret)? {
                    // SAFETY: what `body` asks for is asked of the caller too.
                    unsafe { body::<true, true>($($arg),*) }
                }
                #[target_feature(enable = "avx2,fma")]
                #[allow(clippy::too_many_arguments, unused_unsafe)]
                $($unsafe)? fn avx2($($arg: $ty),*) $(-> $ret)? {
                    // SAFETY: as above.
                    unsafe { body::<true, false>($($arg),*) }
                }
                match $crate::simd::level() {
                    // SAFETY: `level` has seen these features on this processor.
                    $crate::simd::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::simd::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::simd::Level::Plain => {}
                }
            }
            // SAFETY: what `body` asks for is asked of the caller too.
            unsafe { body::<{ $crate::simd::PLAIN_FUSED }, false>($($arg),*) }
        }
    };
}
pub(crate) use kernel;

/// Lanes of a running sum or maximum: element i of a row belongs to lane `i % LANES`, whatever the vectors' width,
/// and the lanes are joined in one order, so that a row's result is its own.
pub(crate) const LANES: usize = 16;

/// The sum of the lanes, by halves.
#[inline(always)]
pub(crate) fn total(lanes: [f32; LANES]) -> f32 {
    halve(lanes, |a, b| a + b)
}

/// The largest of the lanes.
#[inline(always)]
pub(crate) fn largest(lanes: [f32; LANES]) -> f32 {
    halve(lanes, larger)
}

/// The larger of two numbers, the second if one is not a number: one instruction, where `f32::max` is four.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn halve(mut lanes: [f32; LANES], join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for i in 0..half {
            lanes[i] = join(lanes[i], lanes[i + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// e to the power `x`, within 3e-7 relative on [-87, 88]; smaller and larger `x` give what the ends of
/// [-87.3, 88] give, so the result is never infinite; a NaN gives a NaN.
///
/// Range reduction to [-ln 2 / 2, ln 2 / 2] and the Taylor polynomial of degree 7, whose remainder there is
/// below 6e-9: plain arithmetic, which the compiler turns into vectors where a library call would stop it.
#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: f32) -> f32 {
    // ln 2 in two parts: the first has few enough bits for n * HIGH to be exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 * 2^23 rounds to the nearest integer, ties to even, and leaves that integer in the low bits.
    // Neither step is a library call on any processor, nor undefined for a NaN.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.3, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = fma::<FMA>(n, -LOW, fma::<FMA>(n, -HIGH, x));
    let mut p = 1.0 / 5040.0;
    for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
        p = fma::<FMA>(p, r, coefficient);
    }
    // 2^n: by the clamp n + 127 is in [1, 254], the exponents of normal numbers; the shift drops the bits
    // above. For a NaN this is some float or other, and `p` is a NaN.
    p * f32::from_bits(shifted.to_bits().wrapping_add(127) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_close_to_the_library() {
        for i in -8700..8800 {
            let x = i as f32 * 0.01;
            let (got, want) = (exp::<false>(x), f64::from(x).exp());
            assert!((f64::from(got) / want - 1.0).abs() < 3e-7, "exp({x}) = {got}, not {want}");
        }
        assert!(exp::<false>(-1e30) < 2e-38 && exp::<false>(f32::NEG_INFINITY) >= 0.0);
        assert!(exp::<false>(f32::INFINITY).is_finite());
    }

    #[test]
    fn lanes_are_joined() {
        let lanes: [f32; LANES] = std::array::from_fn(|i| ((i * 7) % 16) as f32);
        assert_eq!((total(lanes), largest(lanes)), (120.0, 15.0));
    }

    #[test]
    fn exp_of_nan_is_nan() {
        assert!(exp::<false>(f32::NAN).is_nan() && exp::<false>(-f32::NAN).is_nan());
    }

    #[test]
    fn exp_is_bit_for_bit_the_textbook_one() {
        // Round, convert to an integer, shift: the same numbers, by steps that are slower or undefined for NaN.
        let textbook = |x: f32| {
            let x = x.clamp(-87.3, 88.0);
            let n = (x * std::f32::consts::LOG2_E).round_ties_even();
            let r = n * 2.121_944_4e-4 + (n * -0.693_359_4 + x);
            let coefficients = [5040.0, 720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0].map(|c: f32| 1.0 / c);
            let p = coefficients.into_iter().reduce(|p, c| p * r + c).unwrap();
            p * f32::from_bits(((n as i32 + 127) as u32) << 23)
        };
        for i in -87_300..=88_000 {
            let x = i as f32 * 0.001;
            assert_eq!(exp::<false>(x).to_bits(), textbook(x).to_bits(), "at {x}");
        }
        assert_eq!((exp::<false>(0.0), exp::<false>(-0.0)), (1.0, 1.0));
    }
}
