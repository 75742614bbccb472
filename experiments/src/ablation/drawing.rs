//! What is drawn and written of an ablation's records.

use super::settings::{Ablation, Case, Dial, View};
use crate::arm::Arm;
use crate::caption::{WORLD, seeds};
use crate::csv::planned_csv;
use crate::curves::{complete, curve_over, mean_ratio_of_errors};
use crate::figure::{Drawn, Results};
use crate::paired::average;
use crate::plan::{Groups, Line, Planned};
use crate::store::Record;
use anyhow::Result;
use eightfold_harness::{Measured, Origin, Table};
use eightfold_plot::{Axis, Chart, Color, Estimate, Keys, Legend, Marker, Panel, Scale, Series};
use eightfold_scaling::Curve;

/// How settings look, in their order.
const LOOKS: [(Color, Marker); 6] = [
    (Color::Black, Marker::Circle),
    (Color::Blue, Marker::Diamond),
    (Color::Orange, Marker::Square),
    (Color::Green, Marker::Triangle),
    (Color::Vermillion, Marker::TriangleDown),
    (Color::Purple, Marker::Cross),
];

/// The range of an even axis whose values begin at zero, where marks beside each other would be cut by its end; else it
/// is fitted.
fn room(scale: Scale, values: &[(f64, &str)]) -> Option<(f64, f64)> {
    let (low, high) = (values.first()?.0, values.last()?.0);
    let margin = 0.05 * (high - low);
    (scale == Scale::Linear && low == 0.0).then_some((low - margin, high + margin))
}

/// An ablation with its records.
pub struct Drawing<'a> {
    ablation: &'a Ablation,
    results: &'a Results,
    plan: &'a [Planned],
    groups: Groups<'a>,
}

impl Ablation {
    /// Picture, table and claims.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn draw(&self, results: &Results) -> Result<Drawn> {
        let plan = self.plan(results.preset, results.seeds);
        Drawing::new(self, &plan, results).drawn()
    }
}

impl<'a> Drawing<'a> {
    /// The records of a plan that the ablation made.
    pub fn new(ablation: &'a Ablation, plan: &'a [Planned], results: &'a Results) -> Self {
        Self { ablation, results, plan, groups: Groups::new(plan, results) }
    }

