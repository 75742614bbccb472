//! `eightfold value`: what is each step worth?

mod live;
mod recorded;
mod rule;
mod tally;

use crate::jsonl::{Input, Row};
use crate::prepared::{Preparation, Solution};
use crate::segment::segmenters;
use crate::server::ServerArgs;
use crate::status::Status;
use anyhow::Context;
use clap::Args;
use eightfold_advantage::{Completer, Evidence, PitRule};
use eightfold_pairs::valued;
use eightfold_segment::By;
use eightfold_verifier::Grader;
use live::Live;
use recorded::Recorded;
use std::path::PathBuf;
use tally::Tally;

/// Rows that are valued together.
const BATCH: usize = 256;

/// Estimate the value of every step from rollouts, and find the first pit of wrong solutions.
///
/// Reads solutions, and rollouts: {"id", "sample", "step" (how many steps of that solution were written; 0 is
/// the bare question), "rollout", "completion"}. Writes the solutions back with `values`, a list of {"step"
/// (as in rollouts), "q", "low" and "high" (a Clopper-Pearson interval), "rollouts", "correct", "advantage"
/// (of the last step written)}; `first_pit`, an index into `steps`, for wrong solutions; and `rollouts`, the
/// continuations that reached the right answer. A rollout counts as correct by its `verdict` if it has one,
/// and is verified otherwise. The value of a whole solution is its verdict. A solution without `verdict` or
/// `steps` is verified, or cut by --by, as `verify` and `segment` do.
///
/// With --server the rollouts are drawn now, from the prefixes of each solution in turn: the same ones that
/// `rollouts` draws. With --until-pit a solution is left alone once its first pit is settled.
///
/// A solution from whose prefixes the server refuses or withholds a rollout is named and passed over.
///
/// The exit status is 0 if every line was valued, 2 if any was malformed or passed over, and 1 if the run had to end.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold value segmented.jsonl --rollouts rollouts.jsonl > valued.jsonl
  eightfold value segmented.jsonl --rollouts rollouts.jsonl --best-of 5 > valued.jsonl
  eightfold value --rollouts rollouts.jsonl --pit all-fail:4 < segmented.jsonl > valued.jsonl
  eightfold value segmented.jsonl --server http://127.0.0.1:8000 --model NAME --draws 5 --best-of 5 \
      --until-pit > valued.jsonl")]
pub(crate) struct ValueArgs {
    /// Solutions; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// Rollouts from their prefixes, in any order.
    #[arg(long, value_name = "FILE", required_unless_present_any = ["server", "model"], conflicts_with_all = ["server", "model"])]
    rollouts: Option<PathBuf>,
    /// Rollouts drawn from each prefix, with --server.
    #[arg(long, default_value_t = 5, value_name = "K", conflicts_with = "rollouts")]
    draws: usize,
    /// Value the bare question too, with --server.
    #[arg(long, conflicts_with = "rollouts")]
    question: bool,
    /// Draw no more for a solution once its first pit is settled, with --server.
    #[arg(long, conflicts_with = "rollouts")]
    until_pit: bool,
    /// The value of a prefix is the chance that the best of this many continuations is right. The paper has
    /// 5.
    #[arg(long, default_value_t = 1, value_name = "K", value_parser = clap::value_parser!(u16).range(1..))]
    best_of: u16,
    /// Which step is the first pit: `lowest-q`, the first of the lowest value; `all-fail:K`, the first
    /// after which the first K rollouts fail; `advantage-below:T`.
    #[arg(long, default_value = "lowest-q", value_parser = rule::pit)]
    pit: PitRule,
    /// How to cut solutions that have no `steps`.
    #[arg(long, value_parser = segmenters(), default_value = "lines")]
    by: By,
    /// Level of the intervals.
    #[arg(long, default_value_t = 0.95, value_parser = rule::level)]
    level: f64,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    server: ServerArgs,
}

/// How values follow from evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Valuation {
    /// Whose success a value is.
    pub(crate) completer: Completer,
    /// Which step is the first pit.
    pub(crate) pit: PitRule,
    /// Level of the intervals.
    pub(crate) level: f64,
}

impl Valuation {
    /// Draws that every prefix needs.
    pub(crate) fn needed(&self) -> usize {
        let rule = if let PitRule::AllFail { k } = self.pit { k } else { 1 };
        self.completer.draws().max(rule)
    }
}

impl ValueArgs {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let completer = Completer::BestOf { k: self.best_of.into() };
        let valuation = Valuation { completer, pit: self.pit, level: self.level };
        let input = Input { file: self.file.clone(), strict: self.strict };
        let preparation = Preparation { grader: Grader::marked(), by: self.by };
        let Some(rollouts) = &self.rollouts else {
            let mut live = Live::open(&self.server, valuation, self.draws, self.question, self.until_pit)?;
            let status = value(&input, valuation, &preparation, |solutions| live.evidence(solutions));
            live.close();
            return status;
        };
        let mut recorded = Recorded::open(rollouts, valuation.needed())?;
        let status = value(&input, valuation, &preparation, |solutions| {
            Ok(recorded.evidence(solutions)?.into_iter().map(Ok).collect())
        })?;
        let rollouts = recorded.close();
        Ok(if status == Status::Done { rollouts } else { status })
    }
}

/// Values every solution of the input by the evidence that `source` has on it, and writes it with what was
/// found. `source` sees batches, because sampling is batched; it returns the evidence on each solution, in
/// order, or why there is none. Rollouts that were recorded and rollouts that are drawn now differ in the source alone.
pub(crate) fn value(
    input: &Input,
    valuation: Valuation,
    preparation: &Preparation,
    mut source: impl FnMut(&[Solution]) -> anyhow::Result<Vec<anyhow::Result<Evidence>>>,
) -> anyhow::Result<Status> {
    let mut tally = Tally::new();
    let status = input.batches(BATCH, |rows| {
        let read: Vec<anyhow::Result<Solution>> = rows.iter().map(|row| preparation.solution(row)).collect();
        let (mut solutions, mut results) = (Vec::new(), Vec::new());
        for solution in read {
            results.push(solution.map(|solution| solutions.push(solution)));
        }
        let evidence = source(&solutions)?;
        anyhow::ensure!(evidence.len() == solutions.len(), "evidence for every solution");
        let mut found = solutions.iter().zip(evidence);
        let line = |(row, result): (Row, anyhow::Result<()>)| {
            result?;
            let (solution, evidence) = found.next().context("evidence for every solution")?;
            let evidence = &evidence?;
            let pit = (!solution.verdict.is_correct())
                .then(|| valuation.pit.first_pit(evidence, valuation.completer))
                .flatten();
            tally.add(solution, evidence, pit);
            let mut added = solution.added.clone();
            added.extend(valued(evidence, pit, valuation.completer, valuation.level));
            Ok(row.with(added))
        };
        Ok(rows.into_iter().zip(results).map(line).collect())
    })?;
    tally.summarize();
    Ok(status)
}
