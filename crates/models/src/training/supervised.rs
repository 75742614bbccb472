//! Imitation: SFT, RFT and advantage-weighted RL, which differ in their weights alone.

use super::{TrainError, Tuning, WeightedTokens};
use crate::Model;
use eightfold_gpt::{Progress, TrainReport};
use eightfold_task::Key;

/// Trains on examples by weighted negative log-likelihood, in nats a token of weight 1: the loss of a batch is divided
/// by its weighted number of tokens. `watch` hears of each update. The same model, examples, tuning and key give the
/// same weights, bit by bit, for any number of threads.
///
/// Adapters are merged into the weights at the end.
///
/// # Errors
/// If there is no example, one does not fit the model, or a setting is out of its range, before anything is changed;
/// or if the loss diverges, with the weights as they were before that update.
pub fn supervised(
    model: &mut Model,
    examples: &[WeightedTokens],
    tuning: &Tuning,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<TrainReport, TrainError> {
    let _ = (model, examples, tuning, key, watch);
    unimplemented!()
}
