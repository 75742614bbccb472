//! The table of a figure.

use crate::figure::Results;
use crate::plan::Planned;
use crate::store::Record;
use eightfold_harness::Table;

/// A cell with the name of its column.
pub type Named = (&'static str, String);

/// One line a record: method, size, seed, errors, faults, data and cost.
pub fn csv(records: &[Record]) -> String {
    csv_behind(records, |_| [])
}

/// The same behind columns of a figure's own.
pub fn csv_behind<const N: usize>(records: &[Record], own: impl Fn(&Record) -> [Named; N]) -> String {
    records.iter().map(|record| own(record).into_iter().chain(row(record))).collect::<Table>().csv()
}

/// One line for each point of a plan: its panel and the name of its line, then as [`csv`]. A record that stands in two panels has
/// two lines.
pub fn planned_csv(plan: &[Planned], results: &Results) -> String {
    let placed = plan.iter().zip(&results.slots);
    let table: Table = placed
        .filter_map(|(Planned { line, .. }, slot)| {
            let record = results.records.get((*slot)?)?;
            let lexicon = record.cell.world.seed().to_string();
            let place =
                [("panel", line.panel().to_owned()), ("arm", line.name().to_owned()), ("lexicon", lexicon)];
            Some(place.into_iter().chain(row(record)))
        })
        .collect();
    table.csv()
}

fn row(record: &Record) -> impl Iterator<Item = Named> + use<> {
    let metrics = &record.metrics;
    let faults = [
        ("reading_accuracy", format!("{:.4}", metrics.reading_accuracy())),
        ("slips", format!("{:.4}", metrics.slips())),
    ];
    which(record).into_iter().chain(errors(record)).chain(faults).chain(work(record))
}

/// Method, size and seed of a record.
pub fn which(Record { cell, .. }: &Record) -> [Named; 3] {
    [
        ("method", cell.method.name().to_owned()),
        ("n", cell.problems.to_string()),
        ("seed", cell.seed.to_string()),
    ]
}

/// Its errors.
pub fn errors(Record { metrics, .. }: &Record) -> [Named; 4] {
    let (k, pass_k) = metrics.pass();
    [
        ("error", format!("{:.4}", metrics.error)),
        ("error_t1", format!("{:.4}", metrics.error_t1)),
        ("k", k.to_string()),
        ("pass_k", format!("{pass_k:.4}")),
    ]
}

/// Its data and what they cost, and the name of its cell.
pub fn work(Record { cell, metrics, .. }: &Record) -> [Named; 9] {
    let total = metrics.cost.total();
    let (accepted, drawn) = metrics.data.accepted.unwrap_or_default();
    [
        ("items", metrics.data.items.to_string()),
        ("accepted", accepted.to_string()),
        ("drawn", drawn.to_string()),
        ("verifier_calls", total.verified.to_string()),
        ("tokens_sampled", total.sampled.to_string()),
        ("tokens_trained", total.trained.to_string()),
        ("flops", format!("{:.4e}", total.flops)),
        ("seconds", format!("{:.1}", total.seconds)),
        ("cell", cell.id()),
    ]
}
