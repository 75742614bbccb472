//! Figure 8: what the steps of SFT, DPO and per-step DPO are worth to the frozen SFT policy as completer.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figures 8 and 9, which notes on it place in its section on
//! spurious steps; the caption is recalled: per-step DPO improves Q-values at each step, standard DPO only at
//! irrelevant steps.
//!
//! Differences: which steps the answer depends on is known here. Q cannot change at the others, whatever they
//! say; so readings are counted too, in a second world where half of the words mean something else on side
//! branches and what is learned of a word at critical steps is no gain elsewhere.

use anyhow::Result;
use eightfold_advantage::Completer;
use eightfold_experiments::arm::Arm;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::paired::{average, mean_claim, spread};
use eightfold_experiments::pipeline::{Cell, Evaluation, Gain, GainSettings, Gains, Probe, Probed};
use eightfold_experiments::probe::PROGRESS;
use eightfold_experiments::probed_csv::{KINDS, gains_csv};
use eightfold_experiments::settings::{self, Recipe};
use eightfold_experiments::store::Record;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Axis, Chart, Color, Keys, Legend, Level, Panel, Scale};

/// Of words that mean something else on side branches, in the second world.
const SIDE_READINGS: f64 = 0.5;

/// The start, the two methods of the paper's figure, and our control.
const METHODS: [Arm; 4] = [Arm::Sft, Arm::Dpo, Arm::StepDpo, Arm::ChosenOnly];

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig8",
        title: "Figure 8: Q of each step under the frozen SFT policy",
        cells,
        seeds: Seeds { smoke: 1, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    let smoke = preset == Preset::Smoke;
    let n = if smoke { 16 } else { 256 };
    let probe = GainSettings {
        problems: if smoke { 8 } else { 300 },
        rollouts: if smoke { 2 } else { 10 },
        completer: Completer::BestOf { k: 1 },
    };
    let mut out = Vec::new();
    for seed in 0..seeds {
        for side_readings in [0.0, SIDE_READINGS] {
            for method in [Recipe::sft(), settings::dpo(n), settings::step_dpo(n), settings::chosen_only(n)] {
                // Also SFT's own point is the policy that the others start from.
                let mut cell = settings::with_sft(settings::cell(method, n, seed), settings::start(n));
                if let Some(world) = cell.world.lexicon_mut() {
                    world.side_readings = side_readings;
                }
                cell.evaluation = Evaluation { problems: 200, samples: 1, ..cell.evaluation };
                cell.probe = Some(Probe::Gains(probe.clone()));
                out.push(settings::at_preset(cell, preset));
            }
        }
    }
    out
}

/// Whether words mean something else on side branches.
fn side_readings(cell: &Cell) -> bool {
    cell.world.lexicon().is_some_and(|world| world.side_readings > 0.0)
}

/// What was measured of a method, with its seed.
fn measured(results: &Results, side: bool, method: Arm) -> Vec<(u64, &Gains)> {
    let mine = |record: &&Record| method.is_method_of(&record.cell) && side_readings(&record.cell) == side;
    let probed = results.records.iter().filter(mine).filter_map(|record| match &record.metrics.probed {
        Some(Probed::Gains(gains)) => Some((record.cell.seed, gains)),
        _ => None,
    });
    probed.collect()
}

/// What a method gains over SFT in a statistic, one number for each seed that has both.
fn gains(results: &Results, side: bool, method: Arm, of: impl Fn(&Gains) -> f64) -> Vec<(u64, f64)> {
    let sft = measured(results, side, Arm::Sft);
    let pair = |(seed, gains): (u64, &Gains)| {
        let (_, start) = sft.iter().find(|(other, _)| *other == seed)?;
        Some((seed, of(gains) - of(start)))
    };
    measured(results, side, method).into_iter().filter_map(pair).collect()
}

