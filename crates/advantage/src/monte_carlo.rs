//! Values by rollouts, drawn in batches over all episodes.

use crate::pit_search::{Border, Order};
use crate::{AdvantageEstimator, Completer, Episode, EstimateError, Evidence, PitRule, Rollouts, StepValues};
use eightfold_task::{Draw, Key, Policy};
use eightfold_verifier::Verifier;
use serde::{Deserialize, Serialize};
use std::ops::Range;

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
    /// In which order the prefixes are asked.
    #[serde(skip_serializing_if = "Order::is_forward")]
    pub order: Order,
    /// Whether to draw from a prefix one at a time, and to leave it at the first success: any interval of its
    /// success probability then leaves out 0, so no further draw can make it a pit. Never changes a pit.
    #[serde(skip_serializing_if = "is_false")]
    pub sequential: bool,
}

/// A field that came later is left out of the text where it is off, so that older settings keep their names.
fn is_false(field: &bool) -> bool {
    !field
}

/// Draws to make: from the prefix of `steps` steps of an episode, those of these numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) episode: usize,
    pub(crate) steps: usize,
    pub(crate) draws: Range<usize>,
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
            order: Order::Forward,
            sequential: false,
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
        let first_dead = match self.pit {
            PitRule::LowestQ => true,
            PitRule::AllFail { k } => k == self.rollouts,
            PitRule::AdvantageBelow { .. } => false,
        };
        if self.is_short() && !(first_dead && self.early_stop && !self.question) {
            return Err(EstimateError::Short);
        }
        Ok(())
    }

    /// Whether prefixes are left out, or have fewer draws than they might: such evidence has a pit and no values.
    fn is_short(&self) -> bool {
        self.order != Order::Forward || self.sequential
    }

    /// The same with every prefix asked in full, as values need it.
    pub fn in_full(self) -> Self {
        Self { early_stop: false, order: Order::Forward, sequential: false, ..self }
    }

    /// The first pit of a solution from what [`MonteCarlo::search`] found; see [`PitRule::first_pit`].
    ///
    /// # Panics
    /// If the evidence is from other settings.
    pub fn first_pit(&self, evidence: &Evidence) -> Option<usize> {
        if self.is_short() { evidence.first_dead() } else { self.pit.first_pit(evidence, self.completer) }
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
        if self.is_short() {
            self.find_borders(policy, verifier, episodes, &mut evidence, seed)?;
            return Ok(evidence);
        }
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
            let all = |&(episode, steps): &(usize, usize)| Ask { episode, steps, draws: 0..self.rollouts };
            let asked: Vec<Ask> = prefixes.iter().map(all).collect();
            let rollouts = self.draw(policy, verifier, episodes, &asked, seed)?;
            for ((e, steps), rollouts) in prefixes.drain(..).zip(rollouts) {
                match steps {
                    0 => evidence[e].question = Some(rollouts),
                    _ => evidence[e].steps.push(rollouts),
                }
            }
        }
    }

    /// Draws until each wrong solution's pit is found. Each round is one call of the policy.
    fn find_borders(
        &self,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        episodes: &[Episode],
        evidence: &mut [Evidence],
        seed: u64,
    ) -> Result<(), EstimateError> {
        let mut borders: Vec<Option<Border>> = evidence.iter().map(Border::new).collect();
        loop {
            let open = borders.iter().enumerate();
            let asked: Vec<Ask> =
                open.filter_map(|(e, border)| (*border)?.ask(self, &evidence[e], e)).collect();
            if asked.is_empty() {
                return Ok(());
            }
            let drawn = self.draw(policy, verifier, episodes, &asked, seed)?;
            for (Ask { episode, steps, .. }, rollouts) in asked.into_iter().zip(drawn) {
                let evidence = &mut evidence[episode];
                if evidence.steps.len() < steps {
                    evidence.steps.resize(steps, Rollouts::default());
                }
                let known = &mut evidence.steps[steps - 1];
                known.tokens += rollouts.tokens;
                known.draws.extend(rollouts.draws);
                if let Some(border) = &mut borders[episode] {
                    border.learn(self, evidence, steps);
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

    /// The rollouts asked for, in one call.
    fn draw(
        &self,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        episodes: &[Episode],
        asked: &[Ask],
        seed: u64,
    ) -> Result<Vec<Rollouts>, EstimateError> {
        let draws = |ask: &Ask| {
            let all = self.draws(&episodes[ask.episode], ask.steps, seed);
            all.take(ask.draws.end).skip(ask.draws.start)
        };
        let draws: Vec<Draw> = asked.iter().flat_map(draws).collect();
        let mut completions = policy.complete(&draws)?.into_iter();
        let mut all = Vec::with_capacity(asked.len());
        for ask in asked {
            let episode = &episodes[ask.episode];
            let mut rollouts = Rollouts::default();
            let prefix = episode.steps.prefix(ask.steps);
            for completion in completions.by_ref().take(ask.draws.len()) {
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
        let settings = self.settings.in_full();
        let evidence = settings.search(self.policy, self.verifier, episodes, self.seed)?;
        Ok(evidence.iter().map(|evidence| evidence.values(settings.completer)).collect())
    }
}
