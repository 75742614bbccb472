//! Figure 5: RFT on solutions with spurious steps.
//!
//! Source: Setlur et al. 2024, arXiv 2406.14532. That positives amplify spurious correlations is quoted from the
//! abstract; the figure and its number are recalled; how the paper's spurious steps came about is not known.
//!
//! Differences: in the world with many side branches, steps on which the answer does not depend are replaced by
//! the teacher's misreading of their word; the control replaces the same steps by the truth. Needed steps and
//! answers stay, so every solution is still verified.

use anyhow::Result;
use eightfold_experiments::arm::{Arm, Look};
use eightfold_experiments::caption::{Caption, PaperSource};
use eightfold_experiments::csv::planned_csv;
use eightfold_experiments::curves::{complete, curve_over, ratio_of_errors, series};
use eightfold_experiments::figure::{Drawn, Figure, Preset, Results};
use eightfold_experiments::plan::{self, Groups, Line, Planned, decisive, sizes};
use eightfold_experiments::settings::{self, World};
use eightfold_experiments::store::Record;
use eightfold_harness::{Interval, Measured, Origin, Seeds, Side, Table, Topic};
use eightfold_plot::{Axis, Chart, Color, Keys, Legend, Marker, Panel, Scale, Series};
use eightfold_scaling::{Curve, interaction, paired_t};
use eightfold_task::lexicon::{Injected, Injection};

const ABSTRACT: Origin = Origin::quoted(Topic::Spurious, "abstract; the figure recalled");
const CONTROL: Origin = Origin::ours("control");

/// A panel: what is injected.
#[derive(Clone, Copy)]
struct Kind {
    panel: &'static str,
    title: &'static str,
    step: Injected,
}

const WRONG: Kind =
    Kind { panel: "wrong", title: "side steps replaced by misreadings", step: Injected::Misreading };
const RIGHT: Kind =
    Kind { panel: "right", title: "control: the same steps replaced by the truth", step: Injected::Truth };

/// A rate and how it looks.
struct Dose {
    name: &'static str,
    rate: f64,
    look: Look,
}

impl Dose {
    fn line(&self, kind: Kind) -> Line {
        Line::Dose { panel: kind.panel, dose: self.name }
    }
}

const DOSES: [Dose; 4] = [
    Dose { name: "0", rate: 0.0, look: Look::of("none replaced", Color::Black, Marker::Circle) },
    Dose { name: "0.25", rate: 0.25, look: Look::of("1 in 4 replaced", Color::SkyBlue, Marker::Square) },
    Dose { name: "0.5", rate: 0.5, look: Look::of("half replaced", Color::Orange, Marker::Triangle) },
    Dose { name: "1", rate: 1.0, look: Look::of("all replaced", Color::Vermillion, Marker::Diamond) },
];

/// The rates of a preset; minutes do not suffice for all.
fn doses(preset: Preset) -> impl Iterator<Item = &'static Dose> {
    DOSES.iter().filter(move |dose| preset == Preset::Full || dose.rate != 0.25)
}

fn main() -> Result<()> {
    let figure = Figure {
        name: "fig5",
        title: "Figure 5: RFT with spurious steps",
        cells: |preset, seeds| plan::cells(plan(preset, seeds)),
        seeds: Seeds { smoke: 2, quick: 3, full: 9 },
        draw,
        elsewhere: None,
    };
    figure.main()
}

fn plan(preset: Preset, seeds: u64) -> Vec<Planned> {
    let mut plan = Vec::new();
    for seed in 0..seeds {
        for &n in sizes(World::Branching, preset).all {
            for kind in [WRONG, RIGHT] {
                plan.extend(doses(preset).map(|dose| {
                    // Without injection both panels show plain RFT.
                    let method = match dose.rate {
                        0.0 => settings::rft(n),
                        rate => settings::rft_injected(Injection { rate, step: kind.step }),
                    };
                    let cell = settings::cell_in(World::Branching, method, n, seed);
                    Planned { line: dose.line(kind), cell: settings::at_preset(cell, preset) }
                }));
            }
        }
    }
    plan
}

