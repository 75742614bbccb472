//! Operations on rows, shared among threads: pieces have a fixed size, so that sums do not depend on their number.

use eightfold_kernels::{Buffer, rms_norm, swiglu};
use eightfold_kernels::{rms_norm_backward, swiglu_backward};
use rayon::prelude::*;

/// Rows that one thread takes at a time.
const ROWS: usize = 32;

/// Rows of `x` normalized.
pub(crate) fn normalized(x: &[f32], gain: &[f32], epsilon: f32) -> Buffer {
    let mut out = Buffer::new(x.len());
    let size = ROWS * gain.len();
    x.par_chunks(size).zip(out.par_chunks_mut(size)).for_each(|(x, out)| rms_norm(x, gain, epsilon, out));
    out
}

/// Gradient of [`normalized`]: adds to `dx`, and to `dgain` where it is wanted.
pub(crate) fn normalized_backward(
    x: &[f32],
    gain: &[f32],
    epsilon: f32,
    dout: &[f32],
    dx: &mut [f32],
    dgain: Option<&mut [f32]>,
) {
    let size = ROWS * gain.len();
    let parts = x.par_chunks(size).zip(dout.par_chunks(size)).zip(dx.par_chunks_mut(size));
    let parts = parts.map(|((x, dout), dx)| {
        let mut dgain = vec![0.0; gain.len()];
        rms_norm_backward(x, gain, epsilon, dout, dx, &mut dgain);
        dgain
    });
    let parts: Vec<Vec<f32>> = parts.collect();
    if let Some(dgain) = dgain {
        parts.iter().for_each(|part| add(dgain, part));
    }
}

/// Rows of `f` gates and as many values to rows of `f`.
pub(crate) fn gated(gates_and_values: &[f32], f: usize) -> Buffer {
    let mut out = Buffer::new(gates_and_values.len() / 2);
    let parts = gates_and_values.par_chunks(ROWS * 2 * f).zip(out.par_chunks_mut(ROWS * f));
    parts.for_each(|(x, out)| swiglu(x, f, out));
    out
}

/// Gradient of [`gated`], in place of the gates and values.
pub(crate) fn gated_backward(gates_and_values: &mut [f32], f: usize, dout: &[f32]) {
    let parts = gates_and_values.par_chunks_mut(ROWS * 2 * f).zip(dout.par_chunks(ROWS * f));
    parts.for_each(|(x, dout)| swiglu_backward(x, f, dout));
}

/// `to += x`.
pub(crate) fn add(to: &mut [f32], x: &[f32]) {
    to.iter_mut().zip(x).for_each(|(to, x)| *to += x);
}

/// `to += x`, by all threads.
pub(crate) fn add_by_all(to: &mut [f32], x: &[f32]) {
    const SIZE: usize = 1 << 14;
    to.par_chunks_mut(SIZE).zip(x.par_chunks(SIZE)).for_each(|(to, x)| add(to, x));
}

/// Adds the sums of the columns of `x` to `sums`.
pub(crate) fn add_columns(x: &[f32], sums: &mut [f32]) {
    x.chunks_exact(sums.len()).for_each(|row| add(sums, row));
}
