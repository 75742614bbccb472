//! A weight matrix laid out for few rows at a time: while sampling, a product reads the whole matrix for a slice of
//! texts, and it should read it from front to back.

use crate::matmul::{INNER, Left, Out, Right, matmul};
use crate::simd::kernel;
use rayon::prelude::*;

/// Columns of a panel: those of the widest tile of [`super::matmul::matmul`].
pub(crate) const PANEL: usize = 32;

/// Panels that are worth a thread's while.
const SHARE: usize = 2;

/// A matrix `[k, n]`, cut into panels of 32 columns that lie behind one another, each `[k, 32]`; the last may be
/// narrower.
#[derive(Clone, Debug)]
pub struct Packed {
    pub(crate) floats: Floats,
    pub(crate) k: usize,
    pub(crate) n: usize,
}

/// The numbers as they are stored. Both give the same products, bit for bit, where they are the same numbers:
/// bfloat16 is widened on its way to the multipliers, and costs half the bandwidth.
#[derive(Clone, Debug)]
pub(crate) enum Floats {
    F32(Vec<f32>),
    /// The upper halves of f32.
    Bf16(Vec<u16>),
}

/// The number whose upper half this is.
#[inline(always)]
pub(crate) fn widen(half: u16) -> f32 {
    f32::from_bits(u32::from(half) << 16)
}

/// The start of a result whose columns are written by several threads.
#[derive(Clone, Copy)]
pub(crate) struct Shared(pub(crate) *mut f32);

// SAFETY: products by several threads write other columns from each thread.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// `width` floats from `at` on.
    ///
    /// # Safety
    /// They lie in the result, which outlives them, and nobody else has them.
    pub(crate) unsafe fn columns<'a>(self, at: usize, width: usize) -> &'a mut [f32] {
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(at), width) }
    }
}

kernel! {
    /// bfloat16 as f32.
    fn widened(halves: &[u16], wide: &mut [f32]) {
        wide.iter_mut().zip(halves).for_each(|(wide, half)| *wide = widen(*half));
    }
}

impl Packed {
    /// Packs a dense matrix with `n` columns.
    pub fn new(n: usize, dense: &[f32]) -> Self {
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
        let Self { k, n, .. } = *self;
        if m == 0 {
            return;
        }
        for panel in 0..n.div_ceil(PANEL) {
            let (from, mut at) = (panel * PANEL, 0);
            self.pieces(panel, |b, width, inner| {
                let (a, b) = (Left { data: &a[at..], row: k, step: 1 }, Right { data: b, row: width });
                matmul(m, width, inner, a, b, Out { data: &mut out[from..], row: n }, add || at > 0);
                at += inner;
            });
        }
    }

    /// `out [m, n] = a [m, k]` times this, by all threads of the current pool, each of which makes some columns. An
    /// element is a sum of chains of 128 multiply-adds, whatever the number of threads: a chain as long as `k` would
    /// lose a bit or two more of large matrices.
    ///
    /// # Panics
    /// If `a` or `out` is too short.
    pub fn product_by_all(&self, m: usize, a: &[f32], out: &mut [f32]) {
        let Self { k, n, .. } = *self;
        assert!(a.len() >= m * k && out.len() >= m * n, "a factor or the result is too short");
        if m == 0 {
            return;
        }
        let out = Shared(out.as_mut_ptr());
        let panels = (0..n.div_ceil(PANEL)).into_par_iter().with_min_len(SHARE);
        panels.for_each_init(
            || vec![0.0; m * PANEL],
            |sums, panel| {
                let mut at = 0;
                self.pieces(panel, |b, width, inner| {
                    let (a, b) = (Left { data: &a[at..], row: k, step: 1 }, Right { data: b, row: width });
                    matmul(m, width, inner, a, b, Out { data: sums, row: width }, false);
                    for (i, sums) in sums.chunks_exact(width).enumerate().take(m) {
                        // SAFETY: these columns of row i lie in the result, as asserted, and no other thread has this
                        // panel.
                        let out = unsafe { out.columns(i * n + panel * PANEL, width) };
                        match at {
                            0 => out.copy_from_slice(sums),
                            _ => out.iter_mut().zip(sums).for_each(|(out, sum)| *out += *sum),
                        }
                    }
                    at += inner;
                });
            },
        );
    }

    /// Hands on a panel in pieces of [`INNER`] rows in f32, each with its columns and rows.
    pub(crate) fn pieces(&self, panel: usize, mut take: impl FnMut(&[f32], usize, usize)) {
        let from = panel * PANEL;
        let width = PANEL.min(self.n - from);
        let part = from * self.k..(from + width) * self.k;
        match &self.floats {
            Floats::F32(floats) => {
                floats[part].chunks(INNER * width).for_each(|piece| take(piece, width, piece.len() / width));
            }
            Floats::Bf16(halves) => {
                let mut wide = [0.0; INNER * PANEL];
                for piece in halves[part].chunks(INNER * width) {
                    let wide = &mut wide[..piece.len()];
                    widened(piece, wide);
                    take(wide, width, piece.len() / width);
                }
            }
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
    use super::*;
    use crate::matmul::{product, transpose};

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
            let mut got = want.clone();
            for add in [true, false] {
                product(m, n, k, &a, &b, &mut want, add);
                Packed::new(n, &b).product(m, &a, &mut got, add);
                assert_eq!(got, want, "{m} x {n} x {k}");
            }
        }
    }

    #[test]
    fn a_product_by_all_threads_is_a_sum_of_products_by_pieces() {
        for (m, n, k) in SHAPES {
            let (a, b) = (numbers(m * k), numbers(k * n));
            let mut want = vec![0.0; m * n];
            for from in (0..k).step_by(INNER) {
                let to = k.min(from + INNER);
                let part: Vec<f32> = a.chunks(k).flat_map(|row| &row[from..to]).copied().collect();
                let mut piece = vec![0.0; m * n];
                product(m, n, to - from, &part, &b[from * n..to * n], &mut piece, false);
                want.iter_mut().zip(piece).for_each(|(want, piece)| *want += piece);
            }
            let packed = Packed::of_rows(k, &transpose(k, n, &b));
            for threads in [1, 3] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut got = vec![f32::NAN; m * n];
                pool.install(|| packed.product_by_all(m, &a, &mut got));
                assert_eq!(got, want, "{m} x {n} x {k}, {threads} threads");
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
            let (mut want, mut got) = (vec![f32::NAN; m * n], vec![f32::NAN; m * n]);
            wide.product_by_all(m, &a, &mut want);
            narrow.product_by_all(m, &a, &mut got);
            assert_eq!(got, want, "{m} x {n} x {k}");
            for j in [0, n / 2, n - 1] {
                let mut column = vec![0.0; k];
                narrow.column(j, &mut column);
                assert_eq!(column, rows[j * k..][..k]);
            }
        }
    }
}