/// The curves of a panel, by dose.
struct Doses(Vec<(&'static Dose, Curve)>);

impl Doses {
    fn new(groups: &Groups, kind: Kind, preset: Preset) -> Result<Self> {
        let mut curves = Vec::new();
        for dose in doses(preset) {
            let records = groups.records(dose.line(kind));
            if let Some(curve) = curve_over(&records, |record| record.cell.problems as f64)? {
                curves.push((dose, complete(&curve)));
            }
        }
        Ok(Self(curves))
    }

    fn at(&self, name: &str) -> Option<&Curve> {
        self.0.iter().find(|(dose, _)| dose.name == name).map(|(_, curve)| curve)
    }

    /// The panel, over a range of errors that both panels share.
    fn panel(&self, kind: Kind, errors: Option<(f64, f64)>) -> Panel {
        let styled = |(dose, curve): &(&Dose, Curve)| {
            let Look { label, color, marker, .. } = dose.look;
            Series { name: label.into(), color, marker, ..series(curve, Arm::Rft) }
        };
        Panel {
            title: kind.title.into(),
            x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
            y: Axis { label: "test error of RFT (greedy)".into(), scale: Scale::Log10, range: errors },
            series: self.0.iter().map(styled).collect(),
            ..Panel::default()
        }
    }

    /// The error at `n` without and with all side steps replaced.
    fn ends(&self, n: usize) -> String {
        let mean = |name: &str| {
            let runs = self.at(name)?.runs().iter().filter(|run| run.n == n as f64);
            let logs: Vec<f64> = runs.map(|run| run.error.ln()).collect();
            (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
        };
        let say = |error: Option<f64>| error.map_or("not measured".into(), |error| format!("{error:.3}"));
        format!("{} without, {} with all", say(mean("0")), say(mean("1")))
    }

    /// Rate, size and ln error of the runs of a seed.
    fn points(&self, seed: u64) -> Vec<(f64, f64, f64)> {
        let runs = |(dose, curve): &(&'static Dose, Curve)| {
            let rate = dose.rate;
            let own = curve.runs().iter().filter(move |run| run.seed == seed);
            own.map(move |run| (rate, run.n, run.error.ln())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(runs).collect()
    }

    fn seeds(&self) -> Vec<u64> {
        self.0.first().map_or(Vec::new(), |(_, curve)| curve.seeds())
    }
}

fn draw(results: &Results) -> Result<Drawn> {
    let plan = plan(results.preset, results.seeds);
    let groups = Groups::new(&plan, results);
    let wrong = Doses::new(&groups, WRONG, results.preset)?;
    let right = Doses::new(&groups, RIGHT, results.preset)?;
    let n = decisive(results.preset);
    let most = sizes(World::Branching, results.preset).all.last().copied().unwrap_or(n);
    let all = || [&wrong, &right].into_iter().flat_map(|doses| &doses.0).flat_map(|(_, curve)| curve.runs());
    let end = |pick: fn(f64, f64) -> f64| all().map(|run| run.error).reduce(pick);
    let errors = end(f64::min).zip(end(f64::max)).map(|(low, high)| (low / 1.05, high * 1.05));
    let chart = Chart {
        title: "RFT with steps injected where the answer does not depend on them".into(),
        panels: vec![wrong.panel(WRONG, errors), right.panel(RIGHT, errors)],
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "power law, bootstrap band".into(),
            theory: String::new(),
        },
        caption: caption(&wrong, &right, most).paragraphs(),
        panel_size: (300.0, 260.0),
        ..Chart::default()
    };
    Ok(Drawn {
        chart,
        csv: planned_csv(&plan, results),
        claims: claims(&wrong, &right, most),
        notes: notes(&groups, &wrong),
    })
}

fn caption(wrong: &Doses, right: &Doses, n: usize) -> Caption {
    Caption {
        seen: format!(
            "colors: how many of the steps on side branches of RFT's own verified solutions are replaced, by the \
             teacher's misreading (a) or by the truth (b). Error at n = {n}, mean of {} seeds: (a) {}; (b) {}.",
            wrong.seeds().len(),
            wrong.ends(n),
            right.ends(n),
        ),
        paper: "training on positives amplifies spurious correlations: spurious steps in RFT's data hurt, and the \
                more so the more data there are.",
        source: PaperSource::Quoted("abstract; the figure itself is recalled"),
        differs: "how the paper's spurious steps came about is not known; the control with correct steps is ours.",
    }
}

/// The interaction of rate and ln n, one for each seed.
fn interactions(seeds: &[u64], points: impl Fn(u64) -> Vec<(f64, f64, f64)>) -> Result<Interval, String> {
    let own = |seed: &u64| interaction(&points(*seed)).map_err(|e| e.to_string());
    let slopes: Vec<f64> = seeds.iter().map(own).collect::<Result<_, _>>()?;
    let mean = paired_t(&slopes, Interval::LEVEL).map_err(|e| e.to_string())?;
    Ok(Interval::of_mean(&mean, seeds.len()))
}

fn claims(wrong: &Doses, right: &Doses, n: usize) -> Vec<Measured> {
    let seeds = wrong.seeds();
    let over_control = |seed: u64| {
        let (wrong, right) = (wrong.points(seed), right.points(seed));
        let both = wrong.iter().filter_map(|(rate, n, log)| {
            let control = right.iter().find(|(r, m, _)| r == rate && m == n)?;
            Some((*rate, *n, log - control.2))
        });
        both.collect()
    };
    let interacts = |says, origin, interval| Measured {
        says,
        origin,
        statistic: "coefficient of rate x ln n in ln error".into(),
        side: Side::Above(0.0),
        interval,
    };
    vec![
        interacts(
            "the harm of misread side steps grows with data",
            ABSTRACT,
            interactions(&seeds, |seed| wrong.points(seed)),
        ),
        interacts(
            "it grows with data beyond that of correct side steps",
            CONTROL,
            interactions(&seeds, over_control),
        ),
        ratio_of_errors(
            "with all side steps misread RFT errs more than without",
            ABSTRACT,
            wrong.at("0").zip(wrong.at("1")),
            n as f64,
            Side::Above(1.0),
            format!("n = {n}"),
        ),
        ratio_of_errors(
            "with all side steps misread RFT errs more than with all of them right",
            CONTROL,
            right.at("1").zip(wrong.at("1")),
            n as f64,
            Side::Above(1.0),
            format!("n = {n}"),
        ),
    ]
}

fn notes(groups: &Groups, wrong: &Doses) -> Vec<String> {
    let mut table = Table::default();
    for kind in [WRONG, RIGHT] {
        for (dose, curve) in &wrong.0 {
            for n in curve.sizes() {
                let all = groups.records(dose.line(kind));
                let at: Vec<&Record> = all.into_iter().filter(|r| r.cell.problems as f64 == n).collect();
                let mean = |of: &dyn Fn(&Record) -> f64| {
                    at.iter().map(|record| of(record)).sum::<f64>() / at.len() as f64
                };
                let share = mean(&|record| match record.metrics.data.injected {
                    Some((replaced, side)) => replaced as f64 / side.max(1) as f64,
                    None => 0.0,
                });
                table.row([
                    ("side steps", kind.panel.to_owned()),
                    ("rate", dose.rate.to_string()),
                    ("n", n.to_string()),
                    ("replaced, of side steps", format!("{share:.2}")),
                    ("readings right", format!("{:.3}", mean(&|record| record.metrics.reading_accuracy()))),
                    ("slips", format!("{:.3}", mean(&|record| record.metrics.slips()))),
                ]);
            }
        }
    }
    vec![
        format!(
            "By t intervals over {} seeds, one regression of ln error on rate, ln n and their product for each. Sizes \
             and rates were fixed before the runs.",
            wrong.seeds().len()
        ),
        table.markdown(),
    ]
}
