//! The `eightfold` program as a function: from problems and solutions in files to training sets in files, a grader, a
//! step cutter, and fits of scaling laws.

mod audit;
mod completions;
mod decontaminate;
mod export;
mod fit;
mod import;
mod jsonl;
mod pairs;
mod prepared;
mod probe;
mod problems;
mod prompt;
mod rollouts;
mod sample;
mod segment;
mod server;
mod show;
mod source;
mod status;
mod synthesize;
mod value;
mod verify;

pub use status::Status;

use clap::{Parser, Subcommand};
use std::ffi::OsString;

/// Problems, solutions and per-step preferences in files; fits of scaling laws.
///
/// The commands read and write JSON lines and are joined by files or pipes. Further keys of a row are kept.
#[derive(Parser)]
#[command(name = "eightfold", version, about)]
struct Program {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Audit(audit::Audit),
    Completions(completions::Completions),
    Decontaminate(decontaminate::Decontaminate),
    Export(export::Export),
    Fit(Box<fit::Fit>),
    Import(import::Import),
    Pairs(pairs::Pairs),
    Probe(Box<probe::Probe>),
    Problems(problems::Problems),
    Rollouts(Box<rollouts::RolloutsArgs>),
    Sample(Box<sample::Sample>),
    Segment(segment::Segment),
    Show(show::Show),
    Synthesize(Box<synthesize::Synthesize>),
    Value(Box<value::ValueArgs>),
    Verify(verify::Verify),
}

/// Carries out a command line, the program's name first. Ends the process, with help or an error, where the command
/// line is none.
pub fn run(args: impl IntoIterator<Item = OsString>) -> Status {
    let result = match Program::parse_from(args).command {
        Command::Audit(audit) => audit.run(),
        Command::Completions(completions) => completions.run::<Program>(),
        Command::Decontaminate(decontaminate) => decontaminate.run(),
        Command::Export(export) => export.run(),
        Command::Fit(fit) => fit.run(),
        Command::Import(import) => import.run(),
        Command::Pairs(pairs) => pairs.run(),
        Command::Probe(probe) => probe.run(),
        Command::Problems(problems) => problems.run(),
        Command::Rollouts(rollouts) => rollouts.run(),
        Command::Sample(sample) => sample.run(),
        Command::Segment(segment) => segment.run(),
        Command::Show(show) => show.run(),
        Command::Synthesize(synthesize) => synthesize.run(),
        Command::Value(value) => value.run(),
        Command::Verify(verify) => verify.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        Status::Failed
    })
}
