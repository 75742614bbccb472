//! How a language model is trained, as far as it can change a result: on which device it is, is no part of a cell.

use eightfold_gpt::TrainConfig;
use eightfold_models::{Lora, Tuning};
use serde::{Deserialize, Serialize};

/// How a model is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RealTuning {
    /// Length, batch, learning rate, decay and clipping.
    pub schedule: TrainConfig,
    /// Examples, or pairs, that are in memory at once.
    pub micro: usize,
    /// Whether activations are computed again in the backward pass.
    pub recompute: bool,
    /// Adapters; absent, all weights are trained.
    pub lora: Option<Lora>,
}

impl RealTuning {
    /// The same for the training of models, on a device.
    pub(super) fn on(&self, device: &str) -> Tuning {
        let Self { schedule, micro, recompute, lora } = self.clone();
        Tuning { schedule, micro, recompute, lora, device: device.to_owned() }
    }
}
