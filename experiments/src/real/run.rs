//! One cell on a language model, from problems to metrics.

use super::cell::{RECIPE, RealCell, RealMethod};
use super::evaluate::evaluate;
use super::metrics::RealMetrics;
use super::place::RealPlace;
use super::stages::{Checkpoint, Drawn, Summary};
use super::training::{imitate, prefer};
use super::tuning::RealTuning;
use crate::cell::digest;
use crate::doing::Watch;
use crate::metrics::{Data, Ledger};
use crate::run::accepted;
use anyhow::Result;
use eightfold_gpt::TrainReport;
use eightfold_loss::DpoNll;
use eightfold_models::Model;
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, chosen_only};
use eightfold_task::gsm8k::Worked;
use eightfold_task::{Example, Key, Pair, Problem, Target};
use eightfold_verifier::{FinalAnswer, Verifier};
use std::path::{Path, PathBuf};

/// Trains and evaluates one cell. Everything that can change the result is in `cell`.
///
/// # Errors
/// If the cell contradicts itself, training diverges, or a file cannot be used.
pub fn run(cell: &RealCell, place: &RealPlace, watch: &Watch) -> Result<RealMetrics> {
    let worked = place.pool.training(cell.size, cell.seed)?;
    let problems: Vec<Problem> = worked.iter().map(|worked| worked.problem.clone()).collect();
    let given = given(&worked);
    let learner = Learner { cell, place, watch, problems: &problems, given: &given };
    let Learned { folder, report, mut data, cost, temporary } = learner.learn()?;
    data.problems = problems.len();
    let scores = evaluate(place, cell, &folder, watch)?;
    if temporary && !place.keep {
        place.forget(&folder);
    }
    let (held, samples) = (scores.greedy.len() as f64, cell.evaluation.samples as f64);
    let wrong = scores.greedy.iter().filter(|right| !**right).count() as f64;
    Ok(RealMetrics {
        error: wrong / held,
        error_t1: 1.0 - scores.sampled.iter().sum::<usize>() as f64 / (held * samples),
        pass_k: scores.pass_k,
        cut: scores.cut,
        greedy: scores.greedy.iter().map(|right| if *right { '1' } else { '0' }).collect(),
        sampled: scores.sampled,
        data,
        refused: worked.len() - given.len(),
        cost: Ledger { evaluation: scores.cost, ..cost },
        training: report,
    })
}

/// The given solutions that the verifier accepts, as examples.
fn given(worked: &[Worked]) -> Vec<Example> {
    let right = |worked: &&Worked| FinalAnswer.verify(&worked.problem, &worked.solution).is_correct();
    let example = |Worked { problem, solution }: &Worked| Example {
        prompt: problem.prompt(),
        target: Target::whole(solution.trim_end()),
        weight: 1.0,
    };
    worked.iter().filter(right).map(example).collect()
}

/// What every method starts from.
struct Learner<'a> {
    cell: &'a RealCell,
    place: &'a RealPlace,
    watch: &'a Watch<'a>,
    problems: &'a [Problem],
    given: &'a [Example],
}

/// A model, what it was trained on and what that cost.
struct Learned {
    folder: PathBuf,
    report: TrainReport,
    data: Data,
    cost: Ledger,
    /// Whether no other cell needs the folder.
    temporary: bool,
}

impl Learned {
    /// The model that a method starts from, where it has nothing to learn from: a policy without a verified sample
    /// gives RFT no example.
    fn nothing(start: &Path, data: Data, cost: Ledger) -> Self {
        let report = TrainReport::default();
        Self { folder: start.to_owned(), report, data, cost, temporary: false }
    }
}

