//! Tries settings of every method on validation problems, each method with as many configurations.

use anyhow::{Result, ensure};
use clap::Parser;
use eightfold_advantage::Completer;
use eightfold_experiments::pipeline::{Author, Cell, Evaluation, Sides, Split};
use eightfold_experiments::place::Place;
use eightfold_experiments::settings::{self, Recipe, World};
use eightfold_experiments::store::{Provenance, Records};
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_harness::{Configuration, Jobs, Table, run_missing};
use eightfold_synth::{Choice, Rejection, ResponsePairs};
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
    /// Methods, as arms of figures are named; the first six without it. Those that use advantages end in the draws
    /// of their completer: weighted-5.
    #[arg(long, value_delimiter = ',')]
    method: Vec<String>,
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

fn with(budget: Budget, rate: f64, warmup: usize) -> TrainConfig {
    TrainConfig { budget, rate, warmup, ..TrainConfig::default() }
}

/// Six configurations of a method, each with a label. Budgets count updates: ten epochs are 20 updates at 64
/// problems and 640 at 2,048.
fn grid(method: &str) -> Vec<(String, Recipe)> {
    let single = |by| {
        [(40, 3e-3), (80, 3e-3), (160, 3e-3), (320, 3e-3), (640, 3e-3), (160, 1e-3)].map(|(updates, rate)| {
            let train = with(Budget::Updates(updates), rate, 20);
            (format!("{updates} updates, {rate:e}"), settings::single_solution_of(by, train))
        })
    };
    let continued = [(32, 3e-3), (48, 3e-3), (64, 3e-3), (96, 3e-3), (128, 3e-3), (64, 1e-3)];
    let supervised = |(cap, updates, rate): (usize, usize, f64)| {
        let rejection = Rejection { cap: Some(cap), ..Rejection::default() };
        (
            format!("{cap} kept, {updates} updates, {rate:e}"),
            rejection,
            with(Budget::Updates(updates), rate, 20),
        )
    };
    let copies =
        [(1, 80, 3e-3), (1, 160, 3e-3), (4, 40, 3e-3), (4, 80, 3e-3), (4, 160, 3e-3), (8, 160, 3e-3)];
    let copies = copies.map(supervised);
    let pairs = [
        (32, 3e-3, 1.0),
        (48, 3e-3, 1.0),
        (64, 3e-3, 1.0),
        (96, 3e-3, 1.0),
        (64, 1e-3, 1.0),
        (64, 3e-3, 0.3),
    ];
    let pairs = pairs.map(|(updates, rate, nll)| {
        (format!("{updates} updates, {rate:e}, nll {nll}"), nll, with(Budget::Updates(updates), rate, 10))
    });
    match method {
        "rft" => copies.map(|(name, rejection, train)| (name, settings::rft_of(rejection, train))).to_vec(),
        "rft-budget" => {
            copies.map(|(name, rejection, train)| (name, settings::rft_budget_of(rejection, train))).to_vec()
        }
        "dpo" | "dpo-edit" => pairs
            .map(|(name, nll, train)| {
                let choice = if method == "dpo" { Choice::Random } else { Choice::HighestEditDistance };
                let pairs = ResponsePairs { choice, ..ResponsePairs::default() };
                (name, Recipe::dpo_of(Sides::solutions(pairs), 0.1, nll, train))
            })
            .to_vec(),
        "step-dpo" => {
            pairs.map(|(name, nll, train)| (name, Recipe::dpo_of(Sides::at_pit(), 0.1, nll, train))).to_vec()
        }
        "dpo-plain" => plain(Sides::solutions(ResponsePairs::default())),
        "step-dpo-plain" => plain(Sides::at_pit()),
        "chosen-only" => continued
            .map(|(updates, rate)| {
                let train = with(Budget::Updates(updates), rate, 10);
                (format!("{updates} updates, {rate:e}"), settings::chosen_only_of(train))
            })
            .to_vec(),
        "sft-continued" => continued
            .map(|(updates, rate)| {
                let train = with(Budget::Updates(updates), rate, 10);
                (format!("{updates} updates, {rate:e}"), settings::sft_continued_of(train))
            })
            .to_vec(),
        "single-teacher" => single(Author::Teacher).to_vec(),
        "single-policy" => single(Author::Policy).to_vec(),
        "rft-filtered-1" => filtered(1),
        "rft-filtered-5" => filtered(5),
        "weighted-1" => weighted(1),
        "weighted-5" => weighted(5),
        _ => Vec::new(),
    }
}

