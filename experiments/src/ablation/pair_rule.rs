//! What stands on the chosen side of a step pair, and what do its sides share?

use super::settings::{Ablation, Expectation, Setting, View};
use crate::cell::{Cell, Method};
use crate::claim::Side;
use crate::figure::Figure;
use crate::plan;
use eightfold_synth::{ChosenSide, PairRule};

pub(super) const FIGURE: Figure = Figure {
    name: "pair-rule",
    title: "What stands on the chosen side, and what do the sides share?",
    cells: |preset, seeds| plan::cells(ABLATION.plan(preset, seeds)),
    seeds: [2, 3, 3],
    draw: |results| ABLATION.draw(results),
};

const REST: &str = "shared prefix: whole continuation";
const STEP: &str = "shared prefix: its first step alone";
const FULL: &str = "full solution against pit";

const ABLATION: Ablation = Ablation {
    asks: FIGURE.title,
    arms: &["step-dpo"],
    settings: &[
        Setting::reference(REST),
        Setting::kind(STEP, |cell| rule(cell, PairRule::SharedPrefix { chosen: ChosenSide::Step })),
        Setting::kind(FULL, |cell| rule(cell, PairRule::FullSolutionVsPit)),
    ],
    sizes: &[128, 256, 512],
    farther: &[],
    view: View::Sizes,
    expects: &[
        Expectation {
            says: "with the first step alone as chosen side, per-step DPO errs more",
            of: ("step-dpo", STEP),
            over: ("step-dpo", REST),
            side: Side::Above(1.0),
        },
        Expectation {
            says: "with full solutions against pits, per-step DPO errs more",
            of: ("step-dpo", FULL),
            over: ("step-dpo", REST),
            side: Side::Above(1.0),
        },
    ],
};

fn rule(cell: &mut Cell, new: PairRule) {
    if let Method::StepDpo { rule, .. } = &mut cell.method {
        *rule = new;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_changed() {
        super::super::settings::tests::one_field(&ABLATION, &[]);
    }
}
