//! The table of a run: a line a cell as CSV, and a line a method and size in Markdown.

use super::preset::arms as arms_here;
use crate::arm::Arm;
use crate::csv::{errors, which, work};
use crate::pipeline::Answers;
use crate::store::Record;
use eightfold_harness::Table;
use eightfold_scaling::{Estimate, paired_t};

/// Confidence of every interval.
pub(super) const LEVEL: f64 = 0.95;

/// Records of one method at one size, one for each seed.
pub(super) struct AtSize<'a> {
    pub(super) arm: Arm,
    pub(super) size: usize,
    pub(super) records: Vec<&'a Record>,
}

/// The arms of some records, by size, methods in their order.
pub(super) fn arms(records: &[Record]) -> Vec<AtSize<'_>> {
    let mut sizes: Vec<usize> = records.iter().map(|record| record.cell.problems).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let at_size = |(size, arm): (usize, Arm)| {
        let mine = |record: &&Record| record.cell.problems == size && arm.is_method_of(&record.cell);
        AtSize { arm, size, records: records.iter().filter(mine).collect() }
    };
    let places = sizes.into_iter().flat_map(|size| arms_here().map(move |arm| (size, arm)));
    places.map(at_size).filter(|arm| !arm.records.is_empty()).collect()
}

impl AtSize<'_> {
    /// Mean of a number over seeds.
    pub(super) fn mean(&self, of: impl Fn(&Record) -> f64) -> f64 {
        self.records.iter().map(|record| of(record)).sum::<f64>() / self.records.len() as f64
    }

    /// For each held-out problem, the share of seeds that answer it wrongly.
    fn wrong(&self) -> Vec<f64> {
        let problems = answers(self.records[0]).map_or(0, |answers| answers.greedy.len());
        let wrong = |at: usize| {
            self.mean(|r| f64::from(u8::from(answers(r).is_some_and(|a| a.greedy.as_bytes()[at] == b'0'))))
        };
        (0..problems).map(wrong).collect()
    }

    /// The greedy error with its interval over held-out problems, as far as errors go; seeds are taken as they are.
    pub(super) fn error(&self) -> Estimate {
        let Estimate { mean, low, high, p } = interval(&self.wrong());
        Estimate { mean, low: low.max(0.0), high: high.min(1.0), p }
    }

    /// The greedy error minus that of another arm, problem by problem.
    pub(super) fn minus(&self, other: &AtSize) -> Estimate {
        let difference: Vec<f64> = self.wrong().iter().zip(other.wrong()).map(|(a, b)| a - b).collect();
        interval(&difference)
    }

    /// Mean pass at k.
    pub(super) fn pass(&self, k: usize) -> f64 {
        self.mean(|r| r.metrics.pass_k.iter().find(|(of, _)| *of == k).map_or(f64::NAN, |(_, share)| *share))
    }
}

/// The verdicts of a record.
fn answers(record: &Record) -> Option<&Answers> {
    record.metrics.answers.as_ref()
}

/// Mean and interval of some values; the mean alone where they do not differ.
fn interval(values: &[f64]) -> Estimate {
    paired_t(values, LEVEL).unwrap_or_else(|_| {
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        Estimate { mean, low: mean, high: mean, p: 1.0 }
    })
}

/// One line a record.
pub(super) fn csv(records: &[Record]) -> String {
    let row = |record: &Record| {
        let answers = answers(record);
        let held_out = ("held_out", answers.map_or(0, |answers| answers.greedy.len()).to_string());
        let cut = ("cut", format!("{:.4}", answers.map_or(0.0, |answers| answers.cut)));
        let start = which(record).into_iter().chain([held_out]).chain(errors(record));
        start.chain([cut]).chain(work(record))
    };
    records.iter().map(row).collect::<Table>().csv()
}

/// The results as a table, each method beside SFT of its size.
pub(super) fn table(arms: &[AtSize]) -> String {
    let k = arms.iter().flat_map(|arm| &arm.records).filter_map(|r| Some(r.metrics.pass_k.last()?.0)).max();
    let k = k.unwrap_or(1);
    let pass = format!("pass@{k}");
    let row = |arm: &AtSize| {
        let say = |e: Estimate| format!("{:.3} [{:.3}, {:.3}]", e.mean, e.low, e.high);
        let sft = arms.iter().find(|other| other.arm == Arm::Sft && other.size == arm.size);
        let against = sft.filter(|_| arm.arm != Arm::Sft).map_or("".into(), |sft| say(arm.minus(sft)));
        let of = |what: fn(&crate::pipeline::StageCost) -> f64| arm.mean(|r| what(&r.metrics.cost.total()));
        [
            ("n", arm.size.to_string()),
            ("method", arm.arm.label().to_owned()),
            ("seeds", arm.records.len().to_string()),
            ("greedy error, 95 %", say(arm.error())),
            ("minus SFT's, 95 %", against),
            ("error at temperature 1", format!("{:.3}", arm.mean(|r| r.metrics.error_t1))),
            (pass.as_str(), format!("{:.3}", arm.pass(k))),
            ("trained on", format!("{:.0}", arm.mean(|r| r.metrics.data.items as f64))),
            ("completions judged", format!("{:.0}", of(|cost| cost.verified as f64))),
            ("tokens drawn", format!("{:.0}", of(|cost| cost.sampled as f64))),
            ("tokens trained", format!("{:.0}", of(|cost| cost.trained as f64))),
            ("10^12 operations", format!("{:.1}", of(|cost| cost.flops / 1e12))),
        ]
    };
    arms.iter().map(row).collect::<Table>().markdown()
}
