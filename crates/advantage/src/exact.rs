//! Values known exactly: the oracle that estimates are held against.

use crate::{AdvantageEstimator, Completer, Episode, EstimateError, StepValues};
use eightfold_task::lexicon::Tabular;

/// The exact values of solutions in the lexicon world when a tabular policy completes them.
pub struct Exact<'a> {
    /// The policy that completes.
    pub policy: &'a Tabular<'a>,
    /// How often it tries.
    pub completer: Completer,
}

impl AdvantageEstimator for Exact<'_> {
    /// The question's value is always included. The value of a whole solution is 1 or 0, by its answer line;
    /// a solution that ends before one is worth what the policy makes of it.
    fn estimate(&self, episodes: &[Episode]) -> Result<Vec<StepValues>, EstimateError> {
        let value = |episode: &Episode, steps: usize| {
            let p = self.policy.success(&episode.problem, episode.steps.prefix(steps))?;
            // Sums of probabilities may exceed 1 by rounding.
            Ok(self.completer.value(p.min(1.0)))
        };
        let values = |episode: &Episode| {
            let after = (1..=episode.steps.len()).map(|steps| value(episode, steps));
            Ok(StepValues::new(Some(value(episode, 0)?), after.collect::<Result<_, EstimateError>>()?))
        };
        episodes.iter().map(values).collect()
    }
}
