//! The `eightfold` program: graders and step cutters for solutions of mathematical problems, and fits of
//! scaling laws.

mod fit;
mod jsonl;
mod segment;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Grade final answers, cut worked solutions into steps, fit scaling laws.
#[derive(Parser)]
#[command(name = "eightfold", version, about)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Fit(Box<fit::Fit>),
    Verify(verify::Verify),
    Segment(segment::Segment),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Fit(fit) => fit.run(),
        Command::Verify(verify) => verify.run(),
        Command::Segment(segment) => segment.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
