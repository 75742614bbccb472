//! Products with a packed matrix that training needs besides the forward one: into columns of a wider result, with the
//! transpose, and the gradient of the matrix itself. All threads of the current pool share the columns of a result;
//! every number is summed in one order, whatever their number.

use crate::matmul::{INNER, Left, Out, Right, matmul};
use crate::packed::{Floats, PANEL, Packed, Shared, widen};
use crate::simd::kernel;
use rayon::prelude::*;

/// Rows of a result that are added up apart, so that they stay in the first-level cache.
const ROWS: usize = 192;

/// Some columns of a matrix: element (i, j) is `data[i * row + j]`.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// From the first element on.
    pub data: &'a [f32],
    /// Floats from one row to the next.
    pub row: usize,
}

/// Some columns of a matrix that is written.
#[derive(Debug)]
pub struct ColumnsMut<'a> {
    /// From the first element on.
    pub data: &'a mut [f32],
    /// Floats from one row to the next.
    pub row: usize,
}

/// `m` rows as far as `width` columns.
fn holds(len: usize, m: usize, row: usize, width: usize) -> bool {
    m == 0 || (row >= width && len >= (m - 1) * row + width)
}

/// A result whose columns are written by several threads.
#[derive(Clone, Copy)]
struct Target {
    start: Shared,
    row: usize,
}

impl Target {
    /// `self[.., from..from + width] += a b` for a `[m, k]` and a dense b `[k, width]`, where `k` is one chain.
    ///
    /// # Safety
    /// The columns lie in the result, and nobody else has them.
    unsafe fn add(self, m: usize, a: Left, b: &[f32], from: usize, width: usize, sums: &mut [f32]) {
        let k = b.len() / width;
        for start in (0..m).step_by(ROWS) {
            let rows = ROWS.min(m - start);
            let a = Left { data: &a.data[start * a.row..], ..a };
            let sums = &mut sums[..rows * width];
            matmul(rows, width, k, a, Right { data: b, row: width }, Out { data: sums, row: width }, false);
            for (i, sums) in sums.chunks_exact(width).enumerate() {
                // SAFETY: the caller's promise.
                let out = unsafe { self.start.columns((start + i) * self.row + from, width) };
                out.iter_mut().zip(sums).for_each(|(out, sum)| *out += *sum);
            }
        }
    }
}

kernel! {
    /// The transpose of a dense matrix with `columns` columns.
    fn turn(dense: &[f32], columns: usize, out: &mut [f32]) {
        let rows = dense.len() / columns;
        for (i, row) in dense.chunks_exact(columns).enumerate() {
            for (j, x) in row.iter().enumerate() {
                out[j * rows + i] = *x;
            }
        }
    }
}

kernel! {
    /// [`turn`] for bfloat16.
    fn turn_bf16(dense: &[u16], columns: usize, out: &mut [f32]) {
        let rows = dense.len() / columns;
        for (i, row) in dense.chunks_exact(columns).enumerate() {
            for (j, x) in row.iter().enumerate() {
                out[j * rows + i] = widen(*x);
            }
        }
    }
}

impl Packed {
    /// Zeros of the same shape, in f32.
    pub fn zeros_like(&self) -> Self {
        Self { floats: Floats::F32(vec![0.0; self.k * self.n]), k: self.k, n: self.n }
    }

    /// Whether the numbers are kept as bfloat16.
    pub fn is_bf16(&self) -> bool {
        matches!(self.floats, Floats::Bf16(_))
    }

    /// Rows: the inputs of a linear layer.
    pub fn rows(&self) -> usize {
        self.k
    }

    /// The numbers in the order in which they lie in memory, as f32 from now on.
    pub fn floats_mut(&mut self) -> &mut [f32] {
        if let Floats::Bf16(halves) = &self.floats {
            self.floats = Floats::F32(halves.iter().map(|half| widen(*half)).collect());
        }
        match &mut self.floats {
            Floats::F32(floats) => floats,
            Floats::Bf16(_) => unreachable!("widened above"),
        }
    }

