//! Matrix products in f32, row-major, without packing: the matrices here fit in the second-level cache.
//!
//! Every element of a result is one chain of multiply-adds in the order of the inner dimension, however the
//! loops are tiled. So a row's result does not depend on how many rows are computed beside it: the sampler
//! relies on that (a completion does not depend on its batch mates), and so does the gradient's independence
//! of the number of threads.

use crate::simd::kernel;
use crate::tile;

/// The left factor: element (i, p) is `data[i * row + p * step]`. A transposed matrix is one with swapped
/// strides.
#[derive(Clone, Copy)]
pub(crate) struct Left<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) row: usize,
    pub(crate) step: usize,
}

/// The right factor: element (p, j) is `data[p * row + j]`.
#[derive(Clone, Copy)]
pub(crate) struct Right<'a> {
    pub(crate) data: &'a [f32],
    pub(crate) row: usize,
}

/// The result: element (i, j) is `data[i * row + j]`.
pub(crate) struct Out<'a> {
    pub(crate) data: &'a mut [f32],
    pub(crate) row: usize,
}

/// Rows of the inner dimension that are read before the next column tile: a panel of 128 x 32 floats is half
/// of a first-level cache.
pub(crate) const INNER: usize = 128;

/// `out = a b` or, with `add`, `out += a b`, for a `[m, k]`, b `[k, n]`, out `[m, n]`.
///
/// # Panics
/// If a factor or the result is too short for the shape.
pub(crate) fn matmul(m: usize, n: usize, k: usize, a: Left, b: Right, out: Out, add: bool) {
    if m == 0 || n == 0 {
        return;
    }
    assert!(out.row >= n && out.data.len() >= (m - 1) * out.row + n, "the result is too short");
    if k == 0 {
        // An empty sum. The tiles below may not even point at factors without elements.
        if !add {
            out.data.chunks_mut(out.row).take(m).for_each(|row| row[..n].fill(0.0));
        }
        return;
    }
    assert!(a.data.len() > (m - 1) * a.row + (k - 1) * a.step, "the left factor is too short");
    assert!(b.data.len() >= (k - 1) * b.row + n, "the right factor is too short");
    tiles(m, n, k, a, b, out.data, out.row, add);
}

/// `out [m, n] = a [m, k] b [k, n]`, all dense.
pub fn product(m: usize, n: usize, k: usize, a: &[f32], b: &[f32], out: &mut [f32], add: bool) {
    let (a, b) = (Left { data: a, row: k, step: 1 }, Right { data: b, row: n });
    matmul(m, n, k, a, b, Out { data: out, row: n }, add);
}

/// `out [k, n] += a^T b` for dense a `[m, k]`, b `[m, n]`: the gradient of a weight.
pub fn add_outer(m: usize, n: usize, k: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
    let (a, b) = (Left { data: a, row: 1, step: k }, Right { data: b, row: n });
    matmul(k, n, m, a, b, Out { data: out, row: n }, true);
}

/// The transpose of a dense `[rows, columns]` matrix.
pub fn transpose(rows: usize, columns: usize, a: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; rows * columns];
    for (i, row) in a.chunks_exact(columns.max(1)).enumerate().take(rows) {
        for (j, &x) in row.iter().enumerate() {
            out[j * rows + i] = x;
        }
    }
    out
}

/// [`matmul`] on matrices whose lengths it has checked, for m, n, k above 0.
#[allow(clippy::too_many_arguments)]
fn tiles(m: usize, n: usize, k: usize, a: Left, b: Right, out: &mut [f32], out_row: usize, add: bool) {
    let mut from = 0;
    while from < k {
        let inner = INNER.min(k - from);
        let panel = Panel {
            m,
            n,
            k: inner,
            a: a.data.as_ptr().wrapping_add(from * a.step),
            a_row: a.row,
            a_step: a.step,
            b: b.data.as_ptr().wrapping_add(from * b.row),
            b_row: b.row,
            out: out.as_mut_ptr(),
            out_row,
            add: add || from > 0,
        };
        // SAFETY: `matmul` has checked that the three matrices hold the shape, and `k` is cut to what is left of it.
        unsafe { columns(panel) };
        from += inner;
    }
}

/// A product over part of the inner dimension, as raw parts.
#[derive(Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
    pub(crate) a: *const f32,
    pub(crate) a_row: usize,
    pub(crate) a_step: usize,
    pub(crate) b: *const f32,
    pub(crate) b_row: usize,
    pub(crate) out: *mut f32,
    pub(crate) out_row: usize,
    pub(crate) add: bool,
}

