//! Does RFT learn from distinct solutions, or from all that were drawn?
//!
//! Up to four solutions of each problem either way. As drawn, what the policy writes often is learned often.

use super::settings::{Ablation, Expectation, Setting, View};
use crate::figure::Figure;
use crate::pipeline::Imitation;
use crate::plan;
use eightfold_harness::Side;
use eightfold_synth::Keep;

pub(super) const FIGURE: Figure = Figure {
    name: "distinct",
    title: "RFT: distinct solutions, or as drawn?",
    cells: |preset, seeds| plan::cells(ABLATION.plan(preset, seeds)),
    seeds: [2, 3, 3],
    draw: |results| ABLATION.draw(results),
    elsewhere: None,
};

const RFT: &str = "rft";
const DISTINCT: &str = "distinct";
const DRAWN: &str = "as drawn";

const ABLATION: Ablation = Ablation {
    asks: FIGURE.title,
    arms: &[RFT],
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
        of: (RFT, DRAWN),
        over: (RFT, DISTINCT),
        side: Side::Above(1.0),
    }],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_is_changed() {
        super::super::settings::tests::one_field(&ABLATION, &[]);
    }
}
