//! `eightfold rollouts`: continuations of the prefixes of solutions, drawn from a server.

use crate::jsonl::{Faults, Lines, Row};
use crate::prepared::{Preparation, Solution};
use crate::segment::segmenters;
use crate::server::{BatchArgs, Next, ServerArgs, worse};
use crate::status::Status;
use clap::{Args, ValueEnum};
use eightfold_advantage::MonteCarlo;
use eightfold_exchange::{Prompt, RolloutRow, RowError};
use eightfold_segment::By;
use eightfold_server::Ask;
use eightfold_verifier::Grader;
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Draw continuations of every step prefix of solutions from an OpenAI-compatible server.
///
/// Reads solutions as `sample` writes them and writes rollouts.jsonl: {"id", "sample", "step" (how many steps
/// were written; 0 is the bare question), "rollout", "completion", "finish_reason", "tokens"}, and
/// `reasoning` where the server says what the model thought apart. The whole solution needs no rollouts.
/// `value --rollouts` reads them; `value --server` draws the same ones, as far as it needs them. A solution without
/// `verdict` or `steps` is verified, or cut by --by, as `verify` and `segment` do.
///
/// A text goes on where the prefix ends. A chat goes on only if the server lets the assistant's last message
/// be continued; that is tried before anything is drawn, and a server that starts anew is an error.
///
/// The exit status is 0 if every solution was continued, 2 if a line was malformed, a prompt refused or a
/// completion withheld by the server's filter, and 1 if the run had to end.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold rollouts segmented.jsonl --server http://127.0.0.1:8000 --model NAME --rollouts 5 > rollouts.jsonl
  eightfold rollouts segmented.jsonl --of wrong --server http://a:8000 --model NAME --choices 5 > rollouts.jsonl")]
pub(crate) struct RolloutsArgs {
    /// Solutions with their steps; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// Continuations of each prefix.
    #[arg(long, default_value_t = 5, value_name = "K")]
    rollouts: usize,
    /// Continue the bare question too.
    #[arg(long)]
    question: bool,
    /// How to cut solutions that have no `steps`.
    #[arg(long, value_parser = segmenters(), default_value = "lines")]
    by: By,
    /// Which solutions.
    #[arg(long, value_enum, default_value = "all")]
    of: Which,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    batch: BatchArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    All,
    Right,
    Wrong,
}

/// What is to be drawn.
#[derive(Default)]
struct Work {
    /// Problem and sample of each solution.
    names: Vec<(String, u64)>,
    asks: Vec<Ask>,
    /// Of each ask.
    places: Vec<Place>,
}

/// One continuation to be drawn.
struct Place {
    /// Which of the names.
    row: usize,
    step: usize,
    rollout: usize,
}

impl RolloutsArgs {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let (Work { names, asks, places }, status) = self.work()?;
        let source = self.server.source("rollouts", self.batch.wanted())?;
        let batch = match source.batch(&self.batch, &asks)? {
            Next::Draw(status) => status,
            Next::Written(read) => return Ok(worse(status, read)),
        };
        source.check(&asks)?;
        let mut withheld = false;
        let mut out = io::stdout().lock();
        let drawn = source.draw(&asks, &mut |number, drawn| {
            let Place { row, step, rollout } = places[number];
            let (id, sample) = names[row].clone();
            let answer = match drawn {
                Ok(answer) => answer,
                Err(reason) => {
                    eprintln!("problem {id}, sample {sample}, step {step}, rollout {rollout}: {reason}");
                    withheld = true;
                    return Ok(());
                }
            };
            // Kept apart from the completion, which is what is graded.
            let reasoning = answer.reasoning.map(|text| ("reasoning".to_owned(), json!(text)));
            let row = RolloutRow {
                id,
                sample,
                step: step as u64,
                rollout: rollout as u64,
                completion: answer.text,
                finish_reason: answer.finish_reason,
                tokens: answer.tokens,
                verdict: None,
                more: reasoning.into_iter().collect(),
            };
            writeln!(out, "{}", serde_json::to_string(&row)?)
        });
        source.summarize();
        drawn.map(|_| if withheld { Status::PassedOver } else { worse(status, batch) })
    }

    /// What is to be drawn, solution by solution, and how the program should exit.
    fn work(&self) -> anyhow::Result<(Work, Status)> {
        let settings = MonteCarlo { rollouts: self.rollouts, ..MonteCarlo::default() };
        let preparation = Preparation { grader: Grader::marked(), by: self.by };
        let mut lines = Lines::open(self.file.as_deref())?;
        let (mut faults, mut work) = (Faults::new(lines.name()), Work::default());
        while let Some((number, row)) = lines.next_row()? {
            match row.and_then(|row| self.prompted(&preparation, &row)) {
                Ok(Some((prompt, Solution { row, episode, .. }))) => {
                    for step in usize::from(!self.question)..episode.steps.len() {
                        let prefix = episode.steps.prefix(step);
                        for (rollout, draw) in settings.draws(&episode, step, self.server.seed).enumerate() {
                            let (prompt, prefix) = (prompt.clone(), prefix.to_owned());
                            work.asks.push(Ask { prompt, prefix, key: draw.key });
                            work.places.push(Place { row: work.names.len(), step, rollout });
                        }
                    }
                    work.names.push((row.id, row.sample));
                }
                Ok(None) => {}
                Err(error) => faults.add(number, &error),
            }
        }
        Ok((work, faults.close()))
    }

    /// A solution and the prompt that it was drawn with; `None` for one that is not wanted.
    fn prompted(
        &self,
        preparation: &Preparation,
        row: &Row,
    ) -> anyhow::Result<Option<(Arc<Prompt>, Solution)>> {
        let mut solution = preparation.solution(row)?;
        let wanted = match self.of {
            Which::All => true,
            Which::Right => solution.verdict.is_correct(),
            Which::Wrong => !solution.verdict.is_correct(),
        };
        let prompt = solution.row.prompt.take().ok_or_else(|| RowError::missing("prompt"))?;
        Ok(wanted.then_some((Arc::new(prompt), solution)))
    }
}
