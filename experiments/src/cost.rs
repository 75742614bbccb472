//! Error against what it cost.

use crate::curves::data_ratio;
use crate::store::Record;
use eightfold_scaling::{Curve, Ratio, Run};

/// A curve against the floating-point operations of its runs, sampling and rollouts included, evaluation not.
/// The teacher's work is not counted: its solutions are given. Kept are the sizes at which an operation more
/// buys a lower error, since data are free here.
///
/// # Errors
/// A run without a record, or a record without operations.
pub fn against_flops(curve: &Curve, records: &[&Record]) -> Result<Curve, String> {
    let flops = |run: &Run| {
        let same = |r: &&&Record| r.cell.problems as f64 == run.n && r.cell.seed == run.seed;
        records.iter().find(same).map_or(f64::NAN, |record| record.metrics.cost.total().flops)
    };
    let costly = curve.against_cost(flops).map_err(|e| e.to_string())?;
    let mean = |cost: f64| {
        let logs: Vec<f64> = costly.runs().iter().filter(|r| r.n == cost).map(|r| r.error.ln()).collect();
        logs.iter().sum::<f64>() / logs.len() as f64
    };
    let mut best = f64::INFINITY;
    let falls = |cost: &f64| {
        let lower = mean(*cost) < best;
        best = best.min(mean(*cost));
        lower
    };
    let kept: Vec<f64> = costly.sizes().into_iter().filter(falls).collect();
    Ok(costly.of_sizes(&kept))
}

/// How many times the operations the baseline needs for the method's error at `n`, read as [`data_ratio`].
pub fn flops_ratio(
    baseline: (&Curve, &[&Record]),
    method: (&Curve, &[&Record]),
    n: f64,
) -> Result<Ratio, String> {
    let baseline = against_flops(baseline.0, baseline.1)?;
    let method = against_flops(&method.0.of_sizes(&[n]), method.1)?;
    let cost = method.sizes().first().copied().ok_or("cells missing")?;
    data_ratio(&baseline, &method, cost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Cell;
    use crate::pipeline::{Ledger, Metrics, StageCost};
    use crate::settings::{self, Recipe};
    use crate::store::Provenance;
    use eightfold_gpt::TrainReport;

    /// A record with an error, operations of training, and as many of evaluation again.
    fn record(cell: Cell, error: f64, flops: f64) -> Record {
        let stage = StageCost { flops, ..StageCost::default() };
        let cost = Ledger { sft: stage, evaluation: stage, ..Ledger::default() };
        let metrics = Metrics {
            error,
            error_t1: error,
            pass_k: vec![(1, 1.0 - error)],
            faults: None,
            answers: None,
            curve: None,
            data: Default::default(),
            cost,
            training: TrainReport::default(),
            probed: None,
        };
        let provenance = Provenance {
            commit: None,
            dirty: None,
            sources: None,
            version: String::new(),
            device: String::new(),
            unix_time: 0,
        };
        Record { cell, metrics, provenance }
    }

    fn curve(rows: &[(usize, f64, f64)]) -> (Curve, Vec<Record>) {
        let cells = rows.iter().flat_map(|row| (0..2).map(move |seed| (row, seed)));
        let records: Vec<Record> = cells
            .map(|((n, error, flops), seed)| {
                record(settings::cell(Recipe::sft(), *n, seed), *error * (1.0 + seed as f64), *flops)
            })
            .collect();
        let all: Vec<&Record> = records.iter().collect();
        (crate::curves::curve_over(&all, |r| r.cell.problems as f64).unwrap().unwrap(), records)
    }

    #[test]
    fn sizes_that_cost_more_and_err_more_are_no_choice() {
        // 128 problems cost what 64 do and err less; 256 cost more and err more.
        let (curve, records) = curve(&[(64, 0.4, 10.0), (128, 0.2, 9.0), (256, 0.3, 20.0), (512, 0.1, 30.0)]);
        let records: Vec<&Record> = records.iter().collect();
        let costly = against_flops(&curve, &records).unwrap();
        let rounded: Vec<f64> = costly.sizes().into_iter().map(f64::round).collect();
        assert_eq!(rounded, [9.0, 30.0]);
        assert!(against_flops(&curve, &records[1..]).is_err(), "a run without a record");
    }

    #[test]
    fn half_the_operations_for_the_same_error_are_a_ratio_of_two() {
        let (baseline, paid) = curve(&[(64, 0.4, 10.0), (128, 0.2, 20.0), (256, 0.1, 40.0)]);
        let (method, own) = curve(&[(64, 0.2, 10.0)]);
        let (paid, own): (Vec<&Record>, Vec<&Record>) = (paid.iter().collect(), own.iter().collect());
        let ratio = flops_ratio((&baseline, &paid), (&method, &own), 64.0).unwrap();
        assert!(matches!(ratio, Ratio::Value { estimate, .. } if (estimate - 2.0).abs() < 1e-9), "{ratio}");
    }
}
