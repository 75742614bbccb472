//! Pairs that are trained on: of whole solutions, at first pits, and of a second round.

use super::drawing::accepted;
use super::error::Impossible;
use super::learner::Learner;
use super::ledger::{self, Ledger};
use super::method::{PairSide, PairState, Point, Preferring, SecondRound, Sides};
use super::metrics::Data;
use super::trial::{Learned, Trial};
use anyhow::{Result, bail};
use eightfold_gpt::Order;
use eightfold_harness::Progress;
use eightfold_synth::{ChosenSide, Fallback, PairRule, RolloutStore};
use eightfold_task::{Key, Pair};
use std::time::Instant;

/// Pairs of a round, and what they took.
pub(super) struct Pairs {
    pub(super) pairs: Vec<Pair>,
    number: u64,
    pub(super) data: Data,
    pub(super) cost: Ledger,
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

impl<L: Learner> Trial<'_, L> {
    /// The pairs of a preference.
    pub(super) fn pairs(&self, preferring: &Preferring) -> Result<Pairs> {
        let mut pairs = self.pairs_of(preferring.sampler, preferring.sides)?;
        if let Some(limit) = preferring.limit.filter(|limit| *limit < pairs.pairs.len()) {
            let mut order = Order::new(pairs.pairs.len(), Key::new(self.cell.seed, "few pairs"));
            pairs.pairs = order.next(limit).into_iter().map(|i| pairs.pairs[i].clone()).collect();
        }
        Ok(pairs)
    }

    pub(super) fn pairs_of(&self, sampler: Point, sides: Sides) -> Result<Pairs> {
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
