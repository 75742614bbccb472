//! Does RFT train the base, or go on from the SFT policy that drew the samples?
//!
//! The policy has had its own updates by then, so a setting with half of RFT's updates stands beside it.

use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Cell, Point};
use eightfold_gpt::Budget;
use eightfold_harness::{Seeds, Side};

const BASE: &str = "from the base";
const SFT: &str = "from the SFT policy";
const HALF: &str = "from the SFT policy; half the updates";

pub(super) const ABLATION: Ablation = Ablation {
    name: "rft-start",
    title: "RFT: from the base, or from the SFT policy?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Rft],
    settings: &[
        Setting::reference(BASE),
        Setting::kind(SFT, from_sft),
        Setting::kind(HALF, |cell| {
            from_sft(cell);
            if let Some(Budget::Updates(updates)) = cell.learner.train_mut().map(|train| &mut train.budget) {
                *updates = updates.div_ceil(2);
            }
        }),
    ],
    sizes: &[128, 256],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation {
            says: "from the SFT policy RFT errs more than from the base",
            of: (Arm::Rft, SFT),
            over: (Arm::Rft, BASE),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "from the SFT policy and with half the updates RFT errs at most 1.1 times as often as from the base",
            of: (Arm::Rft, HALF),
            over: (Arm::Rft, BASE),
            side: Side::Below(1.1),
        },
    ],
};

fn from_sft(cell: &mut Cell) {
    if let Some(imitation) = cell.method.imitation_mut() {
        imitation.start = Point::Sft;
    }
}
