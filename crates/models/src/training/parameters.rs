//! The numbers that are trained, one list of slices: optimizers and norms know no more of a network. A gradient has the
//! shape of what it is of.

use crate::weights::{Block, Linear, Weights};
use eightfold_kernels::Packed;

/// What is trained, or the gradient of it.
pub(crate) trait Parameters {
    /// All numbers, in an order that the shape decides.
    fn slices(&mut self) -> Vec<&mut [f32]>;
}

impl Linear {
    fn zeros_like(&self) -> Self {
        let bias = self.bias.as_ref().map(|bias| vec![0.0; bias.len()]);
        Self { matrix: self.matrix.zeros_like(), bias }
    }
}

impl Block {
    fn zeros_like(&self) -> Self {
        let zeros = |x: &Vec<f32>| vec![0.0; x.len()];
        Self {
            attention_gain: zeros(&self.attention_gain),
            qkv: self.qkv.zeros_like(),
            head_gains: self.head_gains.as_ref().map(|gains| gains.each_ref().map(zeros)),
            out: self.out.zeros_like(),
            inner_gain: zeros(&self.inner_gain),
            up: self.up.zeros_like(),
            down: self.down.zeros_like(),
        }
    }

    fn slices(&mut self) -> Vec<&mut [f32]> {
        let mut slices: Vec<&mut [f32]> = vec![&mut self.attention_gain, &mut self.inner_gain];
        slices.extend(self.head_gains.iter_mut().flatten().map(Vec::as_mut_slice));
        for linear in [&mut self.qkv, &mut self.out, &mut self.up, &mut self.down] {
            slices.push(linear.matrix.floats_mut());
            slices.extend(linear.bias.as_deref_mut());
        }
        slices
    }
}

impl Weights {
    /// Zeros of the same shape.
    pub(crate) fn zeros_like(&self) -> Self {
        Self {
            embedding: self.embedding.zeros_like(),
            blocks: self.blocks.iter().map(Block::zeros_like).collect(),
            gain: vec![0.0; self.gain.len()],
            head: self.head.as_ref().map(Packed::zeros_like),
        }
    }
}

impl Parameters for Weights {
    fn slices(&mut self) -> Vec<&mut [f32]> {
        let mut slices = vec![self.embedding.floats_mut(), &mut self.gain[..]];
        slices.extend(self.head.as_mut().map(Packed::floats_mut));
        slices.extend(self.blocks.iter_mut().flat_map(Block::slices));
        slices
    }
}
