//! Which search for the pit is the cheapest that loses nothing?
//!
//! Early stop and one draw at a time find the pits of the full search by construction (laws in `crates/advantage`).
//! One draw at a time leaves fewer verified continuations to choose from: the chosen side is the first that succeeded and
//! not the shortest. Bisection assumes that values fall and never rise again; where a later step repairs an earlier one it
//! finds a later border.

use super::drawing::Drawing;
use super::settings::{Ablation, Expectation, Setting, View};
use crate::arm::Arm;
use crate::cost::flops_ratio;
use crate::figure::{Drawn, Figure, Results};
use crate::paired::{average, mean, mean_claim};
use crate::pipeline::Cell;
use crate::pipeline::{PitAgreement, Probe, Probed};
use crate::plan::{self, decisive};
use crate::store::Record;
use anyhow::Result;
use eightfold_advantage::{MonteCarlo, Order};
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side, Table};
use eightfold_plot::{Axis, Legend, Panel, Scale, Series};

pub(super) const FIGURE: Figure = Figure {
    name: ABLATION.name,
    title: ABLATION.title,
    cells: |preset, seeds| plan::cells(ABLATION.plan(preset, seeds)),
    seeds: ABLATION.seeds,
    draw,
    elsewhere: None,
};

const EARLY: &str = "early stop";
const EVERY: &str = "every step";
const HALVING: &str = "bisection";
const ONE: &str = "one draw at a time";
const BOTH: &str = "bisection by one draw at a time";

pub(super) const ABLATION: Ablation = Ablation {
    name: "pit-search",
    title: "Which search for the pit is the cheapest that loses nothing?",
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    arms: &[Arm::StepDpo],
    settings: &[
        Setting::reference(EARLY),
        Setting::kind(EVERY, |cell| search(cell, MonteCarlo::in_full)),
        Setting::kind(HALVING, |cell| search(cell, |own| MonteCarlo { order: Order::Bisection, ..own })),
        Setting::kind(ONE, |cell| search(cell, |own| MonteCarlo { sequential: true, ..own })),
        Setting::kind(BOTH, |cell| {
            search(cell, |own| MonteCarlo { order: Order::Bisection, sequential: true, ..own });
        }),
    ],
    sizes: &[128, 256],
    farther: &[],
    view: View::Sizes,
    expects: &[
        same("one draw at a time, per-step DPO errs at most 1.1 times as often", ONE),
        same("by bisection, per-step DPO errs at most 1.1 times as often", HALVING),
        same("by bisection and one draw at a time, per-step DPO errs at most 1.1 times as often", BOTH),
    ],
};

const fn same(says: &'static str, setting: &'static str) -> Expectation {
    Expectation { says, of: (Arm::StepDpo, setting), over: (Arm::StepDpo, EARLY), side: Side::Below(1.1) }
}

fn search(cell: &mut Cell, change: fn(MonteCarlo) -> MonteCarlo) {
    if let Some(sampling) = &mut cell.sampling {
        sampling.store.search = change(sampling.store.search);
        cell.probe = Some(Probe::PitAgreement {});
    }
}

/// Verifier calls of the search for each pair.
fn calls(record: &Record) -> f64 {
    record.metrics.cost.rollouts.verified as f64 / record.metrics.data.items.max(1) as f64
}

