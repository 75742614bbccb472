//! Texts that are imitated: given solutions, samples, chosen sides, each with the weights of its steps.

use super::advantage::weighted;
use super::drawing::accepted;
use super::error::Impossible;
use super::injected::inject;
use super::learner::Learner;
use super::ledger::{self, Ledger, StageCost};
use super::method::{Imitation, Point, Source, Weights};
use super::metrics::Data;
use super::objective::{Spans, Tempered};
use super::one_each::one_each;
use super::pairs::Pairs;
use super::trial::Trial;
use anyhow::{Result, bail};
use eightfold_harness::Progress;
use eightfold_loss::AdvantageWeighting;
use eightfold_synth::{Rejection, RolloutStore, Trace, Valued, chosen_only, draw_samples};
use eightfold_task::{Example, StepExample};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Texts to imitate, and what they took.
pub(super) struct Texts {
    texts: Kind,
    pub(super) tempered: Option<Tempered>,
    pub(super) data: Data,
    pub(super) cost: Ledger,
}

enum Kind {
    Whole(Vec<Example>),
    Steps(Vec<StepExample>),
}

impl Texts {
    fn whole(examples: Vec<Example>, data: Data, cost: Ledger) -> Self {
        Self { texts: Kind::Whole(examples), tempered: None, data, cost }
    }

    pub(super) fn spans(&self) -> Spans<'_> {
        match &self.texts {
            Kind::Whole(examples) => Spans::Whole(examples),
            Kind::Steps(examples) => Spans::Steps(examples),
        }
    }
}

/// Values of the samples of a rollout store, and what they took when they were computed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    valued: Vec<Valued>,
    cost: StageCost,
}