impl Learner<'_> {
    fn learn(&self) -> Result<Learned> {
        if !self.cell.method.trains() {
            let (data, cost) = (Data::default(), Ledger::default());
            let (folder, report) = (self.place.folder.clone(), TrainReport::default());
            return Ok(Learned { folder, report, data, cost, temporary: false });
        }
        let name = format!("sft-{}", self.cell.sft_name());
        let sft = self.place.checkpoint(&name, &self.place.folder, |model| {
            let key = Key::new(self.cell.seed, "sft");
            imitate(model, self.given, &self.cell.sft.on(&self.place.device), key, "sft", self.watch)
        })?;
        if let RealMethod::Sft {} = &self.cell.method {
            let data = Data { items: self.given.len(), ..Data::default() };
            let cost = Ledger { sft: sft.cost, ..Ledger::default() };
            return Ok(Learned { folder: sft.folder, report: sft.report, data, cost, temporary: false });
        }
        let drawn = self.place.rollouts(self.cell, &sft, self.problems, self.watch)?;
        let cost = Ledger { sft: sft.cost, sampling: drawn.sampling, ..Ledger::default() };
        let data = Data { accepted: accepted(drawn.store.traces()), ..Data::default() };
        self.improve(&sft, &drawn, data, cost)
    }

    /// The methods that learn from samples of the SFT policy.
    fn improve(&self, sft: &Checkpoint, drawn: &Drawn, mut data: Data, cost: Ledger) -> Result<Learned> {
        let with_rollouts = Ledger { rollouts: drawn.rollouts, ..cost.clone() };
        match &self.cell.method {
            RealMethod::Rft { rejection, tuning } => {
                let examples = rejection.examples(drawn.store.traces(), self.cell.seed);
                self.imitate(&self.place.folder, &examples, tuning, data, cost)
            }
            RealMethod::Dpo { pairs, beta, nll, tuning } => {
                let fallback = Fallback::new(self.given);
                let pairs = pairs.pairs(drawn.store.traces(), &fallback, self.cell.seed).pairs;
                self.prefer(sft, &pairs, &DpoNll { beta: *beta, nll: *nll }, tuning, data, cost)
            }
            RealMethod::StepDpo { rule, beta, nll, tuning } => {
                let pairs = self.step_pairs(*rule, drawn, &mut data);
                self.prefer(sft, &pairs, &DpoNll { beta: *beta, nll: *nll }, tuning, data, with_rollouts)
            }
            RealMethod::ChosenOnly { rule, tuning } => {
                let pairs = self.step_pairs(*rule, drawn, &mut data);
                self.imitate(&sft.folder, &chosen_only(&pairs), tuning, data, with_rollouts)
            }
            RealMethod::Untrained {} | RealMethod::UntrainedChat {} | RealMethod::Sft {} => {
                unreachable!("they need no samples")
            }
        }
    }

    fn step_pairs(&self, rule: PairRule, drawn: &Drawn, data: &mut Data) -> Vec<Pair> {
        let set = rule.pairs(&drawn.store, &Lines, &Fallback::new(self.given), self.cell.seed);
        data.pits = Some(set.statistics);
        set.pairs
    }

    fn imitate(
        &self,
        start: &Path,
        examples: &[Example],
        tuning: &RealTuning,
        data: Data,
        cost: Ledger,
    ) -> Result<Learned> {
        if examples.is_empty() {
            return Ok(Learned::nothing(start, data, cost));
        }
        let name = self.cell.method.name();
        let tuning = tuning.on(&self.place.device);
        let train = |model: &mut Model| imitate(model, examples, &tuning, self.key(), name, self.watch);
        self.train(start, Data { items: examples.len(), ..data }, cost, train)
    }

    fn prefer(
        &self,
        sft: &Checkpoint,
        pairs: &[Pair],
        loss: &DpoNll,
        tuning: &RealTuning,
        data: Data,
        cost: Ledger,
    ) -> Result<Learned> {
        if pairs.is_empty() {
            return Ok(Learned::nothing(&sft.folder, data, cost));
        }
        let logps = self.place.stages.path(&format!("logps-{}", self.cell.sft_name()));
        let told = (self.cell.method.name(), self.watch);
        let tuning = tuning.on(&self.place.device);
        let train = |model: &mut Model| prefer(model, pairs, loss, &tuning, self.key(), &logps, told);
        // Another cell of the same start may be computing its own.
        self.place.stages.alone(&format!("logps-{}", self.cell.sft_name()), || {
            self.train(&sft.folder, Data { items: pairs.len(), ..data }, cost, train)
        })
    }

    fn train(
        &self,
        start: &Path,
        data: Data,
        mut cost: Ledger,
        train: impl FnOnce(&mut Model) -> Result<Summary>,
    ) -> Result<Learned> {
        let name = format!("trained-{}", digest(&("real trained", RECIPE, self.cell)));
        let Checkpoint { folder, report, cost: trained } = self.place.checkpoint(&name, start, train)?;
        cost.training = trained;
        Ok(Learned { folder, report, data, cost, temporary: true })
    }

    fn key(&self) -> Key {
        Key::new(self.cell.seed, "train").with_text(self.cell.method.name())
    }
}
