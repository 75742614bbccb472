//! The role that all ways of valuing steps share.

use crate::{Episode, StepValues};
use eightfold_task::PolicyError;
use eightfold_task::lexicon::tabular::TabularError;

/// A way to say what each step of a solution was worth.
pub trait AdvantageEstimator {
    /// The values of every step of each episode, in the order of `episodes`. Batched, because sampling is.
    ///
    /// # Errors
    /// If values cannot be had.
    fn estimate(&self, episodes: &[Episode]) -> Result<Vec<StepValues>, EstimateError>;
}

/// Why values cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum EstimateError {
    /// Too few draws from each prefix for the completer or the pit rule.
    #[error(
        "`rollouts` is {rollouts}, but completer and pit rule need at least {needed}, and each at least 1"
    )]
    Draws {
        /// Draws from each prefix.
        rollouts: usize,
        /// Draws needed.
        needed: usize,
    },
    /// A short search under settings that need more than a pit.
    #[error(
        "`order` = bisection and `sequential` find the first step after which every draw fails: they need \
         `early_stop`, no `question`, and `pit` = lowest-q, or all-fail with `k` = `rollouts`"
    )]
    Short,
    /// The policy failed.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The exact policy cannot read a solution.
    #[error(transparent)]
    Exact(#[from] TabularError),
}
