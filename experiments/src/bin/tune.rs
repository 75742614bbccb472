//! Tries settings of every method on validation problems, each method with as many configurations.

use anyhow::Result;
use clap::Parser;
use eightfold_experiments::arm::Arm;
use eightfold_experiments::pipeline::{Cell, Evaluation, Split};
use eightfold_experiments::place::Place;
use eightfold_experiments::settings::{self, Recipe, World};
use eightfold_experiments::store::{Provenance, Records};
use eightfold_experiments::tuning::{BY_DEFAULT, FROM_BASE, Tuned, with};
use eightfold_gpt::Budget;
use eightfold_harness::{Configuration, Jobs, Table, run_missing};
use std::path::PathBuf;

/// Try settings of every method on validation problems and print a table.
#[derive(Parser)]
#[command(after_help = "Example:\n  just tune --problems 256 --method step-dpo")]
struct Args {
    /// World.
    #[arg(long, value_enum, default_value = "hard")]
    world: World,
    /// Sizes.
    #[arg(long, value_delimiter = ',', default_value = "64,256")]
    problems: Vec<usize>,
    /// Methods, as arms of figures are named; those of figure 7 and by advantage without it. Those that use advantages end in the draws
    /// of their completer: weighted-5.
    #[arg(long, value_delimiter = ',')]
    method: Vec<Tuned>,
    /// Updates of the SFT checkpoint that the others start from; the tuned number without it.
    #[arg(long)]
    start: Option<usize>,
    /// Seeds, beginning at 100, which no figure uses.
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Cells at a time.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Folder of checkpoints, rollouts and records.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

fn cells(
    world: World,
    method: Tuned,
    problems: usize,
    seed: u64,
    start: Option<usize>,
) -> Vec<(String, Cell)> {
    let evaluation = Evaluation { split: Split::Validation, problems: 500, samples: 2 };
    let cell = |method| {
        let mut cell =
            Cell { evaluation: evaluation.clone(), ..settings::cell_in(world, method, problems, seed) };
        if let (Some(updates), Some(sft)) = (start, cell.learner.sft_mut()) {
            sft.budget = Budget::Updates(updates);
        }
        cell
    };
    if method == Tuned::Arm(Arm::Sft) {
        // Updates for each multiple of the data, and at least as many as the smallest sizes need.
        let one = |(updates, rate)| {
            let sft = with(Budget::Updates(updates), rate, 20);
            (format!("{updates} updates, {rate:e}"), settings::with_sft(cell(Recipe::sft()), sft))
        };
        return FROM_BASE.into_iter().map(one).collect();
    }
    method.grid().into_iter().map(|(name, method)| (name, cell(method))).collect()
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let cache = args.cache.unwrap_or_else(|| root.join(".eightfold"));
    let methods = if args.method.is_empty() { BY_DEFAULT.to_vec() } else { args.method };
    let place = Place::new(root.clone(), cache.clone(), "flex")?;
    let records = Records::of_files(cache.join("tuning"));
    let mut todo = Vec::new();
    for &method in &methods {
        for &problems in &args.problems {
            for seed in 100..100 + args.seeds {
                let cells = cells(args.world, method, problems, seed, args.start);
                todo.extend(cells.into_iter().map(|(_, cell)| cell));
            }
        }
    }
    place.prepare(&todo)?;
    let jobs = Jobs { count: args.jobs, threads: 1 };
    run_missing(&todo, &records, &place, &Provenance::now(&root, "flex", Cell::sources()), jobs)?;
    let mut table = Table::default();
    for &method in &methods {
        for &problems in &args.problems {
            for (name, cell) in cells(args.world, method, problems, 100, args.start) {
                let runs: Vec<_> = (100..100 + args.seeds)
                    .filter_map(|seed| records.load(&Cell { seed, ..cell.clone() }).transpose())
                    .collect::<Result<_>>()?;
                let list = |f: fn(&eightfold_experiments::pipeline::Metrics) -> f64| {
                    runs.iter().map(|r| format!("{:.3}", f(&r.metrics))).collect::<Vec<_>>().join(" ")
                };
                table.row([
                    ("method", method.to_string()),
                    ("n", problems.to_string()),
                    ("settings", name),
                    ("error (greedy) by seed", list(|m| m.error)),
                    ("at temperature 1", list(|m| m.error_t1)),
                    ("readings", list(|m| m.reading_accuracy())),
                    ("slips", list(|m| m.slips())),
                ]);
            }
        }
    }
    print!("{}", table.markdown());
    Ok(())
}
