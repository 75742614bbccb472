//! What does a second round of per-step DPO buy, with fresh rollouts of the policy of the first?
//!
//! The second round starts at the first's policy, which is its reference too, and trains as the first did. The control
//! trains the first round for as many updates as both have.
//!
//! The settings that count passes came after the first run: the policy of the first round errs seldom, so figure 7's
//! number of updates passes over the few pairs of the second many times, and its solutions slip. They ask whether that
//! is all of the loss.

use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::{Cell, SecondRound};
use eightfold_gpt::Budget;
use eightfold_harness::Seeds;

const ONE: &str = "one round";
const LONGER: &str = "one round of twice the updates";
const FRESH: &str = "two rounds; fresh rollouts";
const ONE_BY_PASSES: &str = "one round; 3 passes over the pairs";
const FRESH_BY_PASSES: &str = "two rounds; fresh rollouts; 3 passes";

/// Passes that figure 7's updates make over the pairs of 256 problems, about.
const PASSES: usize = 3;

pub(super) const ABLATION: Ablation = Ablation {
    name: "second-round",
    title: "What does a second round with fresh rollouts buy?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(ONE),
        Setting::kind(LONGER, twice),
        Setting::kind(FRESH, |cell| again(cell, SecondRound::Fresh)),
        Setting::kind(ONE_BY_PASSES, passes),
        Setting::kind(FRESH_BY_PASSES, |cell| {
            passes(cell);
            again(cell, SecondRound::Fresh);
        }),
    ],
    sizes: &[128, 256],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation::less(
            "a second round with fresh rollouts errs less than one round",
            (Arm::StepDpo, FRESH),
            (Arm::StepDpo, ONE),
        ),
        Expectation::less(
            "a second round with fresh rollouts errs less than one round of as many updates",
            (Arm::StepDpo, FRESH),
            (Arm::StepDpo, LONGER),
        ),
        Expectation::less(
            "by passes, a second round with fresh rollouts errs less than one round",
            (Arm::StepDpo, FRESH_BY_PASSES),
            (Arm::StepDpo, ONE_BY_PASSES),
        ),
        Expectation::less(
            "by passes, a second round errs less than one of figure 7's number of updates",
            (Arm::StepDpo, FRESH_BY_PASSES),
            (Arm::StepDpo, FRESH),
        ),
    ],
};

fn twice(cell: &mut Cell) {
    if let Some(Budget::Updates(updates)) = cell.learner.train_mut().map(|train| &mut train.budget) {
        *updates *= 2;
    }
}

fn passes(cell: &mut Cell) {
    if let Some(train) = cell.learner.train_mut() {
        train.budget = Budget::Epochs(PASSES);
    }
}

/// Adds a second round to per-step DPO.
pub(super) fn again(cell: &mut Cell, kind: SecondRound) {
    if let Some(preferring) = cell.method.preferring_mut() {
        preferring.second = Some(kind);
    }
}
