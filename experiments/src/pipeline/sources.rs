//! What methods are trained on: texts and pairs, made of samples, rollouts and given solutions.

use super::advantage::weighted;
use super::error::Impossible;
use super::injected::inject;
use super::learner::Learner;
use super::ledger::{self, Ledger, StageCost};
use super::method::{Imitation, PairSide, PairState, Point, Preferring, SecondRound, Sides, Source, Weights};
use super::metrics::Data;
use super::objective::{Spans, Tempered};
use super::one_each::one_each;
use super::stages::Rollouts;
use super::trial::{Learned, Trial, accepted};
use anyhow::{Result, bail};
use eightfold_gpt::Order;
use eightfold_harness::Progress;
use eightfold_loss::AdvantageWeighting;
use eightfold_synth::{
    ChosenSide, Fallback, PairRule, Rejection, RolloutStore, Trace, Valued, chosen_only, draw_samples,
};
use eightfold_task::{Example, Key, Pair, StepExample};
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

/// Pairs of a round, and what they took.
pub(super) struct Pairs {
    pub(super) pairs: Vec<Pair>,
    number: u64,
    data: Data,
    cost: Ledger,
}

/// Which round of training on pairs, what its pairs are and what they took.
pub(super) struct Round {
    pub(super) number: u64,
    pub(super) data: Data,
    pub(super) cost: Ledger,
}

impl Pairs {
    pub(super) fn round(&self) -> Round {
        Round { number: self.number, data: self.data.clone(), cost: self.cost.clone() }
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

    /// The pairs of a preference.
    pub(super) fn pairs(&self, preferring: &Preferring) -> Result<Pairs> {
        let mut pairs = self.pairs_of(preferring.sampler, preferring.sides)?;
        if let Some(limit) = preferring.limit.filter(|limit| *limit < pairs.pairs.len()) {
            let mut order = Order::new(pairs.pairs.len(), Key::new(self.cell.seed, "few pairs"));
            pairs.pairs = order.next(limit).into_iter().map(|i| pairs.pairs[i].clone()).collect();
        }
        Ok(pairs)
    }

    fn pairs_of(&self, sampler: Point, sides: Sides) -> Result<Pairs> {
        match sides.state {
            PairState::Question(response) => {
                let drawn = self.rollouts(sampler)?;
                let fallback = Fallback::new(&self.given);
                let pairs = response.pairs(drawn.store.traces(), &fallback, self.cell.seed).pairs;
                let data = Data { accepted: accepted(drawn.store.traces()), ..Data::default() };
                let [sampling, _] = self.drawing_cost(sampler, &drawn)?;
                Ok(Pairs { pairs, number: 0, data, cost: Ledger { sampling, ..Ledger::default() } })
            }
            PairState::Pit {} => {
                let drawn = self.rollouts(sampler)?;
                let [sampling, rollouts] = self.drawing_cost(sampler, &drawn)?;
                let cost = Ledger { sampling, rollouts, ..Ledger::default() };
                self.at_pits(sides, &drawn.store, self.cell.seed, cost)
            }
            PairState::EveryFirstStep {} => {
                let (world, method) = (self.cell.world.name(), self.cell.method.name());
                let needed = Impossible::World { world, method, what: "list of wrong first steps" };
                let pairs = self.world.wrong_steps(&self.problems).ok_or(needed)?;
                Ok(Pairs { pairs, number: 0, data: Data::default(), cost: Ledger::default() })
            }
        }
    }

    /// Pairs at the first pits of a store.
    fn at_pits(&self, sides: Sides, store: &RolloutStore, seed: u64, cost: Ledger) -> Result<Pairs> {
        let rule = rule(sides)?;
        let set = rule.pairs(store, self.world.segmenter(), &Fallback::new(&self.given), seed);
        let accepted = accepted(store.traces());
        let data = Data { accepted, pits: Some(set.statistics), ..Data::default() };
        Ok(Pairs { pairs: set.pairs, number: 0, data, cost })
    }

    /// The pairs of a second round, from the policy of the first; their costs are those of both.
    pub(super) fn second_round(
        &self,
        second: SecondRound,
        preferring: &Preferring,
        pairs: &Pairs,
        first: &Learned<L::State>,
    ) -> Result<Pairs> {
        let mut again = match second {
            SecondRound::Same => {
                let (pairs, data) = (pairs.pairs.clone(), first.data.clone());
                Pairs { pairs, number: 0, data, cost: Ledger::default() }
            }
            SecondRound::Redrawn => self.drawn_again(false, preferring, &first.state)?,
            SecondRound::Fresh => self.drawn_again(true, preferring, &first.state)?,
        };
        again.number = 1;
        again.cost.sampling = again.cost.sampling + first.cost.sampling;
        again.cost.rollouts = again.cost.rollouts + first.cost.rollouts;
        Ok(again)
    }

    /// Step pairs of a policy, from its own samples or from those of the first round.
    fn drawn_again(&self, fresh: bool, preferring: &Preferring, state: &L::State) -> Result<Pairs> {
        let (sampling, old) = (self.sampling()?, self.rollouts(preferring.sampler)?);
        (self.on_progress)(Progress::stage("samples and rollouts of the second round"));
        let (start, settings) = (Instant::now(), &sampling.store);
        let (policy, verifier) = (self.policy(state, sampling.temperature)?, self.verifier()?);
        // Not the first round's draws: those of a policy close to the first would hardly differ.
        let seed = Key::new(self.cell.seed, "second round").below(1 << 31) as u64;
        let segmenter = self.world.segmenter();
        let store = if fresh {
            RolloutStore::build(settings, &*policy, &*verifier, segmenter, &self.problems, seed)?
        } else {
            let traces = old.store.traces().cloned().collect();
            RolloutStore::search(settings, &*policy, &*verifier, segmenter, traces, seed)?
        };
        let meter = self.learner.meter(state)?;
        let mut cost = Ledger { rollouts: ledger::rollouts(&*meter, &store.records)?, ..Ledger::default() };
        // The seconds of both are counted with the rollouts.
        cost.rollouts.seconds = start.elapsed().as_secs_f64();
        if fresh {
            cost.sampling = ledger::sampling(&*meter, store.traces())?;
        }
        self.at_pits(preferring.sides, &store, seed, cost)
    }
}

/// The pair rule of sides that part at a pit.
fn rule(sides: Sides) -> Result<PairRule> {
    match (sides.chosen, sides.rejected) {
        (PairSide::Continuation, PairSide::Step) => {
            Ok(PairRule::SharedPrefix { chosen: ChosenSide::Continuation })
        }
        (PairSide::Step, PairSide::Step) => Ok(PairRule::SharedPrefix { chosen: ChosenSide::Step }),
        (PairSide::Solution, PairSide::UpToPit) => Ok(PairRule::FullSolutionVsPit),
        (
            PairSide::Solution | PairSide::Continuation | PairSide::Step | PairSide::UpToPit,
            PairSide::Solution | PairSide::Continuation | PairSide::Step | PairSide::UpToPit,
        ) => bail!(Impossible::Method {
            what: "at a pit the sides are a continuation or a step against a step, or a solution against one up to its pit"
        }),
    }
}

/// What was drawn, for those who count.
impl Rollouts {
    /// Completions that the verifier judged.
    pub fn verified(&self) -> u64 {
        self.store.sampling_cost().draws + self.store.search_cost().draws
    }
}
