//! The `eightfold` program: graders and step cutters for solutions of mathematical problems.

mod jsonl;
mod segment;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Grade final answers and cut worked solutions into steps.
#[derive(Parser)]
#[command(name = "eightfold", version, about)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Verify(verify::Verify),
    Segment(segment::Segment),
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Verify(verify) => verify.run(),
        Command::Segment(segment) => segment.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
