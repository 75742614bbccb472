//! Language models in folders of the form of Hugging Face, on the processor in f32.
//!
//! [`Model::open`] reads a folder: Llama, Qwen2 and Qwen3 networks. [`supervised()`] and [`preference()`] train it, as a
//! whole or by adapters ([`Lora`]), and a [`Sampler`] draws from it, both by LibTorch too; [`Model::save`] writes a folder that
//! `transformers` loads.
//!
//! ```no_run
//! use eightfold_models::Model;
//!
//! let model = Model::open("SmolLM2-135M-Instruct".as_ref())?;
//! let tokens = model.text().encode("2 + 3 =", true)?;
//! let logits = model.logits(&tokens);
//! assert_eq!(logits.len(), tokens.len() * model.config().vocab);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

//! Training is on tokens, so that a prompt may be a chat or a plain text:
//!
//! ```no_run
//! use eightfold_models::{Lora, Model, Tuning, WeightedTokens, supervised};
//! use eightfold_task::{Key, Target};
//!
//! let mut model = Model::open("SmolLM2-135M-Instruct".as_ref())?;
//! let prompt = model.text().encode("2 + 3 =", true)?;
//! let completion = model.encode_target(&Target::whole(" 5"))?;
//! let tuning = Tuning { lora: Some(Lora::default()), ..Tuning::default() };
//! let examples = [WeightedTokens::whole(prompt, completion, 1.0)];
//! supervised(&mut model, &examples, &tuning, Key::new(0, "sft"), &mut |progress| {
//!     eprintln!("update {} of {}: loss {:.4}", progress.update, progress.updates, progress.loss);
//! })?;
//! model.save("trained".as_ref())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chat;
mod config;
mod error;
mod export;
mod fingerprint;
mod model;
mod network;
mod plain;
mod rope;
mod sampler;
mod save;
mod tensors;
mod text;
mod training;
mod weights;

pub use chat::{Chat, Date, Turn};
pub use config::{Architecture, Config};
pub use error::{ModelError, TextError};
pub use fingerprint::fingerprint;
pub use model::{Model, Outline};
pub use sampler::{Kept, KeptError, Prompt, Remote, Sample, Sampler, Sampling};
pub use text::Text;
pub use training::{
    LogpStore, Lora, Projection, TrainError, Tuning, WeightedTokens, preference, reference_logps, supervised,
};
