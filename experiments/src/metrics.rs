//! What a run measures: errors, faults by kind, data and cost.

use crate::probe::Probed;
use eightfold_gpt::TrainReport;
use eightfold_synth::StepPairStatistics;
use serde::{Deserialize, Serialize};

/// The result of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// Share of held-out problems answered wrongly, greedily, in [0, 1].
    pub error: f64,
    /// The same at temperature 1, mean over the samples.
    pub error_t1: f64,
    /// Share of problems that at least one of `pass_k.0` samples at temperature 1 answers: k and the share.
    pub pass_k: (usize, f64),
    /// Share of readings that are right in greedy solutions.
    pub reading_accuracy: f64,
    /// Share of greedy solutions with a slip in copying, look-up, arithmetic or form.
    pub slips: f64,
    /// What was trained on.
    pub data: Data,
    /// What it cost, by stage.
    pub cost: Ledger,
    /// How the training of the method itself went.
    pub training: TrainReport,
    /// What the cell's probe measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probed: Option<Probed>,
}

/// What a method was trained on; of two rounds, the second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// Synthetic problems, each with one solution of the teacher.
    pub problems: usize,
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

/// Costs by stage. A stage that several methods share is counted in full in each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Supervised training on the teacher's solutions.
    pub sft: StageCost,
    /// Sampling solutions.
    pub sampling: StageCost,
    /// Rollouts from prefixes.
    pub rollouts: StageCost,
    /// The method's own training, reference included.
    pub training: StageCost,
    /// Evaluation: reported, and no part of the totals.
    pub evaluation: StageCost,
}

/// What a stage took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageCost {
    /// Tokens drawn.
    pub sampled: u64,
    /// Tokens read with a backward pass.
    pub trained: u64,
    /// Completions that the verifier judged.
    pub verified: u64,
    /// Floating-point operations of forward and backward passes; reading prompts is not counted.
    pub flops: f64,
    /// Seconds, while other cells may have run beside it.
    pub seconds: f64,
}

impl Ledger {
    /// Sum over the stages before evaluation.
    pub fn total(&self) -> StageCost {
        let stages = [self.sft, self.sampling, self.rollouts, self.training];
        stages.into_iter().fold(StageCost::default(), std::ops::Add::add)
    }
}

impl std::ops::Add for StageCost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sampled: self.sampled + other.sampled,
            trained: self.trained + other.trained,
            verified: self.verified + other.verified,
            flops: self.flops + other.flops,
            seconds: self.seconds + other.seconds,
        }
    }
}
