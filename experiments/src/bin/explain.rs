//! Prints one wrong solution, step by step: Q and advantage by rollouts beside the exact values, the first pit,
//! and the pair that per-step DPO makes of it.

use anyhow::{Context, Result, bail};
use clap::{Parser, ValueEnum};
use eightfold_experiments::figure::Preset;
use eightfold_experiments::pipeline::{Cell, Learner, Sampling, Trial};
use eightfold_experiments::place::Place;
use eightfold_experiments::probe::explain;
use eightfold_experiments::settings::{self, Recipe};
use eightfold_experiments::worlds::LexiconWorld;
use eightfold_harness::Progress;
use std::path::PathBuf;

/// Figures whose methods sample from one and the same SFT policy.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shown {
    Fig6,
    Fig7,
    Fig9,
}

/// Explain one wrong solution: the value of each step, the pit, the pair.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  just explain fig7 --problem 17\n  just explain fig7 --problem 17 --sample 2 --rollouts 500"
)]
struct Args {
    /// Whose SFT policy: the figures named share one.
    figure: Shown,
    /// Which synthetic problem, from 0.
    #[arg(long)]
    problem: usize,
    /// Which of its wrong solutions, from 0.
    #[arg(long, default_value_t = 0)]
    sample: usize,
    /// Rollouts from each prefix.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rollouts: u32,
    /// Synthetic problems of the cell: one of the figure's sizes.
    #[arg(long)]
    problems: Option<usize>,
    /// Seed of the cell.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Preset of the figure.
    #[arg(long, value_enum, default_value = "quick")]
    preset: Preset,
    /// Folder of checkpoints and rollouts.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let cache = args.cache.clone().unwrap_or_else(|| root.join(".eightfold"));
    let place = Place::new(root, cache, "flex")?;
    let cell = cell(&args);
    let (Some(config), Some(network)) = (cell.world.lexicon(), cell.learner.network()) else {
        bail!("only stories of a lexicon can be explained")
    };
    let (world, learner) = (LexiconWorld::new(config)?, place.network(config, network));
    learner.base().with_context(|| format!("there is no base model yet; run {:?} first", args.figure))?;
    let on_progress = |Progress { stage, share, .. }: Progress| {
        if share == 0.0 || share == 1.0 {
            eprintln!("{stage}: {:.0} %", 100.0 * share);
        }
    };
    let trial = Trial::new(&cell, &world, &learner, &place.stages, &on_progress)?;
    let worked = explain(&trial, args.problem, args.sample, args.rollouts as usize)?;
    println!("problem   {} of {}, wrong solution {}", args.problem, trial.problems.len(), args.sample);
    print!("{worked}");
    Ok(())
}

/// The cell whose SFT policy is looked at, as the figures have it.
fn cell(args: &Args) -> Cell {
    let problems = args.problems.unwrap_or(if args.preset == Preset::Smoke { 16 } else { 256 });
    let cell =
        settings::with_sft(settings::cell(Recipe::sft(), problems, args.seed), settings::start(problems));
    let cell = Cell { sampling: Some(Sampling::default()), ..cell };
    settings::at_preset(cell, args.preset)
}
