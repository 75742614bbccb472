//! What both sides of a row read: a folder with a checkpoint and `row.json`.

use crate::Result;
use eightfold_task::{Example, Pair};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `row.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RowData {
    /// What is done.
    pub(crate) work: Work,
    /// Updates or calls in one measurement.
    pub(crate) steps: usize,
    /// Tokens of the texts in one measurement, padding apart; 0 where they are counted as they are drawn.
    pub(crate) tokens: u64,
    /// What one measurement has to compute.
    pub(crate) flops: Flops,
    /// Prompts and targets whose log-probabilities both sides report, in tokens.
    pub(crate) scored: Vec<TextTokens>,
}

/// Floating-point operations: the least that the network needs for its results, without padding, and what is
/// shared computed once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flops {
    /// Of one measurement.
    pub(crate) fixed: f64,
    /// And of every token that is drawn.
    pub(crate) token: f64,
}

/// Prompt and target.
pub(crate) type TextTokens = (Vec<u32>, Vec<u32>);
/// Prompt, chosen and rejected side.
pub(crate) type PairTokens = (Vec<u32>, Vec<u32>, Vec<u32>);

/// What is done, in the texts that the engine reads and in the tokens that PyTorch reads.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Work {
    /// Supervised training.
    Train {
        /// The training set.
        examples: Vec<Example>,
        /// How.
        training: Training,
        /// For each update, the prompts and targets of its batch.
        batches: Vec<Vec<TextTokens>>,
    },
    /// Preference training.
    Preference {
        /// The training set.
        pairs: Vec<Pair>,
        /// How.
        training: Training,
        /// The loss: DPO at this inverse temperature ...
        beta: f64,
        /// ... and likelihood of the chosen side at this weight.
        nll: f64,
        /// For each update, prompts, chosen and rejected sides of its batch.
        batches: Vec<Vec<PairTokens>>,
    },
    /// Sampling at temperature 1.
    Draw {
        /// The prompts.
        prompts: Vec<String>,
        /// The same in tokens.
        tokens: Vec<Vec<u32>>,
        /// Completions of each.
        copies: usize,
        /// Longest completion, in tokens.
        longest: usize,
        /// Whether a text may end before.
        ends: bool,
        /// Prompts of which both sides report the likeliest completion.
        greedy: usize,
    },
}

/// AdamW at a constant rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Training {
    /// Texts or pairs in an update.
    pub(crate) batch: usize,
    /// Updates in all, the first of them to warm up.
    pub(crate) updates: usize,
    /// Learning rate.
    pub(crate) rate: f64,
    /// Decay of the two averages.
    pub(crate) betas: [f64; 2],
    /// Added to the root of the second.
    pub(crate) epsilon: f64,
    /// Decoupled weight decay.
    pub(crate) weight_decay: f64,
    /// Largest norm of the gradient.
    pub(crate) clip: f64,
}

/// Updates after which the losses of both sides are compared.
pub(crate) const COMPARED: usize = 20;

impl RowData {
    /// Reads `row.json` in the row's folder.
    pub(crate) fn load(dir: &Path) -> Result<Self> {
        let path = dir.join("row.json");
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?)
    }

    /// Writes it there.
    pub(crate) fn save(&self, dir: &Path) -> Result<()> {
        let path = dir.join("row.json");
        Ok(std::fs::write(&path, serde_json::to_string(self)?)
            .map_err(|e| format!("{}: {e}", path.display()))?)
    }
}
