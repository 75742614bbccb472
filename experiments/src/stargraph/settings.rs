//! The settings of figure 10, chosen on validation graphs with seeds that the figure does not use (`star tune`;
//! LOG.md has the tables).

use super::cell::{Pairs, StarBase, StarCell, StarMethod, Watching};
use super::net::NetConfig;
use super::training::Schedule;
use crate::cell::Held;
use eightfold_advantage::{Completer, MonteCarlo, PitRule};
use eightfold_synth::StoreSettings;
use eightfold_task::stargraph::StarConfig;

/// Training graphs for each base: bases differ much in how many they need before path finding carries over to
/// other graphs, so each has the number at which SFT ends with an error of 0.3 to 0.5 on validation graphs.
const GRAPHS: [usize; 5] = [400, 400, 400, 400, 400];

/// Updates of SFT in all; its last checkpoint is the over-trained one.
pub const SFT: usize = 400;

/// Updates of the other methods.
pub const DPO: usize = 300;

/// SFT updates of under-trained checkpoints; the first is the one that controls start from.
pub const UNDER: [usize; 3] = [20, 40, 80];

/// The base of a seed: each seed of the figure has its own.
pub fn base(seed: u64) -> StarBase {
    let training = Schedule { updates: 1000, batch: 64, rate: 3e-3, decay: 0.3 };
    StarBase { net: NetConfig::default(), training, seed }
}

/// A cell of a seed: base, graphs and order are the seed's.
pub fn cell(method: StarMethod, seed: u64) -> StarCell {
    StarCell {
        world: StarConfig::default(),
        base: base(seed),
        graphs: GRAPHS[seed as usize % GRAPHS.len()],
        seed,
        sft: train(SFT),
        method,
        watching: Watching { held: Held::Test, graphs: 1000, every: 20 },
    }
}

fn train(updates: usize) -> Schedule {
    Schedule { updates, batch: 64, rate: 1e-3, decay: 0.0 }
}

/// Per-step DPO from the SFT checkpoint of this many updates.
pub fn step_dpo(from: usize, pairs: Pairs) -> StarMethod {
    StarMethod::StepDpo { from, pairs, beta: 0.2, nll: 1.0, train: train(DPO) }
}

/// Control: cross entropy on the critical node's logits times 0.2.
pub fn tempered(from: usize) -> StarMethod {
    StarMethod::Tempered { from, scale: 0.2, nll: 1.0, train: train(DPO) }
}

/// Pairs from 16 samples a graph; a pit is the first step from which four rollouts fail.
pub fn sampled(limit: Option<usize>) -> Pairs {
    let search = MonteCarlo {
        rollouts: 4,
        completer: Completer::BestOf { k: 4 },
        pit: PitRule::AllFail { k: 4 },
        ..MonteCarlo::default()
    };
    Pairs::Sampled { store: StoreSettings { samples: 16, negatives: 16, search }, limit }
}
