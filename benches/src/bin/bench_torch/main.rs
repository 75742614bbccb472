//! Trains and samples the same networks with the same weights on the same batches here and in PyTorch.
//!
//! The driver writes a folder for each row (checkpoint, batches in tokens), starts the engine and PyTorch as two
//! processes, and asks them in turn for one measurement each, so that both see the same machine. What must agree
//! between them is compared before a row counts. `just bench-torch` makes PyTorch's environment and runs this.

mod data;
mod drive;
mod endless;
mod engine;
mod export;
mod flops;
mod outcome;
mod peak;
mod profile;
mod protocol;
mod report;
mod rows;
mod side;
mod texts;

use clap::Parser;
use rows::Against;
use std::path::PathBuf;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Compares training and sampling with PyTorch on the same cores.
#[derive(Parser)]
#[command(after_help = "Example: bench-torch --rounds 1 --rows train-64 --threads 1\n\
    A whole run (no --rows, at least five rounds, one and two threads) writes benches/RESULTS.md; any other prints \
    its table and leaves that file alone.")]
struct Args {
    /// Rows to measure, by name or beginning; all without it.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    rows: Vec<String>,
    /// Measurements of each side of a row.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Numbers of threads to measure with.
    #[arg(long, num_args = 1.., default_values_t = [1, 2], value_name = "N",
          value_parser = clap::value_parser!(u16).range(1..))]
    threads: Vec<u16>,
    /// What to measure against.
    #[arg(long, value_enum, default_value = "compile")]
    against: Against,
    /// Longest that torch.compile may take for a row before it is given up, in seconds.
    #[arg(long, default_value_t = 240, value_name = "SECONDS")]
    compile_limit: u64,
    /// Take rows from an earlier run of as many rounds where it measured them.
    #[arg(long)]
    resume: bool,
    /// The Python that has torch and transformers.
    #[arg(long, default_value = "target/bench-torch/venv/bin/python", value_name = "PROGRAM")]
    python: PathBuf,
    /// The engine's device; other than flex it runs the plain modules.
    #[arg(long, default_value = "flex", value_name = "NAME")]
    device: String,
    /// Folder of batches and measurements.
    #[arg(long, default_value = "target/bench-torch", value_name = "DIR")]
    work: PathBuf,
    /// Answer the driver's requests; it starts this process so.
    #[arg(long, hide = true)]
    serve: bool,
}

fn main() -> std::process::ExitCode {
    let args = Args::parse();
    let done = if args.serve { engine::serve(&args.device) } else { drive::run(&args) };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
