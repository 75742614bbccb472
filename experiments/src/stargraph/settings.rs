//! The settings of figure 10, chosen on validation graphs with seeds that the figure does not use (`star tune`;
//! LOG.md has the tables).

use crate::pipeline::{
    Anchor, Cell, Evaluation, Imitation, LearnerConfig, Method, NetConfig, PairLoss, PairSide, PairState,
    Point, Preferring, Sampling, Schedule, Sides, Source, Split, StarBase, StarLearner, Weights, WorldConfig,
};
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

/// A cell of a seed: base, graphs and order are the seed's. Pairs are of 16 samples a graph; a pit is the first step from
/// which four rollouts fail.
pub fn cell(method: Method, seed: u64) -> Cell {
    let search = MonteCarlo {
        rollouts: 4,
        completer: Completer::BestOf { k: 4 },
        pit: PitRule::AllFail { k: 4 },
        ..MonteCarlo::default()
    };
    let store = StoreSettings { samples: 16, negatives: 16, search };
    let own = (method != (Method::Sft {})).then(|| train(DPO));
    Cell {
        world: WorldConfig::Star(StarConfig::default()),
        learner: LearnerConfig::Star(StarLearner {
            base: base(seed),
            sft: train(SFT),
            train: own,
            every: 20,
        }),
        sampling: method.samples().then(|| Sampling { store, ..Sampling::default() }),
        method,
        problems: GRAPHS[seed as usize % GRAPHS.len()],
        seed,
        evaluation: Evaluation { split: Split::Test, problems: 1000, samples: 0 },
        probe: None,
    }
}

fn train(updates: usize) -> Schedule {
    Schedule { updates, batch: 64, rate: 1e-3, decay: 0.0 }
}

fn dpo(from: usize, sides: Sides, limit: Option<usize>) -> Method {
    let from = Point::SftAt(from);
    Method::Prefer(Preferring {
        sides,
        limit,
        loss: PairLoss::Dpo { beta: 0.2 },
        anchor: Anchor::Chosen { weight: 1.0 },
        sampler: from,
        start: from,
        reference: from,
        second: None,
    })
}

/// Per-step DPO from the SFT checkpoint of this many updates; with a limit, on at most so many pairs.
pub fn step_dpo(from: usize, limit: Option<usize>) -> Method {
    dpo(from, Sides::at_pit(), limit)
}

/// Control: every wrong neighbor of the start against the solution, for every graph. No coverage is needed.
pub fn enumerated(from: usize) -> Method {
    let sides =
        Sides { state: PairState::EveryFirstStep {}, chosen: PairSide::Solution, rejected: PairSide::Step };
    dpo(from, sides, None)
}

/// Control: cross entropy on the critical node's logits times 0.2.
pub fn tempered(from: usize) -> Method {
    let (sampler, start) = (Point::SftAt(from), Point::SftAt(from));
    let weights = Weights::Tempered { scale: 0.2, rest: 1.0 };
    Method::Imitate(Imitation { source: Source::Given {}, weights, sampler, start })
}
