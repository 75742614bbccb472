//! Figure 4: how likely the base model finds the teacher's solutions and the policy's own, of the same problems.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, Figure 4, recalled: self-generated solutions are likelier under
//! the base model than those of GPT-4 and Gemini, and so easier to fit.
//!
//! Differences: the base model's own data are known here. Half of its readings are the teacher's, and a step
//! that a connective opens, as the teacher opens most, is rare in them. So the three parts of a solution's
//! log-probability are told apart: phrasing, readings, and what is copied or calculated. Panel c asks what the
//! paper does not: how long the policy's own solutions keep the phrasing of the base.

use anyhow::Result;
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::paired::{average, mean_claim, spread};
use eightfold_experiments::pipeline::{
    BaseLikelihood, Cell, Evaluation, Probe, Probed, Sampling, SourceLikelihood, WorldConfig,
};
use eightfold_experiments::probe::BINS;
use eightfold_experiments::probed_csv::likelihood_csv;
use eightfold_experiments::settings::{self, Recipe};
use eightfold_experiments::store::Record;
use eightfold_gpt::Budget;
use eightfold_harness::{Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Axis, Bar, Chart, Color, Keys, Legend, Level, Marker, Panel, Scale, Series};
use eightfold_synth::StoreSettings;
use eightfold_task::lexicon::LexiconConfig;

/// Updates of SFT: few, so that a policy between base and teacher is seen too.
fn sweep(preset: Preset) -> [usize; 5] {
    match preset {
        Preset::Smoke => [1, 2, 4, 8, 16],
        Preset::Quick | Preset::Standard | Preset::Full => [10, 20, 40, 80, 160],
    }
}

/// Updates at which claims are decided: those of the checkpoint that the methods of figure 7 start from.
fn decisive(preset: Preset) -> usize {
    match preset {
        Preset::Smoke => 8,
        Preset::Quick | Preset::Standard | Preset::Full => 80,
    }
}

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig4",
        title: "Figure 4: likelihood of solutions under the base model",
        cells,
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn cells(preset: Preset, seeds: u64) -> Vec<Cell> {
    // Smoke takes the base of the default world, which is committed and has never seen a connective.
    let (problems, crowd_phrasing) = if preset == Preset::Smoke { (16, 0.0) } else { (256, 0.05) };
    let world = LexiconConfig { phrasing: 0.8, crowd_phrasing, ..LexiconConfig::default() };
    let mut out = Vec::new();
    for seed in 0..seeds {
        for updates in sweep(preset) {
            let mut cell = Cell {
                world: WorldConfig::Lexicon(world.clone()),
                // Samples alone: no pit is searched.
                sampling: Some(Sampling {
                    store: StoreSettings { negatives: 0, ..StoreSettings::default() },
                    ..Sampling::default()
                }),
                evaluation: Evaluation { problems: 200, samples: 1, ..Evaluation::default() },
                probe: Some(Probe::Likelihood {}),
                ..settings::cell(Recipe::sft(), problems, seed)
            };
            cell = settings::at_preset(cell, preset);
            if let Some(sft) = cell.learner.sft_mut() {
                sft.budget = Budget::Updates(updates);
            }
            out.push(cell);
        }
    }
    out
}

fn updates(record: &Record) -> usize {
    record.cell.learner.sft().map_or(0, |sft| sft.updates(record.cell.problems))
}

/// What was measured after so many updates, one a seed.
fn measured(results: &Results, after: usize) -> Vec<&BaseLikelihood> {
    let one = |record: &'_ Record| updates(record) == after;
    let probed = results.records.iter().filter(|record| one(record));
    probed
        .filter_map(|record| match &record.metrics.probed {
            Some(Probed::Likelihood(likelihood)) => Some(likelihood),
            _ => None,
        })
        .collect()
}

/// A part of a log-probability.
type Part = fn(&SourceLikelihood) -> f64;

/// The parts, and their names.
const PARTS: [Part; 4] =
    [|source| source.phrasing, |source| source.readings, |source| source.copying, SourceLikelihood::total];
const NAMES: &[&str] = &["phrasing", "readings", "copying", "all"];

