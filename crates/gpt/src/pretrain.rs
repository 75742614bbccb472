//! Pretraining on an endless stream of stories, by burn-train: its loop, metrics, checkpoints and renderers.

use crate::batch::{Batch, Sequence};
use crate::model::Gpt;
use crate::tokenizer::Tokenizer;
use crate::trainer::{TrainError, clip, encode_target};
use burn::data::dataloader::{DataLoader, DataLoaderIterator, Progress};
use burn::data::dataset::DatasetError;
use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::module::Module;
use burn::optim::lr_scheduler::module_lr_scheduler::ModuleLearningRate;
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use burn::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric};
use burn::train::renderer::MetricsRenderer;
use burn::train::{InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep};
use eightfold_loss::{NllReduction, weighted_nll};
use eightfold_task::{Example, Key};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the base is pretrained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PretrainConfig {
    /// Stories between two validations and checkpoints.
    pub round: usize,
    /// Rounds.
    pub rounds: usize,
    /// Stories in an update.
    pub batch: usize,
    /// Highest learning rate.
    pub rate: f64,
    /// Updates over which the rate rises linearly.
    pub warmup: usize,
    /// Share of the updates, at the end, over which the rate falls linearly to 0.
    pub decay: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Seed of weights and stories.
    pub seed: u64,
}

impl Default for PretrainConfig {
    fn default() -> Self {
        let (round, rounds) = (9_600, 30);
        Self { round, rounds, batch: 64, rate: 4e-3, warmup: 100, decay: 0.3, weight_decay: 0.01, seed: 0 }
    }
}

/// A story for a key; the same key gives the same story.
pub type Stories = Arc<dyn Fn(Key) -> Example + Send + Sync>;

/// Largest norm of the gradient of all weights together.
const CLIP: f64 = 1.0;

/// Pretrains a network on stories. Loss curves and the last checkpoints are kept in `dir`; `resume` goes on
/// after that round. What the run prints is up to the renderer.
///
/// # Errors
/// If a story has a word that the vocabulary lacks or is too long (seen before training starts, on the first
/// stories), or burn-train stops with an error.
pub fn pretrain(
    gpt: Gpt,
    tokenizer: &Tokenizer,
    stories: &Stories,
    config: &PretrainConfig,
    dir: &Path,
    resume: Option<usize>,
    renderer: Option<Box<dyn MetricsRenderer>>,
) -> Result<Gpt, PretrainError> {
    let loader = |purpose: &str, items: usize, first: Option<usize>| Loader {
        tokenizer: tokenizer.clone(),
        stories: stories.clone(),
        key: Key::new(config.seed, purpose),
        items,
        batch: config.batch,
        round: first.map(|round| Arc::new(AtomicU64::new(round as u64))),
    };
    let train = loader("pretrain", config.round, Some(resume.unwrap_or(0)));
    let valid = loader("pretrain validation", config.batch * 8, None);
    train.stories(0, config.batch)?;

    let updates = config.rounds * config.round.div_ceil(config.batch);
    let decay = ((updates as f64 * config.decay) as usize).max(1);
    let plateau = updates.saturating_sub(config.warmup + decay).max(1);
    let schedule = SequentialLrSchedulerConfig::new(
        vec![
            LrSchedulerConfig::Linear(LinearLrSchedulerConfig::new(
                config.rate / config.warmup as f64,
                config.rate,
                config.warmup,
            )),
            LrSchedulerConfig::Constant(config.rate),
            LrSchedulerConfig::Linear(LinearLrSchedulerConfig::new(config.rate, 0.0, decay)),
        ],
        vec![config.warmup, config.warmup + plateau],
    );
    let schedule = schedule.init().map_err(PretrainError::Schedule)?;
    let optimizer = AdamWConfig::new()
        .with_beta_2(0.95)
        .with_epsilon(1e-8)
        .with_weight_decay(config.weight_decay as f32)
        .init();
    let device = gpt.device().autodiff();
    let model = gpt.to_device(&device).train();
    let mut training = SupervisedTraining::new(dir, Arc::new(train), Arc::new(valid))
        .metric_train_numeric(LossMetric::new())
        .metric_valid_numeric(LossMetric::new())
        .with_default_checkpointers()
        .num_epochs(config.rounds);
    if let Some(round) = resume {
        training = training.checkpoint(round);
    }
    if let Some(renderer) = renderer {
        training = training.renderer(renderer);
    }
    let result = training.launch(Learner::new(model, optimizer, schedule));
    match result.error {
        Some(error) => Err(PretrainError::Training(error.to_string())),
        None => Ok(result.model),
    }
}

