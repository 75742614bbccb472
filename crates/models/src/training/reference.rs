//! Log-probabilities under the reference, computed once and kept.

use super::TrainError;
use crate::Model;
use eightfold_gpt::SequencePair;
use std::path::Path;

/// A file of log-probabilities, each named by the content that it belongs to: the model's weights and the tokens. A
/// killed run loses the ones in flight; what is not whole in the file is computed again.
#[derive(Debug)]
pub struct LogpStore {}

impl LogpStore {
    /// Opens a file, or begins it.
    ///
    /// # Errors
    /// If it can be neither read nor written.
    pub fn open(path: &Path) -> Result<Self, TrainError> {
        let _ = path;
        unimplemented!()
    }
}

/// Log-probabilities, in nats, of the chosen and the rejected side of each pair under the model as it is; those in the
/// store are not computed again. `micro` pairs are in memory at once. `watch` hears how many pairs are done.
///
/// # Errors
/// If a pair does not fit the model, or the store cannot be written.
pub fn reference_logps(
    model: &Model,
    pairs: &[SequencePair],
    micro: usize,
    store: Option<&mut LogpStore>,
    watch: &mut dyn FnMut(usize),
) -> Result<Vec<[f32; 2]>, TrainError> {
    let _ = (model, pairs, micro, store, watch);
    unimplemented!()
}
