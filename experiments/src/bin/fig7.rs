//! Figure 7: test error against the number of synthetic problems, for SFT, RFT, DPO and per-step DPO.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figure 7, as far as notes on it quote it: per-step DPO keeps
//! improving with data and is worth about eight times the data of SFT; DPO on whole responses does not beat SFT.
//! RFT is worth about twice the data (abstract).
//!
//! Differences: a closed lexicon world in place of GSM8K and MATH, a 170-thousand-parameter transformer in place
//! of 7B models; panel (a), the hard world, alone. Two controls that the paper has not got stand beside the
//! methods.

use anyhow::Result;
use eightfold_experiments::cell::{Cell, Evaluation, Method};
use eightfold_experiments::claim::Side;
use eightfold_experiments::curves::{
    arrow, below_claim, complete, csv, curve, data_ratio, law_ratio, look, ratio_claim, series,
};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::plot::{Axis, Chart, Keys, Legend, Panel, Scale};
use eightfold_experiments::settings;
use eightfold_experiments::theory::tabular_error;
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_scaling::Curve;

const METHODS: [&str; 6] = ["sft", "rft", "dpo", "step-dpo", "chosen-only", "rft-budget"];

/// The size at which claims are decided, in each preset: fixed before the runs.
fn decisive(preset: Preset) -> usize {
    match preset {
        Preset::Smoke => 16,
        Preset::Quick | Preset::Full => 256,
    }
}

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig7",
        title: "Figure 7: error against synthetic problems",
        cells,
        seeds: [2, 3, 5],
        draw,
    };
    figure.main()
}

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    // SFT goes on to 8 (quick) or 32 (full) times the largest size of the others, for ratios up to there.
    let (sizes, farther): (&[usize], &[usize]) = match preset {
        Preset::Smoke => (&[8, 16], &[32]),
        Preset::Quick => (&[64, 128, 256, 512], &[1024, 2048, 4096]),
        Preset::Full => (&[64, 128, 256, 512, 1024], &[2048, 4096, 8192, 16384, 32768]),
    };
    let mut out = Vec::new();
    for seed in 0..seeds {
        for &n in sizes {
            let methods = [
                Method::Sft {},
                settings::rft(n),
                settings::dpo(n),
                settings::step_dpo(n),
                settings::chosen_only(n),
                settings::rft_budget(n),
            ];
            out.extend(methods.into_iter().map(|method| settings::cell(method, n, seed)));
        }
        out.extend(farther.iter().map(|&n| settings::cell(Method::Sft {}, n, seed)));
    }
    if preset == Preset::Smoke {
        out.iter_mut().for_each(smoke);
    }
    out
}

/// The same cell in a second or less.
fn smoke(cell: &mut Cell) {
    cell.evaluation = Evaluation { problems: 40, samples: 2, ..cell.evaluation.clone() };
    cell.sft = TrainConfig { budget: Budget::Updates(4), batch: 8, ..cell.sft.clone() };
    if let Some(sampling) = &mut cell.sampling {
        sampling.store.samples = 4;
    }
    if let Some(train) = cell.method.train_mut() {
        (train.budget, train.batch) = (Budget::Updates(3), 8);
    }
}

