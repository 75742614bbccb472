//! In a second round, are the advantage estimates of the first good enough, or do they have to be redrawn?
//!
//! Both second rounds blame steps of the same solutions, those of the SFT policy. One reuses its pits and continuations,
//! the other searches them again by rollouts of the policy that is trained. (`second-round` draws new solutions too.)

use super::second_round::again;
use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::pipeline::SecondRound;
use eightfold_harness::Seeds;

const ONE: &str = "one round";
const REUSED: &str = "two rounds; estimates reused";
const REDRAWN: &str = "two rounds; estimates redrawn";

pub(super) const ABLATION: Ablation = Ablation {
    name: "estimates",
    title: "In a second round: advantage estimates reused or redrawn?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(ONE),
        Setting::kind(REUSED, |cell| again(cell, SecondRound::Same)),
        Setting::kind(REDRAWN, |cell| again(cell, SecondRound::Redrawn)),
    ],
    sizes: &[128, 256],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation::less(
            "with redrawn estimates a second round errs less than with reused ones",
            (Arm::StepDpo, REDRAWN),
            (Arm::StepDpo, REUSED),
        ),
        Expectation::less(
            "with reused estimates a second round errs less than one round",
            (Arm::StepDpo, REUSED),
            (Arm::StepDpo, ONE),
        ),
    ],
};
