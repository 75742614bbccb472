//! The picture of a run: error against data and against operations, and pass at k.

use super::preset::arms as arms_here;
use super::rows::AtSize;
use crate::arm::Arm;
use crate::store::Record;
use eightfold_plot::{Axis, Chart, Estimate, Keys, Legend, Level, Panel, Scale, Series};

/// The picture of some arms.
pub(super) fn chart(title: String, arms: &[AtSize], caption: Vec<String>) -> Chart {
    let largest = arms.iter().map(|arm| arm.size).max().unwrap_or(0);
    let panels = vec![
        error_panel(arms, "training problems", Scale::Log2, |arm| arm.size as f64),
        error_panel(arms, "operations, evaluation apart", Scale::Log10, |arm| {
            arm.mean(|record| record.metrics.cost.total().flops)
        }),
        pass_panel(arms, largest),
    ];
    Chart {
        title,
        panels,
        legend: Legend::Right,
        keys: Keys {
            sample: "one seed".into(),
            mean: "mean of seeds, 95 % over test problems".into(),
            curve: String::new(),
            theory: String::new(),
        },
        caption,
        ..Chart::default()
    }
}

/// Greedy error over what `x` says of each arm; the untrained model, which has no data, is a level.
fn error_panel(arms: &[AtSize], x_label: &str, scale: Scale, x: impl Fn(&AtSize) -> f64) -> Panel {
    let drawn = |arm: Arm| {
        let mine: Vec<&AtSize> = arms.iter().filter(|at| at.arm == arm && at.size > 0).collect();
        let mean = |arm: &&AtSize| {
            let error = arm.error();
            Estimate { x: x(arm), y: error.mean, low: error.low, high: error.high }
        };
        let means: Vec<Estimate> = mine.iter().map(mean).collect();
        let seeds = mine.iter().filter(|arm| arm.records.len() > 1);
        let sample = |arm: &&AtSize, record: &&Record| (x(arm), record.metrics.error);
        let samples = seeds.flat_map(|arm| arm.records.iter().map(move |record| (arm, record)));
        let samples = samples.map(|(arm, record)| sample(arm, record)).collect();
        let curve = means.iter().map(|mean| (mean.x, mean.y)).collect();
        Series { means, samples, curve, ..arm.look().series() }
    };
    let level = |arm: &AtSize| {
        let look = arm.arm.look();
        Level { y: arm.error().mean, text: look.label.into(), color: look.color }
    };
    Panel {
        title: String::new(),
        x: Axis { label: x_label.into(), scale, range: None },
        y: Axis { label: "test error (greedy)".into(), scale: Scale::Linear, range: None },
        series: arms_here().map(drawn).filter(|s| !s.means.is_empty()).collect(),
        levels: arms.iter().filter(|arm| arm.size == 0).map(level).collect(),
        ..Panel::default()
    }
}

/// Pass at k of the arms of one size, and of the untrained model.
fn pass_panel(arms: &[AtSize], size: usize) -> Panel {
    let drawn = |arm: &AtSize| {
        let ks = arm.records[0].metrics.pass_k.iter().map(|(k, _)| *k);
        let points: Vec<(f64, f64)> = ks.map(|k| (k as f64, arm.pass(k))).collect();
        let mean = |&(x, y): &(f64, f64)| Estimate { x, y, low: y, high: y };
        Series { means: points.iter().map(mean).collect(), curve: points, ..arm.arm.look().series() }
    };
    Panel {
        title: format!("{size} problems, temperature 1"),
        x: Axis { label: "k".into(), scale: Scale::Log2, range: None },
        y: Axis { label: "pass at k".into(), scale: Scale::Linear, range: None },
        series: arms.iter().filter(|arm| arm.size == size || arm.size == 0).map(drawn).collect(),
        ..Panel::default()
    }
}