/// The complete curves of the methods that have records.
struct Curves(Vec<(&'static str, Curve)>);

impl Curves {
    fn of(&self, method: &str) -> Option<&Curve> {
        self.0.iter().find(|(name, _)| *name == method).map(|(_, curve)| curve)
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let mut curves = Vec::new();
    for method in METHODS {
        if let Some(curve) = curve(&results.records, method)? {
            curves.push((method, complete(&curve)));
        }
    }
    let curves = Curves(curves);
    let mut all = Vec::new();
    for (method, curve) in &curves.0 {
        let mut series = series(curve, method);
        series.theory = theory(results, method)?;
        all.push(series);
    }
    let n = decisive(results.preset);
    let sft = curves.of("sft");
    let arrows = ["rft", "step-dpo"].into_iter().filter_map(|method| {
        let curve = curves.of(method)?;
        arrow(sft?, curve, method, n as f64)
    });
    let panel = Panel {
        title: world(results),
        x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
        y: Axis { label: "test error (greedy)".into(), scale: Scale::Log10, range: None },
        series: all,
        ratios: arrows.collect(),
        levels: Vec::new(),
    };
    let seeds = sft.map_or(0, |curve| curve.seeds().len());
    let chart = Chart {
        title: "Error against synthetic problems".into(),
        panels: vec![panel],
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: "tabular learner".into(),
        },
        caption: caption(n, seeds),
        ..Chart::default()
    };
    Ok(Drawn {
        chart,
        csv: csv(&results.records),
        claims: claims(&curves, n),
        notes: notes(&curves, n, seeds),
    })
}

/// The world in a few words.
fn world(results: &Results) -> String {
    let worlds = results.records.first().map(|record| &record.cell.world);
    worlds.map_or_else(String::new, |world| {
        let [low, high] = world.misread;
        format!("{} relation words, misread at rates of {low} to {high}", world.relations)
    })
}

/// The tabular learner's mean error at each size of a method.
fn theory(results: &Results, method: &str) -> Result<Vec<(f64, f64)>> {
    let mut points: Vec<(usize, Vec<f64>)> = Vec::new();
    for record in results.records.iter().filter(|r| r.cell.method.name() == method) {
        let error = tabular_error(&record.cell, &results.cache)?;
        match points.iter_mut().find(|(n, _)| *n == record.cell.problems) {
            Some((_, errors)) => errors.push(error),
            None => points.push((record.cell.problems, vec![error])),
        }
    }
    points.sort_by_key(|(n, _)| *n);
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    // An error of 0 has no place on a log axis.
    Ok(points.iter().map(|(n, e)| (*n as f64, mean(e))).filter(|(_, e)| *e > 0.0).collect())
}

fn caption(n: usize, seeds: usize) -> Vec<String> {
    vec![
        format!(
            "Every method starts from the same n problems with one teacher's solution each; {seeds} seeds. Arrows: \
             how many times the data SFT needs for the same error, at n = {n}; \"> \" where SFT was not measured so \
             far. Dashes behind: the same pipeline with a table in place of the network."
        ),
        "The paper claims about 2x for RFT and 8x for per-step DPO (quoted from its abstract), on 7B models with \
         GSM8K and MATH. This world isolates the mechanism it describes; it is no evidence about those models."
            .into(),
    ]
}

fn claims(curves: &Curves, n: usize) -> Vec<eightfold_experiments::claim::Measured> {
    let ratio = |method: &str| match (curves.of("sft"), curves.of(method)) {
        (Some(sft), Some(curve)) => data_ratio(sft, curve, n as f64),
        _ => Err("cells missing".into()),
    };
    let (abstract_, figure) = ("abstract, quoted", "Fig. 7, quoted in notes");
    let below = |says, source, other: &str, method: &str| {
        below_claim(says, source, curves.of(other), curves.of(method), n)
    };
    vec![
        ratio_claim("RFT is worth more data than SFT", abstract_, Side::Above(1.0), ratio("rft"), n),
        ratio_claim("RFT is worth at least twice the data", abstract_, Side::Above(2.0), ratio("rft"), n),
        ratio_claim(
            "per-step DPO is worth more data than SFT",
            abstract_,
            Side::Above(1.0),
            ratio("step-dpo"),
            n,
        ),
        ratio_claim(
            "per-step DPO is worth at least 8x the data",
            abstract_,
            Side::Above(8.0),
            ratio("step-dpo"),
            n,
        ),
        ratio_claim(
            "whole-response DPO is worth less than 1.25x",
            figure,
            Side::Below(1.25),
            ratio("dpo"),
            n,
        ),
        below("per-step DPO errs less than RFT", abstract_, "rft", "step-dpo"),
        below("per-step DPO errs less than whole-response DPO", figure, "dpo", "step-dpo"),
        below("per-step DPO errs less than its chosen sides alone", "our control", "chosen-only", "step-dpo"),
        below(
            "per-step DPO errs less than RFT with its verifier calls",
            "our control",
            "rft-budget",
            "step-dpo",
        ),
    ]
}

fn notes(curves: &Curves, n: usize, seeds: usize) -> Vec<String> {
    let mut table =
        String::from("| method | n | data ratio to SFT, law-free | by power laws |\n|---|---|---|---|\n");
    if let Some(sft) = curves.of("sft") {
        for (method, curve) in curves.0.iter().filter(|(method, _)| *method != "sft") {
            for size in curve.sizes() {
                let say = |ratio: Result<eightfold_scaling::Ratio, String>| {
                    ratio.map_or_else(|e| e, |r| r.to_string())
                };
                let (free, law) = (say(data_ratio(sft, curve, size)), say(law_ratio(sft, curve, size)));
                table += &format!("| {} | {size} | {free} | {law} |\n", look(method).label);
            }
        }
    }
    vec![
        format!(
            "Decided at n = {n}, which was fixed before the runs, by t intervals over {seeds} seeds paired by seed. \
             Few seeds make wide intervals: *undecided* says just that."
        ),
        table,
    ]
}