/// Share of pits that are those of the full search.
fn agreement(record: &Record) -> f64 {
    match record.metrics.probed {
        Some(Probed::PitAgreement(PitAgreement { searched, same, .. })) => {
            same as f64 / searched.max(1) as f64
        }
        // The reference is what the others are compared with.
        _ => 1.0,
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = ABLATION.plan(results.preset, results.seeds);
    let drawing = Drawing::new(&ABLATION, &plan, results);
    let mut drawn = drawing.drawn()?;
    let n = decisive(results.preset);
    drawn.chart.panels.push(against_flops(&drawing, &drawn.chart.panels));
    (drawn.chart.legend, drawn.chart.panel_size) = (Legend::Top, (300.0, 250.0));
    for (says, setting) in [
        ("one draw at a time needs at most half the verifier calls a pair of early stop", ONE),
        ("bisection needs at most half the verifier calls a pair of early stop", HALVING),
        ("both together need at most a third of the verifier calls a pair of early stop", BOTH),
    ] {
        let most = if setting == BOTH { 1.0 / 3.0 } else { 0.5 };
        drawn.claims.push(fewer_calls(&drawing, says, setting, Side::Below(most)));
    }
    for (says, setting) in [
        ("one draw at a time finds the pits of the full search", ONE),
        ("bisection finds at least 9 in 10 pits of the full search", HALVING),
    ] {
        let least = if setting == ONE { 1.0 - 1e-9 } else { 0.9 };
        let shares = by_seed(&drawing.records((Arm::StepDpo, setting)), agreement);
        let statistic = "share of equal pits; mean over sizes".into();
        drawn.claims.push(mean_claim(
            says,
            Origin::ours("expectation"),
            statistic,
            Side::Above(least),
            &shares,
        ));
    }
    for (says, setting) in [
        ("equal error: early stop needs more operations than one draw at a time", ONE),
        ("equal error: early stop needs more operations than bisection by one draw at a time", BOTH),
    ] {
        drawn.claims.push(fewer_operations(&drawing, says, setting, n)?);
    }
    drawn.notes.insert(0, table(&drawing));
    Ok(drawn)
}

/// The series of the first panel over operations in place of problems.
fn against_flops(drawing: &Drawing, panels: &[Panel]) -> Panel {
    let own = panels.first().map_or(&[][..], |panel| &panel.series);
    let mut series = Vec::new();
    for setting in ABLATION.settings {
        let Some(of) = own.iter().find(|series| series.name == setting.label) else { continue };
        let records = drawing.records((Arm::StepDpo, setting.label));
        let flops = |n: f64| {
            let here = records.iter().filter(|record| record.cell.problems as f64 == n);
            average(here.map(|record| record.metrics.cost.total().flops.ln())).exp()
        };
        series.push(Series {
            means: of.means.iter().map(|at| eightfold_plot::Estimate { x: flops(at.x), ..*at }).collect(),
            samples: of.samples.iter().map(|(n, y)| (flops(*n), *y)).collect(),
            curve: of.means.iter().map(|at| (flops(at.x), at.y)).collect(),
            ..of.clone()
        });
    }
    Panel {
        title: "the same against what it cost".into(),
        x: Axis { label: "operations, rollouts included".into(), scale: Scale::Log10, range: None },
        y: Axis { label: "test error (greedy)".into(), scale: Scale::Log10, range: None },
        series,
        ..Panel::default()
    }
}

/// For each seed the mean over sizes.
fn by_seed(records: &[&Record], value: impl Fn(&Record) -> f64) -> Vec<f64> {
    let mut seeds: Vec<u64> = records.iter().map(|record| record.cell.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    let of = |seed| average(records.iter().filter(|r| r.cell.seed == seed).map(|r| value(r)));
    seeds.into_iter().map(of).collect()
}

fn fewer_calls(drawing: &Drawing, says: &'static str, setting: &'static str, side: Side) -> Measured {
    let calls = |setting| by_seed(&drawing.records((Arm::StepDpo, setting)), calls);
    let (own, early) = (calls(setting), calls(EARLY));
    let ratios: Vec<f64> = own.iter().zip(&early).map(|(own, early)| own / early).collect();
    let statistic = "ratio of verifier calls a pair; mean over sizes".into();
    mean_claim(says, Origin::ours("expectation"), statistic, side, &ratios)
}

fn fewer_operations(
    drawing: &Drawing,
    says: &'static str,
    setting: &'static str,
    n: usize,
) -> Result<Measured> {
    let (early, own) = (drawing.curve((Arm::StepDpo, EARLY))?, drawing.curve((Arm::StepDpo, setting))?);
    let (paid, spent) = (drawing.records((Arm::StepDpo, EARLY)), drawing.records((Arm::StepDpo, setting)));
    let interval = match (&early, &own) {
        (Some(early), Some(own)) => flops_ratio((early, &paid), (own, &spent), n as f64)
            .map(|ratio| Interval::of_data_ratio(&ratio, own.seeds().len())),
        _ => Err("cells missing".into()),
    };
    let statistic = format!("ratio of operations for the error at n = {n}");
    Ok(Measured { says, origin: Origin::ours("expectation"), statistic, side: Side::Above(1.0), interval })
}

fn table(drawing: &Drawing) -> String {
    let row = |setting: &Setting| {
        let records = drawing.records((Arm::StepDpo, setting.label));
        let say = |value: fn(&Record) -> f64| {
            let values = by_seed(&records, value);
            mean(&values)
                .map_or_else(|why| why, |(mean, low, high)| format!("{mean:.3} [{low:.3}, {high:.3}]"))
        };
        let share = |r: &Record| r.metrics.cost.rollouts.flops / r.metrics.cost.total().flops;
        [
            ("search", setting.label.to_owned()),
            ("verifier calls a pair", say(calls)),
            ("pits of the full search", say(agreement)),
            ("share of rollouts in all operations", say(share)),
        ]
    };
    let table = ABLATION.settings.iter().map(row).collect::<Table>().markdown();
    format!("Means over sizes and seeds, with the 95 % t interval over seeds:\n\n{table}")
}
