//! The tables of figures that look inside a policy.

use crate::csv::Named;
use crate::pipeline::{Cell, Gain, Gains, Probed};
use crate::probe::PROGRESS;
use crate::store::Record;
use eightfold_harness::Table;

/// The seed of a cell, and that of its lexicon.
fn seeds(cell: &Cell) -> [Named; 2] {
    [("seed", cell.seed.to_string()), ("lexicon", cell.world.seed().to_string())]
}

/// Figure 4: one line for each cell and source.
pub fn likelihood_csv(records: &[Record]) -> String {
    let mut table = Table::default();
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Likelihood(l)) = &metrics.probed else { continue };
        let updates = cell.learner.sft().map_or(0, |sft| sft.updates(cell.problems));
        for (name, s) in [("teacher", &l.teacher), ("self", &l.own)] {
            let measured = [
                ("source", name.to_owned()),
                ("problems", l.problems.to_string()),
                ("phrasing", format!("{:.4}", s.phrasing)),
                ("readings", format!("{:.4}", s.readings)),
                ("copying", format!("{:.4}", s.copying)),
                ("all", format!("{:.4}", s.total())),
                ("tokens", format!("{:.3}", s.tokens)),
                ("phrased", format!("{:.4}", s.phrased)),
                ("misread", format!("{:.4}", s.misread)),
                ("cell", cell.id()),
            ];
            table.row([("updates", updates.to_string())].into_iter().chain(seeds(cell)).chain(measured));
        }
    }
    table.csv()
}

/// Figure 6: one line for each learner, seed and step.
pub fn pits_csv(records: &[Record]) -> String {
    let mut table = Table::default();
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Pits(pits)) = &metrics.probed else { continue };
        for (name, places) in [("network", &pits.network), ("tabular", &pits.tabular)] {
            for (step, observed) in places.observed.iter().enumerate() {
                let measured = [
                    ("step", (step + 1).to_string()),
                    ("observed", observed.to_string()),
                    ("expected", format!("{:.3}", places.expected[step])),
                    ("variance", format!("{:.3}", places.variance[step])),
                    ("cell", cell.id()),
                ];
                table.row([("learner", name.to_owned())].into_iter().chain(seeds(cell)).chain(measured));
            }
        }
    }
    table.csv()
}

/// One kind of step.
type Kind = fn(&Gains) -> Gain;

/// The kinds of steps with their names.
pub const KINDS: [(&str, Kind); 4] = [
    ("critical", |g| g.critical),
    ("side branch", |g| g.other),
    ("critical, two meanings", |g| g.critical_marked),
    ("side branch, two meanings", |g| g.other_marked),
];

/// Figure 8: for each cell Q of its own solutions at each share written, and a line for each kind of step.
pub fn gains_csv(records: &[Record]) -> String {
    let mut table = Table::default();
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Gains(gains)) = &metrics.probed else { continue };
        let side_readings = cell.world.lexicon().map_or(0.0, |world| world.side_readings);
        let mut row = |kind: String, steps: String, q: f64, right: String| {
            let start =
                [("side_readings", side_readings.to_string()), ("method", cell.method.name().to_owned())];
            let measured = [
                ("kind", kind),
                ("steps", steps),
                ("q", format!("{q:.4}")),
                ("right", right),
                ("cell", cell.id()),
            ];
            table.row(start.into_iter().chain(seeds(cell)).chain(measured));
        };
        for (share, q) in PROGRESS.iter().zip(gains.progress) {
            row(format!("progress {share}"), String::new(), q, String::new());
        }
        for (name, of) in KINDS {
            let Gain { steps, q, right } = of(gains);
            row(name.to_owned(), steps.to_string(), q, format!("{right:.4}"));
        }
    }
    table.csv()
}
