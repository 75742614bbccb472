//! Log-probabilities of a batch, and the gradient of what is made of them.

use super::adapters::Adapters;
use super::backward::BlockGradient;
use super::parameters::Parameters;
use super::pass::Pass;
use crate::network::Network;
use crate::weights::Weights;
use eightfold_gpt::Batch;
use eightfold_kernels::Buffer;

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
    sums(batch, &network.score(&x, batch.scored()))
}

/// Adds to `gradient` that of a loss whose slopes `slopes` gives: for the log-probability of each sequence, in nats, the
/// derivative of the loss. Slopes that are `known` before save a product with the head; `slopes` may then give anything.
/// With `recompute`, only the inputs of blocks are kept between the passes.
pub(crate) fn accumulate<E>(
    (network, adapters): (&Network, Option<&Adapters>),
    batch: &Batch,
    recompute: bool,
    gradient: &mut Gradient,
    known: Option<Vec<f32>>,
    slopes: impl FnOnce(Vec<f32>) -> Result<Vec<f32>, E>,
) -> Result<(), E> {
    let pass = Pass::new(network, adapters, batch);
    let (mut inputs, mut tapes, mut x) = (Vec::new(), Vec::new(), pass.embed());
    for at in 0..network.config.layers {
        let tape = pass.tape(at, &x);
        inputs.push(std::mem::replace(&mut x, pass.finish(at, &tape)));
        tapes.push((!recompute).then_some(tape));
    }
    let (scored, mut d) = (batch.scored(), Buffer::zeros(x.len()));
    let each =
        |slopes: &[f32]| scored.iter().map(|target| slopes[target.sequence as usize]).collect::<Vec<_>>();
    match known {
        Some(known) => {
            let logps = network.score_backward(&x, scored, &each(&known), &mut d, gradient.weights());
            slopes(sums(batch, &logps))?;
        }
        None => {
            let slopes = slopes(sums(batch, &network.score(&x, scored)))?;
            network.score_backward(&x, scored, &each(&slopes), &mut d, gradient.weights());
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;
    use crate::training::testing::{ALL, flat, gradient, open};
    use eightfold_gpt::Sequence;
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    /// By name: norm, and product with cosines.
    fn measured(weights: &Weights, config: &Config) -> BTreeMap<String, [f64; 2]> {
        let tensors = weights.tensors(config).into_iter();
        let measure = |tensor: crate::export::Tensor| {
            let (mut at, mut squares, mut product) = (0, 0.0, 0.0);
            tensor.each(|row| {
                for x in row.iter().map(|x| f64::from(*x)) {
                    squares += x * x;
                    product += x * f64::cos(f64::from(at));
                    at += 1;
                }
            });
            (tensor.name, [squares.sqrt(), product])
        };
        tensors.map(measure).collect()
    }

    #[test]
    fn gradients_are_those_of_pytorch() {
        for name in ALL {
            let (network, learned) = open(name);
            for (ours, theirs) in logps(&network, &learned.batch()).iter().zip(&learned.logps) {
                assert!((f64::from(*ours) - theirs).abs() < 1e-4, "{name}: {ours} is not {theirs}");
            }
            let Gradient::Full(weights) = gradient(&network, None, &learned, true) else { unreachable!() };
            let ours = measured(&weights, &network.config);
            assert_eq!(
                ours.keys().collect::<Vec<_>>(),
                learned.gradients.keys().collect::<Vec<_>>(),
                "{name}"
            );
            let mut worst = 0.0f64;
            for (ours, theirs) in ours.values().zip(learned.gradients.values()) {
                for i in 0..2 {
                    // Of the gradient's norm: the product is about as large.
                    worst = worst.max((ours[i] - theirs[i]).abs() / theirs[0]);
                }
            }
            println!("{name}: gradients differ by {worst:.1e} of their norm at most");
            assert!(worst < 2e-5, "{name}: {worst}");
        }
    }

    #[test]
    fn a_step_along_the_gradient_changes_the_loss_by_its_norm() {
        for name in ALL {
            let (mut network, learned) = open(name);
            let direction = flat(&mut gradient(&network, None, &learned, true));
            let norm = direction.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
            let start = flat(&mut network.weights);
            let mut at = |h: f64| {
                let mut numbers = start.iter().zip(&direction);
                for slice in network.weights.slices() {
                    for (to, (x, d)) in slice.iter_mut().zip(numbers.by_ref()) {
                        *to = (f64::from(*x) + h * f64::from(*d) / norm) as f32;
                    }
                }
                let logps = logps(&network, &learned.batch());
                logps.iter().zip(learned.slopes()).map(|(l, s)| f64::from(*l) * f64::from(s)).sum::<f64>()
            };
            let slope = |h: f64| (at(h) - at(-h)) / (2.0 * h);
            // Richardson: the term in the third derivative cancels.
            let mut slope = slope;
            let found = (4.0 * slope(2e-3) - slope(4e-3)) / 3.0;
            assert!((found / norm - 1.0).abs() < 1e-3, "{name}: {found} for a gradient of {norm}");
        }
    }

    #[test]
    fn what_is_kept_and_how_many_threads_there_are_changes_no_bit() {
        for name in ["llama-yarn", "qwen3"] {
            let (network, learned) = open(name);
            let want = flat(&mut gradient(&network, None, &learned, true));
            for (threads, recompute) in [(1, false), (3, true)] {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let got = pool.install(|| flat(&mut gradient(&network, None, &learned, recompute)));
                assert_eq!(got, want, "{name}, {threads} threads");
            }
        }
    }

    #[test]
    fn parts_of_a_batch_add_up_to_its_gradient() {
        for name in ["llama-yarn", "qwen2"] {
            let (network, _) = open(name);
            let side = |i: u32, n: u32| (0..n).map(|j| (i * 37 + j * j * 5 + j) % 320).collect::<Vec<u32>>();
            let sequence =
                |i: u32| Sequence { prompt: side(i, 3 + i % 4), target: side(i + 9, 5 + 3 * (i % 5)) };
            let sequences: Vec<Sequence> = (0..8).map(sequence).collect();
            let run = |micro: usize| {
                let mut gradient = Gradient::zeros(&network, None);
                for part in sequences.chunks(micro) {
                    let batch = Batch::new(part.to_vec());
                    let slopes =
                        |logps: Vec<f32>| Ok::<_, Infallible>(logps.iter().map(|l| -0.01 * l).collect());
                    let Ok(()) = accumulate((&network, None), &batch, true, &mut gradient, None, slopes);
                }
                flat(&mut gradient)
            };
            let whole = run(8);
            let size = whole.iter().fold(0.0f32, |size, x| size.max(x.abs()));
            for micro in [2, 3] {
                let far = whole.iter().zip(run(micro)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                // A number is one sum over the tokens of the batch: parts begin new chains of it, and round elsewhere.
                assert!(far < 2e-6 * size, "{name}: parts of {micro}: {far} of {size}");
            }
        }
    }

    #[test]
    fn training_reads_the_bits_that_sampling_reads() {
        use crate::network::Reading;
        use eightfold_kernels::Cache;
        for name in ALL {
            let (network, learned) = open(name);
            let batch = learned.batch();
            let pass = Pass::new(&network, None, &batch);
            let read = |x: Buffer, at| pass.finish(at, &pass.tape(at, &x));
            let x = (0..network.config.layers).fold(pass.embed(), read);
            let width = network.config.width;
            for row in batch.rows().rows() {
                let tokens = &batch.inputs()[row.tokens.clone()];
                let want = network.read(&mut [Reading { cache: &mut Cache::empty(), tokens }]);
                assert_eq!(x[row.tokens.start * width..row.tokens.end * width], want, "{name}");
            }
        }
    }
}
