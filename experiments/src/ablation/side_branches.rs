//! How much do side branches matter to RFT and to per-step DPO?
//!
//! The dial is the probability that a person of a story is compared with the one before: at 1 a story is a chain, of
//! which the answer needs all up to the person asked about, at 0 branches abound. Problems change with it, so methods
//! are compared within a setting. Figure 5 puts wrong steps on side branches; the phase diagram has a world with still
//! more of them.

use super::drawing::Drawing;
use super::settings::{Ablation, Dial, Expectation, Setting, View};
use crate::arm::Arm;
use crate::figure::{Drawn, Figure, Results};
use crate::pipeline::{Cell, WorldConfig};
use crate::plan;
use anyhow::Result;
use eightfold_harness::{Seeds, Table};
use eightfold_plot::Scale;
use eightfold_task::lexicon::{Count, Lexicon, LexiconConfig, Story};

pub(super) const FIGURE: Figure = Figure {
    name: ABLATION.name,
    title: ABLATION.title,
    cells: |preset, seeds| plan::cells(ABLATION.plan(preset, seeds)),
    seeds: ABLATION.seeds,
    draw,
    elsewhere: None,
};

const MANY: &str = "chain 0";
const FEW: &str = "chain 1";

pub(super) const ABLATION: Ablation = Ablation {
    name: "side-branches",
    title: "How much do side branches matter?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::Rft, Arm::StepDpo],
    settings: &[
        Setting::reference("chain 0.5"),
        Setting::at(0, 0.0, MANY, |cell| chain(cell, 0.0)),
        Setting::at(0, 1.0, FEW, |cell| chain(cell, 1.0)),
    ],
    sizes: &[256],
    farther: &[],
    view: View::Dials(&[Dial {
        title: "256 problems",
        label: "comparisons with the person before (share)",
        scale: Scale::Linear,
        own: 0.5,
    }]),
    expects: &[
        Expectation::less(
            "with the most side branches per-step DPO errs less than RFT",
            (Arm::StepDpo, MANY),
            (Arm::Rft, MANY),
        ),
        Expectation::less(
            "with the fewest side branches per-step DPO errs less than RFT",
            (Arm::StepDpo, FEW),
            (Arm::Rft, FEW),
        ),
    ],
};

fn chain(cell: &mut Cell, probability: f64) {
    if let Some(world) = cell.world.lexicon_mut() {
        world.chain = probability;
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = ABLATION.plan(results.preset, results.seeds);
    let mut drawn = Drawing::new(&ABLATION, &plan, results).drawn()?;
    drawn.notes.push(needed()?);
    Ok(drawn)
}

/// Shares of steps that the answer needs, as a table.
fn needed() -> Result<String> {
    let mut table = Table::default();
    for setting in ABLATION.settings {
        let mut cell = Arm::StepDpo.cell(crate::settings::World::Hard, 256, 0);
        (setting.change)(&mut cell);
        if let WorldConfig::Lexicon(world) = cell.world {
            table.row([
                ("setting", setting.label.to_owned()),
                ("share that the answer needs", format!("{:.3}", share_needed(world)?)),
            ]);
        }
    }
    let table = table.markdown();
    Ok(format!("Steps with a relation word, in 1,000 problems of each world:\n\n{table}"))
}

fn share_needed(world: LexiconConfig) -> Result<f64> {
    let lexicon = Lexicon::new(world)?;
    let (mut steps, mut needed) = (0_usize, 0_usize);
    for problem in lexicon.problems(1000, 0, "test") {
        let story = Story::parse(&lexicon, &problem.question)?;
        for (person, needs) in story.people().iter().zip(story.needed()) {
            let related = matches!(person.count, Count::Related { .. });
            (steps, needed) = (steps + usize::from(related), needed + usize::from(related && needs));
        }
    }
    Ok(needed as f64 / steps as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_needs_more_steps() {
        let share = |chain| share_needed(LexiconConfig { chain, ..LexiconConfig::default() }).unwrap();
        let [many, own, none] = [0.0, 0.5, 1.0].map(share);
        assert!(many < own && own < none && none < 1.0, "{many} {own} {none}");
    }
}
