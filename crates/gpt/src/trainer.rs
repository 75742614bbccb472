//! Training loops: imitate examples, or prefer one side of pairs. Losses come from `eightfold-loss`, AdamW
//! from burn; the loops are ours because they clip the global norm of the gradient, count updates instead of
//! epochs, and derive the order of the data from a key.

use crate::batch::{Batch, Sequence, SequencePair};
use crate::model::Gpt;
use crate::tokenizer::{Tokenizer, TokenizerError};
use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamWConfig, GradientsParams};
use burn::tensor::{Tensor, TensorData};
use eightfold_loss::{Logps, NllReduction, PairLogps, PreferenceLoss, weighted_nll};
use eightfold_task::{Example, Key, Pair, Target};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long to train.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// Passes over the data; the last batch of a pass may be short.
    Epochs(usize),
    /// Updates of the weights.
    Updates(usize),
}

/// How to train.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainConfig {
    /// How long.
    pub budget: Budget,
    /// Examples, or pairs, in an update.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
    /// Updates over which the rate rises linearly from 0.
    pub warmup: usize,
    /// Share of the highest rate that the cosine ends at.
    pub end: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Largest norm of the gradient of all weights together.
    pub clip: f64,
}

impl Default for TrainConfig {
    fn default() -> Self {
        let budget = Budget::Epochs(4);
        Self { budget, batch: 32, rate: 3e-3, warmup: 20, end: 0.1, weight_decay: 0.0, clip: 1.0 }
    }
}

impl TrainConfig {
    /// Updates on `items` examples or pairs.
    pub fn updates(&self, items: usize) -> usize {
        match self.budget {
            Budget::Epochs(epochs) => epochs * items.div_ceil(self.batch),
            Budget::Updates(updates) => updates,
        }
    }

