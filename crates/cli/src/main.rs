//! The `eightfold` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    eightfold_cli::run(std::env::args_os()).into()
}
