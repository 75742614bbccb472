//! `gsm8k`: the command line.

use super::cell::RealCell;
use super::data::Form;
use super::drawing::chart;
use super::place::RealPlace;
use super::plan::{METHODS, RealPreset, Sweep, cells};
use super::rows::{arms, csv, table};
use crate::board::clock;
use crate::configuration::Configuration;
use crate::jobs::{Jobs, run_missing};
use crate::set::apply_some;
use crate::share::Share;
use crate::store::{Provenance, Record, Records, write_whole};
use anyhow::{Context, Result, bail};
use clap::Parser;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// SFT, sampling, verification, rollouts, first pits, RFT, DPO, per-step DPO and evaluation of a language model on
/// problems in the form of GSM8K.
///
/// Each method at each size and seed is a cell with a record; what cells share is computed once. A killed run goes on
/// where it was: completions are kept one by one, checkpoints and records as they are finished.
#[derive(Parser)]
#[command(
    name = "gsm8k",
    after_help = "Examples:
  just gsm8k --model SmolLM2-135M-Instruct --data DIR                    GSM8K, in miniature
  just gsm8k --model DIR --data DIR --problems svamp --sizes 64,256      other problems, other sizes
  just gsm8k --model DIR --data DIR --set sft.schedule.rate=5e-5         one field changed
  just gsm8k --model DIR --data DIR --preset full --cells 2/4            one of four machines that share a folder
  just gsm8k --model DIR --data DIR --list --json                        what would be run, every setting of it"
)]
struct Args {
    /// Folder of a model in the form of Hugging Face (Llama, Qwen2 or Qwen3).
    #[arg(long, value_name = "DIR")]
    model: PathBuf,
    /// Folder of the problems.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The form of the problems.
    #[arg(long, value_enum, default_value = "gsm8k")]
    problems: Form,
    /// Only problems whose given solution has at most this many lines before its answer.
    #[arg(long, value_name = "N")]
    lines: Option<usize>,
    /// How much to run.
    #[arg(long, value_enum, default_value = "mini")]
    preset: RealPreset,
    /// Methods, as sft,rft; all without it: untrained, untrained-chat (of a model with a chat template), sft, rft, dpo, step-dpo, chosen-only.
    #[arg(long, value_delimiter = ',')]
    methods: Option<Vec<String>>,
    /// Training problems, as 64,256.
    #[arg(long, value_delimiter = ',')]
    sizes: Option<Vec<usize>>,
    /// Seeds, from 0.
    #[arg(long)]
    seeds: Option<u64>,
    /// Samples of each problem.
    #[arg(long, value_name = "N")]
    samples: Option<usize>,
    /// Rollouts from each prefix of a wrong sample; Q is the success of the best of as many.
    #[arg(long, value_name = "K")]
    rollouts: Option<usize>,
    /// Longest completion, in tokens.
    #[arg(long, value_name = "N")]
    max_tokens: Option<usize>,
    /// Highest learning rate of SFT and RFT.
    #[arg(long, value_name = "RATE")]
    sft_rate: Option<f64>,
    /// Highest learning rate of both kinds of DPO and of the control on their chosen sides.
    #[arg(long, value_name = "RATE")]
    dpo_rate: Option<f64>,
    /// Change one field of every cell that has it, as in evaluation.problems=100; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Draw the records at hand; run nothing.
    #[arg(long)]
    no_run: bool,
    /// List the cells and whether they are done.
    #[arg(long)]
    list: bool,
    /// With --list: each cell whole, as one line of JSON.
    #[arg(long, requires = "list")]
    json: bool,
    /// Run one part of the cells, as in 2/4, and draw nothing.
    #[arg(long, value_name = "I/N", conflicts_with = "no_run")]
    cells: Option<Share>,
    /// Cells at a time: each has a model in memory.
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Threads of a cell; all cores, divided by the jobs, without it. No result depends on them.
    #[arg(long)]
    threads: Option<usize>,
    /// Where models are trained and sampled: flex, or tch and tch-cuda in builds with feature tch.
    #[arg(long, default_value = "flex")]
    device: String,
    /// Keep the checkpoint of each finished cell, as a folder that `transformers` loads.
    #[arg(long)]
    keep: bool,
    /// Folder of checkpoints, samples and rollouts.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Folder of records, table and picture, in place of paper-figures/real (smoke: of the cache).
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The whole program.
///
/// # Errors
/// Bad flags, a model or a file that cannot be read, a cell that fails.
pub fn main() -> Result<()> {
    Args::parse().run()
}

impl Args {
    fn run(&self) -> Result<()> {
        let start = Instant::now();
        if self.jobs == 0 || self.threads == Some(0) {
            bail!("--jobs and --threads are at least 1");
        }
        let root = crate::root();
        let cache = self.cache.clone().unwrap_or_else(|| root.join(".eightfold"));
        let out = self.out.clone().unwrap_or_else(|| match self.preset {
            RealPreset::Smoke => cache.join("real"),
            RealPreset::Mini | RealPreset::Full => root.join("paper-figures/real"),
        });
        let problems = (self.problems, self.data.as_path());
        let place = RealPlace::open(&self.model, problems, self.lines, &cache, &self.device, self.keep)?;
        let cells = cells(self.preset, &place.model(), &place.problems(), &self.sweep(place.chat))?;
        let cells = apply_some(&cells, &self.sets)?;
        let records = Records::new(out.join("records"));
        if self.list {
            return self.list(&cells, &records);
        }
        if !self.no_run {
            let cells = self.cells.map_or_else(|| cells.clone(), |share| share.of(&cells));
            RealCell::prepare(&cells, &place)?;
            let (done, jobs) = (cells.len(), self.jobs());
            eprintln!("gsm8k: {done} cells, preset {}, {} at a time", self.preset.name(), jobs.count);
            run_missing(&cells, &records, &place, &Provenance::now(&root, &self.device), jobs)?;
        }
        if self.cells.is_some() {
            eprintln!("gsm8k: this part is done; run it without --cells to draw");
            return Ok(());
        }
        print!("{}", self.write(&cells, &records, &out)?);
        eprintln!("gsm8k in {}; written to {}", clock(start.elapsed().as_secs_f64()), out.display());
        Ok(())
    }

