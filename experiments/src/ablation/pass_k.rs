//! Does training sharpen at the cost of what many tries would find?
//!
//! A policy that is trained on its own solutions may answer more problems at the first try and fewer within many. Cells
//! are those of figure 7 with 32 samples of each of 250 held-out problems more.

use super::drawing::place;
use crate::arm::Arm;
use crate::caption::{WORLD, seeds};
use crate::csv::planned_csv;
use crate::curves::ratio_of_errors;
use crate::figure::{Drawn, Figure, Preset, Results};
use crate::paired::average;
use crate::pipeline::Cell;
use crate::pipeline::{PassAtK, Probe, Probed};
use crate::plan::{self, Groups, Line, Planned, decisive};
use crate::settings::{World, at_preset};
use crate::store::Record;
use anyhow::Result;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table};
use eightfold_plot::{Axis, Chart, Keys, Legend, Panel, Scale, Series};
use eightfold_scaling::{Curve, Run};

pub(super) const FIGURE: Figure = Figure {
    name: "pass-k",
    title: "Does training cost what many tries would find?",
    cells: |preset, seeds| plan::cells(plan(preset, seeds)),
    seeds: Seeds { smoke: 2, quick: 3, full: 3 },
    draw,
    elsewhere: None,
};

const PANEL: &str = "pass-k";
const ARMS: [Arm; 5] = [Arm::Sft, Arm::Rft, Arm::Dpo, Arm::StepDpo, Arm::ChosenOnly];

/// Held-out problems, and samples of each.
fn extent(preset: Preset) -> (usize, usize) {
    if preset == Preset::Smoke { (20, 4) } else { (250, 32) }
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    let (problems, samples) = extent(preset);
    let mut plan = Vec::new();
    for seed in 0..seeds {
        plan.extend(ARMS.map(|arm| {
            let cell = arm.cell(World::Hard, decisive(preset), seed);
            let cell = Cell { probe: Some(Probe::PassAtK { problems, samples }), ..cell };
            Planned { line: Line::Arm { panel: PANEL, arm }, cell: at_preset(cell, preset) }
        }));
    }
    plan
}

/// The share of problems that k samples leave unsolved, over k; half a problem where none is left.
fn curve(records: &[&Record]) -> Result<Option<Curve>> {
    let mut runs = Vec::new();
    let mut floor = f64::MIN_POSITIVE;
    for record in records {
        let Some(Probed::PassAtK(PassAtK { problems, passed })) = &record.metrics.probed else { continue };
        floor = 0.5 / *problems as f64;
        let run = |(k, passed): &(usize, f64)| {
            // Rounding may leave less than nothing.
            Run { n: *k as f64, seed: record.cell.seed, error: (1.0 - passed).max(0.0) }
        };
        runs.extend(passed.iter().map(run));
    }
    if runs.is_empty() { Ok(None) } else { Ok(Some(Curve::new(&runs, floor)?)) }
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let mut curves = Vec::new();
    for arm in ARMS {
        curves.extend(curve(&groups.records(Line::Arm { panel: PANEL, arm }))?.map(|curve| (arm, curve)));
    }
    let (problems, most) = extent(results.preset);
    let chart = Chart {
        title: FIGURE.title.into(),
        panels: vec![Panel {
            title: format!("{} synthetic problems", decisive(results.preset)),
            x: Axis { label: "samples at temperature 1, k".into(), scale: Scale::Log2, range: None },
            y: Axis { label: "problems that none of k solves".into(), scale: Scale::Log10, range: None },
            series: curves.iter().map(|(arm, curve)| series(*arm, curve)).collect(),
            ..Panel::default()
        }],
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: String::new(),
            theory: String::new(),
        },
        caption: vec![seen(&curves, most), setting(problems, &seeds(results))],
        panel_size: (420.0, 290.0),
        ..Chart::default()
    };
    Ok(Drawn {
        chart,
        csv: planned_csv(&plan, results),
        claims: claims(&curves, most),
        notes: vec![table(&curves)],
    })
}

fn setting(problems: usize, seeds: &str) -> String {
    format!(
        "Unbiased estimates on {problems} held-out problems; {seeds}; otherwise figure 7's hard world. \
         Claims are on the ratio of unsolved shares, paired by seed (t interval). {WORLD}"
    )
}

fn logs(curve: &Curve, k: f64) -> Vec<f64> {
    curve.runs().iter().filter(|run| run.n == k).map(|run| run.error.ln()).collect()
}

fn series(arm: Arm, curve: &Curve) -> Series {
    let mut series = arm.look().series();
    for k in curve.sizes() {
        place(&mut series, k, &logs(curve, k));
    }
    series
}

fn seen(curves: &[(Arm, Curve)], most: usize) -> String {
    let say = |(arm, curve): &(Arm, Curve)| {
        let unsolved = |k: f64| average(logs(curve, k)).exp();
        format!("{} {:.3} and {:.3}", arm.label(), unsolved(1.0), unsolved(most as f64))
    };
    let all: Vec<String> = curves.iter().map(say).collect();
    format!(
        "Seen: shares of problems left unsolved by 1 and by {most} samples, geometric means: {}.",
        all.join("; ")
    )
}

fn claims(curves: &[(Arm, Curve)], most: usize) -> Vec<Measured> {
    let get = |arm: Arm| curves.iter().find(|(of, _)| *of == arm).map(|(_, curve)| curve);
    let claim = |says, of, over, k: usize, side| {
        let at = format!("k = {k} (unsolved problems)");
        ratio_of_errors(says, Origin::ours("expectation"), get(over).zip(get(of)), k as f64, side, at)
    };
    vec![
        claim(
            "at one try per-step DPO leaves fewer unsolved than SFT",
            Arm::StepDpo,
            Arm::Sft,
            1,
            Side::Below(1.0),
        ),
        claim(
            "at the most tries RFT leaves more unsolved than SFT",
            Arm::Rft,
            Arm::Sft,
            most,
            Side::Above(1.0),
        ),
        claim(
            "at the most tries whole-response DPO leaves more unsolved than SFT",
            Arm::Dpo,
            Arm::Sft,
            most,
            Side::Above(1.0),
        ),
        claim(
            "at the most tries per-step DPO leaves more unsolved than SFT",
            Arm::StepDpo,
            Arm::Sft,
            most,
            Side::Above(1.0),
        ),
        claim(
            "at the most tries per-step DPO leaves more unsolved than its chosen sides alone",
            Arm::StepDpo,
            Arm::ChosenOnly,
            most,
            Side::Above(1.0),
        ),
    ]
}

fn table(curves: &[(Arm, Curve)]) -> String {
    let row = |(arm, curve): &(Arm, Curve)| {
        let unsolved = |k: f64| curve.runs().iter().filter(move |run| run.n == k).map(|run| run.error);
        let cells =
            curve.sizes().into_iter().map(|k| (k.to_string(), format!("{:.4}", average(unsolved(k)))));
        std::iter::once(("k".to_owned(), arm.label().to_owned())).chain(cells).collect::<Vec<_>>()
    };
    let table = curves.iter().map(row).collect::<Table>().markdown();
    format!("Share of problems that none of k samples solves, arithmetic mean over seeds:\n\n{table}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_added_to_cells_of_figure_7() {
        for Planned { line, cell } in plan(Preset::Quick, 2) {
            let arm: Arm = line.name().parse().unwrap();
            assert!(cell.probe.is_some());
            assert_eq!(Cell { probe: None, ..cell.clone() }, arm.cell(World::Hard, 256, cell.seed));
        }
    }
}
