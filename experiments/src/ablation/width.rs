//! Does the order of methods hold in a narrower and in a wider model?
//!
//! Each width has a base of its own, pretrained on as many stories. Settings are those tuned at width 64.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm::{ChosenOnly, Sft, StepDpo};
use crate::pipeline::Cell;
use eightfold_harness::Seeds;
use eightfold_plot::Scale;

const LOW: &str = "width 32";
const HIGH: &str = "width 96";

pub(super) const ABLATION: Ablation = Ablation {
    name: "width",
    title: "A narrower or a wider model?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Sft, ChosenOnly, StepDpo],
    settings: &[
        Setting::reference("width 64"),
        Setting::at(0, 32.0, LOW, |cell| width(cell, 32)),
        Setting::at(0, 96.0, HIGH, |cell| width(cell, 96)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "256 problems",
        label: "width of the residual stream",
        scale: Scale::Log2,
        own: 64.0,
    }]),
    expects: &[
        Expectation::less("at width 32 per-step DPO errs less than SFT", (StepDpo, LOW), (Sft, LOW)),
        Expectation::less("at width 96 per-step DPO errs less than SFT", (StepDpo, HIGH), (Sft, HIGH)),
        Expectation::less(
            "at width 32 per-step DPO errs less than its chosen sides alone",
            (StepDpo, LOW),
            (ChosenOnly, LOW),
        ),
        Expectation::less(
            "at width 96 per-step DPO errs less than its chosen sides alone",
            (StepDpo, HIGH),
            (ChosenOnly, HIGH),
        ),
    ],
};

fn width(cell: &mut Cell, value: usize) {
    if let Some(network) = cell.learner.network_mut() {
        network.base.width = value;
    }
}
