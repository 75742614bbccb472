//! The settings that figures share, chosen on validation problems with as many configurations for each method
//! (`just tune`; LOG.md has the tables). Budgets count updates of 32 examples or pairs.

use crate::base::BaseConfig;
use crate::cell::{Author, Cell, Evaluation, Method, Sampling, Start};
use crate::figure::Preset;
use eightfold_advantage::Completer;
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_synth::{Choice, PairRule, Rejection, ResponsePairs};
use eightfold_task::lexicon::{Injection, LexiconConfig};

/// The worlds of the figures. Settings were tuned in the hard one and are used in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum World {
    /// Some words are misread 9 times in 10.
    Hard,
    /// None is misread more often than 7 times in 10.
    Easy,
    /// The hard one with many side branches: most steps do not lead to the answer.
    Branching,
}

impl World {
    /// Its name in the plan of a figure.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Easy => "easy",
            Self::Branching => "branching",
        }
    }

    /// Its dials.
    pub fn config(self) -> LexiconConfig {
        match self {
            Self::Hard => LexiconConfig::default(),
            Self::Easy => LexiconConfig::easy(),
            Self::Branching => LexiconConfig::branching(),
        }
    }
}

/// A cell of the hard world with the tuned settings of its method at its size.
pub fn cell(method: Method, problems: usize, seed: u64) -> Cell {
    cell_in(World::Hard, method, problems, seed)
}

/// A cell of a world with the tuned settings of its method at its size.
pub fn cell_in(world: World, method: Method, problems: usize, seed: u64) -> Cell {
    let itself = matches!(method, Method::Sft {});
    let samples = !matches!(method, Method::Sft {} | Method::SftContinued { .. });
    Cell {
        world: world.config(),
        base: BaseConfig::default(),
        method,
        problems,
        seed,
        sft: if itself { sft(problems) } else { start(problems) },
        sampling: samples.then(Sampling::default),
        evaluation: Evaluation::default(),
        probe: None,
    }
}

/// Pairs of lexicon and base over which the seeds of the full preset are spread.
pub const PAIRS: u64 = 3;

/// The cell as a preset runs it: the evidence is spread over several lexicons, each with a base of its own, so
/// that it is not about one of them; smoke takes a second or less.
pub fn at_preset(mut cell: Cell, preset: Preset) -> Cell {
    match preset {
        Preset::Smoke => smoke(&mut cell),
        Preset::Quick => {}
        Preset::Full => {
            cell.world.seed = cell.seed % PAIRS;
            cell.base.pretraining.seed = cell.world.seed;
        }
    }
    cell
}

/// Everything as small as it can be.
fn smoke(cell: &mut Cell) {
    cell.evaluation = Evaluation { problems: 30, samples: 1, ..cell.evaluation.clone() };
    cell.sft = TrainConfig { budget: Budget::Updates(4), batch: 8, ..cell.sft.clone() };
    if let Some(sampling) = &mut cell.sampling {
        (sampling.store.samples, sampling.store.negatives) = (4, sampling.store.negatives.min(2));
    }
    if let Some(train) = cell.method.train_mut() {
        (train.budget, train.batch) = (Budget::Updates(3), 8);
    }
}

fn train(updates: usize, rate: f64, warmup: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Updates(updates), rate, warmup, ..TrainConfig::default() }
}

/// The entry of a table by size: that of the largest size not above `problems`, or the first.
fn by_size<T: Copy>(table: &[(usize, T)], problems: usize) -> T {
    table.iter().rev().find(|(size, _)| *size <= problems).unwrap_or(&table[0]).1
}

/// SFT at its best: the base trained on `problems` solutions of the teacher. More updates memorize the
/// teacher's misreadings, also of large sets.
pub fn sft(problems: usize) -> TrainConfig {
    train(by_size(&[(64, 320), (128, 80), (512, 160), (8192, 320)], problems), 3e-3, 20)
}

/// The SFT checkpoint that the other methods sample from and start at: trained less than SFT at its best where
/// data are few, since preference training from a memorized set collapses (LOG.md).
pub fn start(problems: usize) -> TrainConfig {
    train(by_size(&[(64, 40), (128, 60), (256, 80), (512, 100), (1024, 120)], problems), 3e-3, 20)
}

/// RFT, up to four distinct solutions of each problem.
pub fn rft(_: usize) -> Method {
    let rejection = Rejection { cap: Some(4), ..Rejection::default() };
    Method::Rft { rejection, train: train(160, 3e-3, 20), from: Start::Base }
}

