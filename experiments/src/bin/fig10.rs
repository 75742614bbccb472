//! Figure 10: the star graph. Supervised training memorizes its graphs; per-step DPO from an under-trained
//! checkpoint finds the rule, and from an over-trained one it does not.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532, section 6.3.2, as recalled (no text of it was at hand; even the
//! number of the figure is recalled): (a) SFT's loss and the Q-value of the critical token against iterations,
//! with per-step DPO from an SFT checkpoint; (b) test error of per-step DPO from under-trained checkpoints; (c)
//! from an over-trained one. Sizes, network and settings of the paper's figure are unknown.
//!
//! Differences: a network of attention alone that reads an edge as one position, pretrained to walk along arms
//! and to look up parents. The ordinary decoder on text does not show the panels (LOG.md). Five bases, one for
//! each seed, each with the number of training graphs at which SFT ends at an error of 0.3 to 0.5 on validation
//! graphs. Three controls that the paper has not got, as far as known.

use anyhow::Result;
use eightfold_experiments::arm::Look;
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::stargraph::claims::{Number, difference, end, ratio, start, value};
use eightfold_experiments::stargraph::curves::{Column, csv, of, series};
use eightfold_experiments::stargraph::plan::{Names, cells};
use eightfold_experiments::stargraph::settings::{DPO, SFT};
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Axis, Chart, Color, Keys, Legend, Marker, Panel, Scale, Series};

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig10",
        title: "Figure 10: star graphs from under- and over-trained checkpoints",
        cells,
        seeds: Seeds { smoke: 2, quick: 3, full: 5 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn draw(results: &Results) -> Result<Drawn> {
    let names = Names::new(results.preset);
    let seeds = of(&results.records, "sft").len();
    let chart = Chart {
        title: "Star graphs: what per-step DPO does to an under-trained and to an over-trained checkpoint"
            .into(),
        panels: vec![values(results, &names), under_trained(results, &names), over_trained(results, &names)],
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed, each with its own base".into(),
            mean: "mean and range of seeds".into(),
            curve: "mean, range of seeds".into(),
            theory: String::new(),
        },
        caption: caption(seeds),
        panel_size: (330.0, 280.0),
        ..Chart::default()
    };
    Ok(Drawn {
        chart,
        csv: csv(&results.records),
        claims: claims(results, &names),
        notes: notes(results, &names, seeds),
    })
}

/// Draws a method's column, with its updates after those of its checkpoint.
fn line(results: &Results, method: &str, column: Column, look: Look, shift: usize) -> Option<Series> {
    let curves = of(&results.records, method);
    let marks = match results.preset {
        Preset::Smoke => 2,
        Preset::Quick | Preset::Standard | Preset::Full => 100,
    };
    (!curves.is_empty()).then(|| series(&curves, column, look, shift, marks))
}

fn panel(title: &str, x: &str, y: &str, series: Vec<Option<Series>>) -> Panel {
    let axis = |label: &str, range| Axis { label: label.into(), scale: Scale::Linear, range };
    Panel {
        title: title.into(),
        x: axis(x, None),
        y: axis(y, Some((0.0, 1.0))),
        series: series.into_iter().flatten().collect(),
        ..Panel::default()
    }
}

const SFT_LOOK: Look = Look::of("SFT", Color::Black, Marker::Circle);

fn values(results: &Results, names: &Names) -> Panel {
    let loss = Look::control("SFT: loss on its own graphs, nats", Color::Gray, Marker::Cross);
    let series = vec![
        line(results, "sft", "train_nll", loss, 0),
        line(results, "sft", "value", SFT_LOOK, 0),
        line(results, &names.step_dpo(0), "value", dpo_look(0), names.under[0]),
    ];
    panel("Q of the critical token, new graphs", "iterations", "Q, or loss", series)
}

fn dpo_look(under: usize) -> Look {
    match under {
        0 => Look::of("per-step DPO from SFT at 20", Color::Blue, Marker::Diamond),
        1 => Look::of("per-step DPO from SFT at 40", Color::SkyBlue, Marker::Triangle),
        _ => Look::of("per-step DPO from SFT at 80", Color::Purple, Marker::TriangleDown),
    }
}

fn under_trained(results: &Results, names: &Names) -> Panel {
    let tempered = Look::control("control: SFT on 0.2 times the logits", Color::Orange, Marker::Square);
    let mut series = vec![
        line(results, "sft", "error", SFT_LOOK, 0),
        line(results, &names.tempered(), "error", tempered, names.under[0]),
    ];
    series
        .extend((0..3).map(|under| {
            line(results, &names.step_dpo(under), "error", dpo_look(under), names.under[under])
        }));
    panel("from under-trained checkpoints", "iterations", "test error (greedy)", series)
}