    /// What is said beside the preset; a model without a chat template is not asked by one.
    fn sweep(&self, chat: bool) -> Sweep {
        let possible = || METHODS.into_iter().filter(|name| chat || *name != "untrained-chat");
        Sweep {
            sizes: self.sizes.clone(),
            seeds: self.seeds,
            methods: Some(self.methods.clone().unwrap_or_else(|| possible().map(String::from).collect())),
            samples: self.samples,
            rollouts: self.rollouts,
            max_tokens: self.max_tokens,
            sft_rate: self.sft_rate,
            dpo_rate: self.dpo_rate,
        }
    }

    fn jobs(&self) -> Jobs {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Jobs { count: self.jobs, threads: self.threads.unwrap_or((cores / self.jobs).max(1)) }
    }

    fn list(&self, cells: &[RealCell], records: &Records) -> Result<()> {
        for cell in cells {
            if self.json {
                println!("{}", serde_json::to_string(cell)?);
            } else {
                let state = if records.load(cell)?.is_some() { "done" } else { "-" };
                println!("{state:<5} {}", cell.id());
            }
        }
        Ok(())
    }

    /// Writes table and picture of the cells that have records, and gives the table.
    fn write(&self, cells: &[RealCell], records: &Records, out: &Path) -> Result<String> {
        let mut found: Vec<Record<RealCell>> = Vec::new();
        for cell in cells {
            found.extend(records.load(cell)?);
        }
        let first = found.first().context("no cell has a record; run it without --no-run")?;
        let name = self.model.canonicalize().unwrap_or_else(|_| self.model.clone());
        let name = name.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let form = first.cell.problems.form.name();
        let title = format!("{name} on {} problems", form.to_uppercase());
        let (arms, caption) = (arms(&found), self.caption(&found, &name, cells.len() - found.len()));
        let scene = chart(title.clone(), &arms, caption.clone()).scene().context("no picture")?;
        let file = |ending: &str| out.join(format!("{form}.{ending}"));
        write_whole(&file("csv"), csv(&found).as_bytes())?;
        write_whole(&file("svg"), scene.svg().as_bytes())?;
        write_whole(&file("png"), &scene.png(2.0)?)?;
        let table = table(&arms);
        let page = format!("# {title}\n\n{}\n\n{table}", caption.join("\n\n"));
        write_whole(&file("md"), page.as_bytes())?;
        Ok(table)
    }

    /// What the picture shows, and what it does not.
    fn caption(&self, records: &[Record<RealCell>], name: &str, missing: usize) -> Vec<String> {
        let mut caption = vec![seen(records, name), NOT_SEEN.into()];
        if missing > 0 {
            caption.push(format!("{missing} of {} cells have no record yet.", missing + records.len()));
        }
        if self.preset == RealPreset::Smoke {
            caption.push("Smoke preset: it shows that everything runs. Its numbers mean nothing.".into());
        }
        if !self.sets.is_empty() {
            caption.push(format!("Changed on the command line: {}.", self.sets.join(", ")));
        }
        caption
    }
}

/// What a run on real problems cannot show.
const NOT_SEEN: &str = "Not seen: whether the paper's numbers hold. Its models have 7 billion weights, its synthetic \
                        problems are a capable model's, and its sizes go to a hundred thousand; here the solutions are \
                        those of the file, so more data are more problems of people. Learning rates of preset mini were \
                        chosen on validation problems of SVAMP with SmolLM2-135M-Instruct; nothing else was tuned.";

/// What the picture shows.
fn seen(records: &[Record<RealCell>], name: &str) -> String {
    let Record { cell, metrics, .. } = &records[0];
    let seeds = records.iter().map(|record| record.cell.seed).max().unwrap_or(0) + 1;
    let seeds = if seeds == 1 { "1 seed".into() } else { format!("{seeds} seeds") };
    let lines = cell
        .problems
        .lines
        .map_or(String::new(), |lines| format!(", those whose given solution has at most {lines} lines"));
    format!(
        "Seen: {name}, trained on {} problems{lines}, and tested greedily and at temperature 1 on {} others; {seeds}. \
         Intervals (95 %) are over test problems, seeds as they are; SFT, samples and rollouts are shared by the methods \
         of one seed and size, and counted in full in each. Operations are those of training, of drawing and of reading \
         prompts, and of the reference's forward pass.",
        cell.problems.form.name().to_uppercase(),
        metrics.greedy.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_help_names_every_method() {
        let help = Args::command().render_long_help().to_string();
        METHODS.into_iter().for_each(|method| assert!(help.contains(method), "{method}"));
    }
}
