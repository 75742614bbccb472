//! What a method draws: policies, samples and rollouts of a learner's states, and what they cost.

use super::cell::{Sampling, digest};
use super::learner::{Drawing, Learner};
use super::ledger::{self, StageCost};
use super::method::Point;
use super::stages::Rollouts;
use super::trial::Trial;
use anyhow::Result;
use eightfold_harness::Progress;
use eightfold_synth::{RolloutStore, Trace};
use eightfold_task::Policy;
use std::rc::Rc;
use std::time::Instant;

impl<L: Learner> Trial<'_, L> {
    /// A state as the policy that samples and rollouts are drawn from.
    ///
    /// # Errors
    /// If the state cannot be read.
    pub fn policy<'b>(&'b self, state: &'b L::State, temperature: f64) -> Result<Box<dyn Policy + 'b>> {
        self.policy_named(state, temperature, &self.draws)
    }

    fn policy_named<'b>(
        &'b self,
        state: &'b L::State,
        temperature: f64,
        name: &'b str,
    ) -> Result<Box<dyn Policy + 'b>> {
        let purpose = "samples and rollouts";
        self.learner.policy(
            state,
            &Drawing { temperature, chat: false, purpose, name, on_progress: self.on_progress },
        )
    }

    /// Samples and pit searches of the state at a point on the cell's problems.
    ///
    /// # Errors
    /// If the cell has no sampling, the policy fails, or the cache cannot be used.
    pub fn rollouts(&self, point: Point) -> Result<Rc<Rollouts>> {
        if let Some((_, known)) = self.drawn.borrow().iter().find(|(known, _)| *known == point) {
            return Ok(known.clone());
        }
        let rollouts = Rc::new(self.rollouts_of(point, self.sampling()?)?);
        self.drawn.borrow_mut().push((point, rollouts.clone()));
        Ok(rollouts)
    }

    /// The same as another sampling draws them.
    ///
    /// # Errors
    /// As [`Trial::rollouts`].
    pub fn rollouts_of(&self, point: Point, sampling: &Sampling) -> Result<Rollouts> {
        let state = self.state(point)?;
        let name = self.stage_name("rollouts", point, sampling);
        let draw = || {
            (self.on_progress)(Progress::stage("samples and rollouts"));
            let start = Instant::now();
            let policy = self.policy_named(&state, sampling.temperature, &name)?;
            let verifier = sampling.verifier(self.world.verifier(), self.cell.seed);
            let (problems, segmenter) = (&self.problems, self.world.segmenter());
            let seed = self.cell.seed;
            let store =
                RolloutStore::build(&sampling.store, &*policy, &*verifier, segmenter, problems, seed)?;
            Ok(Rollouts { store, seconds: start.elapsed().as_secs_f64() })
        };
        if self.learner.kept().is_none() {
            return draw();
        }
        let rollouts = self.stages.rollouts(&name, draw)?;
        self.learner.forget_draws(&name);
        Ok(rollouts)
    }

    /// Removes the files of what the method itself drew and trained, which no other cell needs.
    pub fn release(&self) {
        self.learner.forget_draws(&self.draws);
        if let Some(kept) = self.learner.kept() {
            self.own.borrow().iter().for_each(|folder| kept.release(folder));
        }
    }

    /// The name of a stage of what a sampler's samples are made into.
    pub(super) fn stage_name(&self, what: &str, sampler: Point, sampling: &Sampling) -> String {
        format!("{what}-{}", digest(&(what, self.start_key(sampler), sampling)))
    }

    /// Costs of samples and of rollouts; the seconds of both are divided by tokens.
    pub(super) fn drawing_cost(&self, point: Point, drawn: &Rollouts) -> Result<[StageCost; 2]> {
        let state = self.state(point)?;
        let meter = self.learner.meter(&state)?;
        let costs = [
            ledger::sampling(&*meter, drawn.store.traces())?,
            ledger::rollouts(&*meter, &drawn.store.records)?,
        ];
        let share = drawn.seconds / (costs[0].sampled + costs[1].sampled).max(1) as f64;
        Ok(costs.map(|cost| StageCost { seconds: share * cost.sampled as f64, ..cost }))
    }
}

/// Samples that the verifier accepted, of those drawn.
pub fn accepted<'a>(traces: impl IntoIterator<Item = &'a Trace>) -> Option<(usize, usize)> {
    let counts = traces.into_iter().map(|trace| (trace.positives().count(), trace.samples.len()));
    Some(counts.fold((0, 0), |sum, trace| (sum.0 + trace.0, sum.1 + trace.1)))
}
