//! How many draws does a pit need, and whose success is a value?
//!
//! Under the rule of the lowest value the pit of a wrong solution is the first step after which every draw fails. So
//! only the number of draws matters: K of best-of-K does not (a law in `tests/laws/best_of_k.rs`), which the second
//! panel shows again on the network.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::Cell;
use eightfold_advantage::Completer;
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

const FIVE: &str = "best of 5; 5 draws";
const ONE: &str = "best of 1; 1 draw";
const TEN: &str = "best of 10; 10 draws";
const ONE_OF_FIVE: &str = "best of 1; 5 draws";

pub(super) const ABLATION: Ablation = Ablation {
    name: "completer",
    title: "How many draws does a pit need, and whose success is a value?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(FIVE),
        Setting::at(0, 1.0, ONE, |cell| completer(cell, 1, 1)),
        Setting::at(0, 2.0, "best of 2; 2 draws", |cell| completer(cell, 2, 2)),
        Setting::at(0, 10.0, TEN, |cell| completer(cell, 10, 10)),
        Setting::at(1, 1.0, ONE_OF_FIVE, |cell| completer(cell, 1, 5)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[
        Dial { title: "best of K by K draws", label: "draws from each prefix", scale: Scale::Log2, own: 5.0 },
        Dial { title: "best of K by 5 draws", label: "K", scale: Scale::Log2, own: 5.0 },
    ]),
    expects: &[
        Expectation {
            says: "with one draw a prefix per-step DPO errs more than with five",
            of: (Arm::StepDpo, ONE),
            over: (Arm::StepDpo, FIVE),
            side: Side::Above(1.0),
        },
        Expectation::less(
            "with ten draws a prefix per-step DPO errs less than with five",
            (Arm::StepDpo, TEN),
            (Arm::StepDpo, FIVE),
        ),
    ],
};

fn completer(cell: &mut Cell, k: usize, rollouts: usize) {
    if let Some(sampling) = &mut cell.sampling {
        (sampling.store.search.completer, sampling.store.search.rollouts) =
            (Completer::BestOf { k }, rollouts);
    }
}
