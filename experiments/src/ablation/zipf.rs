//! Does the order of methods depend on how rare the rare words are?
//!
//! The exponent of the words' Zipf law: at 0 all are equally frequent. Each exponent is a world with a base of its own,
//! and problems of its own that errors are measured on.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm::{ChosenOnly, Sft, StepDpo};
use crate::pipeline::Cell;
use eightfold_harness::Seeds;
use eightfold_plot::Scale;

const LOW: &str = "Zipf 0";
const HIGH: &str = "Zipf 1.2";

pub(super) const ABLATION: Ablation = Ablation {
    name: "zipf",
    title: "How rare may rare words be?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Sft, ChosenOnly, StepDpo],
    settings: &[
        Setting::reference("Zipf 0.8"),
        Setting::at(0, 0.0, LOW, |cell| zipf(cell, 0.0)),
        Setting::at(0, 1.2, HIGH, |cell| zipf(cell, 1.2)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "256 problems, 64 words",
        label: "Zipf exponent of word frequencies",
        scale: Scale::Linear,
        own: 0.8,
    }]),
    expects: &[
        Expectation::less("at Zipf 0 per-step DPO errs less than SFT", (StepDpo, LOW), (Sft, LOW)),
        Expectation::less("at Zipf 1.2 per-step DPO errs less than SFT", (StepDpo, HIGH), (Sft, HIGH)),
        Expectation::less(
            "at Zipf 0 per-step DPO errs less than its chosen sides alone",
            (StepDpo, LOW),
            (ChosenOnly, LOW),
        ),
        Expectation::less(
            "at Zipf 1.2 per-step DPO errs less than its chosen sides alone",
            (StepDpo, HIGH),
            (ChosenOnly, HIGH),
        ),
    ],
};

fn zipf(cell: &mut Cell, value: f64) {
    if let Some(world) = cell.world.lexicon_mut() {
        world.zipf = value;
    }
}
