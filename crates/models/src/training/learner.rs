//! What is trained, on the device that trains it.

use super::TrainError;
use super::adapters::Adapters;
use super::config::Lora;
use super::optimizer::{Optimizer, clear, norm};
use super::parameters::Parameters;
use super::step::{Gradient, accumulate};
use crate::network::Network;
use eightfold_gpt::Batch;
use eightfold_task::Key;

/// Turns the log-probabilities of the sequences of a batch into the slopes of the loss.
pub(crate) type Sloping<'a> = &'a mut dyn FnMut(Vec<f32>) -> Result<Vec<f32>, TrainError>;

/// A network that learns.
pub(crate) trait Learner {
    /// Forgets the gradient.
    fn clear(&mut self);

    /// Adds the gradient of a loss whose slopes `sloping` gives for the log-probability of each sequence, in nats. Where
    /// they are `known` before, `sloping` still hears the log-probabilities, and may give anything.
    ///
    /// # Errors
    /// That of `sloping`.
    fn accumulate(
        &mut self,
        batch: &Batch,
        known: Option<Vec<f32>>,
        sloping: Sloping,
    ) -> Result<(), TrainError>;

    /// The norm of the gradient of all that is trained.
    fn norm(&mut self) -> f64;

    /// One update at a learning rate by `scale` times the gradient.
    fn update(&mut self, rate: f64, scale: f64);

    /// Leaves what was learned in the network.
    fn finish(self: Box<Self>);
}

/// The kernels of this crate, on the processor. The network is changed in place; adapters are merged at the end.
pub(crate) struct Processor<'a> {
    network: &'a mut Network,
    adapters: Option<Adapters>,
    gradient: Gradient,
    optimizer: Optimizer,
    recompute: bool,
}

/// What is trained: the adapters, or all weights where there are none.
fn trained<'a>(network: &'a mut Network, adapters: &'a mut Option<Adapters>) -> &'a mut dyn Parameters {
    match adapters {
        Some(adapters) => adapters,
        None => &mut network.weights,
    }
}

impl<'a> Processor<'a> {
    /// New adapters, or the whole network; no update yet. `decay` is the decoupled weight decay.
    pub(crate) fn new(
        network: &'a mut Network,
        lora: Option<&Lora>,
        decay: f64,
        recompute: bool,
        key: Key,
    ) -> Self {
        let mut adapters = lora.map(|lora| Adapters::new(&network.config, lora, key));
        let gradient = Gradient::zeros(network, adapters.as_ref());
        let optimizer = Optimizer::new(trained(network, &mut adapters), decay);
        Self { network, adapters, gradient, optimizer, recompute }
    }
}

impl Learner for Processor<'_> {
    fn clear(&mut self) {
        clear(&mut self.gradient);
    }

    fn accumulate(
        &mut self,
        batch: &Batch,
        known: Option<Vec<f32>>,
        sloping: Sloping,
    ) -> Result<(), TrainError> {
        let learner = (&*self.network, self.adapters.as_ref());
        accumulate(learner, batch, self.recompute, &mut self.gradient, known, sloping)
    }

    fn norm(&mut self) -> f64 {
        norm(&mut self.gradient)
    }

    fn update(&mut self, rate: f64, scale: f64) {
        let trained = trained(self.network, &mut self.adapters);
        self.optimizer.update(trained, &mut self.gradient, rate, scale);
    }

    fn finish(self: Box<Self>) {
        if let Some(adapters) = self.adapters {
            adapters.merge(self.network);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::plain::Plain;
    use crate::training::step::logps;
    use crate::training::testing::{ALL, device, open};
    use eightfold_gpt::SequencePair;

    /// The norms of the gradients before each of some updates, and what the network then says of a batch.
    fn trained(name: &str, lora: Option<&Lora>, plain: bool) -> (Vec<f64>, Vec<f32>) {
        let (mut network, learned) = open(name);
        // Pairs share rows, and slopes that depend on log-probabilities are asked for.
        let side = |i: u32, n: u32| (0..n).map(|j| (i * 5 + j * j * 3) % 320).collect::<Vec<u32>>();
        let pair = |i| SequencePair {
            prompt: side(i, 3),
            chosen: side(i + 1, 4),
            rejected: [&side(i + 1, 2)[..], &side(i + 2, 3)].concat(),
        };
        let pairs = Batch::pairs(&(0..3).map(pair).collect::<Vec<_>>());
        let (sequences, slopes) = (learned.batch(), learned.slopes());
        let key = Key::new(0, "learner");
        let mut learner: Box<dyn Learner> = match plain {
            true => Box::new(Plain::new(&mut network, lora, 0.1, key, &device())),
            false => Box::new(Processor::new(&mut network, lora, 0.1, true, key)),
        };
        let mut norms = Vec::new();
        for _ in 0..3 {
            learner.clear();
            learner.accumulate(&sequences, Some(slopes.clone()), &mut |_| Ok(Vec::new())).unwrap();
            let sloping = &mut |logps: Vec<f32>| Ok(logps.iter().map(|logp| 0.02 * logp).collect());
            learner.accumulate(&pairs, None, sloping).unwrap();
            norms.push(learner.norm());
            learner.update(1e-3, 0.5);
        }
        learner.finish();
        (norms, logps(&network, &sequences))
    }

    #[test]
    fn plain_operations_learn_what_the_kernels_learn() {
        for name in ALL {
            for lora in [None, Some(Lora { rank: 2, ..Lora::default() })] {
                let ours = trained(name, lora.as_ref(), false);
                let plain = trained(name, lora.as_ref(), true);
                for (a, b) in ours.0.iter().zip(&plain.0) {
                    assert!((a / b - 1.0).abs() < 1e-4, "{name}, {lora:?}: norms {a} and {b}");
                }
                for (a, b) in ours.1.iter().zip(&plain.1) {
                    assert!((a - b).abs() < 2e-3, "{name}, {lora:?}: {a} and {b}");
                }
            }
        }
    }
}
