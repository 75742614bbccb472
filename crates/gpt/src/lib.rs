//! The small policy: a decoder-only transformer on burn, its tokenizer, its sampler and its training loops.
//!
//! [`Gpt`] is the network, [`Checkpoint`] the network with its tokenizer, [`Sampler`] the policy that the data
//! side asks for text, [`supervised`] and [`preference`] the two ways to train. The same weights run by plain
//! burn modules or by fused operations ([`Engine`]); a property test holds the two together.
//!
//! It knows nothing of verifiers, steps or advantages: those reach it as [`eightfold_task::Example`] and
//! [`eightfold_task::Pair`].

mod batch;
mod checkpoint;
mod device;
mod fused;
mod model;
mod pretrain;
mod sampler;
mod tokenizer;
mod trainer;

pub use batch::{Batch, Sequence, SequencePair};
pub use checkpoint::{Checkpoint, CheckpointError};
pub use device::{DeviceError, device};
pub use model::{Engine, Gpt, GptConfig};
pub use pretrain::{PretrainConfig, PretrainError, Stories, pretrain};
pub use sampler::{Sampler, SamplerConfig};
pub use tokenizer::{Tokenizer, TokenizerError};
pub use trainer::{Budget, Progress, TrainConfig, TrainError, TrainReport, Trained, preference, supervised};
