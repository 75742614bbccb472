//! Which step of a wrong solution is blamed?

use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::Cell;
use eightfold_advantage::PitRule;
use eightfold_harness::{Seeds, Side};

const LOWEST: &str = "first of the lowest Q";
const FOUR: &str = "first after which 4 rollouts fail";
const DROP: &str = "first that loses more than half";

pub(super) const ABLATION: Ablation = Ablation {
    name: "pit-rule",
    title: "Which step of a wrong solution is blamed?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(LOWEST),
        Setting::kind(FOUR, |cell| pit(cell, PitRule::AllFail { k: 4 })),
        Setting::kind(DROP, |cell| pit(cell, PitRule::AdvantageBelow { t: -0.5 })),
    ],
    sizes: &[128, 256, 512],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation {
            says: "with 4 rollouts in place of 5 to be sure, per-step DPO errs at most 1.1 times as often",
            of: (Arm::StepDpo, FOUR),
            over: (Arm::StepDpo, LOWEST),
            side: Side::Below(1.1),
        },
        Expectation {
            says: "blaming the first step that loses more than half, per-step DPO errs at most 1.1 times as often",
            of: (Arm::StepDpo, DROP),
            over: (Arm::StepDpo, LOWEST),
            side: Side::Below(1.1),
        },
    ],
};

fn pit(cell: &mut Cell, pit: PitRule) {
    if let Some(sampling) = &mut cell.sampling {
        sampling.store.search.pit = pit;
    }
}
