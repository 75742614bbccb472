//! The nouns that every other crate shares: problems, solutions, policies and training examples, and the
//! closed worlds that problems are drawn from.
//!
//! The data side (verifier, segment, advantage, synth) and the network side (gpt, loss) meet in three types
//! of this crate: [`Policy`] (text in, text out), [`Example`] and [`Pair`]. Nothing here knows of tensors.
//!
//! ```
//! use eightfold_task::{Completion, Draw, Key, Policy, Problem, Scripted};
//!
//! let problem = Problem::new("Ann is 7 ; ? Ann :", "7");
//! let policy = Scripted::new(vec![Completion::finished("Ann is Ann 7 .\nanswer Ann 7")]);
//! let draw = Draw { prompt: problem.prompt(), key: Key::new(0, "example") };
//! assert!(policy.complete(&[draw]).unwrap()[0].text.ends_with("answer Ann 7"));
//! ```

pub mod gsm8k;
pub mod lexicon;
mod policy;
mod problem;
mod rows;
pub mod stargraph;
mod stream;
pub mod svamp;
mod training;
mod wording;

pub use policy::{Completion, Draw, Policy, PolicyError, Scripted};
pub use problem::{Answer, Problem};
pub use rows::FileError;
pub use stream::{Key, stream};
pub use training::{Example, Pair, StepExample, Target, WeightedStep};
pub use wording::{copy_text, copy_words, normal_text, words};
