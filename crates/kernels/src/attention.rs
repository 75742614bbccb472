//! Causal attention over packed rows, forward and backward. One head of one row at a time: keys and values of
//! its context are gathered into scratch, the upper triangle is never computed.

use crate::matmul::{Left, Out, Right, matmul};
use crate::rows::Row;
pub use crate::scratch::Scratch;
use crate::simd::{exp, kernel};
use crate::softmax::{hide, softmax};
use std::ops::Range;

/// Queries worked on together.
pub(crate) const BLOCK: usize = 16;

/// The rows of one chunk, and how its buffers are laid out: a token has `group` runs of queries, then keys, then values,
/// each of them `d` floats in `heads` heads. Head h of every run attends to head h of the keys.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// The rows.
    pub rows: &'a [Row],
    /// The token of the batch that the chunk's buffers begin with.
    pub base: usize,
    /// Numbers of a token's keys.
    pub d: usize,
    /// Heads of keys.
    pub heads: usize,
    /// Runs of queries.
    pub group: usize,
}

impl Chunk<'_> {
    /// The heads of keys, each with the first head of queries that attends to it.
    fn heads(&self) -> impl Iterator<Item = Place> {
        let Self { base, d, heads, group, .. } = *self;
        let head = d / heads;
        (0..heads).map(move |h| Place { base, d, head, group, at: h * head, query: h * head })
    }
}

/// Which part of a token's floats a head is.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) base: usize,
    pub(crate) d: usize,
    pub(crate) head: usize,
    group: usize,
    /// Where the head begins among the keys, and among the values.
    at: usize,
    /// Where the head of queries begins.
    query: usize,
}

impl Place {
    /// The heads of queries that attend to this head of keys.
    fn runs(self) -> impl Iterator<Item = Self> {
        (0..self.group).map(move |run| Self { query: run * self.d + self.at, ..self })
    }

    /// Floats of a token's queries.
    fn queries(self) -> usize {
        self.group * self.d
    }

    /// Floats of a token.
    pub(crate) fn row(self) -> usize {
        (self.group + 2) * self.d
    }

    /// Where the head's key begins.
    pub(crate) fn key(self) -> usize {
        self.queries() + self.at
    }

    /// Where the head's value begins.
    pub(crate) fn value(self) -> usize {
        self.queries() + self.d + self.at
    }

    /// What scores are multiplied by.
    fn scale(self) -> f32 {
        1.0 / (self.head as f32).sqrt()
    }

    /// This head's part of a chunk's `[heads of queries, tokens]`.
    fn lse(self, tokens: usize) -> Range<usize> {
        let h = self.query / self.head;
        h * tokens..(h + 1) * tokens
    }
}

/// Up to [`BLOCK`] consecutive queries of one row.
#[derive(Clone, Copy)]
struct Queries {
    /// Where the first lies in the chunk.
    token: usize,
    count: usize,
    /// Keys that the first attends to; each query attends to one more than the one before it.
    first: usize,
    /// Keys that the last attends to.
    context: usize,
    /// The same, up to a multiple of the widest vector.
    columns: usize,
}

impl Queries {
    fn of(row: &Row, base: usize) -> impl Iterator<Item = Self> {
        (0..row.tokens.len()).step_by(BLOCK).map(move |from| {
            let (token, count) = (row.tokens.start - base + from, BLOCK.min(row.tokens.len() - from));
            let first = row.offset() + from + 1;
            let context = first + count - 1;
            Self { token, count, first, context, columns: context.next_multiple_of(16) }
        })
    }
}

kernel! {
    /// Softmax of row i over its first `first + i` scores times `scale`; the rest up to `columns` becomes 0.
    /// `lse` gets the log of each row's normalizer.
    fn softmaxes(scores: &mut [f32], stride: usize, first: usize, columns: usize, scale: f32, lse: &mut [f32]) {
        for (i, (row, lse)) in scores.chunks_mut(stride).zip(lse).enumerate() {
            let (top, sum) = softmax::<FMA>(&mut row[..columns], first + i, scale);
            *lse = top + sum.ln();
        }
    }
}

kernel! {
    /// The probabilities of [`softmaxes`] again, from the saved log normalizers.
    fn probabilities(scores: &mut [f32], stride: usize, first: usize, columns: usize, scale: f32, lse: &[f32]) {
        for (i, (row, lse)) in scores.chunks_mut(stride).zip(lse).enumerate() {
            let row = &mut row[..columns];
            row.iter_mut().for_each(|x| *x = exp::<FMA>(*x * scale - lse));
            hide(row, first + i, 0.0);
        }
    }
}

kernel! {
    /// Gradient of the softmax: `p * (dp - dot(dout, out)) * scale`, into `p`.
    fn softmax_backward(p: &mut [f32], dp: &[f32], stride: usize, columns: usize, scale: f32, dots: &[f32]) {
        for ((p, dp), dot) in p.chunks_mut(stride).zip(dp.chunks(stride)).zip(dots) {
            for (p, dp) in p[..columns].iter_mut().zip(&dp[..columns]) {
                *p *= (dp - dot) * scale;
            }
        }
    }
}

/// Attention of the rows of one chunk, from `qkv [tokens, (group + 2) d]` into `out [tokens, group d]`;
/// `lse [group heads, tokens]` gets the log normalizers.
pub fn attention(chunk: Chunk, qkv: &[f32], out: &mut [f32], lse: &mut [f32], scratch: &mut Scratch) {
    let tokens = out.len() / (chunk.group * chunk.d);
    for row in chunk.rows {
        for keys in chunk.heads() {
            scratch.gather(qkv, row, keys);
            for place in keys.runs() {
                for queries in Queries::of(row, chunk.base) {
                    let lse = &mut lse[place.lse(tokens)][queries.token..][..queries.count];
                    attend(queries, place, qkv, out, lse, scratch);
                }
            }
        }
    }
}

