//! What is each step of a solution worth? Its value Q is the probability that a [`Completer`], going on from
//! there, reaches the right answer; its advantage is the change in value over the step; the first pit is
//! where a wrong solution was lost.
//!
//! ```
//! use eightfold_advantage::{Completer, Episode, MonteCarlo, PitRule};
//! use eightfold_segment::Lines;
//! use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
//! use eightfold_task::Problem;
//! use eightfold_verifier::LexiconAnswer;
//!
//! let lexicon = Lexicon::new(LexiconConfig::default())?;
//! let problem = Problem::new("Ann is 7 ; ? Ann :", "Ann 7");
//! let episode = Episode::new(problem, "Ann is Ann 6 .\nanswer Ann 6", &Lines);
//! let settings = MonteCarlo { pit: PitRule::AllFail { k: 5 }, ..MonteCarlo::default() };
//! let evidence = settings.search(&Tabular::crowd(&lexicon), &LexiconAnswer, &[episode], 0)?;
//! assert_eq!(settings.first_pit(&evidence[0]), Some(0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`MonteCarlo`] estimates values by rollouts of any policy; [`Exact`] knows them for the tabular policy of
//! the lexicon world. Definitions follow the paper's Eq. 2 (Q), Eq. 3 (advantage) and Algorithm 1 (pits).

mod completer;
mod episode;
mod estimator;
mod exact;
mod interval;
mod monte_carlo;
mod pit;
mod pit_search;
mod prefix_value;
mod rollouts;
mod values;

pub use completer::{Completer, pass_at_k};
pub use episode::Episode;
pub use estimator::{AdvantageEstimator, EstimateError};
pub use exact::Exact;
pub use interval::success_interval;
pub use monte_carlo::{MonteCarlo, MonteCarloEstimator};
pub use pit::{PitRule, pit_law};
pub use pit_search::Order;
pub use prefix_value::PrefixValue;
pub use rollouts::{Cost, Evidence, Rollouts};
pub use values::StepValues;
