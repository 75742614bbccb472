//! The most that a core can do: independent chains of fused multiply-adds that never leave the registers.
#![allow(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

/// Floating-point operations a second of so many threads at once, f32, the best of several tries.
pub(crate) fn peak(threads: usize) -> f64 {
    (0..8).map(|_| once(threads)).fold(0.0, f64::max)
}

const ROUNDS: usize = 4_000_000;

fn once(threads: usize) -> f64 {
    let start = Instant::now();
    let each = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(chains)).collect();
        handles.into_iter().map(|handle| handle.join().expect("nothing here panics")).sum::<f64>()
    });
    each / start.elapsed().as_secs_f64()
}

/// Runs the chains with the widest instructions there are; returns the operations done.
fn chains() -> f64 {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the processor has just been seen to have it.
            return unsafe { x86::avx512() };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: as above.
            return unsafe { x86::avx2() };
        }
    }
    plain()
}

/// Multiplications and additions, as the compiler makes vectors of them.
fn plain() -> f64 {
    let mut sums = black_box([1.0f32; 32]);
    let (factor, term) = (black_box(0.999_f32), black_box(0.001_f32));
    for _ in 0..ROUNDS {
        for sum in &mut sums {
            *sum = *sum * factor + term;
        }
    }
    black_box(sums);
    2.0 * (ROUNDS * sums.len()) as f64
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{ROUNDS, black_box};
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};

    /// More chains than an instruction takes cycles, and no more than there are registers.
    macro_rules! chains {
        ($name:ident, $features:literal, $lanes:literal, $chains:literal, $set:ident, $step:ident) => {
            #[target_feature(enable = $features)]
            pub(super) fn $name() -> f64 {
                let mut sums = [$set(black_box(1.0)); $chains];
                let (factor, term) = ($set(black_box(0.999)), $set(black_box(0.001)));
                for _ in 0..ROUNDS {
                    for sum in &mut sums {
                        *sum = $step(*sum, factor, term);
                    }
                }
                black_box(sums);
                2.0 * (ROUNDS * $lanes * $chains) as f64
            }
        };
    }

    chains!(avx512, "avx512f", 16, 16, _mm512_set1_ps, _mm512_fmadd_ps);
    chains!(avx2, "avx2,fma", 8, 12, _mm256_set1_ps, _mm256_fmadd_ps);
}
