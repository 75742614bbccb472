//! The settings that figures share, chosen on validation problems (LOG.md has the tables).

use crate::base::BaseConfig;
use crate::cell::{Cell, Evaluation, Method, Sampling};
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_synth::{PairRule, Rejection, ResponsePairs};
use eightfold_task::lexicon::LexiconConfig;

/// A cell of the hard world with the tuned settings of its method at its size.
pub fn cell(method: Method, problems: usize, seed: u64) -> Cell {
    let sampling = (!matches!(method, Method::Sft {})).then(Sampling::default);
    Cell {
        world: LexiconConfig::default(),
        base: BaseConfig::default(),
        method,
        problems,
        seed,
        sft: sft(problems),
        sampling,
        evaluation: Evaluation::default(),
    }
}

/// Supervised training of the base on `problems` solutions of the teacher.
pub fn sft(problems: usize) -> TrainConfig {
    let updates = if problems <= 256 { 80 } else { 160 };
    TrainConfig { budget: Budget::Updates(updates), ..TrainConfig::default() }
}

/// RFT, up to four distinct solutions of each problem.
pub fn rft(_problems: usize) -> Method {
    let train = TrainConfig { budget: Budget::Epochs(6), ..TrainConfig::default() };
    Method::Rft { rejection: Rejection::default(), train }
}

/// RFT with the verifier calls of per-step DPO.
pub fn rft_budget(_problems: usize) -> Method {
    let train = TrainConfig { budget: Budget::Epochs(6), ..TrainConfig::default() };
    Method::RftBudget { rejection: Rejection::default(), train }
}

fn pair_training(rate: f64, epochs: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Epochs(epochs), rate, warmup: 10, ..TrainConfig::default() }
}

/// DPO on pairs of whole solutions.
pub fn dpo(_problems: usize) -> Method {
    Method::Dpo { pairs: ResponsePairs::default(), beta: 0.1, nll: 0.1, train: pair_training(1e-3, 4) }
}

/// DPO on pairs at the first pit.
pub fn step_dpo(_problems: usize) -> Method {
    Method::StepDpo { rule: PairRule::default(), beta: 0.1, nll: 0.1, train: pair_training(1e-3, 4) }
}

/// The chosen sides of the step pairs alone.
pub fn chosen_only(_problems: usize) -> Method {
    Method::ChosenOnly { rule: PairRule::default(), train: pair_training(1e-3, 4) }
}
