//! What figure 10 is prepared with: its bases, and its settings on validation graphs.

use anyhow::Result;
use clap::{Parser, Subcommand};
use eightfold_experiments::learners::star::base::{commit, find_or_train};
use eightfold_experiments::learners::star::pretraining::skills;
use eightfold_experiments::pipeline::{Cell, LearnerConfig, Method, Split};
use eightfold_experiments::place::Place;
use eightfold_experiments::stargraph::settings::{self, SFT, UNDER};
use eightfold_experiments::store::{Provenance, Records};
use eightfold_harness::{Configuration, Jobs, Table, apply_some, run_missing};
use eightfold_task::stargraph::StarConfig;
use std::path::PathBuf;

/// Prepare the star graphs of figure 10.
#[derive(Parser)]
#[command(
    after_help = "Example:\n  cargo run --release -p eightfold-experiments --bin star -- tune --graphs 200,400"
)]
struct Args {
    /// Folder of bases and records.
    #[arg(long, value_name = "DIR", global = true)]
    cache: Option<PathBuf>,
    /// Bases, by seed.
    #[arg(long, value_delimiter = ',', default_value = "0,1,2,3,4", global = true)]
    bases: Vec<u64>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train the bases and say what they can do.
    Base {
        /// Copy them into the repository.
        #[arg(long)]
        commit: bool,
    },
    /// Errors on validation graphs, with a seed that the figure does not use.
    Tune {
        /// Training graphs.
        #[arg(long, value_delimiter = ',', default_value = "100,150,200,300,400,600")]
        graphs: Vec<usize>,
        /// Only SFT, to find the number of graphs.
        #[arg(long)]
        sft: bool,
        /// Change one field of every cell that has it; may be repeated.
        #[arg(long = "set", value_name = "KEY=VALUE")]
        sets: Vec<String>,
        /// Values of beta.
        #[arg(long, value_delimiter = ',', default_value = "0.2")]
        beta: Vec<f64>,
        /// Seed.
        #[arg(long, default_value_t = 100)]
        seed: u64,
        /// Cells at a time.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
    },
}

fn main() -> Result<()> {
    let args = Args::parse();
    let root = eightfold_experiments::root();
    let cache = args.cache.unwrap_or_else(|| root.join(".eightfold"));
    let place = Place::new(root, cache, "flex")?;
    match args.command {
        Command::Base { commit } => args.bases.iter().try_for_each(|seed| base(*seed, commit, &place)),
        Command::Tune { graphs, sft, sets, beta, seed, jobs } => {
            let mut cells = Vec::new();
            for &base in &args.bases {
                for &n in &graphs {
                    cells.extend(
                        methods(sft, &beta).into_iter().map(|method| validation(method, base, n, seed)),
                    );
                }
            }
            tune(&apply_some(&cells, &sets)?, &place, jobs)
        }
    }
}

fn base(seed: u64, copy: bool, place: &Place) -> Result<()> {
    let (world, recipe) = (StarConfig::default(), settings::base(seed));
    let net = find_or_train(&world, &recipe, &place.star_folders(), &mut |_| {})?;
    println!("base {seed}: {}", skills(&net, &world));
    if copy {
        println!("{}", commit(&world, &recipe, &place.star_folders())?.display());
    }
    Ok(())
}

fn methods(sft: bool, betas: &[f64]) -> Vec<Method> {
    let mut methods = vec![Method::Sft {}];
    if sft {
        return methods;
    }
    for &value in betas {
        for from in [UNDER[0], SFT] {
            let mut method = settings::step_dpo(from, None);
            if let Some(preferring) = method.preferring_mut() {
                *preferring.beta_mut() = value;
            }
            methods.push(method);
        }
    }
    methods.extend([settings::enumerated(SFT), settings::tempered(UNDER[0])]);
    methods
}

fn validation(method: Method, base: u64, graphs: usize, seed: u64) -> Cell {
    let mut cell = Cell { problems: graphs, seed, ..settings::cell(method, base) };
    cell.evaluation.split = Split::Validation;
    if let Some(learner) = cell.learner.star_mut() {
        learner.every = 50;
    }
    cell
}

fn tune(cells: &[Cell], place: &Place, jobs: usize) -> Result<()> {
    Cell::prepare(cells, place)?;
    let records = Records::of_files(place.cache.join("tuning"));
    run_missing(
        cells,
        &records,
        place,
        &Provenance::now(&place.root, "flex", Cell::sources()),
        Jobs { count: jobs, threads: 1 },
    )?;
    let mut table = Table::default();
    for cell in cells {
        let Some(record) = records.load(cell)? else { continue };
        let (Some(curve), LearnerConfig::Star(learner)) = (&record.metrics.curve, &cell.learner) else {
            continue;
        };
        let beta = cell.method.clone().preferring_mut().map_or(String::new(), |p| p.beta_mut().to_string());
        let errors: Vec<String> = curve.column("error").iter().map(|error| format!("{error:.3}")).collect();
        let last = curve.column("value").last().copied().unwrap_or_default();
        table.row([
            ("base", learner.base.seed.to_string()),
            ("graphs", cell.problems.to_string()),
            ("method", cell.method.label()),
            ("beta", beta),
            ("items", record.metrics.data.items.to_string()),
            ("error every 50 updates", errors.join(" ")),
            ("Q at the end", format!("{last:.3}")),
        ]);
    }
    print!("{}", table.markdown());
    Ok(())
}
