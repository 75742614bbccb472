//! Series and tables of star graph records.

use crate::arm::Look;
use crate::pipeline::{Method, Point, TrainingCurve};
use crate::store::Record;
use eightfold_harness::Table;
use eightfold_plot::{Estimate, Series};

/// One list of a curve, such as its errors.
pub type Column = &'static str;

/// The curves of a method, each with its seed.
pub fn of<'a>(records: &'a [Record], method: &str) -> Vec<(u64, &'a TrainingCurve)> {
    let mine = records.iter().filter(|record| record.cell.method.label() == method);
    mine.filter_map(|record| Some((record.cell.seed, record.metrics.curve.as_ref()?))).collect()
}

/// Means over seeds, with the range of seeds as band, and every seed's points. `shift` is added to the updates;
/// `marks` is the distance, in updates, of the means that carry a mark.
pub fn series(
    curves: &[(u64, &TrainingCurve)],
    column: Column,
    look: Look,
    shift: usize,
    marks: usize,
) -> Series {
    let mut series = look.series();
    let mut updates: Vec<usize> = curves.iter().flat_map(|(_, curve)| &curve.updates).copied().collect();
    updates.sort_unstable();
    updates.dedup();
    let last = updates.last().copied();
    for update in updates {
        let at = |curve: &TrainingCurve| {
            curve.updates.iter().position(|u| *u == update).map(|place| curve.column(column)[place])
        };
        let values: Vec<f64> = curves.iter().filter_map(|(_, curve)| at(curve)).collect();
        if values.len() < curves.len() {
            // Runs without pairs are measured at their ends alone; a mean over some seeds would jump.
            continue;
        }
        let x = (update + shift) as f64;
        let y = values.iter().sum::<f64>() / values.len() as f64;
        let (low, high) = values.iter().fold((y, y), |(low, high), v| (low.min(*v), high.max(*v)));
        series.curve.push((x, y));
        series.band.push((x, low, high));
        if update % marks == 0 || Some(update) == last {
            series.means.push(Estimate { x, y, low, high });
            series.samples.extend(values.iter().map(|v| (x, *v)));
        }
    }
    series
}

/// One line a measurement.
pub fn csv(records: &[Record]) -> String {
    let mut table = Table::default();
    for Record { cell, metrics, .. } in records {
        let (Some(curve), Some(learner)) = (&metrics.curve, cell.learner.star()) else { continue };
        for (i, update) in curve.updates.iter().enumerate() {
            let loss = curve.loss.get(i).map_or_else(String::new, |loss| format!("{loss:.5}"));
            let start = [
                ("method", cell.method.label()),
                ("base", learner.base.seed.to_string()),
                ("graphs", cell.problems.to_string()),
                ("seed", cell.seed.to_string()),
                ("sft_updates", before(&cell.method).to_string()),
                ("updates", update.to_string()),
                ("loss", loss),
            ];
            let measured = ["error", "critical", "value", "right_value", "train_nll", "train_value"]
                .map(|name| (name, curve.column(name)[i].to_string()));
            let end = [
                ("items", metrics.data.items.to_string()),
                ("verifier_calls", metrics.cost.total().verified.to_string()),
                ("cell", cell.id()),
            ];
            table.row(start.into_iter().chain(measured).chain(end));
        }
    }
    table.csv()
}

/// SFT updates before the method's own.
fn before(method: &Method) -> usize {
    let point = match method {
        Method::Untrained { .. } | Method::Sft {} => return 0,
        Method::Imitate(imitation) => imitation.start,
        Method::Prefer(preferring) => preferring.start,
        Method::Online(online) => online.start,
    };
    match point {
        Point::SftAt(updates) => updates,
        Point::Base | Point::Sft => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_plot::{Color, Marker};

    #[test]
    fn means_and_ranges_are_over_seeds() {
        let curve = |errors: [f64; 3]| TrainingCurve {
            updates: vec![0, 10, 20],
            measures: [("error".to_owned(), errors.to_vec())].into(),
            ..TrainingCurve::default()
        };
        let (a, b) = (curve([0.5, 0.4, 0.1]), curve([0.7, 0.2, 0.3]));
        let look = Look::of("x", Color::Blue, Marker::Circle);
        let series = series(&[(0, &a), (1, &b)], "error", look, 100, 20);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
        for ((x, y), (expected_x, expected_y)) in
            series.curve.iter().zip([(100.0, 0.6), (110.0, 0.3), (120.0, 0.2)])
        {
            assert!(*x == expected_x && near(*y, expected_y));
        }
        assert_eq!(series.band[1], (110.0, 0.2, 0.4));
        assert_eq!(series.means.iter().map(|mean| mean.x).collect::<Vec<_>>(), [100.0, 120.0]);
        assert_eq!(series.samples.len(), 4);
    }
}
