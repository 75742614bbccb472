//! What is tuned, and on which grids: as many configurations of every method.

use crate::arm::Arm;
use crate::pipeline::{Author, Sides};
use crate::settings::{self, Recipe};
use anyhow::{Context, Result};
use clap::ValueEnum;
use eightfold_advantage::Completer;
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_synth::{Choice, Rejection, ResponsePairs};
use std::fmt::{Display, Formatter};
use std::str::FromStr;

/// A schedule.
pub fn with(budget: Budget, rate: f64, warmup: usize) -> TrainConfig {
    TrainConfig { budget, rate, warmup, ..TrainConfig::default() }
}

/// What is tuned, named as on the command line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tuned {
    /// An arm.
    Arm(Arm),
    /// DPO without the likelihood of the chosen side.
    DpoPlain,
    /// Per-step DPO without it.
    StepDpoPlain,
    /// RFT with steps masked, by advantages of the best of so many draws.
    Filtered(usize),
    /// Advantage-weighted RL, by advantages of the best of so many draws.
    Weighted(usize),
}

/// All that are tuned by default.
pub const BY_DEFAULT: [Tuned; 10] = [
    Tuned::Arm(Arm::Sft),
    Tuned::Arm(Arm::Rft),
    Tuned::Arm(Arm::RftBudget),
    Tuned::Arm(Arm::Dpo),
    Tuned::Arm(Arm::StepDpo),
    Tuned::Arm(Arm::ChosenOnly),
    Tuned::Filtered(1),
    Tuned::Filtered(5),
    Tuned::Weighted(1),
    Tuned::Weighted(5),
];

impl Display for Tuned {
    fn fmt(&self, f: &mut Formatter) -> std::fmt::Result {
        match self {
            Self::Arm(arm) => write!(f, "{}", arm.name()),
            Self::DpoPlain => write!(f, "{}-plain", Arm::Dpo.name()),
            Self::StepDpoPlain => write!(f, "{}-plain", Arm::StepDpo.name()),
            Self::Filtered(k) => write!(f, "{}-{k}", Arm::RftFiltered.name()),
            Self::Weighted(k) => write!(f, "{}-{k}", Arm::Weighted.name()),
        }
    }
}

impl FromStr for Tuned {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let arms = Arm::value_variants().iter().map(|arm| Self::Arm(*arm));
        let mut all = arms.chain([Self::DpoPlain, Self::StepDpoPlain]).chain(BY_DEFAULT);
        let has_grid = |tuned: &Self| *tuned == Self::Arm(Arm::Sft) || !tuned.grid().is_empty();
        let found = all.find(|tuned| tuned.to_string() == name).filter(has_grid);
        found.with_context(|| format!("there is no method `{name}` to tune"))
    }
}

impl Tuned {
    /// Six configurations, each with a label; none of SFT, which is no recipe.
    pub fn grid(self) -> Vec<(String, Recipe)> {
        match self {
            Self::Arm(arm) => grid(arm),
            Self::DpoPlain => plain(Sides::solutions(ResponsePairs::default())),
            Self::StepDpoPlain => plain(Sides::at_pit()),
            Self::Filtered(k) => filtered(k),
            Self::Weighted(k) => weighted(k),
        }
    }
}

/// Updates and rates of training from the base.
pub const FROM_BASE: [(usize, f64); 6] =
    [(40, 3e-3), (80, 3e-3), (160, 3e-3), (320, 3e-3), (640, 3e-3), (160, 1e-3)];

/// Updates and rates of training that goes on from the SFT policy.
const FURTHER: [(usize, f64); 6] = [(32, 3e-3), (48, 3e-3), (64, 3e-3), (96, 3e-3), (128, 3e-3), (64, 1e-3)];

/// Six configurations of an arm, each with a label. Budgets count updates: ten epochs are 20 updates at 64
/// problems and 640 at 2,048.
fn grid(arm: Arm) -> Vec<(String, Recipe)> {
    let single = |by| scheduled(FROM_BASE, 20, move |train| settings::single_solution_of(by, train));
    let whole = |choice| pairs(Sides::solutions(ResponsePairs { choice, ..ResponsePairs::default() }));
    match arm {
        Arm::Rft => kept(settings::rft_of),
        Arm::RftBudget => kept(settings::rft_budget_of),
        Arm::Dpo => whole(Choice::Random),
        Arm::DpoEdit => whole(Choice::HighestEditDistance),
        Arm::StepDpo => pairs(Sides::at_pit()),
        Arm::ChosenOnly => scheduled(FURTHER, 10, settings::chosen_only_of),
        Arm::SftContinued => scheduled(FURTHER, 10, settings::sft_continued_of),
        Arm::SingleTeacher => single(Author::Teacher),
        Arm::SinglePolicy => single(Author::Policy),
        // SFT is a cell's start and no recipe; what has the settings of another arm is not tuned apart.
        Arm::Sft
        | Arm::SftEpochs
        | Arm::RftEpochs
        | Arm::Copies
        | Arm::CopiesEpochs
        | Arm::RftFiltered
        | Arm::Weighted
        | Arm::Untrained
        | Arm::UntrainedChat => Vec::new(),
    }
}

