//! `eightfold sample`: solutions of problems, drawn from a server.

use crate::jsonl::{Faults, Lines};
use crate::server::{BatchArgs, Next, Prompting, ServerArgs, worse};
use crate::status::Status;
use clap::Args;
use eightfold_exchange::{ProblemRow, Prompt, SampleRow};
use eightfold_server::{Answer, Ask};
use eightfold_synth::sample_draws;
use eightfold_task::Problem;
use serde_json::json;
use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Draw solutions of problems from an OpenAI-compatible server.
///
/// Reads problems.jsonl and writes samples.jsonl: {"id", "sample", "question", "answer", "prompt",
/// "completion", "finish_reason", "tokens", "logprob", "model", "seed"} and the further keys of the problem,
/// in the order of the problems and the samples. Each completion has a seed of its own, derived from --seed,
/// the question and its number, so a problem's first samples do not depend on how many are drawn or on other
/// problems.
///
/// Every response is kept in the journal before it is read: a run that was killed is resumed by the same
/// command, and its output is that of a run that was not. Progress and counts go to standard error.
///
/// With --batch-out the requests are written to a file, for a batch service or `vllm run-batch`, and nothing is drawn; with
/// --batch-in the answers are taken from there.
///
/// The exit status is 0 if every problem was sampled, 2 if a line was malformed, a prompt refused or a completion
/// withheld by the server's filter, and 1 if the run had to end.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold sample problems.jsonl --server http://127.0.0.1:8000 --model NAME --n 8 > samples.jsonl
  eightfold sample problems.jsonl --server http://a:8000 --server http://b:8000 --model NAME --n 64 \\
      --choices 16 --concurrency 32 --prompt few.jinja --shots shots.jsonl --stop '\\n\\n' > samples.jsonl
  eightfold sample problems.jsonl --api chat --server https://api.example.com/v1 --key-env API_KEY \\
      --model NAME --per-minute 60 | eightfold verify --gold-key answer --pred-key completion > graded.jsonl
  eightfold sample problems.jsonl --api chat --model NAME --batch-out requests.jsonl
  eightfold sample problems.jsonl --api chat --model NAME --batch-in answers.jsonl > samples.jsonl")]
pub(crate) struct Sample {
    /// Problems; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// Samples of each problem.
    #[arg(long, default_value_t = 8, value_name = "N")]
    n: usize,
    #[command(flatten)]
    prompting: Prompting,
    #[command(flatten)]
    server: ServerArgs,
    #[command(flatten)]
    batch: BatchArgs,
}

impl Sample {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let prompter = self.prompting.load()?;
        let (rows, status) = problems(self.file.as_deref())?;
        let prompts =
            rows.iter().map(|row| Ok(Arc::new(prompter.prompt(row)?))).collect::<anyhow::Result<Vec<_>>>()?;
        let source = self.server.source("sample", self.batch.wanted())?;
        let asks = asks(&rows, &prompts, self.n, self.server.seed);
        let batch = match source.batch(&self.batch, &asks)? {
            Next::Draw(status) => status,
            Next::Written(read) => return Ok(worse(status, read)),
        };
        source.check(&asks)?;
        let mut alike = Alike::new(self.n, rows.len());
        let mut withheld = false;
        let mut out = io::stdout().lock();
        let all = source.draw(&asks, &mut |number, drawn| {
            let (problem, sample) = (number / self.n, number % self.n);
            alike.add(sample, drawn.as_ref().ok().map(|answer| answer.text.as_str()));
            let answer = match drawn {
                Ok(answer) => answer,
                Err(reason) => {
                    eprintln!("problem {}, sample {sample}: {reason}", rows[problem].id);
                    withheld = true;
                    return Ok(());
                }
            };
            let row = row(source.model(), &rows[problem], (*prompts[problem]).clone(), sample, answer);
            writeln!(out, "{}", serde_json::to_string(&row)?)
        });
        source.summarize();
        if all? {
            alike.warn(self.server.temperature);
        }
        Ok(if withheld { Status::PassedOver } else { worse(status, batch) })
    }
}

