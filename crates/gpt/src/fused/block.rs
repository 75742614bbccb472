//! One pre-norm transformer block as one operation, chunk by chunk, so that its activations stay in cache:
//! `y = x + attention(norm1(x)) W_o`, `out = y + gelu(norm2(y) W_1 + b_1) W_2 + b_2`.

use super::attention::{Saved, Scratch, attention, attention_backward};
use super::gelu::{gelu, gelu_backward};
use super::matmul::{add_outer, product, transpose};
use super::norm::{layer_norm, layer_norm_backward};
use super::rope::Rope;
use super::rows::{Row, Rows};
use rayon::prelude::*;
use std::ops::Range;

/// The parameters of a block, in this order: gain and bias of the first norm, packed query-key-value weight
/// `[d, 3 d]`, output weight `[d, d]`, gain and bias of the second norm, weight `[d, f]` and bias of the
/// first feed-forward layer, weight `[f, d]` and bias of the second.
pub(crate) const PARAMS: usize = 10;
const GAIN1: usize = 0;
const BIAS1: usize = 1;
const QKV: usize = 2;
const OUT: usize = 3;
const GAIN2: usize = 4;
const BIAS2: usize = 5;
const UP: usize = 6;
const UP_BIAS: usize = 7;
const DOWN: usize = 8;
const DOWN_BIAS: usize = 9;

/// Shape of a block that does not follow from its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) heads: usize,
    pub(crate) rope: Rope,
}

/// What the forward pass keeps for the backward pass. All but `lse` are `[tokens, width]`; `lse` is
/// `[heads, tokens]` within each chunk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    qkv: Vec<f32>,
    attended: Vec<f32>,
    lse: Vec<f32>,
    middle: Vec<f32>,
    up: Vec<f32>,
    stats1: Vec<f32>,
    stats2: Vec<f32>,
}

impl Tape {
    /// The rotated query, the rotated key and the value of one token.
    pub(crate) fn query_key_value(&self, token: usize, d: usize) -> [&[f32]; 3] {
        [0, 1, 2].map(|i| &self.qkv[(3 * token + i) * d..][..d])
    }
}

/// Mutable parts of several token-major buffers that belong to one chunk.
fn split<'a>(buffer: &'a mut [f32], width: usize, rows: &Rows) -> Vec<&'a mut [f32]> {
    let mut rest = buffer;
    rows.chunks()
        .map(|(_, tokens)| {
            let (part, after) = std::mem::take(&mut rest).split_at_mut(tokens.len() * width);
            rest = after;
            part
        })
        .collect()
}

/// Runs the block on `x [tokens, d]`.
pub(crate) fn forward(x: &[f32], params: &[&[f32]; PARAMS], rows: &Rows, shape: &Shape) -> (Vec<f32>, Tape) {
    let (d, f) = (params[GAIN1].len(), params[UP_BIAS].len());
    let n = rows.tokens();
    assert_eq!(x.len(), n * d, "one row of x for each token of the batch");
    let zeros = |width: usize| vec![0.0; n * width];
    let mut tape = Tape {
        qkv: zeros(3 * d),
        attended: zeros(d),
        lse: zeros(shape.heads),
        middle: zeros(d),
        up: zeros(f),
        stats1: zeros(2),
        stats2: zeros(2),
    };
    let mut out = zeros(d);
    let parts: Vec<_> = {
        let qkv = split(&mut tape.qkv, 3 * d, rows);
        let attended = split(&mut tape.attended, d, rows);
        let lse = split(&mut tape.lse, shape.heads, rows);
        let middle = split(&mut tape.middle, d, rows);
        let up = split(&mut tape.up, f, rows);
        let stats = split(&mut tape.stats1, 2, rows).into_iter().zip(split(&mut tape.stats2, 2, rows));
        let out = split(&mut out, d, rows);
        let wide = qkv.into_iter().zip(attended).zip(lse).zip(middle).zip(up).zip(stats).zip(out);
        let chunks = rows.chunks().zip(wide);
        chunks
            .map(|((rows, tokens), ((((((qkv, attended), lse), middle), up), (stats1, stats2)), out))| {
                (rows, tokens, Part { qkv, attended, lse, middle, up, stats1, stats2, out })
            })
            .collect()
    };
    let scratch = || Scratch::new(rows.longest(), d / shape.heads);
    parts.into_par_iter().for_each_init(scratch, |scratch, (rows, tokens, part)| {
        forward_chunk(&x[tokens.start * d..tokens.end * d], params, rows, tokens, shape, part, scratch);
    });
    (out, tape)
}

