//! Final norm, tied head and log-probability of the targets, at target positions only and a few at a time:
//! logits of the whole batch are never in memory.

use crate::buffer::Buffer;
use crate::matmul::{add_outer, product, transpose};
use crate::norm::{layer_norm, layer_norm_backward};
use crate::simd::{LANES, exp, kernel, larger, largest, total};
use rayon::prelude::*;

/// One scored token: the hidden state at `position` predicts `token`, whose log-probability counts for
/// sequence `sequence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// Place in the packed batch of the state that predicts.
    pub position: u32,
    /// The token predicted.
    pub token: u32,
    /// The sequence whose sum the log-probability joins.
    pub sequence: u32,
}

/// Targets worked on together: a constant, so that sums do not depend on the number of threads.
const CHUNK: usize = 128;

/// Parameters of the head: the final norm and the token embedding, `[vocab, d]`.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// Gain of the last norm, `[d]`.
    pub gain: &'a [f32],
    /// Its bias, `[d]`.
    pub bias: &'a [f32],
    /// The table of tokens, which the head is tied to, `[vocab, d]`.
    pub embedding: &'a [f32],
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
    /// The log normalizer of each row of logits.
    pub fn normalizers(logits: &[f32], vocab: usize, lse: &mut [f32]) {
        for (row, lse) in logits.chunks_exact(vocab).zip(lse) {
            let (chunks, rest) = row.as_chunks::<LANES>();
            let mut tops = [f32::NEG_INFINITY; LANES];
            for chunk in chunks {
                tops.iter_mut().zip(chunk).for_each(|(top, x)| *top = larger(*x, *top));
            }
            tops.iter_mut().zip(rest).for_each(|(top, x)| *top = larger(*x, *top));
            let top = largest(tops);
            let mut sums = [0.0; LANES];
            for chunk in chunks {
                for (sum, x) in sums.iter_mut().zip(chunk) {
                    *sum += exp::<FMA>(x - top);
                }
            }
            for (sum, x) in sums.iter_mut().zip(rest) {
                *sum += exp::<FMA>(x - top);
            }
            *lse = top + total(sums).ln();
        }
    }
}

kernel! {
    /// Turns each row of logits into the gradient of one log-probability times `dout`, but for the one that the
    /// target itself gets: `-dout * probability`.
    pub fn slopes(logits: &mut [f32], vocab: usize, lse: &[f32], dout: &[f32]) {
        for ((row, lse), dout) in logits.chunks_exact_mut(vocab).zip(lse).zip(dout) {
            row.iter_mut().for_each(|x| *x = -dout * exp::<FMA>(*x - lse));
        }
    }
}

/// Hidden states of a chunk of targets after the norm, with the norm's statistics and input.
struct Hidden {
    raw: Buffer,
    normal: Buffer,
    stats: Buffer,
}

fn hidden(x: &[f32], head: &Head, scored: &[Scored]) -> Hidden {
    let d = head.d();
    let mut raw = Buffer::new(scored.len() * d);
    for (raw, target) in raw.chunks_exact_mut(d).zip(scored) {
        raw.copy_from_slice(&x[target.position as usize * d..][..d]);
    }
    let (mut normal, mut stats) = (Buffer::new(raw.len()), Buffer::new(2 * scored.len()));
    layer_norm(&raw, head.gain, head.bias, &mut normal, &mut stats);
    Hidden { raw, normal, stats }
}

/// Log-probability of each scored token, in nats, for hidden states `x [tokens, d]`, and the log normalizer of
/// its logits.
pub fn forward(x: &[f32], head: &Head, scored: &[Scored]) -> (Vec<f32>, Vec<f32>) {
    let (d, vocab) = (head.d(), head.vocab());
    let turned = transpose(vocab, d, head.embedding);
    let (mut out, mut lse) = (vec![0.0; scored.len()], vec![0.0; scored.len()]);
    let results = out.par_chunks_mut(CHUNK).zip(lse.par_chunks_mut(CHUNK));
    scored.par_chunks(CHUNK).zip(results).for_each(|(scored, (out, lse))| {
        let hidden = hidden(x, head, scored);
        let mut logits = Buffer::new(scored.len() * vocab);
        product(scored.len(), vocab, d, &hidden.normal, &turned, &mut logits, false);
        for ((out, row), target) in out.iter_mut().zip(logits.chunks_exact(vocab)).zip(scored) {
            *out = row[target.token as usize];
        }
        normalizers(&logits, vocab, lse);
        out.iter_mut().zip(lse).for_each(|(out, lse)| *out -= *lse);
    });
    (out, lse)
}

/// Gradients of [`forward`], given its log normalizers and the gradient of each log-probability: of `x`, gain,
/// bias and embedding.
pub fn backward(x: &[f32], head: &Head, scored: &[Scored], lse: &[f32], dout: &[f32]) -> [Vec<f32>; 4] {
    let (d, vocab) = (head.d(), head.vocab());
    let turned = transpose(vocab, d, head.embedding);
    let parts: Vec<_> = scored
        .par_chunks(CHUNK)
        .zip(lse.par_chunks(CHUNK).zip(dout.par_chunks(CHUNK)))
        .map(|(scored, (lse, dout))| chunk_backward(x, head, &turned, scored, lse, dout))
        .collect();
    let mut sums = [vec![0.0; x.len()], vec![0.0; d], vec![0.0; d], vec![0.0; vocab * d]];
    for ([draw, rest @ ..], scored) in parts.iter().zip(scored.chunks(CHUNK)) {
        for (target, draw) in scored.iter().zip(draw.chunks_exact(d)) {
            let row = &mut sums[0][target.position as usize * d..][..d];
            row.iter_mut().zip(draw).for_each(|(sum, x)| *sum += x);
        }
        for (sum, part) in sums[1..].iter_mut().zip(rest) {
            sum.iter_mut().zip(part.iter()).for_each(|(sum, x)| *sum += x);
        }
    }
    sums
}

/// The gradients that a chunk of targets gives: of the states that predict them, gain, bias and embedding.
fn chunk_backward(
    x: &[f32],
    head: &Head,
    turned: &[f32],
    scored: &[Scored],
    lse: &[f32],
    dout: &[f32],
) -> [Buffer; 4] {
    let (d, vocab) = (head.d(), head.vocab());
    let hidden = hidden(x, head, scored);
    let n = scored.len();
    let mut dlogits = Buffer::new(n * vocab);
    product(n, vocab, d, &hidden.normal, turned, &mut dlogits, false);
    slopes(&mut dlogits, vocab, lse, dout);
    for ((row, target), g) in dlogits.chunks_exact_mut(vocab).zip(scored).zip(dout) {
        row[target.token as usize] += g;
    }
    let mut dnormal = Buffer::new(n * d);
    product(n, d, vocab, &dlogits, head.embedding, &mut dnormal, false);
    let mut dembedding = Buffer::zeros(vocab * d);
    add_outer(n, d, vocab, &dlogits, &hidden.normal, &mut dembedding);
    let (mut draw, mut dgain, mut dbias) = (Buffer::zeros(n * d), Buffer::zeros(d), Buffer::zeros(d));
    layer_norm_backward(&hidden.raw, head.gain, &hidden.stats, &dnormal, &mut draw, &mut dgain, &mut dbias);
    [draw, dgain, dbias, dembedding]
}