    /// Learning rate of update `update` of `total`.
    fn rate_at(&self, update: usize, total: usize) -> f64 {
        let warm = ((update + 1) as f64 / self.warmup.max(1) as f64).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * update as f64 / total as f64).cos());
        self.rate * warm * (self.end + (1.0 - self.end) * cosine)
    }
}

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
    /// Mean loss of the first tenth of the updates (at least one).
    pub first_loss: f64,
    /// Mean loss of the last tenth of the updates (at least one).
    pub last_loss: f64,
    /// Share of pairs, over the last tenth of the updates, whose chosen side had the higher reward; absent
    /// for supervised training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
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
    /// A text is longer than the network's context.
    #[error("a text of {tokens} tokens is longer than the context of {context}: {start:?} ...")]
    TooLong {
        /// Its length.
        tokens: usize,
        /// The longest allowed.
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

/// Trains on examples by weighted negative log-likelihood for each token.
///
/// # Errors
/// If there is no example, one has a word that the vocabulary lacks or is too long, or the loss diverges.
pub fn supervised(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    examples: &[Example],
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<Trained, TrainError> {
    if examples.is_empty() {
        return Err(TrainError::Empty { what: "examples" });
    }
    let encode = |example: &Example| {
        let prompt = tokenizer.encode(&example.prompt)?;
        let target = encode_target(tokenizer, &example.target)?;
        check_length(gpt, prompt.len() + target.len(), &example.prompt)?;
        Ok((Sequence { prompt, target }, example.weight as f32))
    };
    let data = examples.iter().map(encode).collect::<Result<Vec<_>, TrainError>>()?;
    train(gpt, data.len(), config, key, watch, |gpt, items| {
        let (sequences, weights): (Vec<_>, Vec<f32>) = items.iter().map(|&i| data[i].clone()).unzip();
        let batch = Arc::new(Batch::new(sequences));
        let weights = Tensor::from_data(TensorData::from(&weights[..]), &gpt.device());
        let loss = weighted_nll(&gpt.logps(&batch), weights, NllReduction::Token);
        Step { loss, tokens: batch.tokens(), accuracy: None }
    })
}

/// Trains on pairs by a preference loss against `reference`, whose log-probabilities are computed once.
///
/// # Errors
/// As [`supervised`].
pub fn preference(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    pairs: &[Pair],
    loss: &dyn PreferenceLoss,
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<Trained, TrainError> {
    if pairs.is_empty() {
        return Err(TrainError::Empty { what: "pairs" });
    }
    let encode = |pair: &Pair| {
        let prompt = tokenizer.encode(&pair.prompt)?;
        let (chosen, rejected) =
            (encode_target(tokenizer, &pair.chosen)?, encode_target(tokenizer, &pair.rejected)?);
        check_length(gpt, prompt.len() + chosen.len().max(rejected.len()), &pair.prompt)?;
        Ok(SequencePair { prompt, chosen, rejected })
    };
    let data = pairs.iter().map(encode).collect::<Result<Vec<_>, TrainError>>()?;
    let (reference, reference_tokens) = reference_logps(gpt, &data, config.batch);
    let mut trained = train(gpt, data.len(), config, key, watch, |gpt, items| {
        let sequences: Vec<SequencePair> = items.iter().map(|&i| data[i].clone()).collect();
        let batch = Arc::new(Batch::pairs(&sequences));
        let policy = halves(gpt.logps(&batch), items.len());
        let device = gpt.device();
        let stored = |side: usize, logps: &Logps| {
            let sums: Vec<f32> = items.iter().map(|&i| reference[i][side]).collect();
            Logps { sums: Tensor::from_data(TensorData::from(&sums[..]), &device), tokens: logps.tokens.clone() }
        };
        let reference = PairLogps { chosen: stored(0, &policy.chosen), rejected: stored(1, &policy.rejected) };
        let preference = loss.forward(&policy, &reference);
        let accuracy = preference.accuracy().into_scalar::<f32>();
        Step { loss: preference.losses.mean(), tokens: batch.tokens(), accuracy: Some(f64::from(accuracy)) }
    })?;
    trained.report.reference_tokens = reference_tokens;
    Ok(trained)
}

pub(crate) fn encode_target(tokenizer: &Tokenizer, target: &Target) -> Result<Vec<u32>, TokenizerError> {
    let mut tokens = tokenizer.encode(&target.text)?;
    if target.ends {
        tokens.push(tokenizer.end());
    }
    Ok(tokens)
}

fn check_length(gpt: &Gpt, tokens: usize, prompt: &str) -> Result<(), TrainError> {
    let context = gpt.config().context;
    if tokens > context {
        let start = prompt.chars().take(40).collect();
        return Err(TrainError::TooLong { tokens, context, start });
    }
    Ok(())
}

/// The chosen and the rejected half of a batch of pairs.
fn halves(logps: Logps, pairs: usize) -> PairLogps {
    let half = |from: usize| Logps {
        sums: logps.sums.clone().slice([from..from + pairs]),
        tokens: logps.tokens.clone().slice([from..from + pairs]),
    };
    PairLogps { chosen: half(0), rejected: half(pairs) }
}

/// Log-probabilities of chosen and rejected under the network as it is, for each pair, and tokens read.
fn reference_logps(gpt: &Gpt, data: &[SequencePair], batch: usize) -> (Vec<[f32; 2]>, u64) {
    let (mut out, mut tokens) = (Vec::with_capacity(data.len()), 0);
    for pairs in data.chunks(batch.max(1)) {
        let batch = Arc::new(Batch::pairs(pairs));
        tokens += batch.tokens() as u64;
        let sums = gpt.logps(&batch).sums.into_data().convert::<f32>().try_to_vec::<f32>();
        let sums = sums.expect("converted to f32 above");
        out.extend((0..pairs.len()).map(|i| [sums[i], sums[pairs.len() + i]]));
    }
    (out, tokens)
}

/// One batch's cost.
struct Step {
    loss: Tensor<1>,
    tokens: usize,
    accuracy: Option<f64>,
}

/// The loop: `step` computes the loss of the items with these indices.
fn train(
    gpt: &Gpt,
    items: usize,
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
    step: impl Fn(&Gpt, &[usize]) -> Step,
) -> Result<Trained, TrainError> {
    let device = gpt.device().autodiff();
    let mut model = gpt.clone().to_device(&device).train();
    // PyTorch's epsilon and the second beta of the prototype; burn's own defaults differ.
    let mut optimizer =
        AdamWConfig::new().with_beta_2(0.95).with_epsilon(1e-8).with_weight_decay(config.weight_decay as f32).init();
    let updates = config.updates(items);
    let mut report = TrainReport { updates, ..TrainReport::default() };
    let (mut losses, mut accuracies) = (Vec::with_capacity(updates), Vec::new());
    let mut order = Order::new(items, key);
    for update in 0..updates {
        let batch = order.next(config.batch);
        let Step { loss, tokens, accuracy } = step(&model, &batch);
        let value = f64::from(loss.clone().into_scalar::<f32>());
        if !value.is_finite() {
            return Err(TrainError::Diverged { update, loss: value, rate: config.rate });
        }
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        let gradients = clip(&model, gradients, config.clip);
        model = optimizer.step(config.rate_at(update, updates), model, gradients);
        report.tokens += tokens as u64;
        losses.push(value);
        accuracies.extend(accuracy);
        watch(Progress { update: update + 1, updates, loss: value });
    }
    let tenth = updates.div_ceil(10);
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    report.first_loss = mean(&losses[..tenth.min(losses.len())]);
    report.last_loss = mean(&losses[losses.len().saturating_sub(tenth)..]);
    report.accuracy = (!accuracies.is_empty()).then(|| mean(&accuracies[accuracies.len().saturating_sub(tenth)..]));
    Ok(Trained { gpt: model.valid(), report })
}

/// Passes over `0..items`, each in its own order.
struct Order {
    items: usize,
    key: Key,
    pass: u64,
    left: Vec<usize>,
}

impl Order {
    fn new(items: usize, key: Key) -> Self {
        Self { items, key, pass: 0, left: Vec::new() }
    }

    /// The next at most `batch` items of this pass, or of the next one where this is over.
    fn next(&mut self, batch: usize) -> Vec<usize> {
        if self.left.is_empty() {
            self.left = (0..self.items).collect();
            self.left.shuffle(&mut self.key.with(self.pass).rng());
            self.pass += 1;
        }
        self.left.split_off(self.left.len().saturating_sub(batch))
    }
}

/// Scales all gradients by one factor so that their joint norm is at most `largest`. burn's own clipping takes
/// the norm of each tensor by itself.
pub(crate) fn clip(model: &Gpt, gradients: GradientsParams, largest: f64) -> GradientsParams {
    let mut norm = Norm { gradients: &gradients, squares: 0.0 };
    model.visit(&mut norm);
    let size = norm.squares.sqrt();
    if size <= largest {
        return gradients;
    }
    let mut scale = Scale { from: gradients, to: GradientsParams::new(), factor: largest / size };
    model.visit(&mut scale);
    scale.to
}

/// The sum of squares of all gradients.
struct Norm<'a> {
    gradients: &'a GradientsParams,
    squares: f64,
}

impl ModuleVisitor for Norm<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.gradients.get::<D>(param.id) {
            let data = gradient.into_data();
            let floats = data.as_slice::<f32>().expect("gradients are f32");
            self.squares += floats.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>();
        }
    }
}

/// Moves gradients over, scaled.
struct Scale {
    from: GradientsParams,
    to: GradientsParams,
    factor: f64,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = self.from.remove::<D>(param.id) {
            self.to.register(param.id, gradient * self.factor);
        }
    }
}
