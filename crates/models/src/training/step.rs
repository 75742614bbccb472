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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{Lora, Projection};
    use crate::{Config, Model};
    use eightfold_gpt::Sequence;
    use eightfold_task::Key;
    use serde::Deserialize;
    use std::collections::BTreeMap;
    use std::convert::Infallible;
    use std::path::Path;

    const ALL: [&str; 5] = ["llama-linear", "llama-llama3", "llama-yarn", "qwen2", "qwen3"];

    /// `learned.json`, as far as it counts here.
    #[derive(Deserialize)]
    struct Learned {
        sequences: Vec<Sloped>,
        logps: Vec<f64>,
        /// Norm of the gradient, and its product with the cosine of the place of each number.
        gradients: BTreeMap<String, [f64; 2]>,
    }

    #[derive(Deserialize)]
    struct Sloped {
        prompt: Vec<u32>,
        completion: Vec<u32>,
        slope: f32,
    }

    impl Learned {
        fn batch(&self) -> Batch {
            let sequence = |s: &Sloped| Sequence { prompt: s.prompt.clone(), target: s.completion.clone() };
            Batch::new(self.sequences.iter().map(sequence).collect())
        }

        fn slopes(&self) -> Vec<f32> {
            self.sequences.iter().map(|s| s.slope).collect()
        }
    }

    fn open(name: &str) -> (Network, Learned) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        let learned = std::fs::read_to_string(folder.join("learned.json")).unwrap();
        (Model::open(&folder).unwrap().network, serde_json::from_str(&learned).unwrap())
    }

    fn gradient(
        network: &Network,
        adapters: Option<&Adapters>,
        learned: &Learned,
        recompute: bool,
    ) -> Gradient {
        let mut gradient = Gradient::zeros(network, adapters);
        let slopes = |_| Ok::<_, Infallible>(learned.slopes());
        let Ok(()) = accumulate(network, adapters, &learned.batch(), recompute, &mut gradient, slopes);
        gradient
    }

    /// All numbers behind one another.
    fn flat(parameters: &mut dyn Parameters) -> Vec<f32> {
        parameters.slices().concat()
    }

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
    fn training_reads_the_bits_that_sampling_reads() {
        use crate::network::Reading;
        use eightfold_gpt::decoding::Cache;
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

    #[test]
    fn adapters_have_the_gradient_of_the_matrices_that_they_change() {
        for name in ["llama-yarn", "qwen2", "qwen3"] {
            let (mut network, learned) = open(name);
            let lora = Lora { rank: 3, alpha: 6.0, targets: Projection::ALL.to_vec() };
            let mut adapters = Adapters::new(&network.config, &lora, Key::new(0, "adapters"));
            let start = logps(&network, &learned.batch());
            let pass = |network: &Network, adapters: &Adapters| {
                let mut found = Vec::new();
                let mut gradient = Gradient::zeros(network, Some(adapters));
                let Ok(()) =
                    accumulate(network, Some(adapters), &learned.batch(), true, &mut gradient, |logps| {
                        found = logps;
                        Ok::<_, Infallible>(learned.slopes())
                    });
                (found, flat(&mut gradient))
            };
            assert_eq!(pass(&network, &adapters).0, start, "{name}: new adapters change nothing");
            // Not at the start, where B is zero and A has no gradient.
            for (i, slice) in adapters.slices().into_iter().enumerate() {
                slice
                    .iter_mut()
                    .enumerate()
                    .for_each(|(j, x)| *x += ((i * 7 + j * 13) % 17) as f32 * 0.01 - 0.08);
            }
            let (beside, ours) = pass(&network, &adapters);
            // The slope along a direction of the adapters, beside that of the merged matrices.
            let direction: Vec<f32> = (0..ours.len()).map(|i| ((i * 29) % 23) as f32 * 0.1 - 1.1).collect();
            let slope: f64 = ours.iter().zip(&direction).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
            let at = |h: f32| {
                let mut moved = adapters.clone();
                let mut numbers = direction.iter();
                for slice in moved.slices() {
                    slice.iter_mut().zip(numbers.by_ref()).for_each(|(x, d)| *x += h * d);
                }
                let (mut network, _) = open(name);
                moved.merge(&mut network);
                logps(&network, &learned.batch())
            };
            for (beside, merged) in beside.iter().zip(at(0.0)) {
                assert!((beside - merged).abs() < 2e-4, "{name}: {beside} beside, {merged} merged");
            }
            let loss = |h| -> f64 {
                at(h).iter().zip(learned.slopes()).map(|(l, s)| f64::from(*l) * f64::from(s)).sum()
            };
            let difference = |h: f32| (loss(h) - loss(-h)) / (2.0 * f64::from(h));
            let found = (4.0 * difference(1e-3) - difference(2e-3)) / 3.0;
            assert!((found - slope).abs() < 2e-3 * slope.abs().max(10.0), "{name}: {found} for {slope}");
            adapters.merge(&mut network);
        }
    }
}
