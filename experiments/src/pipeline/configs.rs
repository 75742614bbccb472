//! Worlds and learners as plain data: what a cell says of them.

mod parts;

use eightfold_gpt::{PretrainConfig, TrainConfig};
use eightfold_task::lexicon::LexiconConfig;
use eightfold_task::stargraph::StarConfig;
use serde::{Deserialize, Serialize};

/// A world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum WorldConfig {
    /// Stories of relation words.
    Lexicon(LexiconConfig),
    /// Paths in star graphs.
    Star(StarConfig),
    /// Problems of a file.
    Problems(ProblemSet),
}

/// Problems of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProblemSet {
    /// The form of the files.
    pub form: Form,
    /// Name of the files' content.
    pub content: String,
    /// Only problems whose given solution has at most this many lines before the answer; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<usize>,
}

/// What files of problems look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// GSM8K: a file to train on (`gsm8k_train.jsonl` or `train.jsonl`) and one to test on.
    Gsm8k,
    /// SVAMP: one file (`svamp.jsonl` or `svamp_1000.jsonl`), whose equations are the solutions.
    Svamp,
}

impl Form {
    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm8k => "gsm8k",
            Self::Svamp => "svamp",
        }
    }
}

/// Who learns, and how: the schedules of training belong here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LearnerConfig {
    /// The small decoder.
    Network(NetworkConfig),
    /// One distribution over readings a word, learned by counts.
    Table {},
    /// The star graph's network of attention alone.
    Star(StarLearner),
    /// A language model from a folder.
    #[cfg(feature = "models")]
    Folder(FolderConfig),
}

/// The small decoder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Size and pretraining.
    pub base: BaseConfig,
    /// Supervised training on the given solutions.
    pub sft: TrainConfig,
    /// The method's own training; absent where it has none, as for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<TrainConfig>,
}

/// Size and pretraining of the base model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseConfig {
    /// Width of the residual stream.
    pub width: usize,
    /// Blocks.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Longest text, in tokens.
    pub context: usize,
    /// Pretraining.
    pub pretraining: PretrainConfig,
}

impl Default for BaseConfig {
    fn default() -> Self {
        Self { width: 64, layers: 3, heads: 4, context: 96, pretraining: PretrainConfig::default() }
    }
}

/// The star graph's network and its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarLearner {
    /// Size and pretraining.
    pub base: StarBase,
    /// Supervised training on the solutions.
    pub sft: Schedule,
    /// The method's own training; absent for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<Schedule>,
    /// Updates between two measurements, at least 1.
    pub every: usize,
}

/// Size and pretraining of the star graph's base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarBase {
    /// The network.
    pub net: NetConfig,
    /// Walks and look-ups on fresh graphs; a batch counts graphs, each with one of both.
    pub training: Schedule,
    /// Seed of weights and graphs.
    pub seed: u64,
}

/// The size of the star graph's network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetConfig {
    /// Width of the residual stream: even, and a multiple of `heads`.
    pub width: usize,
    /// Layers.
    pub layers: usize,
    /// Attention heads.
    pub heads: usize,
    /// Factor of the logits.
    pub scale: f64,
}

impl Default for NetConfig {
    fn default() -> Self {
        Self { width: 64, layers: 2, heads: 4, scale: 1.0 }
    }
}

/// How long and how fast the star graph's network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Updates of the weights.
    pub updates: usize,
    /// Graphs, or pairs, in an update.
    pub batch: usize,
    /// Learning rate.
    pub rate: f64,
    /// Share of the updates, in [0, 1], at the end, over which the rate falls linearly to 0.
    pub decay: f64,
}

/// A language model from a folder in the form of Hugging Face.
#[cfg(feature = "models")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderConfig {
    /// Name of the content of the folder ([`eightfold_models::fingerprint`]).
    pub model: String,
    /// Where completions end.
    pub length: Length,
    /// Examples, or pairs, that are in memory at once.
    pub micro: usize,
    /// Whether activations are computed again in the backward pass.
    pub recompute: bool,
    /// Adapters; absent, all weights are trained.
    pub lora: Option<eightfold_models::Lora>,
    /// Supervised training on the given solutions.
    pub sft: TrainConfig,
    /// The method's own training; absent where it has none, as for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<TrainConfig>,
}

/// Where completions end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Length {
    /// Longest completion, in tokens.
    pub max_tokens: usize,
    /// Texts that end one.
    pub stop: Vec<String>,
}
