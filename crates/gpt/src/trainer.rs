//! Training on a set: batches in an order that a key gives, a number of updates, a report.

use crate::descent::{Descent, Diverged};
use crate::model::Gpt;
use crate::order::Order;
use crate::tokenizer::TokenizerError;
use crate::train_config::TrainConfig;
use burn::module::Module;
use burn::tensor::Tensor;
use eightfold_task::Key;
use serde::{Deserialize, Serialize};

/// Where training stands.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// Updates done.
    pub update: usize,
    /// Updates in all.
    pub updates: usize,
    /// Loss of the last batch, before its update.
    pub loss: f64,
}

/// What training cost and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainReport {
    /// Updates made.
    pub updates: usize,
    /// Tokens read in forward passes that had a backward pass.
    pub tokens: u64,
    /// Tokens read in forward passes of the reference.
    pub reference_tokens: u64,
    /// Mean loss of the first tenth of the updates (at least one), before each update; 0 without updates.
    pub first_loss: f64,
    /// The same of the last tenth.
    pub last_loss: f64,
    /// Share of pairs, over the last tenth of the updates, whose chosen side had the higher reward; absent
    /// for supervised training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
}

impl TrainReport {
    /// Fills in the means over the first and the last tenth of the updates.
    pub fn summarize(&mut self, losses: &[f64], accuracies: &[f64]) {
        let tenth = losses.len().div_ceil(10);
        self.first_loss = mean(&losses[..tenth]);
        self.last_loss = mean(&losses[losses.len() - tenth..]);
        self.accuracy = (!accuracies.is_empty()).then(|| mean(&accuracies[accuracies.len() - tenth..]));
    }
}

/// A trained network.
#[derive(Clone, Debug)]
pub struct Trained {
    /// The network, on a device without gradients.
    pub gpt: Gpt,
    /// What it took.
    pub report: TrainReport,
}

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A text has a word that the network lacks.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// There is nothing to train on.
    #[error("nothing to train on: the set of {what} is empty")]
    Empty {
        /// Examples or pairs.
        what: &'static str,
    },
    /// Nothing would be trained on at once.
    #[error("a batch holds at least one example or pair, but `batch` is 0")]
    NoBatch,
    /// A prompt has no token: nothing could predict the first token of the target.
    #[error("a prompt is empty; its target begins {target:?}")]
    EmptyPrompt {
        /// How the target begins.
        target: String,
    },
    /// A text is longer than the network's context.
    #[error("a text of {tokens} tokens does not fit the context of {context}: {start:?} ...")]
    TooLong {
        /// Its length, prompt and target.
        tokens: usize,
        /// The most that can be read.
        context: usize,
        /// How it begins.
        start: String,
    },
    /// The loss is not a number.
    #[error("the loss of update {update} is {loss}; lower the learning rate ({rate})")]
    Diverged {
        /// The update, from 0.
        update: usize,
        /// The loss.
        loss: f64,
        /// The highest learning rate of the run.
        rate: f64,
    },
}

/// One batch's cost.
pub(crate) struct Step {
    /// The loss, `[1]`.
    pub(crate) loss: Tensor<1>,
    /// Tokens read.
    pub(crate) tokens: usize,
    /// Share of pairs on the right side, for pairs.
    pub(crate) accuracy: Option<f64>,
}

/// The loop: `step` computes the loss of the items with these indices.
pub(crate) fn train(
    gpt: &Gpt,
    items: usize,
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
    step: impl Fn(&Gpt, &[usize]) -> Step,
) -> Result<Trained, TrainError> {
    if config.batch == 0 {
        return Err(TrainError::NoBatch);
    }
    let updates = config.updates(items);
    // The second beta of the prototype; burn's own default differs.
    let descent =
        Descent { updates, beta_2: 0.95, weight_decay: config.weight_decay as f32, clip: Some(config.clip) };
    let mut report = TrainReport { updates, ..TrainReport::default() };
    let (mut losses, mut accuracies) = (Vec::with_capacity(updates), Vec::new());
    let mut order = Order::new(items, key);
    let model = gpt.clone().to_device(&gpt.device().autodiff()).train();
    let trained = descent.train(
        model,
        |update| config.rate_at(update, updates),
        |model, _| {
            let Step { loss, tokens, accuracy } = step(model, &order.next(config.batch));
            report.tokens += tokens as u64;
            accuracies.extend(accuracy);
            loss
        },
        |update, loss, _| {
            losses.push(loss);
            watch(Progress { update, updates, loss });
            Ok(())
        },
    );
    let model = trained.map_err(|Diverged { update, loss }| TrainError::Diverged {
        update,
        loss,
        rate: config.rate,
    })?;
    report.summarize(&losses, &accuracies);
    Ok(Trained { gpt: model.valid(), report })
}

/// The mean, 0 of nothing.
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}
