//! An under-, a well- and an over-trained SFT checkpoint as the start.
//!
//! The checkpoint draws the samples and completes the prefixes, and preference training starts at it. Figure 10 asks the
//! same of star graphs.
//!
//! The setting that counts passes came after the first run: the over-trained checkpoint has learned its problems by
//! heart, so there are few wrong samples, and figure 7's number of updates passes over the few pairs 79 times. It asks
//! whether that is all of the collapse.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::Cell;
use eightfold_gpt::Budget;
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

const OWN: &str = "well-trained";
const UNDER: &str = "under-trained";
const OVER: &str = "over-trained";
const FEWER: &str = "over-trained; 3 passes over the pairs";

/// Passes that figure 7's updates make over the pairs of 256 problems, about.
const PASSES: usize = 3;

pub(super) const ABLATION: Ablation = Ablation {
    name: "sft-updates",
    title: "An under- or over-trained SFT checkpoint as the start?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Sft, Arm::Dpo, Arm::StepDpo],
    settings: &[
        Setting::reference(OWN),
        Setting::at(0, 20.0, UNDER, |cell| sft(cell, |own| own / 4)),
        Setting::at(0, 320.0, OVER, |cell| sft(cell, |own| 4 * own)),
        Setting::at(1, 320.0, FEWER, |cell| {
            sft(cell, |own| 4 * own);
            if let Some(train) = cell.learner.train_mut() {
                train.budget = Budget::Epochs(PASSES);
            }
        }),
    ],
    // Where SFT at its best and the start of the others are one checkpoint.
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[
        Dial { title: "figure 7's updates on pairs", label: "updates of SFT", scale: Scale::Log2, own: 80.0 },
        Dial {
            title: "at the right, 3 passes over the pairs",
            label: "updates of SFT",
            scale: Scale::Log2,
            own: 80.0,
        },
    ]),
    expects: &[
        Expectation::less(
            "from the under-trained checkpoint per-step DPO errs less than the checkpoint",
            (Arm::StepDpo, UNDER),
            (Arm::Sft, UNDER),
        ),
        Expectation::less(
            "from the over-trained checkpoint per-step DPO errs less than the checkpoint",
            (Arm::StepDpo, OVER),
            (Arm::Sft, OVER),
        ),
        Expectation {
            says: "from the under-trained checkpoint per-step DPO errs more than from the well-trained one",
            of: (Arm::StepDpo, UNDER),
            over: (Arm::StepDpo, OWN),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "from the over-trained checkpoint per-step DPO errs more than from the well-trained one",
            of: (Arm::StepDpo, OVER),
            over: (Arm::StepDpo, OWN),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "from the over-trained checkpoint whole-response DPO errs more than per-step DPO",
            of: (Arm::Dpo, OVER),
            over: (Arm::StepDpo, OVER),
            side: Side::Above(1.0),
        },
        Expectation::less(
            "over-trained, with 3 passes over the pairs per-step DPO errs less than with figure 7's updates",
            (Arm::StepDpo, FEWER),
            (Arm::StepDpo, OVER),
        ),
        Expectation::less(
            "over-trained, with 3 passes over the pairs per-step DPO errs less than the checkpoint",
            (Arm::StepDpo, FEWER),
            (Arm::Sft, OVER),
        ),
    ],
};

fn sft(cell: &mut Cell, change: fn(usize) -> usize) {
    if let Some(Budget::Updates(updates)) = cell.learner.sft_mut().map(|sft| &mut sft.budget) {
        *updates = change(*updates);
    }
}
