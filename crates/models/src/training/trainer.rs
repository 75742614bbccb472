//! The training loop.

use super::adapters::Adapters;
use super::optimizer::{Optimizer, clear, norm};
use super::parameters::Parameters;
use super::step::{Gradient, accumulate};
use super::{TrainError, Tuning};
use crate::Model;
use crate::network::Network;
use burn::tensor::{Device, Tensor, TensorData};
use eightfold_gpt::{Batch, Order, Progress, TrainReport};
use eightfold_loss::Logps;
use eightfold_task::Key;

/// What is trained on, and for what: the loss of a batch is a sum over its items, divided by one number.
pub(crate) trait Objective {
    /// How many items there are.
    fn items(&self) -> usize;

    /// What the sum over these items is divided by, above 0.
    fn divisor(&self, items: &[usize]) -> f64;

    /// The sequences of these items.
    fn batch(&self, items: &[usize]) -> Batch;

    /// The sum of the losses of these items, `[1]`, and how many of them are on the right side, for pairs.
    fn sum(&self, items: &[usize], logps: Logps) -> (Tensor<1>, Option<f64>);
}

/// Checks that a tuning can be used with a model.
///
/// # Errors
/// The first setting that is out of its range.
pub(crate) fn check(tuning: &Tuning) -> Result<(), TrainError> {
    let wrong = |setting, message: &str| Err(TrainError::Setting { setting, message: message.to_owned() });
    let Tuning { schedule, micro, lora, .. } = tuning;
    match lora {
        _ if schedule.batch == 0 => wrong("batch", "an update is made on at least one example or pair"),
        _ if *micro == 0 => wrong("micro", "at least one example or pair is in memory at once"),
        Some(lora) if lora.rank == 0 => wrong("rank", "an adapter has a rank of at least 1"),
        Some(lora) if lora.targets.is_empty() => wrong("targets", "no matrix gets an adapter"),
        Some(lora) if !lora.alpha.is_finite() => wrong("alpha", "it is not a number"),
        _ => Ok(()),
    }
}

/// The loss of some items and its slopes, as plain numbers.
struct Sloped {
    loss: f64,
    right: Option<f64>,
    slopes: Vec<f32>,
}

fn sloped(objective: &dyn Objective, items: &[usize], batch: &Batch, sums: Vec<f32>, divisor: f64) -> Sloped {
    let device = Device::flex().autodiff();
    let leaf = Tensor::<1>::from_data(TensorData::from(&sums[..]), &device).require_grad();
    let tokens = Tensor::from_data(TensorData::from(&batch.target_tokens()[..]), &device);
    let (sum, right) = objective.sum(items, Logps { sums: leaf.clone(), tokens });
    let loss = sum / divisor;
    let value = f64::from(loss.clone().into_scalar::<f32>());
    let slopes = leaf.grad(&loss.backward()).map(|slopes| slopes.into_data().iter::<f32>().collect());
    Sloped { loss: value, right, slopes: slopes.unwrap_or_else(|| vec![0.0; sums.len()]) }
}

/// What is trained: the adapters, or all weights where there are none.
fn trained<'a>(network: &'a mut Network, adapters: &'a mut Option<Adapters>) -> &'a mut dyn Parameters {
    match adapters {
        Some(adapters) => adapters,
        None => &mut network.weights,
    }
}

/// Trains a model. Adapters are merged at the end, and are lost with an error.
pub(crate) fn train(
    model: &mut Model,
    objective: &dyn Objective,
    tuning: &Tuning,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<TrainReport, TrainError> {
    let network = &mut model.network;
    let new = |lora| Adapters::new(&network.config, lora, key.with_text("adapters"));
    let mut adapters = tuning.lora.as_ref().map(new);
    let mut gradient = Gradient::zeros(network, adapters.as_ref());
    let schedule = &tuning.schedule;
    let mut optimizer = Optimizer::new(trained(network, &mut adapters), schedule.weight_decay);
    let updates = schedule.updates(objective.items());
    let mut report = TrainReport { updates, ..TrainReport::default() };
    let (mut losses, mut accuracies) = (Vec::with_capacity(updates), Vec::new());
    let mut order = Order::new(objective.items(), key);
    for update in 0..updates {
        let items = order.next(schedule.batch);
        let divisor = objective.divisor(&items);
        let diverged = |what, value| TrainError::Diverged { what, update, value, rate: schedule.rate };
        let (mut loss, mut right) = (0.0, None);
        clear(&mut gradient);
        for items in items.chunks(tuning.micro) {
            let batch = objective.batch(items);
            let network = &*network;
            accumulate(network, adapters.as_ref(), &batch, tuning.recompute, &mut gradient, |sums| {
                let part = sloped(objective, items, &batch, sums, divisor);
                loss += part.loss;
                right = part.right.map(|part| right.unwrap_or(0.0) + part);
                if part.loss.is_finite() { Ok(part.slopes) } else { Err(diverged("loss", part.loss)) }
            })?;
            report.tokens += batch.tokens() as u64;
        }
        let size = norm(&mut gradient);
        if !size.is_finite() {
            return Err(diverged("norm of the gradient", size));
        }
        let (rate, scale) = (schedule.rate_at(update, updates), (schedule.clip / size).min(1.0));
        optimizer.update(trained(network, &mut adapters), &mut gradient, rate, scale);
        losses.push(loss);
        accuracies.extend(right.map(|right| right / items.len() as f64));
        watch(Progress { update: update + 1, updates, loss });
    }
    if let Some(adapters) = adapters {
        adapters.merge(network);
    }
    report.summarize(&losses, &accuracies);
    Ok(report)
}
