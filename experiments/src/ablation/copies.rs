//! How many of its own solutions of a problem does RFT need?
//!
//! Of eight samples a problem, in the hard world. Figure 2 has the world with many side branches, up to 128 copies, and
//! equal epochs.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Cell, Imitation};
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

const FOUR: &str = "at most 4";
const ONE: &str = "at most 1";
const ALL: &str = "at most 8";

pub(super) const ABLATION: Ablation = Ablation {
    name: "copies",
    title: "RFT: how many solutions of a problem?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Rft],
    settings: &[
        Setting::reference(FOUR),
        Setting::at(0, 1.0, ONE, |cell| keep(cell, 1)),
        Setting::at(0, 2.0, "at most 2", |cell| keep(cell, 2)),
        Setting::at(0, 8.0, ALL, |cell| keep(cell, 8)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "256 problems; 8 samples of each",
        label: "distinct solutions of a problem, at most",
        scale: Scale::Log2,
        own: 4.0,
    }]),
    expects: &[
        Expectation {
            says: "with one solution a problem RFT errs more than with up to four",
            of: (Arm::Rft, ONE),
            over: (Arm::Rft, FOUR),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "with all of its solutions RFT errs at most 1.1 times as often as with up to four",
            of: (Arm::Rft, ALL),
            over: (Arm::Rft, FOUR),
            side: Side::Below(1.1),
        },
    ],
};

fn keep(cell: &mut Cell, most: usize) {
    if let Some(rejection) = cell.method.imitation_mut().and_then(Imitation::rejection_mut) {
        rejection.cap = Some(most);
    }
}
