//! Preference: DPO and per-step DPO, which differ in their pairs alone.

use super::{TrainError, Tuning};
use crate::Model;
use eightfold_gpt::{Progress, SequencePair, TrainReport};
use eightfold_loss::PreferenceLoss;
use eightfold_task::Key;

/// Trains on pairs by a preference loss, against a reference whose log-probabilities (of the chosen and the rejected
/// side, for each pair) are given: [`reference_logps`](super::reference_logps) computes them. `watch` hears of each
/// update.
///
/// Adapters are merged into the weights at the end.
///
/// # Errors
/// As [`supervised`](super::supervised()).
///
/// # Panics
/// If there are not as many references as pairs.
pub fn preference(
    model: &mut Model,
    pairs: &[SequencePair],
    reference: &[[f32; 2]],
    loss: &dyn PreferenceLoss,
    tuning: &Tuning,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<TrainReport, TrainError> {
    let _ = (model, pairs, reference, loss, tuning, key, watch);
    unimplemented!()
}
