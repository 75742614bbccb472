//! Log-probabilities of a batch, and the gradient of what is made of them.

use super::adapters::Adapters;
use super::backward::BlockGradient;
use super::parameters::Parameters;
use super::pass::Pass;
use crate::network::Network;
use crate::weights::Weights;
use eightfold_gpt::Batch;
use eightfold_gpt::decoding::Buffer;

/// The gradient of all weights, or of the adapters alone.
pub(crate) enum Gradient {
    Full(Weights),
    Adapters(Adapters),
}

impl Gradient {
    /// Zeros for what is trained of a network.
    pub(crate) fn zeros(network: &Network, adapters: Option<&Adapters>) -> Self {
        match adapters {
            Some(adapters) => Self::Adapters(adapters.zeros_like()),
            None => Self::Full(network.weights.zeros_like()),
        }
    }

    fn weights(&mut self) -> Option<&mut Weights> {
        match self {
            Self::Full(weights) => Some(weights),
            Self::Adapters(_) => None,
        }
    }

    fn block(&mut self, at: usize) -> BlockGradient<'_> {
        match self {
            Self::Full(weights) => BlockGradient::Full(&mut weights.blocks[at]),
            Self::Adapters(adapters) => BlockGradient::Adapters(&mut adapters.0[at]),
        }
    }
}

impl Parameters for Gradient {
    fn slices(&mut self) -> Vec<&mut [f32]> {
        match self {
            Self::Full(weights) => weights.slices(),
            Self::Adapters(adapters) => adapters.slices(),
        }
    }
}

/// Each sequence's sum of the log-probabilities that belong to it.
fn sums(batch: &Batch, logps: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; batch.sequences()];
    for (target, logp) in batch.scored().iter().zip(logps) {
        sums[target.sequence as usize] += logp;
    }
    sums
}

/// Log-probabilities of the sequences of a batch, in nats.
pub(crate) fn logps(network: &Network, batch: &Batch) -> Vec<f32> {
    let pass = Pass::new(network, None, batch);
    let read = |x: Buffer, at| pass.finish(at, &pass.tape(at, &x));
    let x = (0..network.config.layers).fold(pass.embed(), read);
    sums(batch, &network.score(&x, batch.scored()).logps)
}

/// Adds to `gradient` that of a loss whose slopes `slopes` gives: for the log-probability of each sequence, in nats, the
/// derivative of the loss. With `recompute`, only the inputs of blocks are kept between the passes.
pub(crate) fn accumulate<E>(
    network: &Network,
    adapters: Option<&Adapters>,
    batch: &Batch,
    recompute: bool,
    gradient: &mut Gradient,
    slopes: impl FnOnce(Vec<f32>) -> Result<Vec<f32>, E>,
) -> Result<(), E> {
    let pass = Pass::new(network, adapters, batch);
    let (mut inputs, mut tapes, mut x) = (Vec::new(), Vec::new(), pass.embed());
    for at in 0..network.config.layers {
        let tape = pass.tape(at, &x);
        inputs.push(std::mem::replace(&mut x, pass.finish(at, &tape)));
        tapes.push((!recompute).then_some(tape));
    }
    let scores = network.score(&x, batch.scored());
    let slopes = slopes(sums(batch, &scores.logps))?;
    let dlogps: Vec<f32> = batch.scored().iter().map(|target| slopes[target.sequence as usize]).collect();
    let mut d = Buffer::zeros(x.len());
    network.score_backward(&x, batch.scored(), &scores.lse, &dlogps, &mut d, gradient.weights());
    drop(x);
    for (at, (x, tape)) in inputs.into_iter().zip(tapes).enumerate().rev() {
        let tape = tape.unwrap_or_else(|| pass.tape(at, &x));
        pass.backward(at, &x, tape, &mut d, gradient.block(at));
    }
    if let Some(weights) = gradient.weights() {
        for (d, &token) in d.chunks_exact(network.config.width).zip(batch.inputs()) {
            weights.embedding.add_to_column(token as usize, d);
        }
    }
    Ok(())
}
