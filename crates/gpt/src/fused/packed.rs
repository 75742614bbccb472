//! A weight matrix laid out for few rows at a time: while sampling, a product reads the whole matrix for a slice of
//! texts, and it should read it from front to back.

use super::matmul::{INNER, Left, Right, matmul_into};
use rayon::prelude::*;
use std::ops::Range;

/// Columns of a panel: those of the widest tile of [`super::matmul::matmul`].
const PANEL: usize = 32;

/// Panels that are worth a thread's while.
const SHARE: usize = 2;

/// A matrix `[k, n]`, cut into panels of 32 columns that lie behind one another, each `[k, 32]`; the last may be
/// narrower.
#[derive(Clone, Debug)]
pub struct Packed {
    floats: Floats,
    k: usize,
    n: usize,
}

/// The numbers as they are stored. Both give the same products, bit for bit, where they are the same numbers:
/// bfloat16 is widened on its way to the multipliers, and costs half the bandwidth.
#[derive(Clone, Debug)]
enum Floats {
    F32(Vec<f32>),
    /// The upper halves of f32.
    Bf16(Vec<u16>),
}

/// The number whose upper half this is.
#[inline(always)]
fn widen(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

/// A result whose columns are written by several threads.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: `Packed::columns_of` writes disjoint columns from each thread.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Packed {
    /// Packs a dense matrix with `n` columns.
    pub(crate) fn new(n: usize, dense: &[f32]) -> Self {
        let k = dense.len() / n;
        let mut floats = Vec::with_capacity(dense.len());
        for from in (0..n).step_by(PANEL) {
            for row in dense.chunks_exact(n) {
                floats.extend_from_slice(&row[from..n.min(from + PANEL)]);
            }
        }
        Self { floats: Floats::F32(floats), k, n }
    }

    /// Packs the transpose of `rows`, a dense matrix with `k` columns: a linear layer's weight `[outputs, inputs]`.
    ///
    /// # Panics
    /// If `k` is 0.
    pub fn of_rows(k: usize, rows: &[f32]) -> Self {
        Self { floats: Floats::F32(turned(k, rows)), k, n: rows.len() / k }
    }

    /// [`Packed::of_rows`] for bfloat16 numbers, given and kept as the upper halves of f32.
    ///
    /// # Panics
    /// If `k` is 0.
    pub fn of_bf16_rows(k: usize, rows: &[u16]) -> Self {
        Self { floats: Floats::Bf16(turned(k, rows)), k, n: rows.len() / k }
    }

    /// `out [m, n] = a [m, k]` times this or, with `add`, `out += `: the numbers of [`super::matmul::product`], bit
    /// for bit.
    ///
    /// # Panics
    /// If `a` or `out` is too short.
    pub fn product(&self, m: usize, a: &[f32], out: &mut [f32], add: bool) {
        self.check(m, a, out);
        let panels = 0..self.n.div_ceil(PANEL);
        // SAFETY: the result is ours alone and, as checked, long enough.
        unsafe { self.columns_of(panels, m, a, Shared(out.as_mut_ptr()), add) }
    }

    /// [`Packed::product`] by all threads of the current pool, each of which makes some columns of the result: the
    /// same bits, whatever their number.
    ///
    /// # Panics
    /// If `a` or `out` is too short.
    pub fn product_by_all(&self, m: usize, a: &[f32], out: &mut [f32], add: bool) {
        self.check(m, a, out);
        let out = Shared(out.as_mut_ptr());
        (0..self.n.div_ceil(PANEL)).into_par_iter().with_min_len(SHARE).for_each(|panel| {
            // SAFETY: as in `product`, and no other thread has this panel.
            unsafe { self.columns_of(panel..panel + 1, m, a, out, add) }
        });
    }

    fn check(&self, m: usize, a: &[f32], out: &[f32]) {
        assert!(a.len() >= m * self.k && out.len() >= m * self.n, "a factor or the result is too short");
    }

    /// The columns of some panels of a product.
    ///
    /// # Safety
    /// `out` holds m rows of n floats, and nobody else has these columns.
    unsafe fn columns_of(&self, panels: Range<usize>, m: usize, a: &[f32], out: Shared, add: bool) {
        let Self { k, n, .. } = *self;
        if m == 0 {
            return;
        }
        for from in panels.map(|panel| panel * PANEL) {
            let width = PANEL.min(n - from);
            let part = from * k..(from + width) * k;
            // SAFETY: columns `from..from + width` of the m rows, by the caller's promise.
            unsafe {
                let out = out.0.add(from);
                match &self.floats {
                    Floats::F32(floats) => {
                        let (a, b) =
                            (Left { data: a, row: k, step: 1 }, Right { data: &floats[part], row: width });
                        matmul_into(m, width, k, a, b, out, n, add);
                    }
                    Floats::Bf16(halves) => self.widened(&halves[part], width, m, a, out, add),
                }
            }
        }
    }

    /// One panel of a product with bfloat16: widened piece by piece, each of which stays in the first-level cache.
    ///
    /// # Safety
    /// As [`matmul_into`], for m rows of `width` floats that are n apart.
    unsafe fn widened(&self, halves: &[u16], width: usize, m: usize, a: &[f32], out: *mut f32, add: bool) {
        let mut piece = [0.0; INNER * PANEL];
        for (at, halves) in halves.chunks(INNER * width).enumerate() {
            piece.iter_mut().zip(halves).for_each(|(x, half)| *x = widen(*half));
            let inner = halves.len() / width;
            let (a, b) =
                (Left { data: &a[at * INNER..], row: self.k, step: 1 }, Right { data: &piece, row: width });
            // SAFETY: the caller's promise.
            unsafe { matmul_into(m, width, inner, a, b, out, self.n, add || at > 0) }
        }
    }

    /// Columns.
    pub fn columns(&self) -> usize {
        self.n
    }

    /// Copies column `j` into `out [k]`: of an embedding's transpose, the row of a token.
    ///
    /// # Panics
    /// If there is no such column, or `out` is longer than a column.
    pub fn column(&self, j: usize, out: &mut [f32]) {
        let from = j / PANEL * PANEL;
        let width = PANEL.min(self.n - from);
        for (p, x) in out.iter_mut().enumerate() {
            let at = from * self.k + p * width + j - from;
            *x = match &self.floats {
                Floats::F32(floats) => floats[at],
                Floats::Bf16(halves) => widen(halves[at]),
            };
        }
    }
}

