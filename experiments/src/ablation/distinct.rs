//! Does RFT learn from distinct solutions, or from all that were drawn?
//!
//! Up to four solutions of each problem either way. As drawn, what the policy writes often is learned often.

use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::Imitation;
use eightfold_harness::{Seeds, Side};
use eightfold_synth::Keep;

const DISTINCT: &str = "distinct";
const DRAWN: &str = "as drawn";

pub(super) const ABLATION: Ablation = Ablation {
    name: "distinct",
    title: "RFT: distinct solutions, or as drawn?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Rft],
    settings: &[
        Setting::reference(DISTINCT),
        Setting::kind(DRAWN, |cell| {
            if let Some(rejection) = cell.method.imitation_mut().and_then(Imitation::rejection_mut) {
                rejection.keep = Keep::AsDrawn;
            }
        }),
    ],
    sizes: &[128, 256, 512],
    farther: &[],
    view: View::Sizes,
    expects: &[Expectation {
        says: "on solutions as drawn RFT errs more than on distinct ones",
        of: (Arm::Rft, DRAWN),
        over: (Arm::Rft, DISTINCT),
        side: Side::Above(1.0),
    }],
};
