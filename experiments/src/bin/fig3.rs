//! Figure 3: one self-generated solution of each problem against one of the teacher's.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532. That the paper compares the sample efficiency of self-generated
//! and of GPT-4 or Gemini solutions is quoted from a review; the figure and its number are recalled.
//!
//! Differences: both arms are given the same problems, those of which the SFT policy has a verified sample.

use anyhow::Result;
use eightfold_experiments::arm::Arm;
use eightfold_experiments::arms::Arms;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::csv::planned_csv;
use eightfold_experiments::curves::mean_ratio_of_errors;
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::plan::{self, Groups, Planned, decisive, sweep};
use eightfold_experiments::settings::World;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Chart, Keys, Legend};

const ARMS: [Arm; 2] = [Arm::SingleTeacher, Arm::SinglePolicy];
const SOURCE: Origin = Origin::recalled(Topic::Own, "a review says that the paper compares them");

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig3",
        title: "Figure 3: one own solution against one of the teacher's",
        cells: |preset, seeds| plan::cells(plan(preset, seeds)),
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    sweep(World::Hard, &ARMS, preset, seeds)
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let arms = Arms::new(&groups, World::Hard.name(), &ARMS)?;
    let n = decisive(results.preset);
    let chart = Chart {
        title: "One solution of each problem: whose?".into(),
        panels: vec![arms.panel(arms.world(), Some(&results.cache), &[], n)?],
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: "tabular learner".into(),
        },
        caption: caption(&arms, n).paragraphs(),
        ..Chart::default()
    };
    Ok(Drawn { chart, csv: planned_csv(&plan, results), claims: claims(&arms, n), notes: notes(&arms, n) })
}

fn caption(arms: &Arms, n: usize) -> Caption {
    let share = arms.get(Arm::SinglePolicy).and_then(|arm| {
        let at: Vec<f64> = arm
            .records
            .iter()
            .filter(|record| record.cell.problems == n)
            .map(|record| record.metrics.data.items as f64 / n as f64)
            .collect();
        (!at.is_empty()).then(|| 100.0 * at.iter().sum::<f64>() / at.len() as f64)
    });
    let share = share.map_or(String::new(), |share| format!(" ({share:.0} % of all at that size)"));
    Caption {
        seen: format!(
            "at n = {n}, mean of {} seeds: {}. Both train the base on the same problems, those with a verified \
             sample of the SFT policy{share}, for as many updates.",
            arms.seeds(),
            arms.errors(&ARMS, n)
        ),
        paper: "at equal size, one self-generated solution a problem trains better than one of a capable model's.",
        source: PaperSource::Recalled,
        differs: "the paper's choice of problems for the two arms is not known to us.",
    }
}

fn claims(arms: &Arms, n: usize) -> Vec<Measured> {
    let curves = arms.curve(Arm::SingleTeacher).zip(arms.curve(Arm::SinglePolicy));
    vec![
        arms.below(
            "one own solution a problem errs less than one of the teacher's",
            SOURCE,
            Arm::SingleTeacher,
            Arm::SinglePolicy,
            n,
        ),
        mean_ratio_of_errors(
            "one own solution a problem errs less, over all sizes",
            SOURCE,
            curves,
            Side::Below(1.0),
        ),
    ]
}

fn notes(arms: &Arms, n: usize) -> Vec<String> {
    let mut table = Table::default();
    for arm in ARMS {
        let Some(measured) = arms.get(arm) else { continue };
        for size in measured.curve.sizes() {
            let at: Vec<_> = measured.records.iter().filter(|r| r.cell.problems as f64 == size).collect();
            let mean = |of: fn(&eightfold_experiments::pipeline::Metrics) -> f64| {
                at.iter().map(|record| of(&record.metrics)).sum::<f64>() / at.len() as f64
            };
            table.row([
                ("whose", arm.name().to_owned()),
                ("n", size.to_string()),
                ("problems with a verified sample", format!("{:.0}", mean(|m| m.data.items as f64))),
                ("readings right", format!("{:.3}", mean(|m| m.reading_accuracy()))),
                ("slips", format!("{:.3}", mean(|m| m.slips()))),
            ]);
        }
    }
    vec![
        format!(
            "Decided at n = {n}, which was fixed before the runs, and over all sizes, by t intervals over {} seeds \
             paired by seed and problem set. Both arms take the updates of SFT at its size.",
            arms.seeds()
        ),
        table.markdown(),
    ]
}
