//! One cell, from problems to metrics: the only file in which the data side and the network side meet.

use crate::cell::{Cell, Method, Sampling, SecondRound, Start};
use crate::doing::{Doing, Watch};
use crate::evaluate::evaluate;
use crate::methods;
use crate::metrics::{Data, Ledger, Metrics, StageCost};
use crate::probe::Subject;
use crate::stages::{RolloutStage, SftStage, Workplace, sampling_cost, training_cost};
use anyhow::{Context, Result};
use eightfold_gpt::{Checkpoint, Progress, TrainConfig, TrainReport, Trained, supervised};
use eightfold_loss::{AdvantageWeighting, DpoNll};
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, Rejection, ResponsePairs, RolloutStore, Trace, chosen_only};
use eightfold_task::lexicon::{Injection, Lexicon, Teacher};
use eightfold_task::{Example, Key, Pair, Problem};
use std::time::Instant;

/// Trains and evaluates one cell. Everything that can change the result is in `cell`.
///
/// # Errors
/// If the cell contradicts itself, training diverges, or the cache cannot be used.
pub fn run(cell: &Cell, place: &Workplace, watch: &Watch) -> Result<Metrics> {
    let lexicon = Lexicon::new(cell.world.clone())?;
    let problems = lexicon.problems(cell.problems, cell.seed, "train");
    let taught = Teacher::new(&lexicon).examples(&problems, cell.seed)?;
    let sft = place.sft(cell, &taught, watch)?;
    let learner =
        Learner { cell, place, watch, lexicon: &lexicon, problems: &problems, taught: &taught, sft: &sft };
    let Learned { checkpoint, report, mut data, mut cost } = learner.learn()?;
    (data.problems, cost.sft) = (problems.len(), sft.cost);

    watch(Doing::stage("evaluation"));
    let start = Instant::now();
    let scores = evaluate(&checkpoint, &lexicon, &cell.evaluation)?;
    cost.evaluation =
        StageCost { sampled: scores.tokens, seconds: start.elapsed().as_secs_f64(), ..StageCost::default() };
    let subject = Subject {
        cell,
        place,
        watch,
        lexicon: &lexicon,
        problems: &problems,
        taught: &taught,
        sft: &sft.checkpoint,
        policy: &checkpoint,
    };
    let probed = cell.probe.as_ref().map(|probe| probe.measure(&subject)).transpose()?;
    Ok(Metrics {
        error: scores.error,
        error_t1: scores.error_t1,
        pass_k: scores.pass_k,
        reading_accuracy: scores.reading_accuracy,
        slips: scores.slips,
        data,
        cost,
        training: report,
        probed,
    })
}

/// A trained policy, what it was trained on and what that cost.
pub(crate) struct Learned {
    pub(crate) checkpoint: Checkpoint,
    report: TrainReport,
    pub(crate) data: Data,
    pub(crate) cost: Ledger,
}

/// What every method starts from.
pub(crate) struct Learner<'a> {
    pub(crate) cell: &'a Cell,
    pub(crate) place: &'a Workplace,
    pub(crate) watch: &'a Watch<'a>,
    lexicon: &'a Lexicon,
    pub(crate) problems: &'a [Problem],
    pub(crate) taught: &'a [Example],
    pub(crate) sft: &'a SftStage,
}

/// How a policy is trained on pairs: it is the reference too.
pub(crate) struct Preference<'a> {
    pub(crate) from: &'a Checkpoint,
    pub(crate) loss: DpoNll,
    pub(crate) train: &'a TrainConfig,
    pub(crate) key: Key,
}