/// RFT with the verifier calls of per-step DPO.
pub fn rft_budget(problems: usize) -> Method {
    let cap = Some(by_size(&[(64, 8), (128, 4)], problems));
    Method::RftBudget { rejection: Rejection { cap, ..Rejection::default() }, train: train(160, 3e-3, 20) }
}

/// DPO on pairs of whole solutions.
pub fn dpo(problems: usize) -> Method {
    dpo_on(ResponsePairs::default(), problems)
}

fn dpo_on(pairs: ResponsePairs, problems: usize) -> Method {
    let table = [(64, (40, 1e-3)), (128, (32, 3e-3)), (256, (64, 3e-3)), (1024, (96, 3e-3))];
    let (updates, rate) = by_size(&table, problems);
    Method::Dpo { pairs, beta: 0.1, nll: 1.0, train: train(updates, rate, 10) }
}

/// DPO on pairs at the first pit.
pub fn step_dpo(problems: usize) -> Method {
    let nll = by_size(&[(64, 1.0), (128, 0.3), (256, 1.0)], problems);
    let train = train(step_updates(problems), 3e-3, 10);
    Method::StepDpo { rule: PairRule::default(), beta: 0.1, nll, train, second: None }
}

/// Updates of per-step DPO.
fn step_updates(problems: usize) -> usize {
    by_size(&[(64, 48), (128, 64), (512, 96), (1024, 128)], problems)
}

/// The chosen sides of the step pairs alone.
pub fn chosen_only(problems: usize) -> Method {
    let updates = by_size(&[(64, 48), (256, 64), (512, 96), (1024, 128)], problems);
    Method::ChosenOnly { rule: PairRule::default(), train: train(updates, 3e-3, 10) }
}

/// RFT on solutions with injected steps, trained as plain RFT.
pub fn rft_injected(injection: Injection) -> Method {
    let rejection = Rejection { cap: Some(4), ..Rejection::default() };
    Method::RftInjected { rejection, injection, train: train(160, 3e-3, 20) }
}

/// Control: SFT continued for as many updates as per-step DPO makes.
pub fn sft_continued(problems: usize) -> Method {
    Method::SftContinued { train: train(step_updates(problems), 3e-3, 10) }
}

/// DPO on the pairs of whole solutions that differ most, with the settings of random pairs.
pub fn dpo_edit(problems: usize) -> Method {
    dpo_on(ResponsePairs { choice: Choice::HighestEditDistance, ..ResponsePairs::default() }, problems)
}

/// One solution of each problem with a verified sample, by either author, both trained alike: as SFT.
pub fn single_solution(by: Author, problems: usize) -> Method {
    Method::SingleSolution { by, train: sft(problems) }
}

/// RFT with the steps masked whose advantage, for the best of `k` draws, is not above the threshold: with five rollouts
/// a prefix, those that lost something.
pub fn rft_filtered(problems: usize, k: usize) -> Method {
    let table = if k == 1 {
        [(64, (0.0, 4, 80)), (256, (-0.1, 4, 160))]
    } else {
        [(64, (-0.1, 4, 160)), (256, (-0.1, 8, 160))]
    };
    let (threshold, cap, updates) = by_size(&table, problems);
    Method::RftFiltered {
        rejection: Rejection { cap: Some(cap), ..Rejection::default() },
        completer: Completer::BestOf { k },
        threshold,
        train: train(updates, 3e-3, 20),
    }
}

/// Advantage-weighted RL on all samples, with advantages for the best of `k` draws. Those of one draw tell more
/// steps apart and need fewer updates.
pub fn weighted(problems: usize, k: usize) -> Method {
    let table: &[(usize, usize)] = if k == 1 {
        &[(64, 64), (512, 96), (1024, 128)]
    } else {
        &[(64, 64), (256, 96), (512, 128), (1024, 160)]
    };
    let completer = Completer::BestOf { k };
    Method::Weighted { completer, beta: 0.1, max: 20.0, train: train(by_size(table, problems), 3e-3, 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_between_two_takes_the_settings_of_the_smaller() {
        let table = [(64, 'a'), (128, 'b')];
        let at = [8, 64, 127, 128, 9999].map(|n| by_size(&table, n));
        assert_eq!(at, ['a', 'a', 'a', 'b', 'b']);
    }
}
