//! Pretrains the base model of the lexicon world and checks that it copies, looks up and calculates.

use anyhow::{Context, Result, bail};
use clap::Parser;
use eightfold_experiments::learners::base::{self, Acceptance, BaseRecipe};
use eightfold_experiments::learners::pretraining::Lines;
use eightfold_experiments::pipeline::BaseConfig;
use eightfold_gpt::{Engine, device};
use eightfold_task::lexicon::LexiconConfig;
use std::path::{Path, PathBuf};

/// Pretrain the base model of the lexicon world.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  just base                          the hard world, about five minutes of one core\n  just base --set world.relations=128 --set base.pretraining.rounds=40"
)]
struct Args {
    /// Change one field of the recipe, as in world.relations=128; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Copy the checkpoint into experiments/base, to be committed.
    #[arg(long)]
    commit: bool,
    /// Device: flex, or tch and tch-cuda in builds with feature tch.
    #[arg(long, default_value = "flex")]
    device: String,
    /// Folder for checkpoints and loss curves.
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let cache = args.cache.unwrap_or_else(|| root.join(".eightfold"));
    let recipe = BaseRecipe::new(&LexiconConfig::default(), &BaseConfig::default());
    let recipe: BaseRecipe = eightfold_harness::apply_all(&recipe, &args.sets)?;
    let device = device(&args.device)?;
    let engine = if args.device == "flex" { Engine::Fused } else { Engine::Plain };
    // One core: rounds are short, and other work goes on beside it. Results do not depend on it.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let renderer = Some(Box::new(Lines::new()) as Box<_>);
    let (checkpoint, acceptance) =
        pool.install(|| base::train(&recipe, &cache, &device, engine, renderer))?;
    let share = acceptance.clean as f64 / acceptance.stories as f64;
    println!(
        "{} of {} fresh stories without a slip in copying, look-up or arithmetic ({:.1} %); fingerprint {}",
        acceptance.clean,
        acceptance.stories,
        100.0 * share,
        checkpoint.fingerprint()
    );
    if !acceptance.is_reached() {
        bail!("the base needs {:.1} %; train it on more stories", 100.0 * Acceptance::GOAL);
    }
    if args.commit {
        let dir = recipe.committed(&root);
        std::fs::create_dir_all(dir.parent().unwrap_or(Path::new(".")))
            .with_context(|| format!("cannot create {}", dir.display()))?;
        checkpoint.save(&dir, serde_json::to_value(&recipe)?)?;
        println!("written to {}", dir.display());
    }
    Ok(())
}
