//! What a cell measures: errors, faults by kind, data and cost.

use super::ledger::Ledger;
use super::probing::Probed;
use eightfold_gpt::TrainReport;
use eightfold_synth::StepPairStatistics;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The result of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Share of held-out problems answered wrongly, greedily, in [0, 1].
    pub error: f64,
    /// The same at temperature 1, mean over the samples.
    pub error_t1: f64,
    /// For k = 1, 2, 4, ... up to the number of samples: k, and the share of problems that at least one of k samples
    /// at temperature 1 answers; unbiased. Empty where nothing is sampled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pass_k: Vec<(usize, f64)>,
    /// Faults of greedy solutions, in worlds that know them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// Verdicts problem by problem, in worlds that keep them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Answers>,
    /// What was trained on.
    pub data: Data,
    /// What it cost, by stage.
    pub cost: Ledger,
    /// How the training of the method itself went.
    pub training: TrainReport,
    /// Measurements along that training, of learners that have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<TrainingCurve>,
    /// What the cell's probe measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed: Option<Probed>,
}

impl Metrics {
    /// Share of readings that are right in greedy solutions; not a number where the world does not know it.
    pub fn reading_accuracy(&self) -> f64 {
        self.faults.map_or(f64::NAN, |faults| faults.reading_accuracy)
    }

    /// Share of greedy solutions with a slip; not a number where the world does not know it.
    pub fn slips(&self) -> f64 {
        self.faults.map_or(f64::NAN, |faults| faults.slips)
    }

    /// The largest k of pass@k and its share.
    pub fn pass(&self) -> (usize, f64) {
        self.pass_k.last().copied().unwrap_or((0, f64::NAN))
    }
}

/// Kinds of faults of greedy solutions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Share of readings that are right.
    pub reading_accuracy: f64,
    /// Share of solutions with a slip in copying, look-up, arithmetic or form.
    pub slips: f64,
}

/// Verdicts on held-out problems, in the order of the split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Whether the greedy answer is right, as 0 or 1.
    pub greedy: String,
    /// How many of the samples at temperature 1 are right.
    pub sampled: Vec<usize>,
    /// Share of greedy completions that were cut.
    pub cut: f64,
}

/// What a method was trained on; of several rounds, the last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Training problems.
    pub problems: usize,
    /// Those without a given solution that the verifier accepts: they are asked, and not imitated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: usize,
    /// Examples, or pairs, of the method's own training.
    pub items: usize,
    /// Samples that the verifier accepted, of those drawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<(usize, usize)>,
    /// How step pairs came about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pits: Option<StepPairStatistics>,
    /// Injected steps, of all steps on the side branches of the examples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injected: Option<(usize, usize)>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Measurements along a run, one place in every list for each of them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingCurve {
    /// Updates of the method made.
    pub updates: Vec<usize>,
    /// Mean loss over the updates since the last measurement; that of the first update at 0.
    pub loss: Vec<f64>,
    /// What the learner measures, by name ([`super::Measured`]).
    pub measures: BTreeMap<String, Vec<f64>>,
}

impl TrainingCurve {
    /// The measurements of this name; none where there are none.
    pub fn column(&self, name: &str) -> &[f64] {
        self.measures.get(name).map_or(&[], Vec::as_slice)
    }
}