/// Why pretraining stopped.
#[derive(Debug, thiserror::Error)]
pub enum PretrainError {
    /// A story cannot be trained on.
    #[error(transparent)]
    Story(#[from] TrainError),
    /// The learning rate's schedule is impossible.
    #[error("schedule of the learning rate: {0}")]
    Schedule(String),
    /// burn-train's own error.
    #[error("pretraining stopped: {0}")]
    Training(String),
}

/// What a step reports.
pub struct Loss(Tensor<1>);

impl Adaptor<LossInput> for Loss {
    fn adapt(&self) -> LossInput {
        LossInput::new(self.0.clone())
    }
}

impl ItemLazy for Loss {
    fn sync(self) -> Result<Self, burn::tensor::ExecutionError> {
        Ok(Self(self.0.without_autodiff()))
    }
}

fn token_loss(gpt: &Gpt, batch: &Arc<Batch>) -> Tensor<1> {
    let weights = Tensor::ones([batch.sequences()], &gpt.device());
    weighted_nll(&gpt.logps(batch), weights, NllReduction::Token)
}

impl TrainStep for Gpt {
    type Input = Arc<Batch>;
    type Output = Loss;

    fn step(&self, batch: Arc<Batch>) -> TrainOutput<Loss> {
        let loss = token_loss(self, &batch);
        TrainOutput::new(self, loss.backward(), Loss(loss))
    }

    fn optimize(self, optimizer: &mut ModuleOptimizer, rate: ModuleLearningRate, grads: GradientsParams) -> Self {
        let grads = clip(&self, grads, CLIP);
        optimizer.step(rate, self, grads)
    }
}

impl InferenceStep for Gpt {
    type Input = Arc<Batch>;
    type Output = Loss;

    fn step(&self, batch: Arc<Batch>) -> Loss {
        Loss(token_loss(self, &batch))
    }
}

/// Stories by number: round r of a loader of n items has the stories `r n .. (r + 1) n`.
#[derive(Clone)]
struct Loader {
    tokenizer: Tokenizer,
    stories: Stories,
    key: Key,
    items: usize,
    batch: usize,
    /// The round that the next iterator reads; without one, every iterator reads the same stories.
    round: Option<Arc<AtomicU64>>,
}

impl Loader {
    fn stories(&self, first: u64, count: usize) -> Result<Arc<Batch>, TrainError> {
        let sequence = |i: u64| {
            let story = (self.stories)(self.key.with(first + i));
            let prompt = self.tokenizer.encode(&story.prompt)?;
            Ok(Sequence { prompt, target: encode_target(&self.tokenizer, &story.target)? })
        };
        let sequences = (0..count as u64).map(sequence).collect::<Result<Vec<_>, TrainError>>()?;
        Ok(Arc::new(Batch::new(sequences)))
    }
}

impl DataLoader<Arc<Batch>> for Loader {
    fn iter<'a>(&'a self) -> Box<dyn DataLoaderIterator<Arc<Batch>> + 'a> {
        let round = self.round.as_ref().map_or(0, |round| round.fetch_add(1, Ordering::Relaxed));
        Box::new(Reader { loader: self, first: round * self.items as u64, read: 0 })
    }

    fn num_items(&self) -> usize {
        self.items
    }

    fn to_device(&self, _: &Device) -> Arc<dyn DataLoader<Arc<Batch>>> {
        // A batch holds token numbers, which the network moves itself.
        Arc::new(self.clone())
    }

    fn slice(&self, start: usize, end: usize) -> Arc<dyn DataLoader<Arc<Batch>>> {
        Arc::new(Self { items: end - start, key: self.key.with(start as u64), ..self.clone() })
    }
}

struct Reader<'a> {
    loader: &'a Loader,
    first: u64,
    read: usize,
}

impl Iterator for Reader<'_> {
    type Item = Result<Arc<Batch>, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.loader.batch.min(self.loader.items - self.read);
        if count == 0 {
            return None;
        }
        let batch = self.loader.stories(self.first + self.read as u64, count);
        self.read += count;
        Some(batch.map_err(|error| DatasetError::new(error)))
    }
}

impl DataLoaderIterator<Arc<Batch>> for Reader<'_> {
    fn progress(&self) -> Progress {
        Progress::new(self.read, self.loader.items, Some("stories".into()))
    }
}
