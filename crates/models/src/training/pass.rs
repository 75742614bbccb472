//! Forward passes over packed rows. The numbers are those of [`Network::read`], bit for bit.

use super::adapters::{Adapter, Adapters, BlockAdapters};
use super::elements::{add_by_all, gated, normalized};
use crate::network::Network;
use crate::rope::{Turn, rotate};
use crate::weights::{Block, Linear};
use eightfold_gpt::Batch;
use eightfold_kernels::{Buffer, rms_norm};
use eightfold_kernels::{Chunk, Row, Scratch, attention};
use rayon::prelude::*;
use std::ops::Range;

/// A network with its adapters, and a batch to read.
pub(crate) struct Pass<'a> {
    pub(crate) network: &'a Network,
    pub(crate) adapters: Option<&'a Adapters>,
    pub(crate) batch: &'a Batch,
    /// Of each position.
    pub(crate) turns: Vec<Turn>,
    /// Of each token.
    pub(crate) positions: Vec<usize>,
    /// A row and those that continue it, with the tokens that they cover: what attends to nothing else.
    pub(crate) groups: Vec<(&'a [Row], Range<usize>)>,
}

/// What a block's forward pass leaves for its backward pass, all `[tokens, width]`.
pub(crate) struct Tape {
    /// Queries and keys before they were normalized, where they are.
    pub(crate) raw: Option<Buffer>,
    pub(crate) qkv: Buffer,
    pub(crate) attended: Buffer,
    /// Log normalizers, `[heads, tokens]` within each group.
    pub(crate) lse: Buffer,
    /// The hidden states between the halves.
    pub(crate) middle: Buffer,
    /// Gates and values.
    pub(crate) wide: Buffer,
}

/// The adapters of a block where there are none.
static NONE: BlockAdapters =
    BlockAdapters { qkv: Vec::new(), out: Vec::new(), up: Vec::new(), down: Vec::new() };

/// What a matrix and its adapters make of `x [m, inputs]`.
fn apply(linear: &Linear, adapters: &[Adapter], m: usize, x: &[f32]) -> Buffer {
    let mut out = Buffer::new(m * linear.matrix.columns());
    linear.apply(m, x, &mut out);
    adapters.iter().for_each(|adapter| adapter.apply(m, x, &mut out));
    out
}

impl<'a> Pass<'a> {
    pub(crate) fn new(network: &'a Network, adapters: Option<&'a Adapters>, batch: &'a Batch) -> Self {
        let rows = batch.rows().rows();
        let positions = rows.iter().flat_map(|row| row.offset()..row.context()).collect();
        let turns = (0..batch.rows().longest()).map(|at| network.config.rope.turn(at)).collect();
        let mut groups: Vec<(&[Row], Range<usize>)> = Vec::new();
        let mut from = 0;
        for (i, row) in rows.iter().enumerate() {
            if rows.get(i + 1).is_none_or(|next| next.prefix.is_empty()) {
                groups.push((&rows[from..=i], rows[from].tokens.start..row.tokens.end));
                from = i + 1;
            }
        }
        Self { network, adapters, batch, turns, positions, groups }
    }

    /// Tokens of the batch.
    pub(crate) fn tokens(&self) -> usize {
        self.positions.len()
    }

    pub(crate) fn adapters(&self, at: usize) -> &BlockAdapters {
        self.adapters.map_or(&NONE, |adapters| &adapters.0[at])
    }

    /// The hidden states that the first block reads, `[tokens, width]`.
    pub(crate) fn embed(&self) -> Buffer {
        let width = self.network.config.width;
        let mut x = Buffer::new(self.tokens() * width);
        for (x, &token) in x.chunks_exact_mut(width).zip(self.batch.inputs()) {
            self.network.weights.embedding.column(token as usize, x);
        }
        x
    }