/// The panels of the transpose of a matrix with `k` columns.
fn turned<T: Copy>(k: usize, rows: &[T]) -> Vec<T> {
    let mut out = Vec::with_capacity(rows.len());
    for rows in rows.chunks(k * PANEL) {
        for p in 0..k {
            out.extend(rows.iter().skip(p).step_by(k));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::matmul::{product, transpose};
    use super::*;

    fn numbers(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * 7919) % 101) as f32 * 0.01 - 0.5).collect()
    }

    const SHAPES: [(usize, usize, usize); 5] =
        [(1, 5, 3), (3, 32, 200), (17, 70, 40), (32, 96, 64), (5, 200, 300)];

    #[test]
    fn packing_changes_no_bit() {
        for (m, n, k) in SHAPES {
            let (a, b) = (numbers(m * k), numbers(k * n));
            let mut want = numbers(m * n);
            let (mut got, mut all) = (want.clone(), want.clone());
            for add in [true, false] {
                product(m, n, k, &a, &b, &mut want, add);
                Packed::new(n, &b).product(m, &a, &mut got, add);
                Packed::of_rows(k, &transpose(k, n, &b)).product_by_all(m, &a, &mut all, add);
                assert_eq!(got, want, "{m} x {n} x {k}");
                assert_eq!(all, want, "{m} x {n} x {k} by all threads");
            }
        }
    }

    #[test]
    fn bfloat16_gives_the_bits_of_the_same_numbers_in_f32() {
        for (m, n, k) in SHAPES {
            let halves: Vec<u16> = numbers(n * k).iter().map(|x| (x.to_bits() >> 16) as u16).collect();
            let rows: Vec<f32> = halves.iter().map(|half| widen(*half)).collect();
            let (narrow, wide) = (Packed::of_bf16_rows(k, &halves), Packed::of_rows(k, &rows));
            let a = numbers(m * k);
            let mut want = numbers(m * n);
            let mut got = want.clone();
            for add in [true, false] {
                wide.product(m, &a, &mut want, add);
                narrow.product_by_all(m, &a, &mut got, add);
                assert_eq!(got, want, "{m} x {n} x {k}");
            }
            for j in [0, n / 2, n - 1] {
                let mut column = vec![0.0; k];
                narrow.column(j, &mut column);
                assert_eq!(column, rows[j * k..][..k]);
            }
        }
    }
}