impl Learner<'_> {
    fn learn(&self) -> Result<Learned> {
        match &self.cell.method {
            Method::Sft {} => Ok(Learned {
                checkpoint: self.sft.checkpoint.clone(),
                report: self.sft.report.clone(),
                data: Data { items: self.taught.len(), ..Data::default() },
                cost: Ledger::default(),
            }),
            Method::Rft { rejection, train, from } => self.imitate_samples(*from, train, |store, _| {
                Ok(rejection.examples(store.traces(), self.cell.seed))
            }),
            Method::RftBudget { rejection, train } => self.rft_budget(rejection, train),
            Method::Dpo { pairs, beta, nll, train } => self.dpo(*pairs, &self.preference(*beta, *nll, train)),
            Method::StepDpo { rule, beta, nll, train, second } => {
                self.step_dpo(*rule, &self.preference(*beta, *nll, train), *second)
            }
            Method::ChosenOnly { rule, train } => {
                let (pairs, data, cost) = self.step_pairs(*rule)?;
                self.imitate(&self.sft.checkpoint, &chosen_only(&pairs), train, data, cost)
            }
            Method::SftContinued { train } => {
                self.imitate(&self.sft.checkpoint, self.taught, train, Data::default(), Ledger::default())
            }
            Method::SingleSolution { by, train } => self.imitate_samples(Start::Base, train, |store, _| {
                Ok(methods::single_solution(*by, self.taught, store.traces(), self.cell.seed))
            }),
            Method::RftInjected { rejection, injection, train } => {
                self.rft_injected(rejection, injection, train)
            }
            Method::RftFiltered { rejection, completer, threshold, train } => {
                self.rft_filtered(rejection, *completer, *threshold, train)
            }
            Method::Weighted { completer, beta, max, train } => {
                self.weighted(*completer, AdvantageWeighting::Clipped { beta: *beta, max: *max }, train)
            }
        }
    }

    fn sampling(&self) -> Result<&Sampling> {
        let name = self.cell.method.name();
        self.cell
            .sampling
            .as_ref()
            .with_context(|| format!("a cell of method `{name}` needs the key `sampling`"))
    }

    pub(crate) fn rollouts(&self) -> Result<(&Sampling, RolloutStage)> {
        let sampling = self.sampling()?;
        let sft = &self.sft.checkpoint;
        Ok((sampling, self.place.rollouts(self.cell, sampling, sft, self.problems, self.watch)?))
    }

    /// Costs of samples and of rollouts; the seconds of the stage are divided by tokens.
    pub(crate) fn sampling_share(&self, drawn: &RolloutStage) -> (StageCost, StageCost) {
        let (samples, search) = (drawn.store.sampling_cost(), drawn.store.search_cost());
        let share = drawn.seconds / (samples.tokens + search.tokens).max(1) as f64;
        let cost = |cost: eightfold_advantage::Cost| {
            sampling_cost(&self.sft.checkpoint, cost, share * cost.tokens as f64)
        };
        (cost(samples), cost(search))
    }

    fn dpo(&self, pairs: ResponsePairs, preference: &Preference) -> Result<Learned> {
        let (_, drawn) = self.rollouts()?;
        let fallback = Fallback::new(self.taught);
        let pairs = pairs.pairs(drawn.store.traces(), &fallback, self.cell.seed).pairs;
        let data = Data { accepted: accepted(drawn.store.traces()), ..Data::default() };
        let cost = Ledger { sampling: self.sampling_share(&drawn).0, ..Ledger::default() };
        self.prefer(preference, &pairs, data, cost)
    }

    fn step_dpo(
        &self,
        rule: PairRule,
        preference: &Preference,
        second: Option<SecondRound>,
    ) -> Result<Learned> {
        let (pairs, data, cost) = self.step_pairs(rule)?;
        let first = self.prefer(preference, &pairs, data, cost)?;
        match second {
            None => Ok(first),
            Some(second) => self.second_round(second, rule, preference, &pairs, &first),
        }
    }

    fn rft_injected(
        &self,
        rejection: &Rejection,
        injection: &Injection,
        train: &TrainConfig,
    ) -> Result<Learned> {
        self.imitate_samples(Start::Base, train, |store, data| {
            let injected =
                methods::inject(injection, rejection, self.lexicon, store.traces(), self.cell.seed)?;
            data.injected = Some((injected.replaced, injected.side));
            Ok(injected.examples)
        })
    }

    /// Training from the SFT policy on pairs.
    fn preference<'a>(&'a self, beta: f64, nll: f64, train: &'a TrainConfig) -> Preference<'a> {
        Preference { from: &self.sft.checkpoint, loss: DpoNll { beta, nll }, train, key: self.key() }
    }

    /// Trains on examples made of the SFT policy's samples.
    fn imitate_samples(
        &self,
        from: Start,
        train: &TrainConfig,
        make: impl FnOnce(&RolloutStore, &mut Data) -> Result<Vec<Example>>,
    ) -> Result<Learned> {
        let (_, drawn) = self.rollouts()?;
        let mut data = Data { accepted: accepted(drawn.store.traces()), ..Data::default() };
        let examples = make(&drawn.store, &mut data)?;
        let cost = Ledger { sampling: self.sampling_share(&drawn).0, ..Ledger::default() };
        match from {
            Start::Base => self.imitate(&self.place.base(self.cell)?, &examples, train, data, cost),
            Start::Sft => self.imitate(&self.sft.checkpoint, &examples, train, data, cost),
        }
    }

    fn rft_budget(&self, rejection: &Rejection, train: &TrainConfig) -> Result<Learned> {
        let (sampling, drawn) = self.rollouts()?;
        // As many verifier calls as per-step DPO makes for its samples and rollouts, spread evenly.
        let samples = drawn.store.draws_per_problem();
        (self.watch)(Doing::stage("samples"));
        let start = Instant::now();
        let sft = &self.sft.checkpoint;
        let traces = self.place.samples(self.cell, sampling, sft, self.problems, samples)?;
        let spent = traces.iter().map(Trace::cost).sum();
        let cost = sampling_cost(sft, spent, start.elapsed().as_secs_f64());
        let examples = rejection.examples(&traces, self.cell.seed);
        let data = Data { accepted: accepted(&traces), ..Data::default() };
        let cost = Ledger { sampling: cost, ..Ledger::default() };
        self.imitate(&self.place.base(self.cell)?, &examples, train, data, cost)
    }

    fn step_pairs(&self, rule: PairRule) -> Result<(Vec<Pair>, Data, Ledger)> {
        let (_, drawn) = self.rollouts()?;
        let set = rule.pairs(&drawn.store, &Lines, &Fallback::new(self.taught), self.cell.seed);
        let accepted = accepted(drawn.store.traces());
        let data = Data { accepted, pits: Some(set.statistics), ..Data::default() };
        let (sampling, rollouts) = self.sampling_share(&drawn);
        Ok((set.pairs, data, Ledger { sampling, rollouts, ..Ledger::default() }))
    }

    fn imitate(
        &self,
        from: &Checkpoint,
        examples: &[Example],
        train: &TrainConfig,
        data: Data,
        cost: Ledger,
    ) -> Result<Learned> {
        let start = Instant::now();
        let mut tell = self.tell();
        let trained = supervised(&from.gpt, &from.tokenizer, examples, train, self.key(), &mut tell)?;
        Ok(self.learned(trained, examples.len(), data, cost, start))
    }

    pub(crate) fn prefer(
        &self,
        preference: &Preference,
        pairs: &[Pair],
        data: Data,
        cost: Ledger,
    ) -> Result<Learned> {
        let start = Instant::now();
        let mut tell = self.tell();
        let Preference { from: Checkpoint { gpt, tokenizer }, loss, train, key } = preference;
        let trained = eightfold_gpt::preference(gpt, tokenizer, pairs, loss, train, *key, &mut tell)?;
        Ok(self.learned(trained, pairs.len(), data, cost, start))
    }

    pub(crate) fn learned(
        &self,
        trained: Trained,
        items: usize,
        mut data: Data,
        mut cost: Ledger,
        start: Instant,
    ) -> Learned {
        let tokenizer = self.sft.checkpoint.tokenizer.clone();
        let checkpoint = Checkpoint { gpt: trained.gpt, tokenizer };
        data.items = items;
        cost.training = training_cost(&checkpoint, &trained.report, start);
        Learned { checkpoint, report: trained.report, data, cost }
    }

    pub(crate) fn key(&self) -> Key {
        Key::new(self.cell.seed, "train").with_text(self.cell.method.name())
    }

    pub(crate) fn tell(&self) -> impl FnMut(Progress) {
        let name = self.cell.method.name();
        move |at: Progress| (self.watch)(Doing::training(name, at))
    }
}

/// Samples that the verifier accepted, of those drawn.
pub(crate) fn accepted<'a>(traces: impl IntoIterator<Item = &'a Trace>) -> Option<(usize, usize)> {
    let counts = traces.into_iter().map(|trace| (trace.positives().count(), trace.samples.len()));
    Some(counts.fold((0, 0), |sum, trace| (sum.0 + trace.0, sum.1 + trace.1)))
}