fn draw(results: &Results) -> Result<Drawn> {
    let after = decisive(results.preset);
    let decisive = measured(results, after);
    let chart = Chart {
        title: "Likelihood of the teacher's and of self-generated solutions under the base model".into(),
        panels: vec![histogram(&decisive), parts(&decisive), differences(results)],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "mean over seeds, 95 % t interval".into(),
            curve: String::new(),
            theory: String::new(),
        },
        caption: caption(&decisive, after).paragraphs(),
        panel_size: (270.0, 240.0),
        ..Chart::default()
    };
    Ok(Drawn { chart, csv: likelihood_csv(&results.records), claims: claims(results), notes: notes(results) })
}

/// One of the two sources.
type Whose = fn(&BaseLikelihood) -> &SourceLikelihood;

const SIDES: [(&str, Color, Marker, Whose); 2] = [
    ("teacher's solutions", Color::Black, Marker::Circle, |l| &l.teacher),
    ("self-generated solutions", Color::Blue, Marker::Diamond, |l| &l.own),
];

/// Solutions of all seeds by their log-probability.
fn histogram(measured: &[&BaseLikelihood]) -> Panel {
    let (low, bins) = BINS;
    let width = -low / bins as f64;
    let series = SIDES.map(|(name, color, marker, side)| {
        let all: usize = measured.iter().map(|l| side(l).histogram.iter().sum::<usize>()).sum();
        let bar = |i: usize| {
            let count: usize = measured.iter().map(|l| side(l).histogram[i]).sum();
            let from = low + i as f64 * width;
            Bar { from, to: from + width, y: count as f64 / (all as f64).max(1.0) }
        };
        Series {
            name: name.into(),
            color,
            marker,
            bars: if all == 0 { Vec::new() } else { (0..bins).map(bar).collect() },
            ..Series::default()
        }
    });
    Panel {
        title: "whole solutions".into(),
        x: Axis {
            label: "log-probability (nats a solution)".into(),
            range: Some((low, 0.0)),
            ..Axis::default()
        },
        y: Axis { label: "share of solutions".into(), ..Axis::default() },
        series: series.into(),
        ..Panel::default()
    }
}

fn parts(measured: &[&BaseLikelihood]) -> Panel {
    let series = SIDES.into_iter().enumerate().map(|(index, (name, color, marker, side))| {
        let aside = 0.24 * (index as f64 - 0.5);
        let mut series = Series { name: name.into(), color, marker, ..Series::default() };
        for (at, part) in PARTS.iter().enumerate() {
            let values: Vec<f64> = measured.iter().map(|l| part(side(l))).collect();
            spread(&mut series, at as f64 + aside, &values);
        }
        series
    });
    Panel {
        title: "by kind of token".into(),
        x: Axis { scale: Scale::Names(NAMES), ..Axis::default() },
        y: Axis { label: "log-probability (nats a solution)".into(), ..Axis::default() },
        series: series.collect(),
        ..Panel::default()
    }
}

/// Own less teacher's, after more and more supervised training.
fn differences(results: &Results) -> Panel {
    let colors = [
        (Color::Orange, Marker::Square),
        (Color::Green, Marker::Triangle),
        (Color::Gray, Marker::Circle),
        (Color::Purple, Marker::TriangleDown),
    ];
    let names = ["difference in phrasing", "in readings", "in copying", "in all tokens"];
    let series = PARTS.iter().zip(colors).zip(names).map(|((part, (color, marker)), name)| {
        let mut series = Series { name: name.into(), color, marker, ..Series::default() };
        for updates in sweep(results.preset) {
            let values: Vec<f64> =
                measured(results, updates).iter().map(|l| part(&l.own) - part(&l.teacher)).collect();
            spread(&mut series, updates as f64, &values);
        }
        series.curve = series.means.iter().map(|mean| (mean.x, mean.y)).collect();
        series
    });
    Panel {
        title: "self-generated less teacher's".into(),
        x: Axis { label: "updates of SFT".into(), scale: Scale::Log2, range: None },
        y: Axis { label: "difference (nats a solution)".into(), ..Axis::default() },
        series: series.collect(),
        levels: vec![Level { y: 0.0, text: "as likely".into(), color: Color::Gray }],
        ..Panel::default()
    }
}