kernel! {
    /// Tiles as wide as the registers allow (24 sums of 32 vectors of 16 lanes, 12 of 16 of 8 lanes), then
    /// narrower ones for what is left over.
    ///
    /// # Safety
    /// The three matrices must hold the panel's shape.
    unsafe fn columns(panel: Panel) {
        let mut j = 0;
        // SAFETY: every tile lies inside the shape, `j + width <= n`, and the caller says that the three matrices hold
        // it. `WIDE` and `FMA` are true where the processor has the instructions.
        unsafe {
            if WIDE {
                j = panel.across::<FMA, WIDE, 32, 12>(j);
            }
            j = panel.across::<FMA, WIDE, 16, 6>(j);
            j = panel.across::<FMA, WIDE, 4, 4>(j);
            panel.across::<FMA, WIDE, 1, 4>(j);
        }
    }
}

impl Panel {
    /// Columns from `j` on, `N` at a time, as long as there are so many; where they end.
    ///
    /// # Safety
    /// The three matrices must hold the shape, and the processor have the instructions.
    #[inline(always)]
    unsafe fn across<const FMA: bool, const WIDE: bool, const N: usize, const M: usize>(
        &self,
        mut j: usize,
    ) -> usize {
        while j + N <= self.n {
            // SAFETY: `j + N <= n`.
            unsafe { self.down::<FMA, WIDE, N, M>(j) }
            j += N;
        }
        j
    }

    /// Columns `j..j + N`: tiles of `M` rows, then lower ones.
    ///
    /// # Safety
    /// As [`Panel::across`], and `j + N <= n`.
    #[inline(always)]
    unsafe fn down<const FMA: bool, const WIDE: bool, const N: usize, const M: usize>(&self, j: usize) {
        let mut i = 0;
        // SAFETY: `i + height <= m` in each call.
        unsafe {
            while i + M <= self.m {
                self.tile::<FMA, WIDE, N, M>(i, j);
                i += M;
            }
            if M > 8 && i + 8 <= self.m {
                self.tile::<FMA, WIDE, N, 8>(i, j);
                i += 8;
            }
            while i + 4 <= self.m {
                self.tile::<FMA, WIDE, N, 4>(i, j);
                i += 4;
            }
            while i < self.m {
                self.tile::<FMA, WIDE, N, 1>(i, j);
                i += 1;
            }
        }
    }

    /// # Safety
    /// As [`Panel::across`], `i + M <= m` and `j + N <= n`.
    #[inline(always)]
    unsafe fn tile<const FMA: bool, const WIDE: bool, const N: usize, const M: usize>(
        &self,
        i: usize,
        j: usize,
    ) {
        // SAFETY: the caller's promises.
        unsafe {
            #[cfg(target_arch = "x86_64")]
            match (WIDE, FMA, N) {
                (true, _, 32) => return tile::avx512::<M, 2>(self, i, j),
                (true, _, 16) => return tile::avx512::<M, 1>(self, i, j),
                (false, true, 16) => return tile::avx2::<M, 2>(self, i, j),
                _ => {}
            }
            tile::plain::<FMA, M, N>(self, i, j);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::numbers;
    use proptest::prelude::*;

    #[test]
    fn only_the_shape_is_written() {
        for k in [0, 2] {
            let mut out = [7.0; 9];
            let (a, b) = (Left { data: &[1.0; 4], row: 2, step: 1 }, Right { data: &[2.0; 4], row: 2 });
            matmul(2, 2, k, a, b, Out { data: &mut out, row: 4 }, false);
            let x = 2.0 * k as f32;
            assert_eq!(out, [x, x, 7.0, 7.0, x, x, 7.0, 7.0, 7.0]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn products_match_the_definition(m in 0usize..40, n in 0usize..70, k in 0usize..200, add: bool) {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let start = numbers(m * n, 3);
            let mut got = start.clone();
            product(m, n, k, &a, &b, &mut got, add);
            let at = transpose(m, k, &a);
            let mut outer = start.clone();
            add_outer(k, n, m, &at, &b, &mut outer);
            for i in 0..m {
                for j in 0..n {
                    let sum: f64 = (0..k).map(|p| f64::from(a[i * k + p]) * f64::from(b[p * n + j])).sum();
                    let c = f64::from(start[i * n + j]);
                    let want = if add { sum + c } else { sum };
                    prop_assert!((f64::from(got[i * n + j]) - want).abs() < 1e-4);
                    prop_assert!((f64::from(outer[i * n + j]) - sum - c).abs() < 1e-4);
                }
            }
        }

        #[test]
        fn a_row_does_not_depend_on_its_neighbors(m in 1usize..40, n in 1usize..70, k in 1usize..200) {
            let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
            let mut all = vec![0.0; m * n];
            product(m, n, k, &a, &b, &mut all, false);
            for i in 0..m {
                let mut alone = vec![0.0; n];
                product(1, n, k, &a[i * k..(i + 1) * k], &b, &mut alone, false);
                prop_assert_eq!(&all[i * n..(i + 1) * n], &alone[..]);
            }
        }
    }
}
