//! How strong a pull towards the reference, and how much likelihood of the chosen side beside the preference?

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Anchor, Cell};
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

const OWN: &str = "beta 0.1; NLL 1";
const NONE: &str = "NLL 0";
const STRONG: &str = "beta 1";

pub(super) const ABLATION: Ablation = Ablation {
    name: "beta-nll",
    title: "How strong a pull towards the reference, and how much likelihood of the chosen side?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo, Arm::Dpo],
    settings: &[
        Setting::reference(OWN),
        Setting::at(0, 0.03, "beta 0.03", |cell| weights(cell, Some(0.03), None)),
        Setting::at(0, 0.3, "beta 0.3", |cell| weights(cell, Some(0.3), None)),
        Setting::at(0, 1.0, STRONG, |cell| weights(cell, Some(1.0), None)),
        Setting::at(1, 0.0, NONE, |cell| weights(cell, None, Some(0.0))),
        Setting::at(1, 0.3, "NLL 0.3", |cell| weights(cell, None, Some(0.3))),
    ],
    // Where NLL weight 1 was tuned for both.
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[
        Dial { title: "beta; NLL weight 1", label: "beta", scale: Scale::Log10, own: 0.1 },
        Dial {
            title: "NLL weight; beta 0.1",
            label: "weight of the chosen side's NLL",
            scale: Scale::Linear,
            own: 1.0,
        },
    ]),
    expects: &[
        Expectation {
            says: "without NLL whole-response DPO errs more",
            of: (Arm::Dpo, NONE),
            over: (Arm::Dpo, OWN),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "without NLL per-step DPO errs more",
            of: (Arm::StepDpo, NONE),
            over: (Arm::StepDpo, OWN),
            side: Side::Above(1.0),
        },
        Expectation::less(
            "without NLL per-step DPO errs less than whole-response DPO",
            (Arm::StepDpo, NONE),
            (Arm::Dpo, NONE),
        ),
        Expectation {
            says: "at beta 1 per-step DPO errs more",
            of: (Arm::StepDpo, STRONG),
            over: (Arm::StepDpo, OWN),
            side: Side::Above(1.0),
        },
    ],
};

fn weights(cell: &mut Cell, new_beta: Option<f64>, new_nll: Option<f64>) {
    let Some(preferring) = cell.method.preferring_mut() else { return };
    if let Some(beta) = new_beta {
        *preferring.beta_mut() = beta;
    }
    if let Some(weight) = new_nll {
        preferring.anchor = Anchor::Chosen { weight };
    }
}
