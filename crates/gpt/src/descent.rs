//! The training loop of every network of burn: AdamW, a rate for each update, one norm of all gradients.

use crate::clip::clip;
use burn::module::Module;
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::Tensor;

/// How a network is trained, whatever its loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
    /// Updates.
    pub updates: usize,
    /// Decay of the mean of squared gradients, in [0, 1).
    pub beta_2: f32,
    /// Decoupled weight decay.
    pub weight_decay: f32,
    /// Largest norm of the gradient of all weights together; `None` for no bound.
    pub clip: Option<f64>,
}

/// A loss that is not a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Diverged {
    /// The update that it would have been of, from 0.
    pub update: usize,
    /// The loss.
    pub loss: f64,
}

impl Descent {
    /// Trains a network on a device with gradients. `rate` gives the learning rate of an update, from 0; `loss` the loss
    /// that it goes down, `[1]`; `after` hears of the updates made, the loss before the last of them, and the network
    /// after it.
    ///
    /// # Errors
    /// If a loss is not a number, or those of `after`.
    pub fn train<M: Module, E: From<Diverged>>(
        &self,
        mut network: M,
        rate: impl Fn(usize) -> f64,
        mut loss: impl FnMut(&M, usize) -> Tensor<1>,
        mut after: impl FnMut(usize, f64, &M) -> Result<(), E>,
    ) -> Result<M, E> {
        // PyTorch's epsilon; burn's own default differs.
        let mut optimizer = AdamWConfig::new()
            .with_beta_2(self.beta_2)
            .with_epsilon(1e-8)
            .with_weight_decay(self.weight_decay)
            .init();
        for update in 0..self.updates {
            let loss = loss(&network, update);
            let value = f64::from(loss.clone().into_scalar::<f32>());
            if !value.is_finite() {
                return Err(Diverged { update, loss: value }.into());
            }
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            let gradients = match self.clip {
                Some(largest) => clip(&network, gradients, largest),
                None => gradients,
            };
            network = optimizer.step(rate(update), network, gradients);
            after(update + 1, value, &network)?;
        }
        Ok(network)
    }
}