fn values(gains: Vec<(u64, f64)>) -> Vec<f64> {
    gains.into_iter().map(|(_, gain)| gain).collect()
}

fn draw(results: &Results) -> Result<Drawn> {
    let chart = Chart {
        title: "Q of each step, completed by the frozen SFT policy".into(),
        panels: vec![
            progress(results),
            kinds(
                results,
                false,
                ("gain over SFT by one step", "gain in Q"),
                [|g| g.critical.q, |g| g.other.q],
            ),
            kinds(
                results,
                true,
                ("words of two meanings", "gain in right readings"),
                [|g| g.critical_marked.right, |g| g.other_marked.right],
            ),
        ],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "mean over seeds, 95 % t interval".into(),
            curve: String::new(),
            theory: String::new(),
        },
        caption: caption(results).paragraphs(),
        panel_size: (270.0, 240.0),
        ..Chart::default()
    };
    Ok(Drawn { chart, csv: gains_csv(&results.records), claims: claims(results), notes: notes(results) })
}

/// Q of growing solutions.
fn progress(results: &Results) -> Panel {
    let series = METHODS.map(|method| {
        let mut series = method.look().series();
        for (at, share) in PROGRESS.iter().enumerate() {
            let values: Vec<f64> =
                measured(results, false, method).iter().map(|(_, g)| g.progress[at]).collect();
            spread(&mut series, 100.0 * share, &values);
        }
        series.curve = series.means.iter().map(|mean| (mean.x, mean.y)).collect();
        series
    });
    Panel {
        title: "each policy's own solutions".into(),
        x: Axis { label: "steps written (%)".into(), range: Some((-6.0, 106.0)), ..Axis::default() },
        y: Axis { label: "Q".into(), range: Some((0.0, 1.0)), ..Axis::default() },
        series: series.into(),
        ..Panel::default()
    }
}

/// Gains at critical and at other steps, side by side.
fn kinds(results: &Results, side: bool, (title, label): (&str, &str), of: [fn(&Gains) -> f64; 2]) -> Panel {
    let series = METHODS[1..].iter().enumerate().map(|(index, &method)| {
        let aside = 0.2 * (index as f64 - 1.0);
        let mut series = method.look().series();
        for (at, of) in of.into_iter().enumerate() {
            spread(&mut series, at as f64 + aside, &values(gains(results, side, method, of)));
        }
        series
    });
    Panel {
        title: title.into(),
        x: Axis { scale: Scale::Names(&["critical steps", "side branches"]), ..Axis::default() },
        y: Axis { label: label.into(), ..Axis::default() },
        series: series.collect(),
        levels: vec![Level { y: 0.0, text: "SFT".into(), color: Color::Gray }],
        ..Panel::default()
    }
}

fn caption(results: &Results) -> Caption {
    let gain = |side, method: Arm, of: fn(&Gains) -> f64| average(values(gains(results, side, method, of)));
    let each = |side, of: fn(&Gains) -> f64| {
        let names = ["whole-response DPO", "per-step DPO", "chosen sides alone"];
        let say = |(m, name): (&Arm, &str)| format!("{name} {:+.3}", gain(side, *m, of));
        METHODS[1..].iter().zip(names).map(say).collect::<Vec<_>>()
    };
    Caption {
        seen: format!(
            "(a) Q while each policy writes its own solutions. (b) one step of each policy after the same prefixes, \
             which SFT wrote: gain in Q at critical steps {}; on side branches Q cannot move. (c) in a world where \
             {:.0} % of words mean something else on side branches, right readings of those words: at critical \
             steps {}; on side branches {}.",
            each(false, |g| g.critical.q).join(", "),
            100.0 * SIDE_READINGS,
            each(true, |g| g.critical_marked.right).join(", "),
            each(true, |g| g.other_marked.right).join(", "),
        ),
        paper: "per-step DPO improves Q at each step, standard DPO only at irrelevant ones.",
        source: PaperSource::Recalled,
        differs: "chosen sides alone are our control; the completer is one draw of the SFT policy, where the paper \
                  takes the best of 5.",
    }
}

