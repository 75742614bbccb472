//! Error against floating-point operations, from the table that a figure of a plan wrote.

use crate::arm::Arm;
use eightfold_plot::{Axis, Chart, Estimate, Keys, Legend, Panel, PlotError, Scale, Series};

/// Operations to the unit of the axis.
const TERA: f64 = 1e12;
/// An error of 0 has no place on a logarithmic axis: half of a thousand problems' share.
const FLOOR: f64 = 0.0005;

/// A row of the table, as far as it is needed.
struct Row<'a> {
    panel: &'a str,
    arm: Arm,
    n: u64,
    operations: f64,
    error: f64,
}

/// The drawing of some panels of a table; `None` if the table has no such columns or rows.
///
/// # Errors
/// If it cannot be laid out.
pub(super) fn chart(csv: &str, panels: &[&str]) -> Result<Option<String>, PlotError> {
    let rows = rows(csv);
    let panel = |name: &&str| {
        let mine: Vec<&Row> = rows.iter().filter(|row| row.panel == *name).collect();
        (!mine.is_empty()).then(|| draw(name, &mine))
    };
    let panels: Vec<Panel> = panels.iter().filter_map(panel).collect();
    if panels.is_empty() {
        return Ok(None);
    }
    let chart = Chart {
        title: "Error against cost".into(),
        panels,
        legend: Legend::Top,
        keys: Keys {
            sample: "one seed".into(),
            mean: "geometric mean, range of seeds".into(),
            curve: "more operations, lower error".into(),
            theory: String::new(),
        },
        panel_size: (400.0, 300.0),
        ..Chart::default()
    };
    Ok(Some(chart.scene()?.svg()))
}

/// Rows with operations; those that do not parse are left out. No cell of this table holds a comma.
fn rows(csv: &str) -> Vec<Row<'_>> {
    let mut lines = csv.lines();
    let columns: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |name: &str| columns.iter().position(|column| *column == name);
    let names = ["panel", "arm", "n", "flops", "error"].map(place);
    let read = |line| {
        let cells: Vec<&str> = str::split(line, ',').collect();
        let cell = |of: usize| cells.get(names[of]?).copied();
        let (n, operations): (u64, f64) = (cell(2)?.parse().ok()?, cell(3)?.parse().ok()?);
        let error: f64 = cell(4)?.parse().ok()?;
        (operations > 0.0).then_some(Row {
            panel: cell(0)?,
            arm: cell(1)?.parse().ok()?,
            n,
            operations: operations / TERA,
            error: error.max(FLOOR),
        })
    };
    lines.filter_map(read).collect()
}

fn draw(name: &str, rows: &[&Row]) -> Panel {
    let mut arms: Vec<Arm> = Vec::new();
    for row in rows {
        if !arms.contains(&row.arm) {
            arms.push(row.arm);
        }
    }
    let axis = |label: &str| Axis { label: label.into(), scale: Scale::Log10, range: None };
    Panel {
        title: name.into(),
        x: axis("10^12 floating-point operations"),
        y: axis("test error (greedy)"),
        series: arms.into_iter().map(|arm| series(arm, rows)).collect(),
        ..Panel::default()
    }
}

fn series(arm: Arm, rows: &[&Row]) -> Series {
    let mine: Vec<&&Row> = rows.iter().filter(|row| row.arm == arm).collect();
    let mut sizes: Vec<u64> = mine.iter().map(|row| row.n).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mean = |n: &u64| {
        let at: Vec<&&&Row> = mine.iter().filter(|row| row.n == *n).collect();
        let mean =
            |of: fn(&Row) -> f64| (at.iter().map(|row| of(row).ln()).sum::<f64>() / at.len() as f64).exp();
        let errors = at.iter().map(|row| row.error);
        Estimate {
            x: mean(|row| row.operations),
            y: mean(|row| row.error),
            low: errors.clone().fold(f64::INFINITY, f64::min),
            high: errors.fold(0.0, f64::max),
        }
    };
    let means: Vec<Estimate> = sizes.iter().map(mean).collect();
    let curve = frontier(&means);
    Series {
        samples: mine.iter().map(|row| (row.operations, row.error)).collect(),
        means,
        curve,
        ..arm.look().series()
    }
}

/// The means by rising cost, as far as each errs less than all that are cheaper: an arm may cost as much on few
/// data as on many.
fn frontier(means: &[Estimate]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = means.iter().map(|mean| (mean.x, mean.y)).collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mut least = f64::INFINITY;
    points.retain(|&(_, error)| {
        let lower = error < least;
        least = least.min(error);
        lower
    });
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "panel,arm,n,seed,error,flops\n\
                         hard,sft,64,0,0.5,1e12\nhard,sft,64,1,0.125,4e12\nhard,rft,64,0,0,8e12\n\
                         easy,sft,64,0,0.5,0\nhard,sft,x,0,0.5,1e12\nhard\n";

    #[test]
    fn means_are_geometric_and_an_error_of_zero_has_a_place() {
        let rows = rows(TABLE);
        let rows: Vec<&Row> = rows.iter().collect();
        assert_eq!(rows.len(), 3);
        let sft = series(Arm::Sft, &rows);
        assert!((sft.means[0].x - 2.0).abs() < 1e-12 && (sft.means[0].y - 0.25).abs() < 1e-12);
        assert_eq!((sft.means[0].low, sft.means[0].high), (0.125, 0.5));
        assert!((series(Arm::Rft, &rows).means[0].y - FLOOR).abs() < 1e-12);
    }

    #[test]
    fn the_line_leaves_out_what_costs_more_and_errs_more() {
        let mean = |x, y| Estimate { x, y, low: y, high: y };
        let means = [mean(4.0, 0.5), mean(1.0, 0.4), mean(2.0, 0.45), mean(4.0, 0.2), mean(8.0, 0.1)];
        assert_eq!(frontier(&means), [(1.0, 0.4), (4.0, 0.2), (8.0, 0.1)]);
    }

    #[test]
    fn panels_without_rows_are_not_drawn() {
        assert!(chart(TABLE, &["hard", "easy"]).unwrap().unwrap().contains("SFT"));
        assert_eq!(chart(TABLE, &["easy"]).unwrap(), None);
        assert_eq!(chart("", &["hard"]).unwrap(), None);
    }
}