/// Mean over seeds.
fn mean(measured: &[&BaseLikelihood], of: impl Fn(&BaseLikelihood) -> f64) -> f64 {
    average(measured.iter().map(|l| of(l)))
}

fn caption(measured: &[&BaseLikelihood], after: usize) -> Caption {
    let say = |part: Part| {
        let (own, teacher) = (mean(measured, |l| part(&l.own)), mean(measured, |l| part(&l.teacher)));
        format!("{own:.1} against {teacher:.1}")
    };
    Caption {
        seen: format!(
            "log-probability under the base of self-generated against the teacher's solutions of the same problems, \
             after {after} updates of SFT: {} nats a solution in all, {} in phrasing, {} in readings. A connective \
             opens {:.0} % of the policy's steps and {:.0} % of the teacher's; the policy reads {:.0} % of words \
             wrongly, the teacher {:.0} %.",
            say(SourceLikelihood::total),
            say(|s| s.phrasing),
            say(|s| s.readings),
            100.0 * mean(measured, |l| l.own.phrased),
            100.0 * mean(measured, |l| l.teacher.phrased),
            100.0 * mean(measured, |l| l.own.misread),
            100.0 * mean(measured, |l| l.teacher.misread),
        ),
        paper: "self-generated solutions are likelier under the base model, so they are easier to fit and memorized \
                less.",
        source: PaperSource::Recalled,
        differs: "the base has seen connectives in 5 % of steps, the teacher uses them in 80 %; half of the base's \
                  readings are the teacher's. Samples at temperature 1.",
    }
}

fn claims(results: &Results) -> Vec<Measured> {
    let after = decisive(results.preset);
    let decisive = measured(results, after);
    let difference = |says, part: Part, name: &str, side| {
        let values: Vec<f64> = decisive.iter().map(|l| part(&l.own) - part(&l.teacher)).collect();
        let statistic = format!("{name}: self-generated less teacher's, nats a solution, {after} updates");
        mean_claim(says, Origin::recalled(Topic::Own, "Fig. 4"), statistic, side, &values)
    };
    let phrased: Vec<f64> = decisive.iter().map(|l| l.own.phrased - l.teacher.phrased).collect();
    let likelier = "self-generated solutions are likelier under the base";
    let adopted = "the policy has the teacher's phrasing all but for a twentieth of steps";
    let share = "share of steps with a connective: self-generated less teacher's".into();
    let above = Side::Above(0.0);
    vec![
        difference(likelier, SourceLikelihood::total, "all tokens", above),
        difference("self-generated solutions are likelier in phrasing", |s| s.phrasing, "phrasing", above),
        difference("self-generated solutions are likelier in readings", |s| s.readings, "readings", above),
        mean_claim(adopted, Origin::ours("explanation"), share, Side::Above(-0.05), &phrased),
    ]
}

fn notes(results: &Results) -> Vec<String> {
    let mut table = Table::default();
    for updates in sweep(results.preset) {
        let measured = measured(results, updates);
        let pair = |of: Part, digits: usize| {
            let (own, teacher) = (mean(&measured, |l| of(&l.own)), mean(&measured, |l| of(&l.teacher)));
            format!("{own:.digits$} / {teacher:.digits$}")
        };
        table.row([
            ("updates of SFT", updates.to_string()),
            ("problems", format!("{:.0}", mean(&measured, |l| l.problems as f64))),
            ("phrasing", pair(|s| s.phrasing, 2)),
            ("readings", pair(|s| s.readings, 2)),
            ("copying", pair(|s| s.copying, 2)),
            ("all", pair(SourceLikelihood::total, 2)),
            ("a token", pair(|s| s.total() / s.tokens, 3)),
            ("steps with a connective", pair(|s| s.phrased, 3)),
            ("words misread", pair(|s| s.misread, 3)),
        ]);
    }
    vec![
        "Self-generated / teacher's, means over seeds; log-probabilities in nats a solution. Both are solutions of \
         the same problems: those of which the policy has a verified sample, one of which is drawn."
            .into(),
        table.markdown(),
    ]
}
