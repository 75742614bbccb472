//! The `eightfold` program: graders and step cutters for solutions of mathematical problems, and fits of
//! scaling laws.

mod fit;
mod verify;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Grade final answers of worked solutions; fit scaling laws.
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
}

fn main() -> ExitCode {
    let result = match Program::parse().command {
        Command::Fit(fit) => fit.run(),
        Command::Verify(verify) => verify.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
