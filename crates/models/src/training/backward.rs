//! The backward pass of a block.

use super::adapters::{Adapter, BlockAdapters};
use super::elements::{add_columns, gated, gated_backward, normalized, normalized_backward};
use super::pass::{Pass, Tape};
use crate::rope::rotate_back;
use crate::weights::{Block, Linear};
use eightfold_kernels::Buffer;
use eightfold_kernels::{Columns, ColumnsMut, Saved, attention_backward, rms_norm_backward};
use rayon::prelude::*;

/// Tokens whose gradients of head gains are summed apart.
const TOKENS: usize = 32;

/// Where the gradients of a block are added.
pub(crate) enum BlockGradient<'a> {
    /// Of all its weights.
    Full(&'a mut Block),
    /// Of its adapters.
    Adapters(&'a mut BlockAdapters),
}

/// Where the gradients of a matrix are added.
enum LinearGradient<'a> {
    Full(&'a mut Linear),
    Adapters(&'a mut [Adapter]),
}

/// Picks one matrix of a block's gradient.
macro_rules! of {
    ($gradient:expr, $field:ident) => {
        match $gradient {
            BlockGradient::Full(block) => LinearGradient::Full(&mut block.$field),
            BlockGradient::Adapters(adapters) => LinearGradient::Adapters(&mut adapters.$field),
        }
    };
}

/// The gradient of what a matrix and its adapters make of `x [m, inputs]`, for the gradient `dy [m, outputs]`: that of
/// x, and added to `gradient` those of the weights.
fn backward(
    linear: &Linear,
    adapters: &[Adapter],
    m: usize,
    x: &[f32],
    dy: &[f32],
    gradient: LinearGradient,
) -> Buffer {
    let (inputs, outputs) = (linear.matrix.rows(), linear.matrix.columns());
    let mut dx = Buffer::zeros(m * inputs);
    let dys = Columns { data: dy, row: outputs };
    linear.matrix.add_product_by_transpose(m, dys, ColumnsMut { data: &mut dx, row: inputs });
    match gradient {
        LinearGradient::Full(gradient) => {
            gradient.matrix.add_outer(m, Columns { data: x, row: inputs }, dys);
            gradient.bias.iter_mut().for_each(|bias| add_columns(dy, bias));
        }
        LinearGradient::Adapters(gradients) => {
            for (adapter, gradient) in adapters.iter().zip(gradients) {
                adapter.backward(m, x, dy, &mut dx, gradient);
            }
        }
    }
    dx
}

impl BlockGradient<'_> {
    /// The gradient of a gain, where it is trained.
    fn gain(&mut self, pick: impl FnOnce(&mut Block) -> &mut Vec<f32>) -> Option<&mut [f32]> {
        match self {
            Self::Full(block) => Some(pick(block)),
            Self::Adapters(_) => None,
        }
    }
}

impl Pass<'_> {
    /// The backward pass of block `at`, which read `x`: `d`, the gradient of what it gave, becomes that of `x`, and
    /// those of the weights are added to `gradient`.
    pub(crate) fn backward(
        &self,
        at: usize,
        x: &[f32],
        tape: Tape,
        d: &mut [f32],
        mut gradient: BlockGradient,
    ) {
        let Tape { raw, qkv, attended, lse, middle, wide } = tape;
        self.feed_forward_backward(at, &middle, wide, d, &mut gradient);
        let (block, adapters, n) = (&self.network.weights.blocks[at], self.adapters(at), self.tokens());
        let dattended = backward(&block.out, &adapters.out, n, &attended, d, of!(&mut gradient, out));
        let saved = Saved { qkv: &qkv, out: &attended, lse: &lse, dout: &dattended };
        let mut dqkv = self.attend_backward(saved);
        self.turn_backward(block, raw.as_deref(), &mut dqkv, &mut gradient);
        let epsilon = self.network.config.epsilon;
        let normal = normalized(x, &block.attention_gain, epsilon);
        let dnormal = backward(&block.qkv, &adapters.qkv, n, &normal, &dqkv, of!(&mut gradient, qkv));
        let gain = gradient.gain(|block| &mut block.attention_gain);
        normalized_backward(x, &block.attention_gain, epsilon, &dnormal, d, gain);
    }

    /// The same for the feed-forward half alone, which read `middle`.
    fn feed_forward_backward(
        &self,
        at: usize,
        middle: &[f32],
        mut wide: Buffer,
        d: &mut [f32],
        gradient: &mut BlockGradient,
    ) {
        let (block, adapters, n) = (&self.network.weights.blocks[at], self.adapters(at), self.tokens());
        let (inner, epsilon) = (self.network.config.inner, self.network.config.epsilon);
        let active = gated(&wide, inner);
        let dactive = backward(&block.down, &adapters.down, n, &active, d, of!(gradient, down));
        drop(active);
        gated_backward(&mut wide, inner, &dactive);
        drop(dactive);
        let normal = normalized(middle, &block.inner_gain, epsilon);
        let dnormal = backward(&block.up, &adapters.up, n, &normal, &wide, of!(gradient, up));
        let gain = gradient.gain(|block| &mut block.inner_gain);
        normalized_backward(middle, &block.inner_gain, epsilon, &dnormal, d, gain);
    }

    /// The gradient of queries, keys and values.
    fn attend_backward(&self, saved: Saved) -> Buffer {
        let ((queries, _, row), heads) = (self.widths(), self.network.config.heads);
        let mut dqkv = Buffer::zeros(self.tokens() * row);
        let mut rest = &mut dqkv[..];
        let mut parts = Vec::with_capacity(self.groups.len());
        for (rows, tokens) in &self.groups {
            let dqkv = rest.split_off_mut(..tokens.len() * row).expect("groups tile the batch");
            let of = |width: usize| tokens.start * width..tokens.end * width;
            let saved = Saved {
                qkv: &saved.qkv[of(row)],
                out: &saved.out[of(queries)],
                lse: &saved.lse[of(heads)],
                dout: &saved.dout[of(queries)],
            };
            parts.push((self.chunk(rows, tokens.start), saved, dqkv));
        }
        parts.into_par_iter().for_each_init(
            || self.scratch(),
            |scratch, (chunk, saved, dqkv)| attention_backward(chunk, saved, dqkv, scratch),
        );
        dqkv
    }

    /// Turns the gradients of queries and keys back, and takes them through the normalization where there is one.
    fn turn_backward(
        &self,
        block: &Block,
        raw: Option<&[f32]>,
        dqkv: &mut [f32],
        gradient: &mut BlockGradient,
    ) {
        let (queries, turned, row) = self.widths();
        let tokens = dqkv.par_chunks_exact_mut(row).zip(&self.positions);
        tokens.for_each(|(dqkv, position)| rotate_back(&mut dqkv[..turned], &self.turns[*position]));
        let Some((raw, gains)) = raw.zip(block.head_gains.as_ref()) else { return };
        let (head, epsilon) = (self.network.config.head, self.network.config.epsilon);
        let parts = raw.par_chunks(TOKENS * turned).zip(dqkv.par_chunks_mut(TOKENS * row));
        let parts = parts.map(|(raw, dqkv)| {
            let mut dgains = [vec![0.0; head], vec![0.0; head]];
            for (raw, dqkv) in raw.chunks_exact(turned).zip(dqkv.chunks_exact_mut(row)) {
                let parts = [0..queries, queries..turned].into_iter().zip(gains).zip(&mut dgains);
                for ((part, gain), dgain) in parts {
                    let dout = Buffer::copied(&dqkv[part.clone()]);
                    dqkv[part.clone()].fill(0.0);
                    rms_norm_backward(&raw[part.clone()], gain, epsilon, &dout, &mut dqkv[part], dgain);
                }
            }
            dgains
        });
        let parts: Vec<[Vec<f32>; 2]> = parts.collect();
        if let BlockGradient::Full(Block { head_gains: Some(sums), .. }) = gradient {
            for part in &parts {
                sums.iter_mut().zip(part).for_each(|(sum, part)| super::elements::add(sum, part));
            }
        }
    }
}