impl<L: Learner> Trial<'_, L> {
    /// The texts of an imitation.
    pub(super) fn texts(&self, imitation: &Imitation) -> Result<Texts> {
        match imitation.weights {
            Weights::Equal {} => self.plain_texts(imitation),
            Weights::Tempered { scale, rest } => {
                let texts = self.plain_texts(imitation)?;
                Ok(Texts { tempered: Some(Tempered { scale, rest }), ..texts })
            }
            Weights::Filtered { completer, threshold } => {
                let filter = AdvantageWeighting::Filtered { threshold };
                self.weighted_texts(imitation, |traces, valued, kept| {
                    weighted(traces, valued, kept, completer, filter, self.cell.seed)
                })
            }
            Weights::Advantage { completer, beta, max } => {
                let weighting = AdvantageWeighting::Clipped { beta, max };
                self.weighted_texts(imitation, |traces, valued, kept| {
                    weighted(traces, valued, kept, completer, weighting, self.cell.seed)
                })
            }
        }
    }

    /// Texts whose steps count alike.
    fn plain_texts(&self, imitation: &Imitation) -> Result<Texts> {
        let (sampler, seed) = (imitation.sampler, self.cell.seed);
        match imitation.source {
            Source::Given {} => Ok(Texts::whole(self.given.clone(), Data::default(), Ledger::default())),
            Source::Samples { rejection } => {
                self.of_samples(sampler, |store, _| Ok(rejection.examples(store.traces(), seed)))
            }
            Source::SamplesAtBudget { rejection } => self.of_budget(sampler, rejection),
            Source::AllSamples {} => {
                let all = Rejection { cap: None, ..Rejection::default() };
                self.of_samples(sampler, |store, _| Ok(all.examples(store.traces(), seed)))
            }
            Source::OneEach { by } => {
                self.of_samples(sampler, |store, _| Ok(one_each(by, &self.given, store.traces(), seed)))
            }
            Source::Injected { rejection, injection } => {
                let (world, method) = (self.cell.world.name(), self.cell.method.name());
                let needed = Impossible::World { world, method, what: "side branches" };
                let lexicon = self.world.lexicon().ok_or(needed)?;
                self.of_samples(sampler, |store, data| {
                    let injected = inject(&injection, &rejection, lexicon, store.traces(), seed)?;
                    data.injected = Some((injected.replaced, injected.side));
                    Ok(injected.examples)
                })
            }
            Source::Chosen(sides) => {
                let Pairs { pairs, data, cost, .. } = self.pairs_of(sampler, sides)?;
                Ok(Texts::whole(chosen_only(&pairs), data, cost))
            }
        }
    }

    /// Examples made of a sampler's samples.
    fn of_samples(
        &self,
        sampler: Point,
        make: impl FnOnce(&RolloutStore, &mut Data) -> Result<Vec<Example>>,
    ) -> Result<Texts> {
        let drawn = self.rollouts(sampler)?;
        let mut data = Data { accepted: accepted(drawn.store.traces()), ..Data::default() };
        let examples = make(&drawn.store, &mut data)?;
        let [sampling, _] = self.drawing_cost(sampler, &drawn)?;
        Ok(Texts::whole(examples, data, Ledger { sampling, ..Ledger::default() }))
    }

    /// As many verifier calls as a pit search makes for its samples and rollouts, spread evenly.
    fn of_budget(&self, sampler: Point, rejection: Rejection) -> Result<Texts> {
        let samples = self.rollouts(sampler)?.store.draws_per_problem();
        (self.on_progress)(Progress::stage("samples"));
        let (start, state) = (Instant::now(), self.state(sampler)?);
        let policy = self.policy(&state, self.sampling()?.temperature)?;
        let traces = draw_samples(&*policy, &*self.verifier()?, &self.problems, samples, self.cell.seed)?;
        let mut sampling = ledger::sampling(&*self.learner.meter(&state)?, &traces)?;
        sampling.seconds = start.elapsed().as_secs_f64();
        let data = Data { accepted: accepted(&traces), ..Data::default() };
        let examples = rejection.examples(&traces, self.cell.seed);
        Ok(Texts::whole(examples, data, Ledger { sampling, ..Ledger::default() }))
    }

    /// Texts whose steps are weighted by their advantage.
    fn weighted_texts(
        &self,
        imitation: &Imitation,
        weigh: impl FnOnce(&[&Trace], &[Valued], Option<Rejection>) -> Vec<StepExample>,
    ) -> Result<Texts> {
        let kept = match imitation.source {
            Source::Samples { rejection } => Some(rejection),
            Source::AllSamples {} => None,
            Source::Given {}
            | Source::SamplesAtBudget { .. }
            | Source::OneEach { .. }
            | Source::Injected { .. }
            | Source::Chosen(_) => {
                bail!(Impossible::Method { what: "only samples can be weighted by their advantage" })
            }
        };
        let drawn = self.rollouts(imitation.sampler)?;
        let traces: Vec<&Trace> = drawn.store.traces().collect();
        let Values { valued, cost: rollouts } = self.values(imitation.sampler, &traces)?;
        let data = Data { accepted: accepted(traces.iter().copied()), ..Data::default() };
        // The values take the place of the pit search, whose rollouts are among theirs.
        let [sampling, _] = self.drawing_cost(imitation.sampler, &drawn)?;
        let cost = Ledger { sampling, rollouts, ..Ledger::default() };
        Ok(Texts { texts: Kind::Steps(weigh(&traces, &valued, kept)), tempered: None, data, cost })
    }

    /// Values of every step of a sampler's samples, by the rollouts that its search asks for.
    fn values(&self, sampler: Point, traces: &[&Trace]) -> Result<Values> {
        let (sampling, state) = (self.sampling()?, self.state(sampler)?);
        let value = || {
            (self.on_progress)(Progress::stage("step values"));
            let (start, policy) = (Instant::now(), self.policy(&state, sampling.temperature)?);
            let (search, verifier) = (&sampling.store.search, self.verifier()?);
            let (segmenter, seed) = (self.world.segmenter(), self.cell.seed);
            let (valued, paid) =
                eightfold_synth::value_samples(traces, search, &*policy, &*verifier, segmenter, seed)?;
            let mut cost = ledger::values(&*self.learner.meter(&state)?, traces, &valued, paid)?;
            cost.seconds = start.elapsed().as_secs_f64();
            Ok(Values { valued, cost })
        };
        if self.learner.kept().is_none() {
            return value();
        }
        self.stages.json(&self.stage_name("values", sampler, sampling), value)
    }
}
