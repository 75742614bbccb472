//! The small policy: a decoder-only transformer on burn, its tokenizer, its sampler and its training loops.
//!
//! [`Gpt`] is the network, [`Checkpoint`] the network with its tokenizer, [`Sampler`] the policy that the data
//! side asks for text, [`supervised`] and [`preference`] the two ways to train. The same weights run by plain
//! burn modules or by fused operations ([`Engine`]); a property test holds the two together.
//!
//! ```
//! use eightfold_gpt::{
//!     Budget, Checkpoint, Engine, GptConfig, Sampler, SamplerConfig, Tokenizer, TrainConfig, device, supervised,
//! };
//! use eightfold_task::{Draw, Example, Key, Policy, Target};
//!
//! let tokenizer = Tokenizer::of_words(&["one", "two", "three"].map(String::from));
//! let device = device("flex")?;
//! device.seed(0);
//! let size = GptConfig { vocab: tokenizer.vocab(), context: 8, width: 8, heads: 2, layers: 1 };
//! let gpt = size.init(&device, Engine::Fused);
//!
//! let example = Example { prompt: "one".into(), target: Target::whole("two three"), weight: 1.0 };
//! let config = TrainConfig { budget: Budget::Updates(30), rate: 0.03, ..TrainConfig::default() };
//! let key = Key::new(0, "example");
//! let trained = supervised(&gpt, &tokenizer, &[example], &config, key, &mut |_| {})?;
//! assert!(trained.report.last_loss < trained.report.first_loss);
//!
//! let checkpoint = Checkpoint { gpt: trained.gpt, tokenizer };
//! let sampler = Sampler::new(&checkpoint, SamplerConfig { temperature: 0.0, max_tokens: 8 });
//! let completions = sampler.complete(&[Draw { prompt: "one".into(), key }])?;
//! assert_eq!(completions[0].text, "two three");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It knows nothing of verifiers, segmentation or advantages: those reach it as [`eightfold_task::Example`],
//! [`eightfold_task::StepExample`] and [`eightfold_task::Pair`].

mod batch;
mod checkpoint;
mod clip;
mod descent;
mod device;
mod encode;
mod fused;
mod likelihood;
mod model;
mod order;
mod preference;
mod pretrain;
mod sampler;
mod stories;
mod supervised;
#[cfg(test)]
mod testing;
mod tokenizer;
mod train_config;
mod trainer;

pub use batch::{Batch, Segmented, Sequence, SequencePair};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use descent::{Descent, Diverged};
pub use device::{DeviceError, device};
pub use likelihood::{next_logps, token_logps};
pub use model::{Engine, Gpt, GptConfig};
pub use order::Order;
pub use preference::preference;
pub use pretrain::{PretrainConfig, PretrainError, pretrain};
pub use sampler::{Sampler, SamplerConfig};
pub use stories::Stories;
pub use supervised::{supervised, supervised_steps};
pub use tokenizer::{Tokenizer, TokenizerError};
pub use train_config::{Budget, TrainConfig};
pub use trainer::{Progress, TrainError, TrainReport, Trained};
