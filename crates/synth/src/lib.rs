//! Training sets from a policy's own solutions: verified ones to imitate, pairs to prefer.
//!
//! A [`RolloutStore`] holds what was drawn once: samples, verdicts, rollouts and first pits. [`Rejection`]
//! makes examples of it (RFT), [`ResponsePairs`] pairs of whole solutions (DPO), [`PairRule`] pairs at the
//! first pit (per-step DPO), and [`chosen_only`] the control that uses only their chosen sides.
//! [`value_samples`] values the steps of all samples, for filtering and weighting by advantage.
//!
//! ```
//! use eightfold_segment::Lines;
//! use eightfold_synth::{Fallback, PairRule, Rejection, RolloutStore, StoreSettings};
//! use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular, Teacher};
//! use eightfold_verifier::LexiconAnswer;
//!
//! let lexicon = Lexicon::new(LexiconConfig::default())?;
//! let problems = lexicon.problems(20, 0, "train");
//! let taught = Teacher::new(&lexicon).examples(&problems, 0)?;
//! let sft = Tabular::crowd(&lexicon).learn_examples(&taught, 10.0)?;
//!
//! let store = RolloutStore::build(&StoreSettings::default(), &sft, &LexiconAnswer, &Lines, &problems, 0)?;
//! let rft = Rejection::default().examples(store.traces(), 0);
//! let step = PairRule::default().pairs(&store, &Lines, &Fallback::new(&taught), 0);
//! assert!(!rft.is_empty() && !step.pairs.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Everything is drawn by name: a problem's part of a training set does not depend on the other problems.

mod agreement;
mod contamination;
mod fallback;
mod file;
mod pick;
mod rejection;
mod response_pairs;
mod spelling;
mod step_pairs;
mod store;
mod trace;
mod valued;

pub use agreement::{Agreement, agreement};
pub use contamination::{Contamination, Overlap, TestQuestions};
pub use fallback::Fallback;
pub use file::StoreError;
pub use rejection::{Keep, Rejection};
pub use response_pairs::{Choice, ResponsePair, ResponsePairSet, ResponsePairs, Unpaired};
pub use step_pairs::{ChosenSide, PairRule, StepPair, StepPairSet, StepPairStatistics, chosen_only};
pub use store::{Record, RolloutStore, Search, StoreSettings};
pub use trace::{Sample, Trace, draw_samples, sample_draws};
pub use valued::{Valued, value_samples};
