//! `processbench`: first pits by rollouts of a local model beside labelled first wrong steps (Zheng et al. 2024).

mod first_errors;

use crate::learners::folder::{KeptPolicy, ask};
use crate::pipeline::Length;
use anyhow::{Context, Result, bail};
use clap::Parser;
use eightfold_advantage::{Completer, Episode, Evidence, MonteCarlo, PitRule};
use eightfold_harness::{Progress, Table, clock, write_whole};
use eightfold_journal::{ContentId, Journal};
use eightfold_models::{Model, Remote, fingerprint};
use eightfold_segment::Steps;
use eightfold_task::{Problem, gsm8k, normal_text};
use eightfold_verifier::FinalAnswer;
use first_errors::{Searched, constant, table};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How often the first pit by rollouts of a local model is the labelled first wrong step.
///
/// Reads ProcessBench's GSM8K rows (processbench_gsm8k.jsonl or processbench_gsm8k_200.jsonl) and GSM8K's test set
/// (gsm8k_test.jsonl or test.jsonl), which has the answers. Takes the rows with a labelled step and a wrong final
/// answer, in the order of the file, and draws rollouts from the question and from after each step. A killed run goes
/// on where it was.
#[derive(Parser)]
#[command(
    name = "processbench",
    after_help = "Examples:
  just processbench --model SmolLM2-135M-Instruct --data DIR --rows 40
  just processbench --model DIR --data DIR --rollouts 32 --max-tokens 512"
)]
struct Args {
    /// Folder of a model in the form of Hugging Face.
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Folder of the labelled solutions and of GSM8K's test set.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Solutions, from the first; all without it.
    #[arg(long, value_name = "N")]
    rows: Option<usize>,
    /// Rollouts from each prefix; the table has a line for each power of two up to it.
    #[arg(long, value_name = "K", default_value_t = 8)]
    rollouts: usize,
    /// Longest rollout, in tokens.
    #[arg(long, value_name = "N", default_value_t = 192)]
    max_tokens: usize,
    /// Temperature of rollouts.
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    /// Threads; all cores without it.
    #[arg(long)]
    threads: Option<usize>,
    /// Root of all seeds.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where the model is read: flex, or tch and tch-cuda in builds with feature tch.
    #[arg(long, default_value = "flex")]
    device: String,
    /// Folder of the journal.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Folder of table and outcomes, in place of paper-figures/real.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// A row of ProcessBench.
#[derive(Deserialize)]
struct Row {
    id: String,
    problem: String,
    steps: Vec<String>,
    final_answer_correct: bool,
    label: i64,
}

/// A wrong solution with its label.
struct Labelled {
    id: String,
    label: usize,
    episode: Episode,
}

/// The whole program.
///
/// # Errors
/// Bad flags, a model or a file that cannot be read, a journal that is in use.
pub fn main() -> Result<()> {
    let args = Args::parse();
    let threads = args.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().context("no threads")?;
    pool.install(|| args.run())
}

impl Args {
    fn run(&self) -> Result<()> {
        let start = Instant::now();
        if self.rollouts == 0 || self.max_tokens == 0 || self.rows == Some(0) || self.temperature < 0.0 {
            bail!("--rollouts, --max-tokens and --rows are at least 1, and --temperature at least 0");
        }
        let mut labelled = read(&self.data)?;
        let there = labelled.len();
        labelled.truncate(self.rows.unwrap_or(there));
        let (model, id) = (Model::open(&self.model)?, fingerprint(&self.model)?);
        let remote = Remote::new(&model, &self.device)?;
        let root = crate::root();
        let cache = self.cache.clone().unwrap_or_else(|| root.join(".eightfold"));
        let journal = Journal::open(&cache.join("stages/processbench.journal.jsonl"))?;
        let mut searched = Vec::new();
        for (done, solution) in labelled.iter().enumerate() {
            searched.push(self.search((&model, id, remote.as_ref()), &journal, solution)?);
            let seconds = start.elapsed().as_secs_f64();
            let left = seconds / (done + 1) as f64 * (labelled.len() - done - 1) as f64;
            let (spent, left) = (clock(seconds), clock(left));
            eprintln!(
                "processbench: {} of {} solutions in {spent}, about {left} left",
                done + 1,
                labelled.len()
            );
        }
        let out = self.out.clone().unwrap_or_else(|| root.join("paper-figures/real"));
        let table = self.write(&searched, there, &model, &out)?;
        print!("{table}");
        eprintln!("processbench: written to {}", out.display());
        Ok(())
    }

