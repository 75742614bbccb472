//! Figure 2: how SFT and RFT scale with problems, and RFT with copies of a fixed set of problems.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532. Quoted in notes: SFT's error falls as D^-0.05 to D^-0.15, slower
//! than in pretraining; RFT is worth 2x the data; more self-generated solutions of a fixed problem set go flat or
//! turn up. The layout of the panels is recalled.
//!
//! Differences: the hard and the easy world stand for the two datasets. SFT and RFT are shown at their tuned
//! numbers of updates, and at equal epochs, the usual protocol, under which more data are also more training.

use anyhow::Result;
use eightfold_experiments::arm::{Arm, EPOCHS};
use eightfold_experiments::arms::Arms;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::copies::{self, Copies};
use eightfold_experiments::csv::planned_csv;
use eightfold_experiments::curves::{HUBER, ratio_of_errors};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::plan::{self, Groups, Planned, decisive, sweep};
use eightfold_experiments::settings::World;
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Chart, Color, Keys, Legend, Level, Panel};
use eightfold_scaling::{Curve, PowerLaw, SaturatingPowerLaw, fit_curve, seeds_t};

const ARMS: [Arm; 4] = [Arm::Sft, Arm::Rft, Arm::SftEpochs, Arm::RftEpochs];
const ABSTRACT: Origin = Origin::quoted(Topic::Positives, "abstract");
const NOTES: Origin = Origin::quoted(Topic::Positives, "section 5, in notes");
const COPIES: Origin = Origin::quoted(Topic::Spurious, "section 5, in notes");

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig2",
        title: "Figure 2: scaling of SFT and RFT",
        cells: |preset, seeds| plan::cells(plan(preset, seeds)),
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    // Equal epochs in the easy world belong to the evidence; minutes do not suffice for them.
    let easy: &[Arm] = if preset == Preset::Full { &ARMS } else { &ARMS[..2] };
    let mut plan = sweep(World::Hard, &ARMS, preset, seeds);
    plan.extend(sweep(World::Easy, easy, preset, seeds));
    plan.extend(copies::plan(preset, seeds));
    plan
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let hard = Arms::new(&groups, World::Hard.name(), &ARMS)?;
    let easy = Arms::new(&groups, World::Easy.name(), &ARMS)?;
    let copies = Copies::new(&groups)?;
    let n = decisive(results.preset);
    let chart = Chart {
        title: "Positives alone: SFT, RFT, and more copies of the same problems".into(),
        panels: vec![
            scaling_panel("hard", &hard, results, n)?,
            scaling_panel("easy", &easy, results, n)?,
            copies.panel(format!("{n} problems, many side branches")),
        ],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band; (c) means joined".into(),
            theory: "tabular learner".into(),
        },
        caption: caption(&hard, &easy, &copies, n).paragraphs(),
        panel_size: (300.0, 260.0),
        ..Chart::default()
    };
    let mut claims = scaling_claims(&hard, n, false);
    claims.extend(scaling_claims(&easy, n, true));
    claims.extend(copy_claims(&copies));
    let notes = vec![
        format!(
            "Decided at n = {n} (a, b) and at the most copies (c), fixed before the runs, by t intervals over {} \
             seeds paired by seed. Settings were tuned in the hard world. Equal epochs: {EPOCHS}.",
            hard.seeds()
        ),
        laws("hard", &hard) + &laws("easy", &easy),
        hard.ratio_table("hard"),
        easy.ratio_table("easy"),
    ];
    Ok(Drawn { chart, csv: planned_csv(&plan, results), claims, notes })
}

fn scaling_panel(name: &str, arms: &Arms, results: &Results, n: usize) -> Result<Panel> {
    let title = format!("{name}: {}", arms.world());
    let mut panel = arms.panel(title, Some(&results.cache), &[Arm::Rft], n)?;
    let floor =
        arms.curve(Arm::Sft).and_then(infinite_data_error).filter(|(error, weak)| *error > 0.0 && !weak);
    panel.levels.extend(floor.map(|(y, _)| Level {
        y,
        text: "SFT, infinite data".into(),
        color: Color::Black,
    }));
    Ok(panel)
}

/// The error that a saturating power law gives SFT on infinite data, and whether the runs leave it undetermined.
fn infinite_data_error(sft: &Curve) -> Option<(f64, bool)> {
    let fit = fit_curve(&SaturatingPowerLaw, sft, HUBER).ok()?;
    Some((fit.param("E")?, fit.weak().contains(&"E")))
}

