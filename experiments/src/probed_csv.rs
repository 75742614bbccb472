//! The tables of figures that look inside a policy.

use crate::pipeline::{Gain, Gains, Probed};
use crate::probe::PROGRESS;
use crate::store::Record;

/// Figure 4: one line for each cell and source.
pub fn likelihood_csv(records: &[Record]) -> String {
    let mut out = String::from(
        "updates,seed,lexicon,source,problems,phrasing,readings,copying,all,tokens,phrased,misread,cell\n",
    );
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Likelihood(l)) = &metrics.probed else { continue };
        let (updates, id) = (cell.learner.sft().map_or(0, |sft| sft.updates(cell.problems)), cell.id());
        for (name, s) in [("teacher", &l.teacher), ("self", &l.own)] {
            let start = format!("{updates},{},{},{name},{}", cell.seed, cell.world.seed(), l.problems);
            let (phrasing, readings, copying, all) = (s.phrasing, s.readings, s.copying, s.total());
            out += &format!("{start},{phrasing:.4},{readings:.4},{copying:.4},{all:.4}");
            out += &format!(",{:.3},{:.4},{:.4},{id}\n", s.tokens, s.phrased, s.misread);
        }
    }
    out
}

/// Figure 6: one line for each learner, seed and step.
pub fn pits_csv(records: &[Record]) -> String {
    let mut out = String::from("learner,seed,lexicon,step,observed,expected,variance,cell\n");
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Pits(pits)) = &metrics.probed else { continue };
        for (name, places) in [("network", &pits.network), ("tabular", &pits.tabular)] {
            for (step, observed) in places.observed.iter().enumerate() {
                let (expected, variance) = (places.expected[step], places.variance[step]);
                let start = format!("{name},{},{},{}", cell.seed, cell.world.seed(), step + 1);
                out += &format!("{start},{observed},{expected:.3},{variance:.3},{}\n", cell.id());
            }
        }
    }
    out
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
    let mut out = String::from("side_readings,method,seed,lexicon,kind,steps,q,right,cell\n");
    for Record { cell, metrics, .. } in records {
        let Some(Probed::Gains(gains)) = &metrics.probed else { continue };
        let (method, id) = (cell.method.name(), cell.id());
        let start = format!(
            "{},{method},{},{}",
            cell.world.lexicon().map_or(0.0, |world| world.side_readings),
            cell.seed,
            cell.world.seed()
        );
        for (share, q) in PROGRESS.iter().zip(gains.progress) {
            out += &format!("{start},progress {share},,{q:.4},,{id}\n");
        }
        for (name, of) in KINDS {
            let Gain { steps, q, right } = of(gains);
            out += &format!("{start},\"{name}\",{steps},{q:.4},{right:.4},{id}\n");
        }
    }
    out
}
