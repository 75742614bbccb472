//! `eightfold synthesize`: new problems from old ones.

mod stages;

use crate::prompt::Template;
use crate::sample::problems;
use crate::server::{BatchArgs, Prompting, ServerArgs, api};
use crate::status::Status;
use clap::Args;
use stages::{Stages, Tally};
use std::io::{self, Write};
use std::path::PathBuf;

/// Make new problems with answers from seed problems, with an OpenAI-compatible server.
///
/// The paper's first stage. For each seed problem the model writes new questions; it checks each one; it
/// solves those that pass several times, and a question is kept if enough of its solutions agree, with the
/// answer that they agree on and the first solution that reaches it. Writes problems.jsonl with `from` (the
/// seed's id), `agreement` (the share of solutions that agree) and `model`. The prompts can be replaced by
/// templates, which see `question`: that of the seed for the first, the new one for the others.
///
/// With --batch-out the requests of the first stage that lacks answers are written to a file, and the command ends; with
/// --batch-in the answers are taken from there. So a batch for each stage makes the problems.
///
/// Every response is kept in the journal, so a run that was killed is resumed by the same command. What every
/// stage kept goes to standard error. Run `decontaminate` on the result before you train on it.
///
/// What the server refuses, or withholds by a filter, is named and counted, and the others go on: a question that is not
/// there is not checked, one whose check is not there is not kept, and a solution that is not there has no vote.
///
/// The exit status is 0 if every seed was read, 2 if a line was malformed or a completion refused or withheld, and 1 if
/// the run had to end.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold synthesize problems.jsonl --api chat --server http://127.0.0.1:8000 --model NAME > new.jsonl
  eightfold synthesize problems.jsonl --api chat --per-seed 4 --solutions 8 --agree 0.75 --seed 1 \\
      --server http://127.0.0.1:8000 --model NAME > new.jsonl
  eightfold synthesize problems.jsonl --api chat --model NAME --batch-out questions.jsonl
  eightfold synthesize problems.jsonl --api chat --model NAME --batch-in answers.jsonl --batch-out checks.jsonl")]
pub(crate) struct Synthesize {
    /// Seed problems; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// New questions asked for from each seed.
    #[arg(long, default_value_t = 1, value_name = "N")]
    per_seed: usize,
    /// Solutions of each question.
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = at_least_one)]
    solutions: usize,
    /// Share of the solutions that must agree, more than 0 and at most 1.
    #[arg(long, default_value_t = 0.5, value_name = "SHARE", value_parser = share)]
    agree: f64,
    /// Skip the model's own check of its questions.
    #[arg(long)]
    no_check: bool,
    /// Template that asks whether a question is sound; the reply begins with yes if it is.
    #[arg(long, value_name = "FILE")]
    check_prompt: Option<PathBuf>,
    /// Template that asks for a solution.
    #[arg(long, value_name = "FILE")]
    solution_prompt: Option<PathBuf>,
    #[command(flatten)]
    prompting: Prompting,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    batch: BatchArgs,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "it is a number of at least 1".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| 0.0 < *share && *share <= 1.0);
    share.ok_or_else(|| "it is more than 0 and at most 1".to_owned())
}

impl Synthesize {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let or = |file: &Option<PathBuf>, name: &str, text: &str| match file {
            Some(path) => Template::load(Some(path)),
            None => Template::new(name, text.to_owned()),
        };
        let question = Template::new("question", include_str!("synthesize/question.jinja").to_owned())?;
        let question = self.prompting.load_or(question)?;
        let check = or(&self.check_prompt, "check", include_str!("synthesize/check.jinja"))?;
        let solution = or(&self.solution_prompt, "solution", include_str!("synthesize/solution.jinja"))?;
        let (seeds, status) = problems(self.file.as_deref())?;
        let session = self.server.open("synthesize", self.batch.wanted())?;
        let stages = Stages { session: &session, batch: &self.batch, seed: self.server.seed };
        let mut tally = Tally::default();
        let asks = stages.question_asks(&question, &seeds, self.per_seed)?;
        // A batch that is being written asks nobody; where one was read, the first stage is complete.
        if let Some(ask) = asks.first().filter(|_| !self.batch.wanted()) {
            session.check_seeds(api(ask))?;
        }
        let result = (|| {
            let Some(mut drafts) = stages.questions(&asks, &seeds, self.per_seed, &mut tally)? else {
                return Ok(None);
            };
            if !self.no_check {
                let Some(sound) = stages.sound(&question.with(check), drafts, &mut tally)? else {
                    return Ok(None);
                };
                drafts = sound;
            }
            stages.solved(&question.with(solution), drafts, self.solutions, self.agree, &mut tally)
        })();
        session.progress.summarize();
        if let Some(made) = result? {
            tally.summarize(made.len());
            let mut out = io::stdout().lock();
            for row in made {
                writeln!(out, "{}", serde_json::to_string(&row)?)?;
            }
        }
        Ok(if tally.withheld > 0 || tally.malformed { Status::PassedOver } else { status })
    }
}
