//! The training loop: AdamW without weight decay, a number of updates, a rate that may fall at the end.

use super::net::StarNet;
use crate::pipeline::Schedule;
use anyhow::{Error, Result, anyhow};
use burn::module::Module;
use burn::tensor::Tensor;
use eightfold_gpt::{Descent, Diverged};

impl Schedule {
    /// Learning rate of update `update`, from 0.
    fn rate_at(&self, update: usize) -> f64 {
        let falling = self.updates as f64 * self.decay;
        let left = (self.updates - update) as f64;
        self.rate * if left < falling { left / falling } else { 1.0 }
    }
}

/// Hears of an update: its number, its loss, and the network after it.
pub(super) type Watch<'a> = dyn FnMut(usize, Option<f64>, &StarNet) -> Result<()> + 'a;

/// Trains a network. `loss` gives the loss of update `update` (from 0); `watch` hears of the network before the
/// first update (as update 0, without a loss) and after each of them, with its loss before the update.
///
/// # Errors
/// If a loss is not a number, or `watch` fails.
pub(super) fn train(
    net: &StarNet,
    schedule: &Schedule,
    watch: &mut Watch,
    loss: &mut dyn FnMut(&StarNet, usize) -> Tensor<1>,
) -> Result<StarNet> {
    watch(0, None, net)?;
    let descent = Descent { updates: schedule.updates, beta_2: 0.99, weight_decay: 0.0, clip: None };
    let model = net.clone().to_device(&net.device().autodiff()).train();
    let after = |update, loss, model: &StarNet| watch(update, Some(loss), model).map_err(Stopped::Watch);
    match descent.train(model, |update| schedule.rate_at(update), loss, after) {
        Ok(model) => Ok(model.valid()),
        Err(Stopped::Watch(error)) => Err(error),
        Err(Stopped::Diverged(Diverged { update, loss })) => {
            let rate = schedule.rate;
            Err(anyhow!("the loss of update {update} is {loss}; lower the learning rate ({rate})"))
        }
    }
}

/// Why training stopped.
enum Stopped {
    Diverged(Diverged),
    Watch(Error),
}

impl From<Diverged> for Stopped {
    fn from(diverged: Diverged) -> Self {
        Self::Diverged(diverged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::losses::sft;
    use super::*;
    use crate::pipeline::NetConfig;
    use burn::tensor::Device;
    use eightfold_task::stargraph::{StarConfig, StarGraph};

    #[test]
    fn the_rate_falls_over_the_last_part() {
        let schedule = Schedule { updates: 10, batch: 1, rate: 2.0, decay: 0.4 };
        let rates: Vec<f64> = (0..10).map(|update| schedule.rate_at(update)).collect();
        assert_eq!(rates, [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.5, 1.0, 0.5]);
        assert_eq!(Schedule { decay: 0.0, ..schedule }.rate_at(9), 2.0);
    }

    #[test]
    fn training_fits_and_is_the_same_for_any_number_of_threads() {
        let device = Device::flex();
        device.seed(1);
        let net = NetConfig { width: 16, layers: 1, heads: 2, scale: 1.0 }.init(20, &device);
        let graphs = StarGraph::draw_set(&StarConfig::default(), 8, 0, "training");
        let graphs: Vec<&StarGraph> = graphs.iter().collect();
        let schedule = Schedule { updates: 30, batch: 8, rate: 1e-2, decay: 0.0 };
        let run = || {
            let mut losses = Vec::new();
            let mut watch = |_, loss, _: &StarNet| {
                losses.extend(loss);
                Ok(())
            };
            train(&net, &schedule, &mut watch, &mut |net, _| sft(net, &graphs)).unwrap();
            losses
        };
        let by = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(run);
        let losses = by(1);
        assert!(losses[29] < 0.5 * losses[0], "{losses:?}");
        assert_eq!(losses, by(2));
    }
}
