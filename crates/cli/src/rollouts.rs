//! `eightfold rollouts`: continuations of the prefixes of solutions, drawn from a server.

use crate::jsonl::{Faults, Lines};
use crate::server::{ServerArgs, api};
use clap::{Args, ValueEnum};
use eightfold_advantage::{Episode, MonteCarlo};
use eightfold_exchange::{RolloutRow, RowError, SampleRow};
use eightfold_server::{Api, Ask};
use eightfold_task::Problem;
use serde_json::Map;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Draw continuations of every step prefix of solutions from an OpenAI-compatible server.
///
/// Reads solutions that `sample`, `verify` and `segment` have been through and writes rollouts.jsonl: {"id",
/// "sample", "step" (how many steps were written; 0 is the bare question), "rollout", "completion",
/// "finish_reason", "tokens"}. The whole solution needs no rollouts. `value --rollouts` reads them; `value --server`
/// draws the same ones, as far as it needs them.
///
/// A text goes on where the prefix ends. A chat goes on only if the server lets the assistant's last message be
/// continued; that is tried before anything is drawn, and a server that starts anew is an error.
///
/// The exit status is 0 if every solution was continued, 2 if a line was malformed, and 1 if the run had to end.
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
    /// Which solutions.
    #[arg(long, value_enum, default_value = "all")]
    of: Which,
    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    All,
    Right,
    Wrong,
}

/// One continuation to be drawn.
struct Place {
    row: usize,
    step: usize,
    rollout: usize,
}

impl RolloutsArgs {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let (rows, places, asks, status) = self.asks()?;
        let session = self.server.open("rollouts")?;
        if let Some(ask) = asks.first() {
            session.check_seeds(api(ask))?;
        }
        if asks.iter().any(|ask| api(ask) == Api::Chat && !ask.prefix.is_empty()) {
            session.check_continuation()?;
        }
        let mut out = io::stdout().lock();
        let drawn = session.draw(&asks, &mut |number, answer| {
            let Place { row, step, rollout } = places[number];
            let row = RolloutRow {
                id: rows[row].id.clone(),
                sample: rows[row].sample,
                step: step as u64,
                rollout: rollout as u64,
                completion: answer.text,
                finish_reason: answer.finish_reason,
                tokens: answer.tokens,
                verdict: None,
                more: Map::new(),
            };
            writeln!(out, "{}", serde_json::to_string(&row)?)
        });
        session.progress.summarize();
        drawn.map(|_| status)
    }

    /// What is to be drawn, solution by solution, and how the program should exit.
    #[allow(clippy::type_complexity, reason = "four lists of one pass over the file")]
    fn asks(&self) -> anyhow::Result<(Vec<SampleRow>, Vec<Place>, Vec<Ask>, ExitCode)> {
        let settings = MonteCarlo { rollouts: self.rollouts, ..MonteCarlo::default() };
        let mut lines = Lines::open(self.file.as_deref())?;
        let mut faults = Faults::new(lines.name());
        let (mut rows, mut places, mut asks) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((number, row)) = lines.next_row()? {
            let read = row.and_then(|row| self.read(row.into_fields().rest()));
            let (row, episode) = match read {
                Ok(Some(read)) => read,
                Ok(None) => continue,
                Err(error) => {
                    faults.add(number, &error);
                    continue;
                }
            };
            let prompt = row.prompt.as_ref().expect("`read` asks for it");
            let first = usize::from(!self.question);
            for step in first..episode.steps.len() {
                for (rollout, draw) in settings.draws(&episode, step, self.server.seed).enumerate() {
                    let prefix = episode.steps.prefix(step).to_owned();
                    asks.push(Ask { prompt: prompt.clone(), prefix, key: draw.key });
                    places.push(Place { row: rows.len(), step, rollout });
                }
            }
            rows.push(row);
        }
        Ok((rows, places, asks, faults.close()))
    }

    /// A solution with its steps; `None` for one that is not wanted.
    fn read(&self, fields: Map<String, serde_json::Value>) -> anyhow::Result<Option<(SampleRow, Episode)>> {
        let row = SampleRow::read(fields)?;
        let wanted = match self.of {
            Which::All => true,
            Which::Right => row.is_correct()?,
            Which::Wrong => !row.is_correct()?,
        };
        if !wanted {
            return Ok(None);
        }
        row.prompt.as_ref().ok_or_else(|| RowError::missing("prompt"))?;
        let problem = Problem::new(row.question.as_str(), row.answer.clone().unwrap_or_default());
        let steps = row.cut()?;
        Ok(Some((row, Episode { problem, steps })))
    }
}
