//! How much does it matter what the base model believes of readings before it is trained?
//!
//! The crowd that the base learns from reads a word at random with probability `prior`, else as the teacher does. So at 1
//! the base knows nothing of readings, and at 0 it knows the teacher's distribution. Each prior has a base of its own.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm::{ChosenOnly, Sft, StepDpo};
use crate::pipeline::Cell;
use eightfold_harness::Seeds;
use eightfold_plot::Scale;

const LOW: &str = "0.2 at random";
const HIGH: &str = "0.8 at random";

pub(super) const ABLATION: Ablation = Ablation {
    name: "prior",
    title: "How much may the base believe before?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Sft, ChosenOnly, StepDpo],
    settings: &[
        Setting::reference("0.5 at random"),
        Setting::at(0, 0.2, LOW, |cell| prior(cell, 0.2)),
        Setting::at(0, 0.8, HIGH, |cell| prior(cell, 0.8)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "256 problems",
        label: "share of random readings in pretraining",
        scale: Scale::Linear,
        own: 0.5,
    }]),
    expects: &[
        Expectation::less("at 0.2 at random per-step DPO errs less than SFT", (StepDpo, LOW), (Sft, LOW)),
        Expectation::less("at 0.8 at random per-step DPO errs less than SFT", (StepDpo, HIGH), (Sft, HIGH)),
        Expectation::less(
            "at 0.2 at random per-step DPO errs less than its chosen sides alone",
            (StepDpo, LOW),
            (ChosenOnly, LOW),
        ),
        Expectation::less(
            "at 0.8 at random per-step DPO errs less than its chosen sides alone",
            (StepDpo, HIGH),
            (ChosenOnly, HIGH),
        ),
    ],
};

fn prior(cell: &mut Cell, value: f64) {
    if let Some(world) = cell.world.lexicon_mut() {
        world.prior = value;
    }
}