/// Training that is set by its schedule alone.
fn scheduled(
    points: [(usize, f64); 6],
    warmup: usize,
    of: impl Fn(TrainConfig) -> Recipe,
) -> Vec<(String, Recipe)> {
    let one = |(updates, rate)| {
        (format!("{updates} updates, {rate:e}"), of(with(Budget::Updates(updates), rate, warmup)))
    };
    points.map(one).to_vec()
}

/// Training on verified samples, of which some are kept.
fn kept(of: fn(Rejection, TrainConfig) -> Recipe) -> Vec<(String, Recipe)> {
    let grid = [(1, 80), (1, 160), (4, 40), (4, 80), (4, 160), (8, 160)];
    let one = |(cap, updates)| {
        let (rejection, rate) = (Rejection { cap: Some(cap), ..Rejection::default() }, 3e-3);
        let train = with(Budget::Updates(updates), rate, 20);
        (format!("{cap} kept, {updates} updates, {rate:e}"), of(rejection, train))
    };
    grid.map(one).to_vec()
}

/// Preferences with the likelihood of the chosen side.
fn pairs(sides: Sides) -> Vec<(String, Recipe)> {
    let grid = [
        (32, 3e-3, 1.0),
        (48, 3e-3, 1.0),
        (64, 3e-3, 1.0),
        (96, 3e-3, 1.0),
        (64, 1e-3, 1.0),
        (64, 3e-3, 0.3),
    ];
    let one = |(updates, rate, nll)| {
        let train = with(Budget::Updates(updates), rate, 10);
        (format!("{updates} updates, {rate:e}, nll {nll}"), Recipe::dpo_of(sides, 0.1, nll, train))
    };
    grid.map(one).to_vec()
}

/// Preferences alone, without the likelihood of the chosen side: slower, since nothing else holds the policy.
fn plain(sides: Sides) -> Vec<(String, Recipe)> {
    let grid = [(32, 3e-3), (32, 1e-3), (64, 1e-3), (64, 3e-4), (128, 3e-4), (128, 1e-4)];
    let one = |(updates, rate)| {
        (
            format!("{updates} updates, {rate:e}, nll 0"),
            Recipe::dpo_of(sides, 0.1, 0.0, with(Budget::Updates(updates), rate, 10)),
        )
    };
    grid.map(one).to_vec()
}

/// RFT with steps masked, for advantages of the best of `k` draws. With five they are -1, 0 or 1.
fn filtered(k: usize) -> Vec<(String, Recipe)> {
    let last = if k == 5 { (-0.1, 8, 160) } else { (-0.5, 4, 160) };
    let grid = [(-0.1, 4, 160), (0.0, 4, 160), (-0.1, 4, 80), (0.0, 4, 80), (-0.1, 4, 320), last];
    let one = |(threshold, cap, updates)| {
        let rejection = Rejection { cap: Some(cap), ..Rejection::default() };
        let train = with(Budget::Updates(updates), 3e-3, 20);
        let method = settings::rft_filtered_of(rejection, Completer::BestOf { k }, threshold, train);
        (format!("above {threshold}, {cap} kept, {updates} updates, 3e-3"), method)
    };
    grid.map(one).to_vec()
}

/// Advantage-weighted RL, for advantages of the best of `k` draws.
fn weighted(k: usize) -> Vec<(String, Recipe)> {
    let grid = [
        (0.1, 64, 3e-3),
        (0.3, 64, 3e-3),
        (1.0, 64, 3e-3),
        (0.3, 96, 3e-3),
        (0.3, 48, 3e-3),
        (0.3, 64, 1e-3),
    ];
    let one = |(beta, updates, rate)| {
        let (completer, train) = (Completer::BestOf { k }, with(Budget::Updates(updates), rate, 10));
        let method = settings::weighted_of(completer, beta, 20.0, train);
        (format!("beta {beta}, {updates} updates, {rate:e}"), method)
    };
    grid.map(one).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_as_many_configurations() {
        for tuned in BY_DEFAULT.into_iter().filter(|tuned| *tuned != Tuned::Arm(Arm::Sft)) {
            assert_eq!(tuned.grid().len(), FROM_BASE.len(), "{tuned}");
        }
    }

    #[test]
    fn what_is_tuned_is_named_as_arms_are() {
        let mine = |name: &str| name.parse::<Tuned>();
        for name in ["sft", "dpo-edit", "step-dpo-plain", "rft-filtered-1", "weighted-5"] {
            assert_eq!(mine(name).unwrap().to_string(), name);
        }
        for name in ["copies", "weighted", "sft-epochs", "untrained", "ppo"] {
            let error = mine(name).unwrap_err().to_string();
            assert_eq!(error, format!("there is no method `{name}` to tune"));
        }
    }
}
