//! How fast does each method break when the verifier errs?
//!
//! The noisy verifier judges samples and rollouts; the same solution always gets the same verdict. Evaluation and the
//! teacher's data are as before.

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::Cell;
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;
use eightfold_verifier::Noise;

const NONE: &str = "no noise";
const ACCEPTS: &str = "20 % false accepts";
const REJECTS: &str = "20 % false rejects";

pub(super) const ABLATION: Ablation = Ablation {
    name: "verifier-noise",
    title: "How fast does each method break when the verifier errs?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Rft, Arm::Dpo, Arm::StepDpo],
    settings: &[
        Setting::reference(NONE),
        Setting::at(0, 5.0, "5 % false accepts", |cell| noise(cell, 0.05, 0.0)),
        Setting::at(0, 10.0, "10 % false accepts", |cell| noise(cell, 0.1, 0.0)),
        Setting::at(0, 20.0, ACCEPTS, |cell| noise(cell, 0.2, 0.0)),
        Setting::at(1, 5.0, "5 % false rejects", |cell| noise(cell, 0.0, 0.05)),
        Setting::at(1, 10.0, "10 % false rejects", |cell| noise(cell, 0.0, 0.1)),
        Setting::at(1, 20.0, REJECTS, |cell| noise(cell, 0.0, 0.2)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[
        Dial {
            title: "wrong solutions accepted",
            label: "share of wrong solutions accepted, in %",
            scale: Scale::Linear,
            own: 0.0,
        },
        Dial {
            title: "right solutions rejected",
            label: "share of right solutions rejected, in %",
            scale: Scale::Linear,
            own: 0.0,
        },
    ]),
    expects: &[
        Expectation {
            says: "20 % false accepts: RFT errs more than without",
            of: (Arm::Rft, ACCEPTS),
            over: (Arm::Rft, NONE),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "20 % false accepts: per-step DPO errs more than without",
            of: (Arm::StepDpo, ACCEPTS),
            over: (Arm::StepDpo, NONE),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "20 % false accepts: per-step DPO errs more than RFT",
            of: (Arm::StepDpo, ACCEPTS),
            over: (Arm::Rft, ACCEPTS),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "20 % false rejects: RFT errs at most 1.1 times as often as without",
            of: (Arm::Rft, REJECTS),
            over: (Arm::Rft, NONE),
            side: Side::Below(1.1),
        },
        Expectation {
            says: "20 % false rejects: per-step DPO errs more than without",
            of: (Arm::StepDpo, REJECTS),
            over: (Arm::StepDpo, NONE),
            side: Side::Above(1.0),
        },
    ],
};

fn noise(cell: &mut Cell, false_accepts: f64, false_rejects: f64) {
    if let Some(sampling) = &mut cell.sampling {
        sampling.noise = Some(Noise { false_accepts, false_rejects });
    }
}
