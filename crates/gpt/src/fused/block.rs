//! One pre-norm transformer block as one operation, chunk by chunk, so that its activations stay in cache:
//! `y = x + attention(norm1(x)) W_o`, `out = y + gelu(norm2(y) W_1 + b_1) W_2 + b_2`.

use super::rope::Rope;
use eightfold_kernels::Buffer;
use eightfold_kernels::attention::{self, Scratch, attention};
use eightfold_kernels::gelu::gelu;
use eightfold_kernels::matmul::product;
use eightfold_kernels::norm::layer_norm;
use eightfold_kernels::{Row, Rows};
use rayon::prelude::*;
use std::ops::Range;

/// The parameters of a block, in this order: gain and bias of the first norm, packed query-key-value weight
/// `[d, 3 d]`, output weight `[d, d]`, gain and bias of the second norm, weight `[d, f]` and bias of the
/// first feed-forward layer, weight `[f, d]` and bias of the second.
pub(crate) const PARAMS: usize = 10;
pub(super) const GAIN1: usize = 0;
pub(super) const BIAS1: usize = 1;
pub(super) const QKV: usize = 2;
pub(super) const OUT: usize = 3;
pub(super) const GAIN2: usize = 4;
pub(super) const BIAS2: usize = 5;
pub(super) const UP: usize = 6;
pub(super) const UP_BIAS: usize = 7;
pub(super) const DOWN: usize = 8;
pub(super) const DOWN_BIAS: usize = 9;

/// Shape of a block that does not follow from its parameters.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) heads: usize,
    pub(crate) rope: Rope,
}

/// Widths of a block: of the residual stream, and of the feed-forward layer.
pub(super) fn widths(params: &[&[f32]; PARAMS]) -> (usize, usize) {
    (params[GAIN1].len(), params[UP_BIAS].len())
}

/// What the forward pass keeps for the backward pass. All but `lse` are `[tokens, width]`; `lse` is
/// `[heads, tokens]` within each chunk.
#[derive(Debug)]
pub(crate) struct Tape {
    pub(super) qkv: Buffer,
    pub(super) attended: Buffer,
    pub(super) lse: Buffer,
    pub(super) middle: Buffer,
    pub(super) up: Buffer,
}

impl Tape {
    fn new(tokens: usize, d: usize, f: usize, heads: usize) -> Self {
        let new = |width: usize| Buffer::new(tokens * width);
        Self { qkv: new(3 * d), attended: new(d), lse: new(heads), middle: new(d), up: new(f) }
    }

    /// The rotated query, the rotated key and the value of one token.
    pub(crate) fn query_key_value(&self, token: usize, d: usize) -> [&[f32]; 3] {
        [0, 1, 2].map(|i| &self.qkv[(3 * token + i) * d..][..d])
    }
}

/// The buffers that a chunk's forward pass fills.
struct Part<'a> {
    qkv: &'a mut [f32],
    attended: &'a mut [f32],
    lse: &'a mut [f32],
    middle: &'a mut [f32],
    up: &'a mut [f32],
    out: &'a mut [f32],
}

impl<'a> Part<'a> {
    /// Cuts off the part of the first `tokens` tokens.
    fn first(&mut self, tokens: usize, d: usize, f: usize, heads: usize) -> Self {
        let cut = |buffer: &mut &'a mut [f32], width| cut(buffer, tokens * width);
        Self {
            qkv: cut(&mut self.qkv, 3 * d),
            attended: cut(&mut self.attended, d),
            lse: cut(&mut self.lse, heads),
            middle: cut(&mut self.middle, d),
            up: cut(&mut self.up, f),
            out: cut(&mut self.out, d),
        }
    }
}

/// Cuts the first floats off a buffer.
pub(super) fn cut<'a>(buffer: &mut &'a mut [f32], floats: usize) -> &'a mut [f32] {
    buffer.split_off_mut(..floats).expect("buffers hold all tokens of the batch")
}

/// Runs the block on `x [tokens, d]`.
pub(crate) fn forward(x: &[f32], params: &[&[f32]; PARAMS], rows: &Rows, shape: &Shape) -> (Vec<f32>, Tape) {
    let (d, f) = widths(params);
    let n = rows.tokens();
    assert_eq!(x.len(), n * d, "one row of x for each token of the batch");
    let mut tape = Tape::new(n, d, f, shape.heads);
    let mut out = vec![0.0; n * d];
    let Tape { qkv, attended, lse, middle, up } = &mut tape;
    let mut rest = Part { qkv, attended, lse, middle, up, out: &mut out };
    let chunks = rows.chunks().map(|(rows, tokens)| {
        let part = rest.first(tokens.len(), d, f, shape.heads);
        (rows, tokens, part)
    });
    let chunks: Vec<_> = chunks.collect();
    let scratch = || Scratch::new(rows.longest(), d / shape.heads);
    chunks.into_par_iter().for_each_init(scratch, |scratch, (rows, tokens, part)| {
        forward_chunk(&x[tokens.start * d..tokens.end * d], params, rows, tokens, shape, part, scratch);
    });
    (out, tape)
}

fn forward_chunk(
    x: &[f32],
    params: &[&[f32]; PARAMS],
    rows: &[Row],
    tokens: Range<usize>,
    shape: &Shape,
    part: Part,
    scratch: &mut Scratch,
) {
    let ((d, f), n) = (widths(params), tokens.len());
    let (mut normal, mut stats) = (Buffer::new(n * d), Buffer::new(2 * n));
    layer_norm(x, params[GAIN1], params[BIAS1], &mut normal, &mut stats);
    product(n, 3 * d, d, &normal, params[QKV], part.qkv, false);
    for row in rows {
        for (i, token) in row.tokens.clone().enumerate() {
            let qkv = &mut part.qkv[(token - tokens.start) * 3 * d..];
            shape.rope.rotate(&mut qkv[..2 * d], row.offset() + i);
        }
    }
    let chunk = attention::Chunk { rows, base: tokens.start, d, heads: shape.heads, group: 1 };
    attention(chunk, part.qkv, part.attended, part.lse, scratch);
    part.middle.copy_from_slice(x);
    product(n, d, d, part.attended, params[OUT], part.middle, true);
    layer_norm(part.middle, params[GAIN2], params[BIAS2], &mut normal, &mut stats);
    for row in part.up.chunks_exact_mut(f) {
        row.copy_from_slice(params[UP_BIAS]);
    }
    product(n, f, d, &normal, params[UP], part.up, true);
    let mut active = Buffer::new(n * f);
    gelu(part.up, &mut active);
    for (out, middle) in part.out.chunks_exact_mut(d).zip(part.middle.chunks_exact(d)) {
        for ((out, middle), bias) in out.iter_mut().zip(middle).zip(params[DOWN_BIAS]) {
            *out = middle + bias;
        }
    }
    product(n, d, f, &active, params[DOWN], part.out, true);
}
