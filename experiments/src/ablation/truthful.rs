//! Does the gain vanish where the teacher never misreads? The base is unchanged: its crowd still does.
//!
//! What negatives can correct here are misreadings, the teacher's and the crowd's. If per-step DPO were worth much
//! more data than SFT also under a truthful teacher, its gain would come from something else than the mechanism that
//! the paper claims.
//!
//! The last setting came after the first run: with few wrong samples left, figure 7's number of updates passes over the
//! few pairs ten times and more, and per-step DPO lost to SFT by slips. It asks whether that is all of the loss.

use super::drawing::Drawing;
use super::settings::{Ablation, Case, Expectation, Setting, View};
use crate::arm::Arm::{Rft, Sft, StepDpo};
use crate::curves::data_ratio;
use crate::figure::{Drawn, Figure, Results};
use crate::pipeline::{Cell, Method};
use crate::plan::{self, decisive};
use anyhow::Result;
use eightfold_gpt::Budget;
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side};

pub(super) const FIGURE: Figure = Figure {
    name: ABLATION.name,
    title: ABLATION.title,
    cells: |preset, seeds| plan::cells(ABLATION.plan(preset, seeds)),
    seeds: ABLATION.seeds,
    draw,
    elsewhere: None,
};

const MISREADS: &str = "teacher misreads";
const TRUTHFUL: &str = "truthful teacher";
const FEWER: &str = "truthful teacher; 3 passes over the pairs";

/// Passes that figure 7's updates make over the pairs of 256 problems, about.
const PASSES: usize = 3;

pub(super) const ABLATION: Ablation = Ablation {
    name: "truthful",
    title: "Does the gain vanish where the teacher never misreads?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Sft, Rft, StepDpo],
    settings: &[
        Setting::reference(MISREADS),
        Setting::kind(TRUTHFUL, truthful),
        Setting::kind(FEWER, |cell| {
            truthful(cell);
            if let (Some(train), Method::Prefer(_)) = (cell.learner.train_mut(), &cell.method) {
                train.budget = Budget::Epochs(PASSES);
            }
        }),
    ],
    sizes: &[128, 256, 512],
    farther: &[1024, 2048, 4096],
    view: View::Sizes,
    expects: &[
        Expectation::less(
            "under a truthful teacher per-step DPO errs less than SFT",
            (StepDpo, TRUTHFUL),
            (Sft, TRUTHFUL),
        ),
        Expectation::less(
            "under a truthful teacher fewer passes over the pairs lower the error of per-step DPO",
            (StepDpo, FEWER),
            (StepDpo, TRUTHFUL),
        ),
    ],
};

fn draw(results: &Results) -> Result<Drawn> {
    let plan = ABLATION.plan(results.preset, results.seeds);
    let drawing = Drawing::new(&ABLATION, &plan, results);
    let mut drawn = drawing.drawn()?;
    let n = decisive(results.preset);
    for (says, other, side) in [
        ("truthful: per-step DPO is worth at most twice SFT's data", Sft, Side::Below(2.0)),
        ("truthful: per-step DPO is worth at least half of SFT's data", Sft, Side::Above(0.5)),
        ("truthful: per-step DPO is worth at most twice RFT's data", Rft, Side::Below(2.0)),
        ("truthful: per-step DPO is worth at least half of RFT's data", Rft, Side::Above(0.5)),
    ] {
        drawn.claims.push(ratio(&drawing, says, (StepDpo, TRUTHFUL), (other, TRUTHFUL), side, n)?);
    }
    for (says, other, side) in [
        ("truthful, 3 passes: per-step DPO is worth at most twice SFT's data", Sft, Side::Below(2.0)),
        ("truthful, 3 passes: per-step DPO is worth at least half of SFT's data", Sft, Side::Above(0.5)),
        ("truthful, 3 passes: per-step DPO is worth at most twice RFT's data", Rft, Side::Below(2.0)),
        ("truthful, 3 passes: per-step DPO is worth at least half of RFT's data", Rft, Side::Above(0.5)),
    ] {
        drawn.claims.push(ratio(&drawing, says, (StepDpo, FEWER), (other, TRUTHFUL), side, n)?);
    }
    for (says, method) in [
        ("the teacher misreads: per-step DPO is worth more than twice SFT's data", StepDpo),
        ("the teacher misreads: RFT is worth more than twice SFT's data", Rft),
    ] {
        drawn.claims.push(ratio(&drawing, says, (method, MISREADS), (Sft, MISREADS), Side::Above(2.0), n)?);
    }
    Ok(drawn)
}

/// A claim on how many times the data the baseline needs for the method's error at `n`.
fn ratio(
    drawing: &Drawing,
    says: &'static str,
    method: Case,
    baseline: Case,
    side: Side,
    n: usize,
) -> Result<Measured> {
    let (method, baseline) = (drawing.curve(method)?, drawing.curve(baseline)?);
    let interval = match (&method, &baseline) {
        (Some(method), Some(baseline)) => data_ratio(baseline, method, n as f64)
            .map(|ratio| Interval::of_data_ratio(&ratio, method.seeds().len())),
        _ => Err("cells missing".into()),
    };
    Ok(Measured {
        says,
        origin: Origin::ours("design of the world"),
        statistic: format!("data ratio at n = {n}"),
        side,
        interval,
    })
}

fn truthful(cell: &mut Cell) {
    if let Some(world) = cell.world.lexicon_mut() {
        world.truthful = true;
    }
}