fn over_trained(results: &Results, names: &Names) -> Panel {
    let over = Look::of("per-step DPO from SFT at 400", Color::Vermillion, Marker::Diamond);
    let all = Look::control("control: the same, every wrong neighbor a pair", Color::Green, Marker::Square);
    let few = Look::control("control: from SFT at 20, 10 pairs", Color::SkyBlue, Marker::Circle);
    let series = vec![
        line(results, &names.over(), "error", over, 0),
        line(results, &names.enumerated(), "error", all, 0),
        line(results, &names.few(), "error", few, 0),
    ];
    panel("from an over-trained checkpoint", "iterations after the checkpoint", "test error (greedy)", series)
}

fn caption(seeds: usize) -> Vec<String> {
    vec![
        format!(
            "Five arms of three nodes, 1,000 test graphs, {seeds} seeds, each with its own base and training graphs. \
             (a) SFT fits its own graphs while the value of the node that it draws on new graphs creeps up; per-step \
             DPO from an early checkpoint lifts it far above. (b) So falls the test error, below SFT's. (c) From the \
             memorized checkpoint it does not fall: its samples hold hardly a wrong node to learn from. Given every \
             wrong neighbor as a pair, the same checkpoint does improve."
        ),
        "The paper's figure is recalled, not quoted: its sizes, network and numbers are unknown. This is a second \
         configuration: attention alone, one position an edge. The ordinary decoder on text does not show these \
         panels. Cross entropy on scaled-down logits (panel b) needs no negatives: so the gain is no proof that \
         negatives are needed."
            .into(),
    ]
}

fn claims(results: &Results, names: &Names) -> Vec<Measured> {
    let records = &results.records;
    let recalled = Origin::recalled(Topic::Stars, "Fig. 10");
    let control = Origin::ours("control");
    let floor = 0.5 / records.first().map_or(1000, |r| r.cell.evaluation.problems) as f64;
    let errors = |method: &str, other: &str| ratio(records, (method, end), (other, end), floor);
    let change = |method: &str| difference(records, (method, end), (method, start));
    let claim = |says, origin, statistic: &str, side, interval: Result<Interval, String>| Measured {
        says,
        origin,
        statistic: statistic.into(),
        side,
        interval,
    };
    let last: Number = value;
    vec![
        claim(
            "(a) per-step DPO ends with a higher Q of the critical token than SFT, by more than 0.05",
            recalled,
            "difference of Q on test graphs",
            Side::Above(0.05),
            difference(records, (&names.step_dpo(0), last), ("sft", last)),
        ),
        claim(
            "(b) per-step DPO from an under-trained checkpoint ends below 0.8 of SFT's error",
            recalled,
            "ratio of errors, DPO after 320 iterations in all, SFT after 400",
            Side::Below(0.8),
            errors(&names.step_dpo(0), "sft"),
        ),
        claim(
            "(c) per-step DPO from the over-trained checkpoint gains less than 0.02",
            recalled,
            "error at the end minus error at the start",
            Side::Above(-0.02),
            change(&names.over()),
        ),
        claim(
            "(c) with every wrong neighbor as a pair it ends below 0.8 of its start",
            control,
            "ratio of errors, end to start",
            Side::Below(0.8),
            ratio(records, (&names.enumerated(), end), (&names.enumerated(), start), floor),
        ),
        claim(
            "(c) with ten pairs the under-trained checkpoint ends above SFT's error",
            control,
            "ratio of errors, to SFT",
            Side::Above(1.0),
            errors(&names.few(), "sft"),
        ),
        claim(
            "(b) per-step DPO ends below cross entropy on scaled-down logits",
            control,
            "ratio of errors",
            Side::Below(1.0),
            errors(&names.step_dpo(0), &names.tempered()),
        ),
    ]
}

fn notes(results: &Results, names: &Names, seeds: usize) -> Vec<String> {
    let mut table = Table::default();
    let mut methods = vec!["sft".to_owned()];
    methods.extend((0..3).map(|under| names.step_dpo(under)));
    methods.extend([names.tempered(), names.few(), names.over(), names.enumerated()]);
    for method in methods {
        for record in results.records.iter().filter(|r| r.cell.method.label() == method) {
            let Some(curve) = &record.metrics.curve else { continue };
            table.row([
                ("curve", method.clone()),
                ("seed", record.cell.seed.to_string()),
                ("graphs", record.cell.problems.to_string()),
                ("pairs or graphs", record.metrics.data.items.to_string()),
                ("error at the start", format!("{:.3}", start(curve))),
                ("at the end", format!("{:.3}", end(curve))),
                ("Q at the end", format!("{:.3}", value(curve))),
            ]);
        }
    }
    vec![
        format!(
            "t intervals over {seeds} seeds, paired by seed; a seed has its own base, graphs and order. Thresholds \
             were fixed before the run on test graphs. {DPO} iterations of every method after its checkpoint, {SFT} \
             of SFT."
        ),
        table.markdown(),
    ]
}
