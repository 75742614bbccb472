//! The table of a figure.

use crate::figure::Results;
use crate::plan::Planned;
use crate::store::Record;

const COLUMNS: &str = "method,n,seed,error,error_t1,k,pass_k,reading_accuracy,slips,items,accepted,drawn,\
                       verifier_calls,tokens_sampled,tokens_trained,flops,seconds,cell";

/// One line a record: method, size, seed, errors, faults, data and cost.
pub fn csv(records: &[Record]) -> String {
    let rows = records.iter().map(|record| row(record) + "\n");
    format!("{COLUMNS}\n") + &rows.collect::<String>()
}

/// One line for each point of a plan: its panel and arm, then as [`csv`]. A record that stands in two panels has
/// two lines.
pub fn planned_csv(plan: &[Planned], results: &Results) -> String {
    let mut out = format!("panel,arm,lexicon,{COLUMNS}\n");
    for (Planned { panel, arm, .. }, slot) in plan.iter().zip(&results.slots) {
        if let Some(record) = slot.and_then(|at| results.records.get(at)) {
            out += &format!("{panel},{arm},{},{}\n", record.cell.world.seed(), row(record));
        }
    }
    out
}

fn row(Record { cell, metrics, .. }: &Record) -> String {
    let total = metrics.cost.total();
    let (accepted, drawn) = metrics.data.accepted.unwrap_or_default();
    format!(
        "{},{},{},{:.4},{:.4},{},{:.4},{:.4},{:.4},{},{accepted},{drawn},{},{},{},{:.4e},{:.1},{}",
        cell.method.name(),
        cell.problems,
        cell.seed,
        metrics.error,
        metrics.error_t1,
        metrics.pass().0,
        metrics.pass().1,
        metrics.reading_accuracy(),
        metrics.slips(),
        metrics.data.items,
        total.verified,
        total.sampled,
        total.trained,
        total.flops,
        total.seconds,
        cell.id(),
    )
}
