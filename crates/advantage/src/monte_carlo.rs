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

    /// Draws rollouts for all episodes. With early stop, step by step: each round is one call of the policy, for
    /// all episodes that are still open. Without, all prefixes of all episodes in one call, so that a policy may
    /// read a solution once for all of its prefixes. A draw is named by question, solution, step and number, so an
    /// episode's evidence does not depend on the other episodes, nor on rounds, nor on where the search stops.
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
        // Episodes and how many of their steps are the prefix.
        let mut prefixes: Vec<(usize, usize)> = Vec::new();
        if self.question || self.pit.needs_question() {
            prefixes.extend((0..episodes.len()).map(|e| (e, 0)));
        }
        loop {
            // With early stop, whether an episode is open may depend on its question's value.
            if prefixes.is_empty() || !self.early_stop {
                let open = evidence.iter().enumerate().filter(|(_, evidence)| self.is_open(evidence));
                prefixes.extend(open.flat_map(|(e, evidence)| {
                    let next = evidence.steps.len() + 1;
                    let last = if self.early_stop { next } else { evidence.len - 1 };
                    (next..=last).map(move |steps| (e, steps))
                }));
            }
            if prefixes.is_empty() {
                return Ok(evidence);
            }
            let rollouts = self.draw(policy, verifier, episodes, &prefixes, seed)?;
            for ((e, steps), rollouts) in prefixes.drain(..).zip(rollouts) {
                match steps {
                    0 => evidence[e].question = Some(rollouts),
                    _ => evidence[e].steps.push(rollouts),
                }
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

    /// Rollouts from each prefix, an episode and how many of its steps, in one call.
    fn draw(
        &self,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        episodes: &[Episode],
        prefixes: &[(usize, usize)],
        seed: u64,
    ) -> Result<Vec<Rollouts>, EstimateError> {
        let draws: Vec<Draw> =
            prefixes.iter().flat_map(|&(e, steps)| self.draws(&episodes[e], steps, seed)).collect();
        let mut completions = policy.complete(&draws)?.into_iter();
        let mut all = Vec::with_capacity(prefixes.len());
        for &(e, steps) in prefixes {
            let episode = &episodes[e];
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
