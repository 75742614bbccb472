//! Series and tables of star graph records.

use super::cell::StarCell;
use super::metrics::StarCurve;
use crate::plot::{Color, Estimate, Marker, Series};
use crate::store::Record;

/// One list of a curve, such as its errors.
pub type Column = fn(&StarCurve) -> &Vec<f64>;

/// How a curve looks.
#[derive(Clone, Copy)]
pub struct Look {
    /// Its name in the legend.
    pub label: &'static str,
    /// Its color.
    pub color: Color,
    /// Its marker.
    pub marker: Marker,
    /// Whether it is a control.
    pub control: bool,
}

/// The curves of a method, each with its seed.
pub fn of<'a>(records: &'a [Record<StarCell>], method: &str) -> Vec<(u64, &'a StarCurve)> {
    let mine = records.iter().filter(|record| record.cell.method.name() == method);
    mine.map(|record| (record.cell.seed, &record.metrics.curve)).collect()
}

/// Means over seeds, with the range of seeds as band, and every seed's points. `shift` is added to the updates;
/// `marks` is the distance, in updates, of the means that carry a mark.
pub fn series(
    curves: &[(u64, &StarCurve)],
    column: Column,
    look: Look,
    shift: usize,
    marks: usize,
) -> Series {
    let mut series = Series {
        name: look.label.into(),
        color: look.color,
        marker: look.marker,
        secondary: look.control,
        ..Series::default()
    };
    let mut updates: Vec<usize> = curves.iter().flat_map(|(_, curve)| &curve.updates).copied().collect();
    updates.sort_unstable();
    updates.dedup();
    let last = updates.last().copied();
    for update in updates {
        let at = |curve: &StarCurve| {
            curve.updates.iter().position(|u| *u == update).map(|place| column(curve)[place])
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
pub fn csv(records: &[Record<StarCell>]) -> String {
    let mut out = String::from(
        "method,base,graphs,seed,sft_updates,updates,loss,error,critical,value,right_value,train_nll,train_value,\
         items,verifier_calls,cell\n",
    );
    for Record { cell, metrics, .. } in records {
        let StarCurve { updates, loss, error, critical, value, right_value, train_nll, train_value } =
            &metrics.curve;
        for (i, update) in updates.iter().enumerate() {
            out += &format!(
                "{},{},{},{},{},{update},{},{},{},{},{},{},{},{},{},{}\n",
                cell.method.name(),
                cell.base.seed,
                cell.graphs,
                cell.seed,
                cell.method.updates().0,
                loss.get(i).map_or_else(String::new, |loss| format!("{loss:.5}")),
                error[i],
                critical[i],
                value[i],
                right_value[i],
                train_nll[i],
                train_value[i],
                metrics.items,
                metrics.verifier_calls,
                cell.id(),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_ranges_are_over_seeds() {
        let curve = |errors: [f64; 3]| StarCurve {
            updates: vec![0, 10, 20],
            error: errors.to_vec(),
            ..StarCurve::default()
        };
        let (a, b) = (curve([0.5, 0.4, 0.1]), curve([0.7, 0.2, 0.3]));
        let look = Look { label: "x", color: Color::Blue, marker: Marker::Circle, control: false };
        let series = series(&[(0, &a), (1, &b)], |curve| &curve.error, look, 100, 20);
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