/// Preferences alone, without the likelihood of the chosen side: slower, since nothing else holds the policy.
fn plain(sides: Sides) -> Vec<(String, Recipe)> {
    let grid = [(32, 3e-3), (32, 1e-3), (64, 1e-3), (64, 3e-4), (128, 3e-4), (128, 1e-4)];
    let one = |(updates, rate)| {
        (
            format!("{updates} updates, {rate:e}, nll 0"),
            Recipe::dpo_of(sides, 0.1, 0.0, with(Budget::Updates(updates), rate, 10)),
        )
    };
    grid.map(one).to_vec()
}

/// RFT with steps masked, for advantages of the best of `k` draws. With five they are -1, 0 or 1.
fn filtered(k: usize) -> Vec<(String, Recipe)> {
    let last = if k == 5 { (-0.1, 8, 160) } else { (-0.5, 4, 160) };
    let grid = [(-0.1, 4, 160), (0.0, 4, 160), (-0.1, 4, 80), (0.0, 4, 80), (-0.1, 4, 320), last];
    let one = |(threshold, cap, updates)| {
        let rejection = Rejection { cap: Some(cap), ..Rejection::default() };
        let train = with(Budget::Updates(updates), 3e-3, 20);
        let method = settings::rft_filtered_of(rejection, Completer::BestOf { k }, threshold, train);
        (format!("above {threshold}, {cap} kept, {updates} updates, 3e-3"), method)
    };
    grid.map(one).to_vec()
}

/// Advantage-weighted RL, for advantages of the best of `k` draws.
fn weighted(k: usize) -> Vec<(String, Recipe)> {
    let grid = [
        (0.1, 64, 3e-3),
        (0.3, 64, 3e-3),
        (1.0, 64, 3e-3),
        (0.3, 96, 3e-3),
        (0.3, 48, 3e-3),
        (0.3, 64, 1e-3),
    ];
    let one = |(beta, updates, rate)| {
        let (completer, train) = (Completer::BestOf { k }, with(Budget::Updates(updates), rate, 10));
        let method = settings::weighted_of(completer, beta, 20.0, train);
        (format!("beta {beta}, {updates} updates, {rate:e}"), method)
    };
    grid.map(one).to_vec()
}

fn cells(
    world: World,
    method: &str,
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
    if method == "sft" {
        // Updates for each multiple of the data, and at least as many as the smallest sizes need.
        let budgets = [(40, 3e-3), (80, 3e-3), (160, 3e-3), (320, 3e-3), (640, 3e-3), (160, 1e-3)];
        let one = |(updates, rate)| {
            let sft = with(Budget::Updates(updates), rate, 20);
            (format!("{updates} updates, {rate:e}"), settings::with_sft(cell(Recipe::sft()), sft))
        };
        return budgets.into_iter().map(one).collect();
    }
    grid(method).into_iter().map(|(name, method)| (name, cell(method))).collect()
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let cache = args.cache.unwrap_or_else(|| root.join(".eightfold"));
    let all = ["sft", "rft", "rft-budget", "dpo", "step-dpo", "chosen-only"];
    let by_advantage = ["rft-filtered-1", "rft-filtered-5", "weighted-1", "weighted-5"];
    let methods = if args.method.is_empty() {
        all.into_iter().chain(by_advantage).map(String::from).collect()
    } else {
        args.method
    };
    let place = Place::new(root.clone(), cache.clone(), "flex")?;
    let records = Records::of_files(cache.join("tuning"));
    let mut table = Vec::new();
    for method in &methods {
        ensure!(method == "sft" || !grid(method).is_empty(), "there is no method `{method}` to tune");
        for &problems in &args.problems {
            for seed in 100..100 + args.seeds {
                table.extend(
                    cells(args.world, method, problems, seed, args.start)
                        .into_iter()
                        .map(|(name, cell)| (method, name, cell)),
                );
            }
        }
    }
    let todo: Vec<Cell> = table.iter().map(|(_, _, cell)| cell.clone()).collect();
    place.prepare(&todo)?;
    let jobs = Jobs { count: args.jobs, threads: 1 };
    run_missing(&todo, &records, &place, &Provenance::now(&root, "flex", Cell::sources()), jobs)?;
    let mut table = Table::default();
    for method in &methods {
        for &problems in &args.problems {
            for (name, cell) in cells(args.world, method, problems, 100, args.start) {
                let runs: Vec<_> = (100..100 + args.seeds)
                    .filter_map(|seed| records.load(&Cell { seed, ..cell.clone() }).transpose())
                    .collect::<Result<_>>()?;
                let list = |f: fn(&eightfold_experiments::pipeline::Metrics) -> f64| {
                    runs.iter().map(|r| format!("{:.3}", f(&r.metrics))).collect::<Vec<_>>().join(" ")
                };
                table.row([
                    ("method", method.clone()),
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
