//! The training loop.

use super::learner::{Learner, Processor};
use super::plain::Plain;
use super::{TrainError, Tuning};
use crate::Model;
use burn::tensor::{Device, Tensor, TensorData};
use eightfold_gpt::{Batch, Order, Progress, TrainReport};
use eightfold_loss::Logps;
use eightfold_task::Key;

/// The device that has kernels of ours.
pub(crate) const OWN: &str = "flex";

/// What is trained on, and for what: the loss of a batch is a sum over its items, divided by one number.
pub(crate) trait Objective {
    /// How many items there are.
    fn items(&self) -> usize;

    /// What the sum over these items is divided by, above 0.
    fn divisor(&self, items: &[usize]) -> f64;

    /// The sequences of these items.
    fn batch(&self, items: &[usize]) -> Batch;

    /// The slopes of that sum by the log-probability of each sequence, where they do not depend on it.
    fn slopes(&self, items: &[usize]) -> Option<Vec<f32>>;

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

/// The model on the device that trains it.
fn learner<'a>(model: &'a mut Model, tuning: &Tuning, key: Key) -> Result<Box<dyn Learner + 'a>, TrainError> {
    let Tuning { schedule, recompute, lora, device: name, .. } = tuning;
    let (network, lora, decay) = (&mut model.network, lora.as_ref(), schedule.weight_decay);
    Ok(match eightfold_gpt::device(name)? {
        _ if name == OWN => Box::new(Processor::new(network, lora, decay, *recompute, key)),
        device => Box::new(Plain::new(network, lora, decay, key, &device)),
    })
}

/// What a batch costs.
struct Part {
    loss: f64,
    /// Pairs on the right side.
    right: Option<f64>,
    /// Tokens read.
    tokens: usize,
}

/// Adds up the gradient of a batch, `micro` items at a time; a loss that is no number becomes the error of `diverged`.
fn accumulate(
    learner: &mut dyn Learner,
    objective: &dyn Objective,
    items: &[usize],
    micro: usize,
    diverged: &dyn Fn(&'static str, f64) -> TrainError,
) -> Result<Part, TrainError> {
    let divisor = objective.divisor(items);
    let mut whole = Part { loss: 0.0, right: None, tokens: 0 };
    learner.clear();
    for items in items.chunks(micro) {
        let batch = objective.batch(items);
        let known = objective.slopes(items);
        let known = known.map(|slopes| slopes.iter().map(|s| (f64::from(*s) / divisor) as f32).collect());
        learner.accumulate(&batch, known, &mut |sums| {
            let part = sloped(objective, items, &batch, sums, divisor);
            whole.loss += part.loss;
            whole.right = part.right.map(|part| whole.right.unwrap_or(0.0) + part);
            if part.loss.is_finite() { Ok(part.slopes) } else { Err(diverged("loss", part.loss)) }
        })?;
        whole.tokens += batch.tokens();
    }
    Ok(whole)
}

/// Trains a model. Adapters are merged at the end, and are lost with an error.
pub(crate) fn train(
    model: &mut Model,
    objective: &dyn Objective,
    tuning: &Tuning,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<TrainReport, TrainError> {
    let schedule = &tuning.schedule;
    let mut learner = learner(model, tuning, key.with_text("adapters"))?;
    let updates = schedule.updates(objective.items());
    let mut report = TrainReport { updates, ..TrainReport::default() };
    let (mut losses, mut accuracies) = (Vec::with_capacity(updates), Vec::new());
    let mut order = Order::new(objective.items(), key);
    for update in 0..updates {
        let items = order.next(schedule.batch);
        let diverged = |what, value| TrainError::Diverged { what, update, value, rate: schedule.rate };
        let Part { loss, right, tokens } =
            accumulate(&mut *learner, objective, &items, tuning.micro, &diverged)?;
        let size = learner.norm();
        if !size.is_finite() {
            return Err(diverged("norm of the gradient", size));
        }
        learner.update(schedule.rate_at(update, updates), (schedule.clip / size).min(1.0));
        report.tokens += tokens as u64;
        losses.push(loss);
        accuracies.extend(right.map(|right| right / items.len() as f64));
        watch(Progress { update: update + 1, updates, loss });
    }
    learner.finish();
    report.summarize(&losses, &accuracies);
    Ok(report)
}
