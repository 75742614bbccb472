//! What stands on the chosen side of a step pair, and what do its sides share?

use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Cell, PairSide};
use eightfold_harness::{Seeds, Side};

const REST: &str = "shared prefix: whole continuation";
const STEP: &str = "shared prefix: its first step alone";
const FULL: &str = "full solution against pit";

pub(super) const ABLATION: Ablation = Ablation {
    name: "pair-rule",
    title: "What stands on the chosen side, and what do the sides share?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(REST),
        Setting::kind(STEP, |cell| sides(cell, PairSide::Step, PairSide::Step)),
        Setting::kind(FULL, |cell| sides(cell, PairSide::Solution, PairSide::UpToPit)),
    ],
    sizes: &[128, 256, 512],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation {
            says: "with the first step alone as chosen side, per-step DPO errs more",
            of: (Arm::StepDpo, STEP),
            over: (Arm::StepDpo, REST),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "with full solutions against pits, per-step DPO errs more",
            of: (Arm::StepDpo, FULL),
            over: (Arm::StepDpo, REST),
            side: Side::Above(1.0),
        },
    ],
};

fn sides(cell: &mut Cell, chosen: PairSide, rejected: PairSide) {
    if let Some(preferring) = cell.method.preferring_mut() {
        (preferring.sides.chosen, preferring.sides.rejected) = (chosen, rejected);
    }
}
