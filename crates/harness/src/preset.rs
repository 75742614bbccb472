//! How much of a figure is run.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Preset {
    /// Seconds: whether everything works.
    Smoke,
    /// A few minutes, on two cores: the main comparison, in less detail.
    Quick,
    /// About twice that: more sizes, and more test problems.
    Standard,
    /// Hours: the evidence.
    Full,
}

/// A number of seeds for each preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// Of the smoke preset.
    pub smoke: u64,
    /// Of the quick and the standard preset.
    pub quick: u64,
    /// Of the full preset.
    pub full: u64,
}

impl Seeds {
    /// Those of a preset.
    pub fn of(self, preset: Preset) -> u64 {
        match preset {
            Preset::Smoke => self.smoke,
            Preset::Quick | Preset::Standard => self.quick,
            Preset::Full => self.full,
        }
    }
}

impl Preset {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smoke => "smoke",
            Self::Quick => "quick",
            Self::Standard => "standard",
            Self::Full => "full",
        }
    }
}
