//! Keys and values of one head of one row, copied together and transposed for the matrix products of attention.

use crate::attention::{BLOCK, Place};
use crate::rows::Row;
use crate::simd::kernel;
use std::ops::Range;

/// Scratch of one thread, for contexts of up to a stated length.
#[derive(Debug)]
pub struct Scratch {
    /// Scores are laid out in rows of this many floats: a multiple of the widest vector.
    pub(crate) stride: usize,
    pub(crate) keys: Vec<f32>,
    pub(crate) turned: Vec<f32>,
    pub(crate) values: Vec<f32>,
    pub(crate) values_turned: Vec<f32>,
    pub(crate) scores: Vec<f32>,
    pub(crate) dscores: Vec<f32>,
    pub(crate) dkeys: Vec<f32>,
    pub(crate) dvalues: Vec<f32>,
}

impl Scratch {
    /// Room for contexts of `longest` tokens and heads of `head` numbers.
    pub fn new(longest: usize, head: usize) -> Self {
        let stride = longest.next_multiple_of(16);
        let by = |n: usize| vec![0.0; n * stride];
        Self {
            stride,
            keys: by(head),
            turned: by(head),
            values: by(head),
            values_turned: by(head),
            scores: by(BLOCK),
            dscores: by(BLOCK),
            dkeys: by(head),
            dvalues: by(head),
        }
    }

    /// Copies what the forward pass reads of one head of `row` out of `qkv`.
    pub(crate) fn gather(&mut self, qkv: &[f32], row: &Row, place: Place) {
        let (Place { head, .. }, mut from) = (place, 0);
        for part in [&row.prefix, &row.tokens] {
            let tokens = tokens(qkv, part, place);
            turn(tokens, place.row(), place.key(), head, &mut self.turned[from..], self.stride);
            copy(tokens, place.row(), place.value(), head, &mut self.values[from * head..]);
            from += part.len();
        }
    }

    /// What the backward pass reads besides.
    pub(crate) fn gather_more(&mut self, qkv: &[f32], row: &Row, place: Place) {
        let (Place { head, .. }, mut from) = (place, 0);
        for part in [&row.prefix, &row.tokens] {
            let tokens = tokens(qkv, part, place);
            copy(tokens, place.row(), place.key(), head, &mut self.keys[from * head..]);
            turn(tokens, place.row(), place.value(), head, &mut self.values_turned[from..], self.stride);
            from += part.len();
        }
    }
}

/// The floats of some tokens of a chunk; an empty prefix lies before the chunk.
fn tokens<'a>(qkv: &'a [f32], part: &Range<usize>, place: Place) -> &'a [f32] {
    let at = |token: usize| token.saturating_sub(place.base) * place.row();
    &qkv[at(part.start)..at(part.end)]
}

kernel! {
    /// Columns `at..at + head` of `tokens [n, width]`, as `[n, head]`.
    fn copy(tokens: &[f32], width: usize, at: usize, head: usize, out: &mut [f32]) {
        for (token, out) in tokens.chunks_exact(width).zip(out.chunks_exact_mut(head)) {
            let (from, from_rest) = token[at..at + head].as_chunks::<8>();
            let (to, to_rest) = out.as_chunks_mut::<8>();
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            to_rest.iter_mut().zip(from_rest).for_each(|(to, from)| *to = *from);
        }
    }
}

kernel! {
    /// Columns `at..at + head` of `tokens [n, width]`, transposed to `[head, n]` with rows of `stride` floats.
    fn turn(tokens: &[f32], width: usize, at: usize, head: usize, out: &mut [f32], stride: usize) {
        for (j, token) in tokens.chunks_exact(width).enumerate() {
            for (i, x) in token[at..at + head].iter().enumerate() {
                out[i * stride + j] = *x;
            }
        }
    }
}
