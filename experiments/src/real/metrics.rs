//! What a run on a language model measures.

use crate::metrics::{Data, Ledger};
use eightfold_gpt::TrainReport;
use serde::{Deserialize, Serialize};

/// The result of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealMetrics {
    /// Share of held-out problems answered wrongly, greedily, in [0, 1].
    pub error: f64,
    /// The same at temperature 1, mean over the samples.
    pub error_t1: f64,
    /// For some k, the share of problems that at least one of k samples at temperature 1 answers, unbiased.
    pub pass_k: Vec<(usize, f64)>,
    /// Share of greedy completions that were cut.
    pub cut: f64,
    /// For each held-out problem, in the order of the set: whether it was answered greedily, as 0 or 1.
    pub greedy: String,
    /// For each held-out problem, how many of the samples at temperature 1 answer it.
    pub sampled: Vec<usize>,
    /// What was trained on.
    pub data: Data,
    /// Given solutions that the verifier does not accept: they are not trained on.
    pub refused: usize,
    /// What it cost, by stage. Operations of reading prompts are counted, each prompt once, and so are those of the
    /// reference's forward pass.
    pub cost: Ledger,
    /// How the training of the method itself went.
    pub training: TrainReport,
}
