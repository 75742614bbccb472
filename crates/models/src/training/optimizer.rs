//! AdamW with PyTorch's epsilon, and the joint norm that gradients are clipped to.

use super::parameters::Parameters;
use eightfold_kernels::{AdamStep, adamw};
use rayon::prelude::*;

/// Numbers that one thread takes at a time; norms are sums over such pieces.
const PIECE: usize = 1 << 14;

pub(crate) const BETA1: f64 = 0.9;
pub(crate) const BETA2: f64 = 0.95;
pub(crate) const EPSILON: f32 = 1e-8;

/// The moments of what is trained.
pub(crate) struct Optimizer {
    /// First and second, slice by slice.
    moments: Vec<[Vec<f32>; 2]>,
    updates: i32,
    decay: f32,
}

impl Optimizer {
    /// No update yet. `decay` is the decoupled weight decay of all numbers.
    pub(crate) fn new(trained: &mut dyn Parameters, decay: f64) -> Self {
        let moments = |slice: &mut [f32]| [vec![0.0; slice.len()], vec![0.0; slice.len()]];
        Self { moments: trained.slices().into_iter().map(moments).collect(), updates: 0, decay: decay as f32 }
    }

    /// One update at a learning rate, by `scale` times the gradient.
    pub(crate) fn update(
        &mut self,
        trained: &mut dyn Parameters,
        gradient: &mut dyn Parameters,
        rate: f64,
        scale: f64,
    ) {
        self.updates += 1;
        let step = AdamStep {
            rate: rate as f32,
            beta1: BETA1 as f32,
            beta2: BETA2 as f32,
            epsilon: EPSILON,
            decay: self.decay,
            scale: scale as f32,
            correction1: (1.0 - BETA1.powi(self.updates)) as f32,
            correction2: (1.0 - BETA2.powi(self.updates)) as f32,
        };
        let slices = trained.slices().into_iter().zip(gradient.slices()).zip(&mut self.moments);
        for ((weights, gradient), [first, second]) in slices {
            let moments = first.par_chunks_mut(PIECE).zip(second.par_chunks_mut(PIECE));
            let pieces = weights.par_chunks_mut(PIECE).zip(gradient.par_chunks(PIECE)).zip(moments);
            pieces.for_each(|((weights, gradient), (first, second))| {
                adamw(step, weights, gradient, first, second);
            });
        }
    }
}

/// The norm of all numbers together.
pub(crate) fn norm(parameters: &mut dyn Parameters) -> f64 {
    let squares = |piece: &[f32]| piece.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
    let of = |slice: &mut [f32]| {
        let pieces: Vec<f64> = slice.par_chunks(PIECE).map(squares).collect();
        pieces.iter().sum::<f64>()
    };
    parameters.slices().into_iter().map(of).sum::<f64>().sqrt()
}

/// Sets all numbers to 0.
pub(crate) fn clear(parameters: &mut dyn Parameters) {
    for slice in parameters.slices() {
        slice.par_chunks_mut(PIECE).for_each(|piece| piece.fill(0.0));
    }
}