    /// The records of a case.
    pub fn records(&self, (arm, setting): Case) -> Vec<&'a Record> {
        self.groups.records(Line::Setting { arm, setting })
    }

    /// The errors of a case over sizes, as far as every seed has them.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn curve(&self, case: Case) -> Result<Option<Curve>> {
        Ok(curve_over(&self.records(case), |r| r.cell.problems as f64)?.map(|curve| complete(&curve)))
    }

    /// Everything that all ablations draw.
    ///
    /// # Errors
    /// If records contradict each other.
    pub fn drawn(&self) -> Result<Drawn> {
        let panels = match &self.ablation.view {
            View::Sizes => self.over_sizes()?,
            View::Dials(dials) => {
                let panel = |(at, dial)| self.over_dial(at, dial);
                dials.iter().enumerate().map(panel).collect::<Result<_>>()?
            }
        };
        let alone = panels.len() == 1;
        let chart = Chart {
            title: self.ablation.title.into(),
            panels,
            legend: if alone { Legend::Right } else { Legend::Top },
            keys: Keys {
                sample: "one seed".into(),
                mean: "geometric mean, range of seeds".into(),
                curve: String::new(),
                theory: String::new(),
            },
            caption: vec![format!("Seen: {}", self.seen()?), format!("{} {WORLD}", self.setting())],
            panel_size: if alone { (420.0, 270.0) } else { (300.0, 250.0) },
            ..Chart::default()
        };
        let claims = self.claims()?;
        Ok(Drawn { chart, csv: planned_csv(self.plan, self.results), claims, notes: vec![self.table()] })
    }

    fn setting(&self) -> String {
        let sizes: Vec<String> = self.ablation.sizes.iter().map(usize::to_string).collect();
        format!(
            "One field is changed, all else is as in figure 7's hard world; {}. Claims are on the \
             geometric mean of the ratio of errors at n = {}, paired by seed (t interval).",
            seeds(self.results),
            sizes.join(", ")
        )
    }

    /// A panel for each arm, a series for each setting.
    fn over_sizes(&self) -> Result<Vec<Panel>> {
        let mut panels = Vec::new();
        for &arm in self.ablation.arms {
            let mut panel = Panel {
                title: arm.label().into(),
                x: Axis { label: "synthetic problems".into(), scale: Scale::Log2, range: None },
                y: error_axis("test error (greedy)"),
                ..Panel::default()
            };
            for (setting, (color, marker)) in self.ablation.settings.iter().zip(LOOKS) {
                let Some(curve) = self.curve((arm, setting.label))? else { continue };
                let mut series = Series { name: setting.label.into(), color, marker, ..Series::default() };
                for n in curve.sizes() {
                    let here = curve.runs().iter().filter(|run| run.n == n);
                    place(&mut series, n, &here.map(|run| run.error.ln()).collect::<Vec<_>>());
                }
                panel.series.push(series);
            }
            panels.push(panel);
        }
        Ok(panels)
    }

    /// A series for each arm, a point for each value of the dial.
    fn over_dial(&self, at: usize, dial: &Dial) -> Result<Panel> {
        let mut values: Vec<(f64, &'static str)> = vec![(dial.own, self.ablation.settings[0].label)];
        let turned = self.ablation.settings.iter().filter_map(|s| Some((s.dial?, s.label)));
        values
            .extend(turned.filter(|((which, _), _)| *which == at).map(|((_, value), label)| (value, label)));
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut panel = Panel {
            title: dial.title.into(),
            x: Axis { label: dial.label.into(), scale: dial.scale, range: room(dial.scale, &values) },
            y: error_axis("test error (greedy)"),
            ..Panel::default()
        };
        for &arm in self.ablation.arms {
            let mut series = arm.look().series();
            for (x, label) in &values {
                let Some(curve) = self.curve((arm, label))? else { continue };
                place(&mut series, *x, &log_errors(&curve));
            }
            panel.series.push(series);
        }
        Ok(panel)
    }

    fn claims(&self) -> Result<Vec<Measured>> {
        let mut claims = Vec::new();
        for expected in self.ablation.expects {
            let (of, over) = (self.curve(expected.of)?, self.curve(expected.over)?);
            let curves = over.as_ref().zip(of.as_ref());
            claims.push(mean_ratio_of_errors(
                expected.says,
                Origin::ours("expectation"),
                curves,
                expected.side,
            ));
        }
        Ok(claims)
    }

    /// Geometric means over seeds and over the sizes of every arm, in words.
    fn seen(&self) -> Result<String> {
        let mut arms = Vec::new();
        // SFT may have been measured farther than the others.
        let has = |arm: Arm, n: f64| {
            let here = |p: &&Planned| p.cell.problems as f64 == n;
            self.plan.iter().filter(here).any(|p| p.line.panel() == arm.name())
        };
        let sizes = self.plan.iter().map(|p| p.cell.problems as f64);
        let sizes: Vec<f64> = sizes.filter(|n| self.ablation.arms.iter().all(|arm| has(*arm, *n))).collect();
        for &arm in self.ablation.arms {
            let mut errors = Vec::new();
            for setting in self.ablation.settings {
                let Some(curve) = self.curve((arm, setting.label))? else { continue };
                let error = average(log_errors(&curve.of_sizes(&sizes))).exp();
                errors.push(format!("{} {error:.3}", setting.label));
            }
            arms.push(format!("{}: {}", arm.label(), errors.join("; ")));
        }
        Ok(format!("geometric means of the error over sizes and seeds. {}.", arms.join(". ")))
    }

    /// Means over seeds: errors, faults, and what the data cost.
    fn table(&self) -> String {
        let mut table = Table::default();
        for &arm in self.ablation.arms {
            for setting in self.ablation.settings {
                let records = self.records((arm, setting.label));
                let mut sizes: Vec<usize> = records.iter().map(|r| r.cell.problems).collect();
                sizes.sort_unstable();
                sizes.dedup();
                for n in sizes {
                    let mean = |value: &dyn Fn(&Record) -> f64| {
                        average(records.iter().filter(|r| r.cell.problems == n).map(|r| value(r)))
                    };
                    let share = |value: &dyn Fn(&Record) -> f64| format!("{:.3}", mean(value));
                    let count = |value: &dyn Fn(&Record) -> f64| format!("{:.0}", mean(value));
                    table.row([
                        ("arm", arm.label().to_owned()),
                        ("setting", setting.label.to_owned()),
                        ("n", n.to_string()),
                        ("error", share(&|r| r.metrics.error)),
                        ("at temperature 1", share(&|r| r.metrics.error_t1)),
                        ("readings right", share(&|r| r.metrics.reading_accuracy())),
                        ("slips", share(&|r| r.metrics.slips())),
                        ("pairs or examples", count(&|r| r.metrics.data.items as f64)),
                        ("verifier calls", count(&|r| r.metrics.cost.total().verified as f64)),
                        ("operations", format!("{:.2e}", mean(&|r| r.metrics.cost.total().flops))),
                    ]);
                }
            }
        }
        format!("Arithmetic means over seeds:\n\n{}", table.markdown())
    }
}

/// Adds the errors of all seeds at one place, their geometric mean and range, and a straight line to it: three sizes
/// or four values make no law.
pub(super) fn place(series: &mut Series, x: f64, logs: &[f64]) {
    let (low, high) = logs
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), log| (low.min(*log), high.max(*log)));
    let y = average(logs.iter().copied()).exp();
    series.samples.extend(logs.iter().map(|log| (x, log.exp())));
    series.means.push(Estimate { x, y, low: low.exp(), high: high.exp() });
    series.curve.push((x, y));
}

fn error_axis(label: &str) -> Axis {
    Axis { label: label.into(), scale: Scale::Log10, range: None }
}

/// For each seed the mean log error over the sizes.
fn log_errors(curve: &Curve) -> Vec<f64> {
    let of = |seed: u64| average(curve.runs().iter().filter(|r| r.seed == seed).map(|r| r.error.ln()));
    curve.seeds().into_iter().map(of).collect()
}