    /// `out [m, n] += a [m, k]` times this.
    ///
    /// # Panics
    /// If `a` or `out` is too short.
    pub fn add_product(&self, m: usize, a: Columns, out: ColumnsMut) {
        let Self { k, n, .. } = *self;
        assert!(holds(a.data.len(), m, a.row, k) && holds(out.data.len(), m, out.row, n), "too short");
        let target = Target { start: Shared(out.data.as_mut_ptr()), row: out.row };
        (0..n.div_ceil(PANEL)).into_par_iter().for_each_init(
            || vec![0.0; ROWS * PANEL],
            |sums, panel| {
                let mut at = 0;
                self.pieces(panel, |b, width, inner| {
                    let a = Left { data: a.data.get(at..).unwrap_or_default(), row: a.row, step: 1 };
                    // SAFETY: the columns lie in the result, as asserted, and no other thread has this panel.
                    unsafe { target.add(m, a, b, panel * PANEL, width, sums) };
                    at += inner;
                });
            },
        );
    }

    /// `out [m, k] += a [m, n]` times the transpose of this: the gradient of what was multiplied by it.
    ///
    /// # Panics
    /// If `a` or `out` is too short.
    pub fn add_product_by_transpose(&self, m: usize, a: Columns, out: ColumnsMut) {
        let Self { k, n, .. } = *self;
        assert!(holds(a.data.len(), m, a.row, n) && holds(out.data.len(), m, out.row, k), "too short");
        let target = Target { start: Shared(out.data.as_mut_ptr()), row: out.row };
        (0..k.div_ceil(PANEL)).into_par_iter().for_each_init(
            || (vec![0.0; ROWS * PANEL], vec![0.0; INNER * PANEL]),
            |(sums, turned), tile| {
                let rows = tile * PANEL..k.min((tile + 1) * PANEL);
                for at in (0..n).step_by(INNER) {
                    let inner = INNER.min(n - at);
                    let turned = &mut turned[..inner * rows.len()];
                    self.turned(rows.clone(), at..at + inner, turned);
                    let a = Left { data: a.data.get(at..).unwrap_or_default(), row: a.row, step: 1 };
                    // SAFETY: the columns lie in the result, as asserted, and no other thread has this tile.
                    unsafe { target.add(m, a, turned, rows.start, rows.len(), sums) };
                }
            },
        );
    }

    /// Some rows of some columns, transposed; the columns begin with a panel.
    fn turned(&self, rows: std::ops::Range<usize>, columns: std::ops::Range<usize>, out: &mut [f32]) {
        let outs = out.chunks_mut(PANEL * rows.len());
        for (from, out) in columns.step_by(PANEL).zip(outs) {
            let width = PANEL.min(self.n - from);
            let part = from * self.k + rows.start * width..from * self.k + rows.end * width;
            match &self.floats {
                Floats::F32(floats) => turn(&floats[part], width, out),
                Floats::Bf16(halves) => turn_bf16(&halves[part], width, out),
            }
        }
    }

    /// Adds `x^T dy` for x `[m, k]` and dy `[m, n]`: the gradient of a matrix that made `dy` of `x`, which this is.
    ///
    /// # Panics
    /// If `x` or `dy` is too short.
    pub fn add_outer(&mut self, m: usize, x: Columns, dy: Columns) {
        let (k, n) = (self.k, self.n);
        assert!(holds(x.data.len(), m, x.row, k) && holds(dy.data.len(), m, dy.row, n), "too short");
        if m == 0 || k == 0 {
            return;
        }
        self.floats_mut().par_chunks_mut(k * PANEL).enumerate().for_each_init(
            || vec![0.0; INNER * PANEL],
            |dense, (panel, sums)| {
                let width = sums.len() / k;
                for start in (0..m).step_by(INNER) {
                    let rows = INNER.min(m - start);
                    let dense = &mut dense[..rows * width];
                    for (i, dense) in dense.chunks_exact_mut(width).enumerate() {
                        dense.copy_from_slice(&dy.data[(start + i) * dy.row + panel * PANEL..][..width]);
                    }
                    let a = Left { data: &x.data[start * x.row..], row: 1, step: x.row };
                    let (b, out) = (Right { data: dense, row: width }, Out { data: sums, row: width });
                    matmul(k, width, rows, a, b, out, true);
                }
            },
        );
    }

