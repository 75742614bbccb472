//! The innermost loops of a matrix product: a tile of the result stays in registers while the inner dimension goes
//! by. Intrinsics, because the compiler turns plain loops over an array of sums into vectors at some tile shapes
//! and, at a thirtieth of the rate, not at others.

use crate::matmul::Panel;

/// Defines a tile of `M` rows and `V` vectors for one instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! tile {
    ($name:ident, $features:literal, $lanes:literal, $zero:ident, $load:ident, $store:ident, $splat:ident, $fma:ident) => {
        /// Rows `i..i + M` and columns `j..j + V * lanes` of `panel`: each element is one chain of fused
        /// multiply-adds in the order of the inner dimension.
        ///
        /// # Safety
        /// The processor has the instructions, and the three matrices hold those rows and columns.
        #[target_feature(enable = $features)]
        pub(crate) unsafe fn $name<const M: usize, const V: usize>(panel: &Panel, i: usize, j: usize) {
            use std::arch::x86_64::*;
            let mut sums = [[$zero(); V]; M];
            // SAFETY: element (i + x, p) of a, (p, j + y) of b and (i + x, j + y) of out exist for x < M,
            // y < V * lanes, p < k by the caller's promise.
            unsafe {
                let out = panel.out.add(i * panel.out_row + j);
                if panel.add {
                    for (x, sums) in sums.iter_mut().enumerate() {
                        for (v, sum) in sums.iter_mut().enumerate() {
                            *sum = $load(out.add(x * panel.out_row + v * $lanes));
                        }
                    }
                }
                let (mut a, mut b) = (panel.a.add(i * panel.a_row), panel.b.add(j));
                for _ in 0..panel.k {
                    let mut row = [$zero(); V];
                    for (v, row) in row.iter_mut().enumerate() {
                        *row = $load(b.add(v * $lanes));
                    }
                    for (x, sums) in sums.iter_mut().enumerate() {
                        let factor = $splat(*a.add(x * panel.a_row));
                        for (sum, row) in sums.iter_mut().zip(row) {
                            *sum = $fma(factor, row, *sum);
                        }
                    }
                    (a, b) = (a.wrapping_add(panel.a_step), b.wrapping_add(panel.b_row));
                }
                for (x, sums) in sums.iter().enumerate() {
                    for (v, sum) in sums.iter().enumerate() {
                        $store(out.add(x * panel.out_row + v * $lanes), *sum);
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
tile!(
    avx512,
    "avx512f",
    16,
    _mm512_setzero_ps,
    _mm512_loadu_ps,
    _mm512_storeu_ps,
    _mm512_set1_ps,
    _mm512_fmadd_ps
);

#[cfg(target_arch = "x86_64")]
tile!(
    avx2,
    "avx2,fma",
    8,
    _mm256_setzero_ps,
    _mm256_loadu_ps,
    _mm256_storeu_ps,
    _mm256_set1_ps,
    _mm256_fmadd_ps
);

/// The same in plain arithmetic, for `N` columns.
///
/// # Safety
/// The three matrices hold rows `i..i + M` and columns `j..j + N`.
#[inline(always)]
pub(crate) unsafe fn plain<const FMA: bool, const M: usize, const N: usize>(
    panel: &Panel,
    i: usize,
    j: usize,
) {
    let mut sums = [[0.0f32; N]; M];
    // SAFETY: as in the tiles above.
    unsafe {
        let out = panel.out.add(i * panel.out_row + j);
        if panel.add {
            for (x, sums) in sums.iter_mut().enumerate() {
                for (y, sum) in sums.iter_mut().enumerate() {
                    *sum = *out.add(x * panel.out_row + y);
                }
            }
        }
        let (a, b) = (panel.a.add(i * panel.a_row), panel.b.add(j));
        for p in 0..panel.k {
            let b = &*b.add(p * panel.b_row).cast::<[f32; N]>();
            for (x, sums) in sums.iter_mut().enumerate() {
                let factor = *a.add(x * panel.a_row + p * panel.a_step);
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum = super::simd::fma::<FMA>(factor, *b, *sum);
                }
            }
        }
        for (x, sums) in sums.iter().enumerate() {
            for (y, sum) in sums.iter().enumerate() {
                *out.add(x * panel.out_row + y) = *sum;
            }
        }
    }
}