/// The buffers of one chunk in the forward pass.
struct Part<'a> {
    qkv: &'a mut [f32],
    attended: &'a mut [f32],
    lse: &'a mut [f32],
    middle: &'a mut [f32],
    up: &'a mut [f32],
    stats1: &'a mut [f32],
    stats2: &'a mut [f32],
    out: &'a mut [f32],
}

fn forward_chunk(
    x: &[f32], params: &[&[f32]; PARAMS], rows: &[Row], tokens: Range<usize>, shape: &Shape, part: Part, scratch: &mut Scratch,
) {
    let (d, f, n) = (params[GAIN1].len(), params[UP_BIAS].len(), tokens.len());
    let mut normal = vec![0.0; n * d];
    layer_norm(x, params[GAIN1], params[BIAS1], &mut normal, part.stats1);
    product(n, 3 * d, d, &normal, params[QKV], part.qkv, false);
    for row in rows {
        for (i, token) in row.tokens.clone().enumerate() {
            let qkv = &mut part.qkv[(token - tokens.start) * 3 * d..];
            shape.rope.rotate(&mut qkv[..2 * d], row.offset() + i);
        }
    }
    attention(rows, tokens.start, d, shape.heads, part.qkv, part.attended, part.lse, scratch);
    part.middle.copy_from_slice(x);
    product(n, d, d, part.attended, params[OUT], part.middle, true);
    layer_norm(part.middle, params[GAIN2], params[BIAS2], &mut normal, part.stats2);
    for row in part.up.chunks_exact_mut(f) {
        row.copy_from_slice(params[UP_BIAS]);
    }
    product(n, f, d, &normal, params[UP], part.up, true);
    let mut active = vec![0.0; n * f];
    gelu(part.up, &mut active);
    for ((out, middle), _) in part.out.chunks_exact_mut(d).zip(part.middle.chunks_exact(d)).zip(0..n) {
        for ((out, middle), bias) in out.iter_mut().zip(middle).zip(params[DOWN_BIAS]) {
            *out = middle + bias;
        }
    }
    product(n, d, f, &active, params[DOWN], part.out, true);
}

/// Gradients of the block: of `x`, and of each parameter.
pub(crate) fn backward(
    x: &[f32], params: &[&[f32]; PARAMS], rows: &Rows, shape: &Shape, tape: &Tape, dout: &[f32],
) -> (Vec<f32>, Vec<Vec<f32>>) {
    let (d, f) = (params[GAIN1].len(), params[UP_BIAS].len());
    let turned = Turned {
        qkv: transpose(d, 3 * d, params[QKV]),
        out: transpose(d, d, params[OUT]),
        up: transpose(d, f, params[UP]),
        down: transpose(f, d, params[DOWN]),
    };
    let mut dx = vec![0.0; x.len()];
    let chunks: Vec<_> = rows.chunks().zip(split(&mut dx, d, rows)).collect();
    let scratch = || Scratch::new(rows.longest(), d / shape.heads);
    let parts: Vec<Vec<Vec<f32>>> = chunks
        .into_par_iter()
        .map_init(scratch, |scratch, ((rows, tokens), dx)| {
            let chunk = Chunk { rows, tokens, x, tape, dout };
            backward_chunk(&chunk, params, &turned, shape, dx, scratch)
        })
        .collect();
    let mut grads: Vec<Vec<f32>> = params.iter().map(|p| vec![0.0; p.len()]).collect();
    for part in parts {
        for (grad, part) in grads.iter_mut().zip(part) {
            grad.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
    }
    (dx, grads)
}

/// Transposed weights: gradients of inputs are products with them.
struct Turned {
    qkv: Vec<f32>,
    out: Vec<f32>,
    up: Vec<f32>,
    down: Vec<f32>,
}

/// One chunk of a backward pass: its rows, and the buffers of the whole batch.
struct Chunk<'a> {
    rows: &'a [Row],
    tokens: Range<usize>,
    x: &'a [f32],
    tape: &'a Tape,
    dout: &'a [f32],
}

