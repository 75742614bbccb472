//! Final norm, tied head and log-probability of the targets, at target positions only and a few at a time:
//! logits of the whole batch are never in memory.

use super::matmul::{add_outer, product, transpose};
use super::norm::{layer_norm, layer_norm_backward};
use super::simd::{exp, kernel};
use rayon::prelude::*;

/// One scored token: the hidden state at `position` predicts `token`, whose log-probability counts for
/// sequence `sequence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scored {
    /// Place in the packed batch of the state that predicts.
    pub(crate) position: u32,
    /// The token predicted.
    pub(crate) token: u32,
    /// The sequence whose sum the log-probability joins.
    pub(crate) sequence: u32,
}

/// Targets worked on together: a constant, so that sums do not depend on the number of threads.
const CHUNK: usize = 128;

/// Parameters of the head: the final norm and the token embedding, `[vocab, d]`.
#[derive(Clone, Copy)]
pub(crate) struct Head<'a> {
    pub(crate) gain: &'a [f32],
    pub(crate) bias: &'a [f32],
    pub(crate) embedding: &'a [f32],
}

impl Head<'_> {
    fn d(&self) -> usize {
        self.gain.len()
    }

    fn vocab(&self) -> usize {
        self.embedding.len() / self.d()
    }
}

kernel! {
    /// Turns each row of logits into probabilities and writes its log normalizer.
    fn softmax_rows(logits: &mut [f32], vocab: usize, lse: &mut [f32]) {
        for (row, lse) in logits.chunks_exact_mut(vocab).zip(lse) {
            let mut tops = [f32::NEG_INFINITY; 16];
            let chunks = row.chunks_exact(16);
            let rest = chunks.remainder().iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for chunk in chunks {
                for (top, x) in tops.iter_mut().zip(chunk) {
                    *top = if *x > *top { *x } else { *top };
                }
            }
            let top = tops.into_iter().fold(rest, f32::max);
            let mut sums = [0.0f32; 16];
            for (i, x) in row.iter_mut().enumerate() {
                *x = exp::<FMA>(*x - top);
                sums[i % 16] += *x;
            }
            let sum: f32 = sums.iter().sum();
            row.iter_mut().for_each(|x| *x /= sum);
            *lse = top + sum.ln();
        }
    }
}

/// Hidden states of a chunk of targets after the norm, with the norm's statistics and input.
struct Hidden {
    raw: Vec<f32>,
    normal: Vec<f32>,
    stats: Vec<f32>,
}

fn hidden(x: &[f32], head: &Head, scored: &[Scored]) -> Hidden {
    let d = head.d();
    let mut raw = Vec::with_capacity(scored.len() * d);
    for target in scored {
        raw.extend_from_slice(&x[target.position as usize * d..][..d]);
    }
    let (mut normal, mut stats) = (vec![0.0; raw.len()], vec![0.0; 2 * scored.len()]);
    layer_norm(&raw, head.gain, head.bias, &mut normal, &mut stats);
    Hidden { raw, normal, stats }
}

/// Log-probability of each scored token, in nats, for hidden states `x [tokens, d]`.
pub(crate) fn forward(x: &[f32], head: &Head, scored: &[Scored]) -> Vec<f32> {
    let (d, vocab) = (head.d(), head.vocab());
    let turned = transpose(vocab, d, head.embedding);
    let mut out = vec![0.0; scored.len()];
    scored.par_chunks(CHUNK).zip(out.par_chunks_mut(CHUNK)).for_each(|(scored, out)| {
        let hidden = hidden(x, head, scored);
        let mut logits = vec![0.0; scored.len() * vocab];
        product(scored.len(), vocab, d, &hidden.normal, &turned, &mut logits, false);
        for ((out, row), target) in out.iter_mut().zip(logits.chunks_exact(vocab)).zip(scored) {
            *out = row[target.token as usize];
        }
        let mut lse = vec![0.0; scored.len()];
        softmax_rows(&mut logits, vocab, &mut lse);
        out.iter_mut().zip(lse).for_each(|(out, lse)| *out -= lse);
    });
    out
}

/// Gradients of [`forward`], given that of each log-probability: of `x`, gain, bias and embedding.
pub(crate) fn backward(x: &[f32], head: &Head, scored: &[Scored], dout: &[f32]) -> [Vec<f32>; 4] {
    let (d, vocab) = (head.d(), head.vocab());
    let turned = transpose(vocab, d, head.embedding);
    let parts: Vec<_> = scored
        .par_chunks(CHUNK)
        .zip(dout.par_chunks(CHUNK))
        .map(|(scored, dout)| chunk_backward(x, head, &turned, scored, dout))
        .collect();
    let mut sums = [vec![0.0; x.len()], vec![0.0; d], vec![0.0; d], vec![0.0; vocab * d]];
    for ([draw, rest @ ..], scored) in parts.iter().zip(scored.chunks(CHUNK)) {
        for (target, draw) in scored.iter().zip(draw.chunks_exact(d)) {
            let row = &mut sums[0][target.position as usize * d..][..d];
            row.iter_mut().zip(draw).for_each(|(sum, x)| *sum += x);
        }
        for (sum, part) in sums[1..].iter_mut().zip(rest) {
            sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
    }
    sums
}

/// The gradients that a chunk of targets gives: of the states that predict them, gain, bias and embedding.
fn chunk_backward(x: &[f32], head: &Head, turned: &[f32], scored: &[Scored], dout: &[f32]) -> [Vec<f32>; 4] {
    let (d, vocab) = (head.d(), head.vocab());
    let hidden = hidden(x, head, scored);
    let n = scored.len();
    let mut slopes = vec![0.0; n * vocab];
    product(n, vocab, d, &hidden.normal, turned, &mut slopes, false);
    softmax_rows(&mut slopes, vocab, &mut vec![0.0; n]);
    for ((row, target), g) in slopes.chunks_exact_mut(vocab).zip(scored).zip(dout) {
        row.iter_mut().for_each(|p| *p *= -g);
        row[target.token as usize] += g;
    }
    let mut dnormal = vec![0.0; n * d];
    product(n, d, vocab, &slopes, head.embedding, &mut dnormal, false);
    let mut dembedding = vec![0.0; vocab * d];
    add_outer(n, d, vocab, &slopes, &hidden.normal, &mut dembedding);
    let (mut draw, mut dgain, mut dbias) = (vec![0.0; n * d], vec![0.0; d], vec![0.0; d]);
    layer_norm_backward(&hidden.raw, head.gain, &hidden.stats, &dnormal, &mut draw, &mut dgain, &mut dbias);
    [draw, dgain, dbias, dembedding]
}