/// Some queries of one head of one row, whose keys and values are in the scratch.
fn attend(
    queries: Queries,
    place: Place,
    qkv: &[f32],
    out: &mut [f32],
    lse: &mut [f32],
    scratch: &mut Scratch,
) {
    let Place { head, query, .. } = place;
    let (row, d) = (place.row(), place.queries());
    let Queries { token, count, first, context, columns } = queries;
    let stride = scratch.stride;
    let scores = &mut scratch.scores[..count * stride];
    let queries = Left { data: &qkv[token * row + query..], row, step: 1 };
    let keys = Right { data: &scratch.turned, row: stride };
    matmul(count, columns, head, queries, keys, Out { data: scores, row: stride }, false);
    softmaxes(scores, stride, first, columns, place.scale(), lse);
    let weights = Left { data: scores, row: stride, step: 1 };
    let values = Right { data: &scratch.values, row: head };
    let out = Out { data: &mut out[token * d + query..], row: d };
    matmul(count, head, context, weights, values, out, false);
}

/// What [`attention`] read and wrote, and the gradient of its result.
#[derive(Clone, Copy, Debug)]
pub struct Saved<'a> {
    /// What it read.
    pub qkv: &'a [f32],
    /// What it wrote.
    pub out: &'a [f32],
    /// The log normalizers.
    pub lse: &'a [f32],
    /// The gradient of what it wrote.
    pub dout: &'a [f32],
}

/// Gradient of [`attention`]: adds to `dqkv [tokens, (group + 2) d]`.
pub fn attention_backward(chunk: Chunk, saved: Saved, dqkv: &mut [f32], scratch: &mut Scratch) {
    let base = chunk.base;
    let tokens = saved.out.len() / (chunk.group * chunk.d);
    for row in chunk.rows {
        for place in chunk.heads() {
            let Place { head, .. } = place;
            scratch.gather(saved.qkv, row, place);
            scratch.gather_more(saved.qkv, row, place);
            let context = row.context();
            scratch.dkeys[..context * head].fill(0.0);
            scratch.dvalues[..context * head].fill(0.0);
            for run in place.runs() {
                for queries in Queries::of(row, base) {
                    let lse = &saved.lse[run.lse(tokens)][queries.token..][..queries.count];
                    attend_backward(queries, run, Saved { lse, ..saved }, dqkv, scratch);
                }
            }
            for (j, token) in row.prefix.clone().chain(row.tokens.clone()).enumerate() {
                let token = &mut dqkv[(token - base) * place.row()..][..place.row()];
                let (dkey, dvalue) =
                    (&scratch.dkeys[j * head..][..head], &scratch.dvalues[j * head..][..head]);
                token[place.key()..][..head].iter_mut().zip(dkey).for_each(|(to, x)| *to += x);
                token[place.value()..][..head].iter_mut().zip(dvalue).for_each(|(to, x)| *to += x);
            }
        }
    }
}

/// Gradient of [`attend`]: adds to the `dqkv` of the queries and to the scratch's gradients of keys and
/// values. `saved.lse` is that of these queries.
fn attend_backward(queries: Queries, place: Place, saved: Saved, dqkv: &mut [f32], scratch: &mut Scratch) {
    let Place { head, query, .. } = place;
    let (row, d) = (place.row(), place.queries());
    let Queries { token, count, first, context, columns } = queries;
    let (stride, scale) = (scratch.stride, place.scale());
    let (p, dp) = (&mut scratch.scores[..count * stride], &mut scratch.dscores[..count * stride]);
    let (wide, narrow) = (token * row + query, token * d + query);

    let queries = Left { data: &saved.qkv[wide..], row, step: 1 };
    let keys = Right { data: &scratch.turned, row: stride };
    matmul(count, columns, head, queries, keys, Out { data: p, row: stride }, false);
    probabilities(p, stride, first, columns, scale, saved.lse);
    // dV += P^T dO
    let turned = Left { data: p, row: 1, step: stride };
    let dout = Right { data: &saved.dout[narrow..], row: d };
    matmul(context, head, count, turned, dout, Out { data: &mut scratch.dvalues, row: head }, true);
    // dP = dO V^T, then dS = P (dP - dO . O)
    let douts = Left { data: &saved.dout[narrow..], row: d, step: 1 };
    let values = Right { data: &scratch.values_turned, row: stride };
    matmul(count, columns, head, douts, values, Out { data: dp, row: stride }, false);
    let mut dots = [0.0; BLOCK];
    for (i, dot) in dots.iter_mut().enumerate().take(count) {
        let (o, g) = (&saved.out[narrow + i * d..][..head], &saved.dout[narrow + i * d..][..head]);
        *dot = o.iter().zip(g).map(|(o, g)| o * g).sum();
    }
    softmax_backward(p, dp, stride, columns, scale, &dots[..count]);
    // dQ += dS K, dK += dS^T Q
    let ds = Left { data: p, row: stride, step: 1 };
    let keys = Right { data: &scratch.keys, row: head };
    matmul(count, head, context, ds, keys, Out { data: &mut dqkv[wide..], row }, true);
    let turned = Left { data: p, row: 1, step: stride };
    let queries = Right { data: &saved.qkv[wide..], row };
    matmul(context, head, count, turned, queries, Out { data: &mut scratch.dkeys, row: head }, true);
}