const FIGURE: Origin = Origin::recalled(Topic::Credit, "Fig. 8");

fn claims(results: &Results) -> Vec<Measured> {
    let mut claims = q_claims(results);
    claims.extend(reading_claims(results));
    claims
}

fn q_claims(results: &Results) -> Vec<Measured> {
    let q = |method: Arm| gains(results, false, method, |g| g.critical.q);
    let apart = |method| values(gains(results, false, method, |g| g.critical.q - g.other.q));
    let between = |a, b| {
        let (a, b) = (q(a), q(b));
        let pair = |(seed, a): (u64, f64)| Some(a - b.iter().find(|(other, _)| *other == seed)?.1);
        a.into_iter().filter_map(pair).collect::<Vec<f64>>()
    };
    let (critical, difference) =
        ("gain in Q at critical steps", "gain in Q at critical steps less that on side branches");
    let (step, dpo, chosen) = (Arm::StepDpo, Arm::Dpo, Arm::ChosenOnly);
    let above = |says, origin, statistic: &str, values: Vec<f64>| {
        mean_claim(says, origin, statistic.into(), Side::Above(0.0), &values)
    };
    let less = "whole-response DPO gains less at critical steps than elsewhere";
    let (more, control) = (
        "per-step DPO raises Q at critical steps more than whole-response DPO",
        "per-step DPO raises Q at critical steps more than its chosen sides alone",
    );
    let gap = "difference of the gains in Q at critical steps";
    vec![
        above("per-step DPO raises Q at critical steps", FIGURE, critical, values(q(step))),
        above("per-step DPO raises Q more there than elsewhere", FIGURE, difference, apart(step)),
        mean_claim(less, FIGURE, difference.into(), Side::Below(0.0), &apart(dpo)),
        above(more, FIGURE, gap, between(step, dpo)),
        above(control, Origin::ours("control"), gap, between(step, chosen)),
    ]
}

/// Of words that mean something else on side branches.
fn reading_claims(results: &Results) -> Vec<Measured> {
    let statistic = "gain in right readings of words of two meanings: critical steps less side branches";
    let claim = |says, side, method| {
        let gains = gains(results, true, method, |g| g.critical_marked.right - g.other_marked.right);
        mean_claim(says, FIGURE, statistic.into(), side, &values(gains))
    };
    vec![
        claim("two meanings: per-step DPO learns the critical one", Side::Above(0.0), Arm::StepDpo),
        claim("two meanings: whole-response DPO learns the other one", Side::Below(0.0), Arm::Dpo),
    ]
}

fn notes(results: &Results) -> Vec<String> {
    let mut table = Table::default();
    for (side, world) in [(false, "one meaning"), (true, "two meanings")] {
        for &method in &METHODS[1..] {
            for (kind, of) in KINDS.iter().take(if side { 4 } else { 2 }) {
                let mean = |name: Arm, value: fn(Gain) -> f64| {
                    average(measured(results, side, name).into_iter().map(|(_, g)| value(of(g))))
                };
                let pair = |value: fn(Gain) -> f64| {
                    format!("{:.3}, {:.3}", mean(Arm::Sft, value), mean(method, value))
                };
                table.row([
                    ("world", world.to_owned()),
                    ("method", method.label().to_owned()),
                    ("steps", (*kind).to_owned()),
                    ("Q: SFT, method", pair(|g| g.q)),
                    ("right readings: SFT, method", pair(|g| g.right)),
                ]);
            }
        }
    }
    vec![
        "Means over seeds. Every policy writes one step after the same prefixes of SFT's own solutions; Q after it \
         is the share of rollouts of the frozen SFT policy that end rightly. On side branches a word's right reading \
         is what it means there."
            .into(),
        table.markdown(),
    ]
}
