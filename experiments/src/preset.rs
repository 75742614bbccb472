//! How much of a figure is run.

use clap::ValueEnum;
use std::path::PathBuf;

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// Seconds: whether everything works.
    Smoke,
    /// Minutes, on two cores.
    Quick,
    /// Hours: the evidence.
    Full,
}

impl Preset {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Full => "full",
        }
    }

    /// The folder that holds a folder for each of its figures.
    pub fn folder(self) -> PathBuf {
        let figures = crate::root().join("paper-figures");
        match self {
            Self::Full => figures,
            Self::Smoke | Self::Quick => figures.join("quick"),
        }
    }

    /// The folder of its records, unless a command says otherwise.
    pub fn records(self) -> PathBuf {
        match self {
            Self::Full => crate::root().join("experiments/results"),
            Self::Smoke | Self::Quick => crate::root().join(".eightfold/records"),
        }
    }
}
