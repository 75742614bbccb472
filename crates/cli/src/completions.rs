//! `eightfold completions`: what a shell offers after the tabulator key.

use crate::status::Status;
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::{Shell, generate};

/// Write the completions of a shell.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold completions bash > ~/.local/share/bash-completion/completions/eightfold
  eightfold completions zsh > ~/.zfunc/_eightfold
  eightfold completions fish > ~/.config/fish/completions/eightfold.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Known,
}

#[derive(Clone, Copy, ValueEnum)]
enum Known {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(crate) fn run<Program: CommandFactory>(self) -> anyhow::Result<Status> {
        let shell = match self.shell {
            Known::Bash => Shell::Bash,
            Known::Zsh => Shell::Zsh,
            Known::Fish => Shell::Fish,
        };
        generate(shell, &mut Program::command(), "eightfold", &mut std::io::stdout());
        Ok(Status::Done)
    }
}
