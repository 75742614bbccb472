//! Values by rollouts, drawn in batches over all episodes.

use crate::{AdvantageEstimator, Completer, Episode, EstimateError, Evidence, PitRule, Rollouts, StepValues};
use eightfold_task::{Draw, Key, Policy};
use eightfold_verifier::Verifier;
use serde::{Deserialize, Serialize};

/// How values are estimated and pits found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MonteCarlo {
    /// Draws from each prefix.
    pub rollouts: usize,
    /// Whose success a value is; it needs no more draws than `rollouts`.
    pub completer: Completer,
    /// Which step is the first pit.
    pub pit: PitRule,
    /// Whether to leave an episode alone once its pit is settled. Saves draws; never changes a pit.
    pub early_stop: bool,
    /// Whether to value the bare question too. A rule on advantages does so in any case.
    pub question: bool,
}

impl Default for MonteCarlo {
    /// The paper's choice as far as it is known: best of 5, first step with the lowest value; five draws, so
    /// that a value is 0 or 1.
    fn default() -> Self {
        Self {
            rollouts: 5,
            completer: Completer::BestOf { k: 5 },
            pit: PitRule::LowestQ,
            early_stop: true,
            question: false,
        }
    }
}

impl MonteCarlo {
    /// Whether the draws suffice for completer and rule.
    ///
    /// # Errors
    /// If there are too few, or a number is 0.
    pub fn check(&self) -> Result<(), EstimateError> {
        let needed = self.completer.draws().max(self.pit.draws());
        let none = self.completer.draws() == 0 || self.pit.draws() == 0;
        if none || self.rollouts < needed {
            return Err(EstimateError::Draws { rollouts: self.rollouts, needed: needed.max(1) });
        }
        Ok(())
    }

    /// Draws rollouts for all episodes, step by step: each round is one call of the policy, for all episodes
    /// that are still open. A draw is named by question, solution, step and number, so an episode's evidence
    /// does not depend on the other episodes, nor on where the search stops.
    ///
    /// # Errors
    /// If the settings do not fit each other, or the policy fails.
    pub fn search(
        &self,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        episodes: &[Episode],
        seed: u64,
    ) -> Result<Vec<Evidence>, EstimateError> {
        self.check()?;
        let verdict = |e: &Episode| verifier.verify(&e.problem, e.steps.text());
        let mut evidence: Vec<Evidence> =
            episodes.iter().map(|e| Evidence::new(e.steps.len(), verdict(e))).collect();
        let round = |open: &[usize], steps: usize| -> Result<Vec<Rollouts>, EstimateError> {
            let open: Vec<&Episode> = open.iter().map(|&e| &episodes[e]).collect();
            self.round(policy, verifier, &open, steps, seed)
        };
        if self.question || self.pit.needs_question() {
            let all: Vec<usize> = (0..episodes.len()).collect();
            for (e, rollouts) in round(&all, 0)?.into_iter().enumerate() {
                evidence[e].question = Some(rollouts);
            }
        }
        loop {
            let open: Vec<usize> = (0..episodes.len()).filter(|&e| self.is_open(&evidence[e])).collect();
            let Some(&first) = open.first() else { return Ok(evidence) };
            // All open episodes are at the same step: each round adds one to each of them.
            let steps = evidence[first].steps.len() + 1;
            for (&e, rollouts) in open.iter().zip(round(&open, steps)?) {
                evidence[e].steps.push(rollouts);
            }
        }
    }

    fn is_open(&self, evidence: &Evidence) -> bool {
        let settled = || self.early_stop && self.pit.first_pit(evidence, self.completer).is_some();
        !evidence.is_complete() && !settled()
    }

    /// The draws from the prefix of `steps` steps of an episode, which [`MonteCarlo::search`] makes too. A
    /// draw is named by question, solution, step and number.
    ///
    /// # Panics
    /// If the solution has fewer steps.
    pub fn draws(&self, episode: &Episode, steps: usize, seed: u64) -> impl Iterator<Item = Draw> + use<> {
        let (prompt, text) = (episode.prompt(steps), episode.steps.text());
        let key = Key::new(seed, "rollout").with_text(&episode.problem.question).with_text(text);
        let key = key.with(steps as u64);
        (0..self.rollouts).map(move |i| Draw { prompt: prompt.clone(), key: key.with(i as u64) })
    }

    /// Rollouts from the prefix of `steps` steps of each episode, in one call.
    fn round(
        &self,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        episodes: &[&Episode],
        steps: usize,
        seed: u64,
    ) -> Result<Vec<Rollouts>, EstimateError> {
        let draws: Vec<Draw> = episodes.iter().flat_map(|e| self.draws(e, steps, seed)).collect();
        let mut completions = policy.complete(&draws)?.into_iter();
        let mut all = Vec::with_capacity(episodes.len());
        for episode in episodes {
            let mut rollouts = Rollouts::default();
            let prefix = episode.steps.prefix(steps);
            for completion in completions.by_ref().take(self.rollouts) {
                rollouts.tokens += completion.tokens as u64;
                let whole = format!("{prefix}{}", completion.text);
                let success = completion.finished && verifier.verify(&episode.problem, &whole).is_correct();
                rollouts.draws.push(success.then_some(completion.text));
            }
            all.push(rollouts);
        }
        Ok(all)
    }
}

/// [`MonteCarlo`] with the policy and verifier that it draws from.
pub struct MonteCarloEstimator<'a> {
    /// How values are estimated. Values are wanted for every step, so there is no early stop.
    pub settings: MonteCarlo,
    /// Whose rollouts are drawn.
    pub policy: &'a dyn Policy,
    /// What counts as success.
    pub verifier: &'a dyn Verifier,
    /// Root of the random streams.
    pub seed: u64,
}

impl AdvantageEstimator for MonteCarloEstimator<'_> {
    fn estimate(&self, episodes: &[Episode]) -> Result<Vec<StepValues>, EstimateError> {
        let settings = MonteCarlo { early_stop: false, ..self.settings };
        let evidence = settings.search(self.policy, self.verifier, episodes, self.seed)?;
        Ok(evidence.iter().map(|evidence| evidence.values(settings.completer)).collect())
    }
}
