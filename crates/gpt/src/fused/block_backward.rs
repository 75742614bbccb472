//! The backward pass of [`super::block`], chunk by chunk. The tape holds queries, keys, values and the inputs of
//! norm and GELU; what is cheap to compute again (norms, activations) is.

use super::block::{
    BIAS1, BIAS2, DOWN, DOWN_BIAS, GAIN1, GAIN2, OUT, PARAMS, QKV, Shape, Tape, UP, UP_BIAS, cut, widths,
};
use eightfold_kernels::Buffer;
use eightfold_kernels::attention::{self, Saved, Scratch, attention_backward};
use eightfold_kernels::elements::{add, add_columns, multiply};
use eightfold_kernels::gelu::gelu_and_slope;
use eightfold_kernels::matmul::{add_outer, product, transpose};
use eightfold_kernels::norm::{layer_norm, layer_norm_backward};
use eightfold_kernels::{Row, Rows};
use rayon::prelude::*;
use std::ops::Range;

/// Gradients of the block: of `x`, and of each parameter.
pub(crate) fn backward(
    x: &[f32],
    params: &[&[f32]; PARAMS],
    rows: &Rows,
    shape: &Shape,
    tape: &Tape,
    dout: &[f32],
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let (d, f) = widths(params);
    let turned = Turned {
        qkv: transpose(d, 3 * d, params[QKV]),
        out: transpose(d, d, params[OUT]),
        up: transpose(d, f, params[UP]),
        down: transpose(f, d, params[DOWN]),
    };
    let mut dx = vec![0.0; x.len()];
    let mut rest = &mut dx[..];
    let chunks = rows.chunks().map(|(rows, tokens)| {
        let dx = cut(&mut rest, tokens.len() * d);
        (Chunk { rows, tokens, x, params, turned: &turned, shape, tape, dout }, dx)
    });
    let mut chunks: Vec<_> = chunks.collect();
    let scratch = || Scratch::new(rows.longest(), d / shape.heads);
    let group = chunks.len().div_ceil(GROUPS).max(1);
    let parts: Vec<Vec<Buffer>> = chunks
        .par_chunks_mut(group)
        .map_init(scratch, |scratch, group| {
            let mut grads: Vec<Buffer> = params.iter().map(|p| Buffer::zeros(p.len())).collect();
            for (chunk, dx) in group {
                let dmiddle = chunk.feed_forward(&mut grads);
                chunk.attention(&dmiddle, dx, &mut grads, scratch);
            }
            grads
        })
        .collect();
    let sum = |i: usize| {
        let mut sum = vec![0.0; params[i].len()];
        parts.iter().for_each(|part| add(&part[i], &mut sum));
        sum
    };
    (dx, (0..PARAMS).into_par_iter().map(sum).collect())
}

/// Most groups of chunks whose gradients are summed apart: the most threads that have work. A constant, so that
/// sums do not depend on the number of threads.
const GROUPS: usize = 8;

/// Transposed weights: gradients of inputs are products with them.
struct Turned {
    qkv: Vec<f32>,
    out: Vec<f32>,
    up: Vec<f32>,
    down: Vec<f32>,
}

/// One chunk of a backward pass: its rows, the block, and the buffers of the whole batch.
struct Chunk<'a> {
    rows: &'a [Row],
    tokens: Range<usize>,
    x: &'a [f32],
    params: &'a [&'a [f32]; PARAMS],
    turned: &'a Turned,
    shape: &'a Shape,
    tape: &'a Tape,
    dout: &'a [f32],
}

