//! What of a network is trained, and how.

use eightfold_gpt::{Budget, TrainConfig};
use serde::{Deserialize, Serialize};

/// A matrix of a block, by what it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection {
    /// Queries (`q_proj`).
    Query,
    /// Keys (`k_proj`).
    Key,
    /// Values (`v_proj`).
    Value,
    /// What attention gives (`o_proj`).
    Out,
    /// Gates of the feed-forward half (`gate_proj`).
    Gate,
    /// What is gated (`up_proj`).
    Up,
    /// What the feed-forward half gives (`down_proj`).
    Down,
}

impl Projection {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Query, Self::Key, Self::Value, Self::Out, Self::Gate, Self::Up, Self::Down];
}

/// Low-rank adapters (Hu et al. 2021): in place of a matrix W, `W + alpha / rank * B A` with A `[rank, inputs]` and
/// B `[outputs, rank]`, of which only A and B are trained. B begins at zero, A uniform within `1 / sqrt(inputs)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lora {
    /// Rank of an adapter, at least 1.
    pub rank: usize,
    /// Numerator of the adapters' factor `alpha / rank`.
    pub alpha: f64,
    /// The matrices that get an adapter, in every block.
    pub targets: Vec<Projection>,
}

impl Default for Lora {
    fn default() -> Self {
        Self { rank: 16, alpha: 32.0, targets: Projection::ALL.to_vec() }
    }
}

/// How a network is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Length, batch, learning rate, decay and clipping. The batch counts examples or pairs of one update.
    pub schedule: TrainConfig,
    /// Examples, or pairs, that are in memory at once, at least 1: a batch is worked off in such parts, and its
    /// gradient is the same but for rounding.
    pub micro: usize,
    /// Whether only the inputs of blocks are kept for the backward pass, and the rest is computed again: of
    /// SmolLM2-135M a fifth more arithmetic, and a tenth of the memory for activations.
    pub recompute: bool,
    /// Adapters; absent, all weights are trained.
    pub lora: Option<Lora>,
    /// `flex` (the processor, by kernels of this crate) or, with cargo feature `tch`, `tch` or `tch-cuda` (LibTorch, by
    /// plain burn operations, which always compute again).
    pub device: String,
}

impl Default for Tuning {
    fn default() -> Self {
        let schedule = TrainConfig {
            budget: Budget::Epochs(2),
            batch: 32,
            rate: 1e-5,
            warmup: 10,
            end: 0.1,
            weight_decay: 0.0,
            clip: 1.0,
        };
        Self { schedule, micro: 8, recompute: true, lora: None, device: "flex".to_owned() }
    }
}