impl Chunk<'_> {
    /// The part of a `[tokens, width]` buffer that belongs to this chunk.
    fn of<'b>(&self, buffer: &'b [f32], width: usize) -> &'b [f32] {
        &buffer[self.tokens.start * width..self.tokens.end * width]
    }
}

/// Adds the gradient of `x` to the chunk's `dx` (zero on entry); returns that of each parameter.
fn backward_chunk(
    chunk: &Chunk, params: &[&[f32]; PARAMS], turned: &Turned, shape: &Shape, dx: &mut [f32], scratch: &mut Scratch,
) -> Vec<Vec<f32>> {
    let (d, f, n) = (params[GAIN1].len(), params[UP_BIAS].len(), chunk.tokens.len());
    let (x, dout) = (chunk.of(chunk.x, d), chunk.of(chunk.dout, d));
    let (middle, up) = (chunk.of(&chunk.tape.middle, d), chunk.of(&chunk.tape.up, f));
    let mut grads: Vec<Vec<f32>> = params.iter().map(|p| vec![0.0; p.len()]).collect();

    // Feed-forward half. `wide` is first the activation, then its gradient.
    let mut wide = vec![0.0; n * f];
    gelu(up, &mut wide);
    add_outer(n, d, f, &wide, dout, &mut grads[DOWN]);
    add_columns(dout, &mut grads[DOWN_BIAS]);
    product(n, f, d, dout, &turned.down, &mut wide, false);
    gelu_backward(up, &mut wide);
    let mut normal = vec![0.0; n * d];
    let mut stats = vec![0.0; 2 * n];
    layer_norm(middle, params[GAIN2], params[BIAS2], &mut normal, &mut stats);
    add_outer(n, f, d, &normal, &wide, &mut grads[UP]);
    add_columns(&wide, &mut grads[UP_BIAS]);
    let mut dnormal = vec![0.0; n * d];
    product(n, d, f, &wide, &turned.up, &mut dnormal, false);
    let mut dmiddle = dout.to_vec();
    norm_backward(middle, params[GAIN2], &stats, &dnormal, &mut dmiddle, &mut grads, GAIN2);

    // Attention half.
    let saved = Saved {
        qkv: chunk.of(&chunk.tape.qkv, 3 * d),
        out: chunk.of(&chunk.tape.attended, d),
        lse: chunk.of(&chunk.tape.lse, shape.heads),
        dout: &{
            let mut dattended = vec![0.0; n * d];
            product(n, d, d, &dmiddle, &turned.out, &mut dattended, false);
            dattended
        },
    };
    add_outer(n, d, d, saved.out, &dmiddle, &mut grads[OUT]);
    let mut dqkv = vec![0.0; n * 3 * d];
    attention_backward(chunk.rows, chunk.tokens.start, d, shape.heads, &saved, &mut dqkv, scratch);
    for row in chunk.rows {
        for (i, token) in row.tokens.clone().enumerate() {
            let dqkv = &mut dqkv[(token - chunk.tokens.start) * 3 * d..];
            shape.rope.rotate_back(&mut dqkv[..2 * d], row.offset() + i);
        }
    }
    layer_norm(x, params[GAIN1], params[BIAS1], &mut normal, &mut stats);
    add_outer(n, 3 * d, d, &normal, &dqkv, &mut grads[QKV]);
    product(n, d, 3 * d, &dqkv, &turned.qkv, &mut dnormal, false);
    dx.copy_from_slice(&dmiddle);
    norm_backward(x, params[GAIN1], &stats, &dnormal, dx, &mut grads, GAIN1);
    grads
}

/// Layer norm's gradient, with gain and bias at `gain_at` and the place after it.
fn norm_backward(
    x: &[f32], gain: &[f32], stats: &[f32], dout: &[f32], dx: &mut [f32], grads: &mut [Vec<f32>], gain_at: usize,
) {
    let (low, high) = grads.split_at_mut(gain_at + 1);
    layer_norm_backward(x, gain, stats, dout, dx, &mut low[gain_at], &mut high[0]);
}

/// Adds the column sums of `x` to `sums`.
pub(crate) fn add_columns(x: &[f32], sums: &mut [f32]) {
    for row in x.chunks_exact(sums.len()) {
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
    }
}