impl Chunk<'_> {
    /// The part of a `[tokens, width]` buffer that belongs to this chunk.
    fn of<'b>(&self, buffer: &'b [f32], width: usize) -> &'b [f32] {
        &buffer[self.tokens.start * width..self.tokens.end * width]
    }

    /// The feed-forward half: adds to the gradients of its parameters, returns that of its input.
    fn feed_forward(&self, grads: &mut [Buffer]) -> Buffer {
        let ((d, f), n) = (widths(self.params), self.tokens.len());
        let (middle, up) = (self.of(&self.tape.middle, d), self.of(&self.tape.up, f));
        let dout = self.of(self.dout, d);
        // First the activation, then its gradient.
        let (mut wide, mut slope) = (Buffer::new(n * f), Buffer::new(n * f));
        gelu_and_slope(up, &mut wide, &mut slope);
        add_outer(n, d, f, &wide, dout, &mut grads[DOWN]);
        add_columns(dout, &mut grads[DOWN_BIAS]);
        product(n, f, d, dout, &self.turned.down, &mut wide, false);
        multiply(&slope, &mut wide);
        drop(slope);
        let (mut normal, mut stats) = (Buffer::new(n * d), Buffer::new(2 * n));
        layer_norm(middle, self.params[GAIN2], self.params[BIAS2], &mut normal, &mut stats);
        add_outer(n, f, d, &normal, &wide, &mut grads[UP]);
        add_columns(&wide, &mut grads[UP_BIAS]);
        let mut dnormal = Buffer::new(n * d);
        product(n, d, f, &wide, &self.turned.up, &mut dnormal, false);
        let mut dmiddle = Buffer::copied(dout);
        self.norm(GAIN2, middle, &stats, &dnormal, &mut dmiddle, grads);
        dmiddle
    }

    /// The attention half, given the gradient of its output: adds to the gradients of its parameters, writes
    /// that of the block's input.
    fn attention(&self, dmiddle: &[f32], dx: &mut [f32], grads: &mut [Buffer], scratch: &mut Scratch) {
        let ((d, _), n, heads) = (widths(self.params), self.tokens.len(), self.shape.heads);
        let x = self.of(self.x, d);
        let mut dattended = Buffer::new(n * d);
        product(n, d, d, dmiddle, &self.turned.out, &mut dattended, false);
        let saved = Saved {
            qkv: self.of(&self.tape.qkv, 3 * d),
            out: self.of(&self.tape.attended, d),
            lse: self.of(&self.tape.lse, heads),
            dout: &dattended,
        };
        add_outer(n, d, d, saved.out, dmiddle, &mut grads[OUT]);
        let mut dqkv = Buffer::zeros(n * 3 * d);
        let chunk = attention::Chunk { rows: self.rows, base: self.tokens.start, d, heads, group: 1 };
        attention_backward(chunk, saved, &mut dqkv, scratch);
        for row in self.rows {
            for (i, token) in row.tokens.clone().enumerate() {
                let dqkv = &mut dqkv[(token - self.tokens.start) * 3 * d..];
                self.shape.rope.rotate_back(&mut dqkv[..2 * d], row.offset() + i);
            }
        }
        let (mut normal, mut stats) = (Buffer::new(n * d), Buffer::new(2 * n));
        layer_norm(x, self.params[GAIN1], self.params[BIAS1], &mut normal, &mut stats);
        add_outer(n, 3 * d, d, &normal, &dqkv, &mut grads[QKV]);
        let mut dnormal = Buffer::new(n * d);
        product(n, d, 3 * d, &dqkv, &self.turned.qkv, &mut dnormal, false);
        dx.copy_from_slice(dmiddle);
        self.norm(GAIN1, x, &stats, &dnormal, dx, grads);
    }

    /// A norm's gradient, added to `dx`; its gain is parameter `gain`, its bias the one after it.
    fn norm(
        &self,
        gain: usize,
        x: &[f32],
        stats: &[f32],
        dout: &[f32],
        dx: &mut [f32],
        grads: &mut [Buffer],
    ) {
        let (low, high) = grads.split_at_mut(gain + 1);
        layer_norm_backward(x, self.params[gain], stats, dout, dx, &mut low[gain], &mut high[0]);
    }
}
