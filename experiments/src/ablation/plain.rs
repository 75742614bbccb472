//! Preferences alone: both kinds of pairs without the likelihood of the chosen side.
//!
//! In figure 7 whole-response DPO is worth much more data than the paper says. Its loss there has the chosen side's
//! likelihood in it, which by itself is RFT. Here both are without it, each with updates and rate tuned anew in as
//! many configurations (`just tune --problems 256 --method dpo-plain,step-dpo-plain`).

use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Anchor, Cell, PairState};
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

const WITH: &str = "NLL weight 1";
const PLAIN: &str = "NLL weight 0; tuned anew";

pub(super) const ABLATION: Ablation = Ablation {
    name: "plain",
    title: "What is left of either kind of pairs without the likelihood of the chosen side?",
    seeds: Seeds { smoke: 2, quick: 3, full: 9 },
    arms: &[Arm::Sft, Arm::Dpo, Arm::StepDpo],
    settings: &[Setting::reference(WITH), Setting::at(0, 0.0, PLAIN, without)],
    // Where both were tuned.
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "rate and updates tuned at either end",
        label: "weight of the chosen side's NLL",
        scale: Scale::Linear,
        own: 1.0,
    }]),
    expects: &[
        Expectation {
            says: "plain whole-response DPO errs more than with NLL",
            of: (Arm::Dpo, PLAIN),
            over: (Arm::Dpo, WITH),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "plain whole-response DPO errs at least 0.8 times as often as SFT at its best",
            of: (Arm::Dpo, PLAIN),
            over: (Arm::Sft, WITH),
            side: Side::Above(0.8),
        },
        Expectation {
            says: "plain per-step DPO errs less than 0.8 times as often as SFT at its best",
            of: (Arm::StepDpo, PLAIN),
            over: (Arm::Sft, WITH),
            side: Side::Below(0.8),
        },
        Expectation::less(
            "plain per-step DPO errs less than plain whole-response DPO",
            (Arm::StepDpo, PLAIN),
            (Arm::Dpo, PLAIN),
        ),
        Expectation {
            says: "plain per-step DPO errs at most 1.25 times as often as with NLL",
            of: (Arm::StepDpo, PLAIN),
            over: (Arm::StepDpo, WITH),
            side: Side::Below(1.25),
        },
    ],
};

/// Without the likelihood, at the best of six rates and updates. Smoke keeps its own few updates.
fn without(cell: &mut Cell) {
    let (Some(preferring), Some(train)) = (cell.method.preferring_mut(), cell.learner.train_mut()) else {
        return;
    };
    let rate = match preferring.sides.state {
        PairState::Question(_) => 1e-3,
        PairState::Pit {} | PairState::EveryFirstStep {} => 3e-3,
    };
    preferring.anchor = Anchor::Chosen { weight: 0.0 };
    let budget = match train.budget {
        Budget::Updates(updates) => Budget::Updates(updates.min(32)),
        epochs => epochs,
    };
    *train = TrainConfig { budget, rate, ..train.clone() };
}
