//! Matrix products in f32, row-major, without packing: the matrices here fit in the second-level cache.
//!
//! Every element of a result is one chain of multiply-adds in the order of the inner dimension, however the
//! loops are tiled. So a row's result does not depend on how many rows are computed beside it: the sampler
//! relies on that (a completion does not depend on its batch mates), and so does the gradient's independence
//! of the number of threads.

use super::simd::{fma, kernel};

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
const INNER: usize = 128;

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
pub(crate) fn product(m: usize, n: usize, k: usize, a: &[f32], b: &[f32], out: &mut [f32], add: bool) {
    let (a, b) = (Left { data: a, row: k, step: 1 }, Right { data: b, row: n });
    matmul(m, n, k, a, b, Out { data: out, row: n }, add);
}

/// `out [k, n] += a^T b` for dense a `[m, k]`, b `[m, n]`: the gradient of a weight.
pub(crate) fn add_outer(m: usize, n: usize, k: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
    let (a, b) = (Left { data: a, row: 1, step: k }, Right { data: b, row: n });
    matmul(k, n, m, a, b, Out { data: out, row: n }, true);
}

/// The transpose of a dense `[rows, columns]` matrix.
pub(crate) fn transpose(rows: usize, columns: usize, a: &[f32]) -> Vec<f32> {
    let mut out = vec![0.0; rows * columns];
    for (i, row) in a.chunks_exact(columns.max(1)).enumerate().take(rows) {
        for (j, &x) in row.iter().enumerate() {
            out[j * rows + i] = x;
        }
    }
    out
}

kernel! {
    /// [`matmul`] on matrices whose lengths it has checked, for m, n, k above 0.
    fn tiles(m: usize, n: usize, k: usize, a: Left, b: Right, out: &mut [f32], out_row: usize, add: bool) {
        let mut from = 0;
        loop {
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
            // SAFETY: `matmul` has checked that the three matrices hold the whole shape.
            unsafe {
                // Accumulators must fit the registers: 16 of 32 vectors of 16 lanes, 8 of 16 of 8 lanes.
                if WIDE { panel.columns::<FMA, 8, 32>() } else { panel.columns::<FMA, 4, 16>() }
            }
            from += inner;
            if from >= k {
                break;
            }
        }
    }
}

/// A product over part of the inner dimension, as raw parts.
#[derive(Clone, Copy)]
struct Panel {
    m: usize,
    n: usize,
    k: usize,
    a: *const f32,
    a_row: usize,
    a_step: usize,
    b: *const f32,
    b_row: usize,
    out: *mut f32,
    out_row: usize,
    add: bool,
}

impl Panel {
    /// Tiles of `M` rows and `N` columns, then narrower ones for what is left over.
    ///
    /// # Safety
    /// The three matrices must hold the shape.
    #[inline(always)]
    unsafe fn columns<const FMA: bool, const M: usize, const N: usize>(self) {
        let mut j = 0;
        // SAFETY: every tile lies inside the shape: `j + width <= n` and, in `rows`, `i + height <= m`.
        unsafe {
            while j + N <= self.n {
                self.rows::<FMA, M, N>(j);
                j += N;
            }
            while j + 16 <= self.n {
                self.rows::<FMA, M, 16>(j);
                j += 16;
            }
            while j + 4 <= self.n {
                self.rows::<FMA, M, 4>(j);
                j += 4;
            }
            while j < self.n {
                self.rows::<FMA, M, 1>(j);
                j += 1;
            }
        }
    }

    /// # Safety
    /// As [`Panel::columns`], and `j + N <= n`.
    #[inline(always)]
    unsafe fn rows<const FMA: bool, const M: usize, const N: usize>(self, j: usize) {
        let mut i = 0;
        // SAFETY: `i + height <= m` in each call.
        unsafe {
            while i + M <= self.m {
                self.tile::<FMA, M, N>(i, j);
                i += M;
            }
            while i + 4 <= self.m {
                self.tile::<FMA, 4, N>(i, j);
                i += 4;
            }
            while i < self.m {
                self.tile::<FMA, 1, N>(i, j);
                i += 1;
            }
        }
    }

    /// # Safety
    /// As [`Panel::columns`], `i + M <= m` and `j + N <= n`.
    #[inline(always)]
    unsafe fn tile<const FMA: bool, const M: usize, const N: usize>(self, i: usize, j: usize) {
        let mut sums = [[0.0f32; N]; M];
        // SAFETY: element (i + x, p) of a, (p, j + y) of b and (i + x, j + y) of out exist for x < M, y < N,
        // p < k by the caller's promise.
        unsafe {
            if self.add {
                for (x, sums) in sums.iter_mut().enumerate() {
                    let row = self.out.add((i + x) * self.out_row + j);
                    for (y, sum) in sums.iter_mut().enumerate() {
                        *sum = *row.add(y);
                    }
                }
            }
            let a = self.a.add(i * self.a_row);
            let b = self.b.add(j);
            for p in 0..self.k {
                let b = &*b.add(p * self.b_row).cast::<[f32; N]>();
                for (x, sums) in sums.iter_mut().enumerate() {
                    let factor = *a.add(x * self.a_row + p * self.a_step);
                    for (sum, b) in sums.iter_mut().zip(b) {
                        *sum = fma::<FMA>(factor, *b, *sum);
                    }
                }
            }
            for (x, sums) in sums.iter().enumerate() {
                let row = self.out.add((i + x) * self.out_row + j);
                for (y, sum) in sums.iter().enumerate() {
                    *row.add(y) = *sum;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(n: usize, salt: u32) -> Vec<f32> {
        (0..n as u32)
            .map(|i| ((i.wrapping_mul(2_654_435_761).wrapping_add(salt) >> 8) as f32 / 8_388_608.0) - 1.0)
            .collect()
    }

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
