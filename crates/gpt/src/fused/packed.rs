//! A weight matrix laid out for few rows at a time: while sampling, a product reads the whole matrix for a slice of
//! texts, and it should read it from front to back.

use super::matmul::{Left, Out, Right, matmul};

/// Columns of a panel: those of the widest tile of [`matmul`].
const PANEL: usize = 32;

/// A matrix `[k, n]`, cut into panels of [`PANEL`] columns that lie behind one another, each `[k, PANEL]`; the last
/// may be narrower.
pub(crate) struct Packed {
    floats: Vec<f32>,
    k: usize,
    n: usize,
}

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
        Self { floats, k, n }
    }

    /// `out [m, n] = a [m, k]` times this or, with `add`, `out += `: the numbers of [`super::matmul::product`], bit
    /// for bit.
    pub(crate) fn product(&self, m: usize, a: &[f32], out: &mut [f32], add: bool) {
        let Self { k, n, .. } = *self;
        for (panel, from) in self.floats.chunks(k * PANEL).zip((0..n).step_by(PANEL)) {
            let width = PANEL.min(n - from);
            let (a, b) = (Left { data: a, row: k, step: 1 }, Right { data: panel, row: width });
            matmul(m, width, k, a, b, Out { data: &mut out[from..], row: n }, add);
        }
    }

    /// Columns.
    pub(crate) fn columns(&self) -> usize {
        self.n
    }
}

#[cfg(test)]
mod tests {
    use super::super::matmul::product;
    use super::*;

    #[test]
    fn packing_changes_no_bit() {
        let numbers = |n: usize| (0..n).map(|i| ((i * 7919) % 101) as f32 * 0.01 - 0.5).collect::<Vec<_>>();
        for (m, n, k) in [(1, 5, 3), (3, 32, 200), (17, 70, 40), (32, 96, 64)] {
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
}