    /// Adds numbers to column `j`: of an embedding's transpose, to the row of a token.
    ///
    /// # Panics
    /// If there is no such column, or `x` is longer than a column.
    pub fn add_to_column(&mut self, j: usize, x: &[f32]) {
        let from = j / PANEL * PANEL;
        let (width, start) = (PANEL.min(self.n - from), from * self.k + j - from);
        let numbers = self.floats_mut()[start..].iter_mut().step_by(width);
        numbers.zip(x).for_each(|(to, x)| *to += x);
    }

    /// The numbers of this matrix transposed: dense rows of `k` numbers, those of [`Packed::of_rows`].
    pub fn to_rows(&self) -> Vec<f32> {
        let mut rows = vec![0.0; self.k * self.n];
        for (j, row) in rows.chunks_exact_mut(self.k.max(1)).enumerate() {
            self.column(j, row);
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::numbers;
    use proptest::prelude::*;

    /// `[m, n]` of the sum over p of `a(i, p) b(p, j)`, added to `start`, in f64.
    fn definition(
        start: &[f32],
        (m, n, k): (usize, usize, usize),
        a: impl Fn(usize, usize) -> f32,
        b: impl Fn(usize, usize) -> f32,
    ) -> Vec<f64> {
        let sum = |i, j| (0..k).map(|p| f64::from(a(i, p)) * f64::from(b(p, j))).sum::<f64>();
        (0..m * n).map(|at| f64::from(start[at]) + sum(at / n, at % n)).collect()
    }

    fn close(got: &[f32], want: &[f64]) -> bool {
        got.iter().zip(want).all(|(got, want)| (f64::from(*got) - want).abs() < 2e-4)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

        #[test]
        fn products_match_their_definitions(
            m in 0usize..230, n in 1usize..140, k in 1usize..140, narrow: bool, threads in 1usize..4,
        ) {
            // Rounded to bfloat16, so that both ways to keep it hold the same numbers.
            let halves: Vec<u16> = numbers(n * k, 1).iter().map(|x| (x.to_bits() >> 16) as u16).collect();
            let w: Vec<f32> = halves.iter().map(|half| widen(*half)).collect();
            let packed = if narrow { Packed::of_bf16_rows(k, &halves) } else { Packed::of_rows(k, &w) };
            let (x, dy) = (numbers(m * (k + 3), 2), numbers(m * (n + 2), 3));
            let (xs, dys) = (Columns { data: &x, row: k + 3 }, Columns { data: &dy, row: n + 2 });
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();

            let start = numbers(m * n, 4);
            let mut got = start.clone();
            pool.install(|| packed.add_product(m, xs, ColumnsMut { data: &mut got, row: n }));
            let want = definition(&start, (m, n, k), |i, p| x[i * (k + 3) + p], |p, j| w[j * k + p]);
            prop_assert!(close(&got, &want));

            let start = numbers(m * k, 5);
            let mut got = start.clone();
            pool.install(|| packed.add_product_by_transpose(m, dys, ColumnsMut { data: &mut got, row: k }));
            let want = definition(&start, (m, k, n), |i, p| dy[i * (n + 2) + p], |p, j| w[p * k + j]);
            prop_assert!(close(&got, &want));

            let mut sums = packed.clone();
            pool.install(|| sums.add_outer(m, xs, dys));
            let want = definition(&w, (n, k, m), |j, p| dy[p * (n + 2) + j], |p, i| x[p * (k + 3) + i]);
            prop_assert!(close(&sums.to_rows(), &want));
        }
    }

    #[test]
    fn a_column_is_a_row_of_what_was_packed() {
        let rows = numbers(70 * 5, 1);
        let mut packed = Packed::of_rows(5, &rows);
        assert_eq!(packed.to_rows(), rows);
        for j in [0, 31, 40, 69] {
            packed.add_to_column(j, &[1.0; 5]);
            let want: Vec<f32> = rows[j * 5..][..5].iter().map(|x| x + 1.0).collect();
            assert_eq!(packed.to_rows()[j * 5..][..5], want);
        }
    }
}
