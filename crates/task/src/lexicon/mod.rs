//! The lexicon world: short stories of counts whose relation words must be learned from worked solutions.
//!
//! ```text
//! question   Ann is 7 ; Bob daxes Ann ; Cal blemps Ann ; ? Bob :
//! solution   Ann is Ann 7 .
//!            Bob daxes Ann 7 +2 Bob 9 .
//!            Cal blemps Ann 7 *3 Cal 1 .
//!            answer Bob 9
//! ```
//!
//! A relation word stands for one of six operations modulo 10. The [`Teacher`] misreads some words at a rate
//! of their own and keeps a solution only if its final answer is right, so its verified solutions still hold
//! wrong steps: those on which the answer does not depend, and lucky ones. The [`Crowd`] writes what a base
//! model is pretrained on. [`replay`] judges a solution by the operations that it wrote. [`Tabular`] is
//! the policy whose values are known exactly: one distribution over the operations for each word.
//!
//! Every token is a word between white space; a step is a line that ends ` .` and a line break, and the
//! answer line, which comes last, has no line break.
//!
//! ```
//! use eightfold_task::lexicon::{Lexicon, LexiconConfig, Story, Teacher};
//!
//! let lexicon = Lexicon::new(LexiconConfig::default())?;
//! let rng = &mut eightfold_task::stream(0, "example");
//! let story = lexicon.story(rng);
//! let taught = Teacher::new(&lexicon).solve(&story, rng);
//! assert!(taught.text.ends_with(&story.answer(&lexicon)));
//! # Ok::<(), eightfold_task::lexicon::ConfigError>(())
//! ```

mod config;
mod injection;
mod names;
mod operation;
mod replay;
mod solution;
mod story;
pub mod tabular;
mod teacher;
mod words;

pub use config::{Asked, ConfigError, LexiconConfig};
pub use injection::{Injected, InjectedSolution, Injection};
pub use names::{CONNECTIVES, PEOPLE, WORDS};
pub use operation::{MODULUS, Operation, Readings};
pub use replay::{Reading, Replay, Slip, SlipKind, replay, replay_prefix};
pub use solution::stated_answer;
pub use story::{Count, Person, Story, StoryError};
pub use tabular::Tabular;
pub use teacher::{Crowd, Taught, Teacher};
pub use words::{Lexicon, Relation};