/// Every problem of a file, with malformed lines named and passed over.
pub(crate) fn problems(file: Option<&std::path::Path>) -> anyhow::Result<(Vec<ProblemRow>, Status)> {
    let (mut lines, mut rows) = (Lines::open(file)?, Vec::new());
    let mut faults = Faults::new(lines.name());
    while let Some((number, row)) = lines.next_row()? {
        match row.and_then(|row| Ok(ProblemRow::read(row.into_fields().rest())?)) {
            Ok(row) => rows.push(row),
            Err(error) => faults.add(number, &error),
        }
    }
    Ok((rows, faults.close()))
}

fn asks(rows: &[ProblemRow], prompts: &[Arc<Prompt>], n: usize, seed: u64) -> Vec<Ask> {
    let of = |(row, prompt): (&ProblemRow, &Arc<Prompt>)| {
        let problem = Problem::new(row.question.as_str(), row.answer.as_str());
        let ask =
            |draw: eightfold_task::Draw| Ask { prompt: prompt.clone(), prefix: String::new(), key: draw.key };
        sample_draws(&problem, n, seed).map(ask).collect::<Vec<_>>()
    };
    rows.iter().zip(prompts).flat_map(of).collect()
}

fn row(model: &str, problem: &ProblemRow, prompt: Prompt, sample: usize, answer: Answer) -> SampleRow {
    let mut more = problem.more.clone();
    // Kept apart from the completion, which is what is graded.
    if let Some(reasoning) = answer.reasoning {
        more.insert("reasoning".to_owned(), json!(reasoning));
    }
    if let Some(split) = problem.split {
        more.insert("split".to_owned(), json!(split));
    }
    SampleRow {
        id: problem.id.clone(),
        sample: sample as u64,
        question: problem.question.clone(),
        answer: Some(problem.answer.clone()),
        prompt: Some(prompt),
        completion: answer.text,
        finish_reason: answer.finish_reason,
        tokens: answer.tokens,
        logprob: answer.logprob,
        model: Some(model.to_owned()),
        seed: answer.seed,
        more,
        ..SampleRow::default()
    }
}

/// Watches whether all samples of a problem are the same text, as from a server that does not sample.
struct Alike {
    n: usize,
    /// Of the problem at hand: how many samples there are, and their texts.
    given: usize,
    texts: HashSet<String>,
    problems: usize,
    alike: usize,
}

impl Alike {
    fn new(n: usize, problems: usize) -> Self {
        Self { n, given: 0, texts: HashSet::new(), problems, alike: 0 }
    }

    /// Takes note of a sample, `None` where there is none. Those of a problem come in order.
    fn add(&mut self, sample: usize, text: Option<&str>) {
        if sample == 0 {
            (self.given, self.texts) = (0, HashSet::new());
        }
        self.given += usize::from(text.is_some());
        self.texts.extend(text.map(str::to_owned));
        self.alike += usize::from(self.given == self.n && sample + 1 == self.n && self.texts.len() == 1);
    }

    fn warn(&self, temperature: f64) {
        if self.n > 1 && temperature > 0.0 && self.alike > 0 {
            eprintln!(
                "warning: of {} of {} problems all {} samples are the same text, at temperature {temperature}",
                self.alike, self.problems, self.n
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_without_variety_are_counted() {
        let mut alike = Alike::new(2, 5);
        let texts =
            ["a", "a", "a", "b", "c", "c", "-", "d", "d", "-"].map(|text| Some(text).filter(|t| *t != "-"));
        texts.iter().enumerate().for_each(|(i, text)| alike.add(i % 2, *text));
        assert_eq!(alike.alike, 2, "a problem that lacks a sample says nothing");
    }
}