fn caption(hard: &Arms, easy: &Arms, copies: &Copies, n: usize) -> Caption {
    Caption {
        seen: format!(
            "at n = {n}, mean of {} seeds: (a) {}; SFT needs {} the data for RFT's error. (b) {}; {} the data. (c) \
             RFT on {n} problems and up to k of its own solutions of each: at equal updates {}; at equal epochs {}.",
            hard.seeds(),
            hard.errors(&[Arm::Sft, Arm::Rft], n),
            hard.times(Arm::Rft, n),
            easy.errors(&[Arm::Sft, Arm::Rft], n),
            easy.times(Arm::Rft, n),
            copies.errors(Arm::Copies),
            copies.errors(Arm::CopiesEpochs),
        ),
        paper: "SFT's error falls as n^-0.05 to n^-0.15; RFT is worth 2x the data; with the problems fixed, more own \
                solutions stop helping and can hurt.",
        source: PaperSource::Quoted("abstract, and notes on section 5; panel layout recalled"),
        differs: "updates are tuned on validation problems beside the usual equal epochs; SFT's infinite-data error \
                  is drawn where a saturating law determines it.",
    }
}

/// Exponents with intervals, and SFT's error on infinite data, as a table.
fn laws(world: &str, arms: &Arms) -> String {
    let row = |arm: Arm| {
        let curve = arms.curve(arm)?;
        let exponent = exponent(curve)
            .map_or_else(|why| why, |e| format!("{:.3} [{:.3}, {:.3}]", e.mean, e.low, e.high));
        let floor = infinite_data_error(curve).map_or("no fit".into(), |(error, weak)| {
            format!("{error:.3}{}", if weak { ", not determined" } else { "" })
        });
        Some([
            (world, arm.name().to_owned()),
            ("exponent of n, t interval over seeds", exponent),
            ("error on infinite data", floor),
        ])
    };
    ARMS.into_iter().filter_map(row).collect::<Table>().markdown() + "\n"
}

/// The exponent a of error ~ n^-a: the t interval of the seeds' own fits.
fn exponent(curve: &Curve) -> Result<eightfold_scaling::Estimate, String> {
    let own = |fit: &eightfold_scaling::Fit| fit.param("a").unwrap_or(f64::NAN);
    seeds_t(&PowerLaw, curve, HUBER, Interval::LEVEL, own).map_err(|e| e.to_string())
}

fn scaling_claims(arms: &Arms, n: usize, easy: bool) -> Vec<Measured> {
    let says = |hard: &'static str, in_easy: &'static str| if easy { in_easy } else { hard };
    let exponent = arms.curve(Arm::Sft).map_or(Err("cells missing".into()), exponent);
    vec![
        arms.ratio_claim(
            says("RFT is worth more data than SFT", "easy world: RFT is worth more data than SFT"),
            ABSTRACT,
            Side::Above(1.0),
            Arm::Rft,
            n,
        ),
        arms.ratio_claim(
            says("RFT is worth at least twice the data", "easy world: RFT is worth at least twice the data"),
            ABSTRACT,
            Side::Above(2.0),
            Arm::Rft,
            n,
        ),
        Measured {
            says: says("SFT's exponent is below 0.15", "easy world: SFT's exponent is below 0.15"),
            origin: NOTES,
            statistic: "exponent a of error ~ n^-a".into(),
            side: Side::Below(0.15),
            interval: exponent.map(|mean| Interval::of_mean(&mean, arms.seeds())),
        },
    ]
}

/// The share by which the error may fall from the usual to the most copies and still count as not falling.
const MARGIN: f64 = 0.1;

fn copy_claims(copies: &Copies) -> Vec<Measured> {
    let claim = |says, arm| {
        let curves = copies.largest_and_usual(arm);
        let curves = curves.as_ref().map(|(largest, usual)| (usual, largest));
        let at = format!("the most copies over that at {}", copies::USUAL);
        ratio_of_errors(says, COPIES, curves, copies::USUAL as f64, Side::Above(1.0 - MARGIN), at)
    };
    vec![
        claim("equal updates: the most copies err no less than 0.9 times what 4 do", Arm::Copies),
        claim("equal epochs: the most copies err no less than 0.9 times what 4 do", Arm::CopiesEpochs),
    ]
}