    /// Block `at` on hidden states `x [tokens, width]`, but for its last product.
    pub(crate) fn tape(&self, at: usize, x: &[f32]) -> Tape {
        let (block, adapters) = (&self.network.weights.blocks[at], self.adapters(at));
        let (n, epsilon) = (self.tokens(), self.network.config.epsilon);
        let normal = normalized(x, &block.attention_gain, epsilon);
        let mut qkv = apply(&block.qkv, &adapters.qkv, n, &normal);
        drop(normal);
        let raw = self.turn(block, &mut qkv);
        let (attended, lse) = self.attend(&qkv);
        let mut middle = apply(&block.out, &adapters.out, n, &attended);
        add_by_all(&mut middle, x);
        let normal = normalized(&middle, &block.inner_gain, epsilon);
        let wide = apply(&block.up, &adapters.up, n, &normal);
        Tape { raw, qkv, attended, lse, middle, wide }
    }

    /// What block `at` gives: the hidden states that the next one reads.
    pub(crate) fn finish(&self, at: usize, tape: &Tape) -> Buffer {
        let (block, adapters) = (&self.network.weights.blocks[at], self.adapters(at));
        let active = gated(&tape.wide, self.network.config.inner);
        let mut x = apply(&block.down, &adapters.down, self.tokens(), &active);
        add_by_all(&mut x, &tape.middle);
        x
    }

    /// Normalizes queries and keys where the architecture does, and turns them to their positions. What they were
    /// before the normalization.
    fn turn(&self, block: &Block, qkv: &mut [f32]) -> Option<Buffer> {
        let (queries, turned, row) = self.widths();
        let raw = block.head_gains.as_ref().map(|gains| {
            let mut raw = Buffer::new(self.tokens() * turned);
            let tokens = raw.par_chunks_exact_mut(turned).zip(qkv.par_chunks_exact_mut(row));
            tokens.for_each(|(raw, qkv)| {
                raw.copy_from_slice(&qkv[..turned]);
                for (part, gain) in [0..queries, queries..turned].into_iter().zip(gains) {
                    rms_norm(&raw[part.clone()], gain, self.network.config.epsilon, &mut qkv[part]);
                }
            });
            raw
        });
        let tokens = qkv.par_chunks_exact_mut(row).zip(&self.positions);
        tokens.for_each(|(qkv, position)| rotate(&mut qkv[..turned], &self.turns[*position]));
        raw
    }

    /// Floats of a token's queries, of its queries and keys, and of its queries, keys and values.
    pub(crate) fn widths(&self) -> (usize, usize, usize) {
        let config = &self.network.config;
        let (queries, kv) = (config.heads * config.head, config.kv_width());
        (queries, queries + kv, queries + 2 * kv)
    }

    /// How attention sees a group.
    pub(crate) fn chunk<'b>(&self, rows: &'b [Row], base: usize) -> Chunk<'b> {
        let config = &self.network.config;
        Chunk { rows, base, d: config.kv_width(), heads: config.kv_heads, group: config.group() }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        Scratch::new(self.batch.rows().longest(), self.network.config.head)
    }

    fn attend(&self, qkv: &[f32]) -> (Buffer, Buffer) {
        let ((queries, _, row), heads) = (self.widths(), self.network.config.heads);
        let mut attended = Buffer::new(self.tokens() * queries);
        let mut lse = Buffer::new(self.tokens() * heads);
        let (mut outs, mut lses) = (&mut attended[..], &mut lse[..]);
        let mut parts = Vec::with_capacity(self.groups.len());
        for (rows, tokens) in &self.groups {
            let out = outs.split_off_mut(..tokens.len() * queries).expect("groups tile the batch");
            let lse = lses.split_off_mut(..tokens.len() * heads).expect("groups tile the batch");
            parts.push((
                self.chunk(rows, tokens.start),
                &qkv[tokens.start * row..tokens.end * row],
                out,
                lse,
            ));
        }
        parts.into_par_iter().for_each_init(
            || self.scratch(),
            |scratch, (chunk, qkv, out, lse)| attention(chunk, qkv, out, lse, scratch),
        );
        (attended, lse)
    }
}