    /// Draws the rollouts of one solution.
    fn search(
        &self,
        (model, id, remote): (&Model, ContentId, Option<&Remote>),
        journal: &Journal,
        solution: &Labelled,
    ) -> Result<Searched> {
        let settings = MonteCarlo {
            rollouts: self.rollouts,
            completer: Completer::BestOf { k: 1 },
            pit: PitRule::LowestQ,
            early_stop: false,
            question: true,
            ..MonteCarlo::default()
        };
        let question = solution.episode.problem.prompt();
        let length = Length { max_tokens: self.max_tokens, stop: Vec::new() };
        let quiet = |_: Progress| {};
        let policy = KeptPolicy::new((model, id, remote), self.temperature, &length, journal, ("", &quiet));
        let policy = policy.asked(|prompt| ask(model, &question, prompt));
        let episodes = std::slice::from_ref(&solution.episode);
        let evidence = settings.search(&policy, &FinalAnswer, episodes, self.seed)?;
        Ok(Searched { id: solution.id.clone(), label: solution.label, outcomes: outcomes(&evidence[0]) })
    }

    /// Writes outcomes and table, and gives the table.
    fn write(&self, searched: &[Searched], there: usize, model: &Model, out: &Path) -> Result<String> {
        let ks: Vec<usize> =
            std::iter::successors(Some(1), |k| Some(2 * k)).take_while(|k| *k <= self.rollouts).collect();
        let row = |Searched { id, label, outcomes }: &Searched| {
            [("id", id.clone()), ("label", label.to_string()), ("outcomes", outcomes.join(" "))]
        };
        let csv = searched.iter().map(row).collect::<Table>().csv();
        let name = self.model.canonicalize().unwrap_or_else(|_| self.model.clone());
        let name = name.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let table = table(searched, &ks);
        let constant = constant(searched).map_or(String::new(), |(step, share)| {
            format!(" The step labelled most is step {step} (from 0), in {share} of the solutions.")
        });
        let page = format!(
            "# First pits and labelled first errors\n\n{name} ({} blocks), rollouts at temperature {}, at most {} tokens, \
             on the first {} of {there} GSM8K solutions of ProcessBench with a wrong final answer and a labelled first \
             wrong step. The first pit is the first step from after which all K rollouts fail, which is the first step of \
             the lowest Q. The largest fall is the step over which the share of right rollouts falls most.{constant} \
             Outcomes of all rollouts are in `processbench.csv`: a group of digits for the bare question, then one for \
             each step but the last, 1 for a right answer.\n\n{table}",
            model.config().layers,
            self.temperature,
            self.max_tokens,
            searched.len(),
        );
        write_whole(&out.join("processbench.csv"), csv.as_bytes())?;
        write_whole(&out.join("processbench.md"), page.as_bytes())?;
        Ok(table)
    }
}

fn outcomes(evidence: &Evidence) -> Vec<String> {
    let all = evidence.question.iter().chain(&evidence.steps);
    let digit = |draw: &Option<String>| if draw.is_some() { '1' } else { '0' };
    all.map(|rollouts| rollouts.draws.iter().map(digit).collect()).collect()
}

/// The solutions with a wrong final answer and a labelled step.
fn read(data: &Path) -> Result<Vec<Labelled>> {
    let find = |names: [&str; 2]| {
        let found = names.iter().map(|name| data.join(name)).find(|path| path.exists());
        found.with_context(|| format!("{}: neither {} is there", data.display(), names.join(" nor ")))
    };
    let path = find(["processbench_gsm8k.jsonl", "processbench_gsm8k_200.jsonl"])?;
    let test = gsm8k::read(&find(["gsm8k_test.jsonl", "test.jsonl"])?)?;
    let answers: HashMap<String, Problem> =
        test.into_iter().map(|worked| (normal_text(&worked.problem.question), worked.problem)).collect();
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let place = || format!("{}:{}", path.display(), number + 1);
        let row: Row = serde_json::from_str(line).with_context(place)?;
        let Ok(label) = usize::try_from(row.label) else { continue };
        if row.final_answer_correct {
            continue;
        }
        if label >= row.steps.len() {
            bail!("{}: key `label`: there is no step {label}", place());
        }
        let answer = answers.get(&normal_text(&row.problem));
        let answer = answer.with_context(|| format!("{}: the test set has no such problem", place()))?;
        let problem = Problem::new(row.problem, answer.answer.0.clone());
        all.push(Labelled { id: row.id, label, episode: Episode { problem, steps: joined(&row.steps) } });
    }
    Ok(all)
}

/// Steps as one text, a blank line between them.
fn joined(steps: &[String]) -> Steps {
    let (mut text, mut cuts) = (String::new(), Vec::new());
    for (at, step) in steps.iter().enumerate() {
        if at > 0 {
            text += "\n\n";
            cuts.push(text.len());
        }
        text += step;
    }
    Steps::cut(text, cuts)
}
