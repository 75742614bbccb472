//! Pretraining on an endless stream of stories, by burn-train: its loop, metrics, checkpoints and renderers.

use crate::batch::Batch;
use crate::clip::clip;
use crate::model::Gpt;
use crate::stories::{Loader, Stories};
use crate::tokenizer::Tokenizer;
use crate::trainer::TrainError;
use burn::lr_scheduler::LrSchedulerConfig;
use burn::lr_scheduler::linear::LinearLrSchedulerConfig;
use burn::lr_scheduler::sequential::SequentialLrSchedulerConfig;
use burn::module::Module;
use burn::optim::lr_scheduler::module_lr_scheduler::{ModuleLearningRate, ModuleLrScheduler};
use burn::optim::{AdamWConfig, GradientsParams, ModuleOptimizer};
use burn::tensor::Tensor;
use burn::train::metric::{Adaptor, ItemLazy, LossInput, LossMetric};
use burn::train::renderer::MetricsRenderer;
use burn::train::{InferenceStep, Learner, SupervisedTraining, TrainOutput, TrainStep};
use eightfold_loss::{NllReduction, weighted_nll};
use eightfold_task::Key;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

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
    /// Highest learning rate, in (0, 1].
    pub rate: f64,
    /// Updates over which the rate rises linearly; at least 1.
    pub warmup: usize,
    /// Share of the updates, in [0, 1], at the end, over which the rate falls linearly to 0.
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

/// Largest norm of the gradient of all weights together.
const CLIP: f64 = 1.0;

/// Pretrains a network on stories. Loss curves and the last checkpoints are kept in `dir`; `resume` goes on
/// after that round of an earlier run in `dir` by the same config, and ends with the same weights as a run
/// that was not interrupted. What the run prints is up to the renderer.
///
/// # Errors
/// If the config is impossible; a story has a word that the vocabulary lacks, no prompt, or more tokens than
/// the context and one; there is no checkpoint to resume from; or burn-train stops with an error.
pub fn pretrain(
    gpt: Gpt,
    tokenizer: &Tokenizer,
    stories: &Stories,
    config: &PretrainConfig,
    dir: &Path,
    resume: Option<usize>,
    renderer: Option<Box<dyn MetricsRenderer>>,
) -> Result<Gpt, PretrainError> {
    let schedule = config.schedule()?;
    let (train, valid) = loaders(&gpt, tokenizer, stories, config, resume);
    // Before burn-train, which would report the error as its own.
    train.stories(0, config.batch)?;
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
        // It would replace the panic hook of the whole process.
        .with_application_logger(None)
        .num_epochs(config.rounds);
    if let Some(round) = resume {
        check_saved(dir, round)?;
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

impl PretrainConfig {
    /// Linear rise, plateau, linear fall to 0.
    fn schedule(&self) -> Result<ModuleLrScheduler, PretrainError> {
        if [self.round, self.rounds, self.batch].contains(&0) {
            return Err(PretrainError::Nothing);
        }
        let updates = self.rounds * self.round.div_ceil(self.batch);
        let decay = ((updates as f64 * self.decay) as usize).max(1);
        let plateau = updates.saturating_sub(self.warmup + decay).max(1);
        let line =
            |from, to, updates| LrSchedulerConfig::Linear(LinearLrSchedulerConfig::new(from, to, updates));
        let parts = vec![
            line(self.rate / self.warmup as f64, self.rate, self.warmup),
            LrSchedulerConfig::Constant(self.rate),
            line(self.rate, 0.0, decay),
        ];
        let milestones = vec![self.warmup, self.warmup + plateau];
        SequentialLrSchedulerConfig::new(parts, milestones).init().map_err(PretrainError::Schedule)
    }
}

/// Training stories, new ones in each round, and eight batches of validation stories.
fn loaders(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    stories: &Stories,
    config: &PretrainConfig,
    resume: Option<usize>,
) -> (Loader, Loader) {
    let loader = |purpose: &str, items: usize, first: Option<usize>| Loader {
        tokenizer: tokenizer.clone(),
        context: gpt.config().context,
        stories: stories.clone(),
        key: Key::new(config.seed, purpose),
        items,
        batch: config.batch,
        round: first.map(|round| Arc::new(AtomicU64::new(round as u64))),
    };
    let train = loader("pretrain", config.round, Some(resume.unwrap_or(0)));
    (train, loader("pretrain validation", config.batch * 8, None))
}

/// burn-train would panic where a file of the round is missing.
fn check_saved(dir: &Path, round: usize) -> Result<(), PretrainError> {
    let file = |part| dir.join("checkpoint").join(format!("{part}-{round}.bpk"));
    match ["model", "optim", "scheduler"].map(file).into_iter().find(|path| !path.is_file()) {
        Some(path) => Err(PretrainError::NoCheckpoint { round, path }),
        None => Ok(()),
    }
}

/// Why pretraining stopped.
#[derive(Debug, thiserror::Error)]
pub enum PretrainError {
    /// A story cannot be trained on.
    #[error(transparent)]
    Story(#[from] TrainError),
    /// Nothing would be trained on.
    #[error("`round`, `rounds` and `batch` are at least 1")]
    Nothing,
    /// The run to resume has no such checkpoint.
    #[error("cannot resume after round {round}: no {}", path.display())]
    NoCheckpoint {
        /// The round to resume after.
        round: usize,
        /// The file that is missing.
        path: PathBuf,
    },
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

    fn optimize(
        self,
        optimizer: &mut ModuleOptimizer,
        rate: ModuleLearningRate,
        grads: GradientsParams,
    ) -> Self {
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
