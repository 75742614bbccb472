//! Imitation: SFT, RFT and advantage-weighted RL, which differ in their weights alone.

use super::trainer::{Objective, check, train};
use super::{TrainError, Tuning, WeightedTokens};
use crate::Model;
use burn::tensor::{Tensor, TensorData};
use eightfold_gpt::{Batch, Progress, Segmented, TrainReport};
use eightfold_loss::{Logps, nll_sum};
use eightfold_task::Key;

/// Trains on examples by weighted negative log-likelihood, in nats a token of weight 1: the loss of a batch is divided
/// by its weighted number of tokens. `watch` hears of each update. The same model, examples, tuning and key give the
/// same weights, bit by bit, for any number of threads.
///
/// Adapters are merged into the weights at the end.
///
/// # Errors
/// If there is no example, one does not fit the model, or a setting is out of its range, before anything is changed;
/// or if the loss diverges, with the weights as they were before that update (by adapters or on another device: before
/// training).
pub fn supervised(
    model: &mut Model,
    examples: &[WeightedTokens],
    tuning: &Tuning,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<TrainReport, TrainError> {
    if examples.is_empty() {
        return Err(TrainError::Empty { what: "examples" });
    }
    check(tuning)?;
    for (number, example) in examples.iter().enumerate() {
        let parts: Vec<&[u32]> = example.parts.iter().map(|(tokens, _)| &tokens[..]).collect();
        let weights = example.parts.iter().all(|(_, weight)| weight.is_finite() && *weight >= 0.0);
        let message = model.check_completion(&example.prompt, &parts).err();
        let message = message.or_else(|| (!weights).then(|| "a weight is not a number of at least 0".into()));
        if let Some(message) = message {
            return Err(TrainError::Text { what: "example", number, message });
        }
    }
    train(model, &Imitation(examples), tuning, key, watch)
}

struct Imitation<'a>(&'a [WeightedTokens]);

impl Imitation<'_> {
    fn parts(&self, items: &[usize]) -> impl Iterator<Item = &(Vec<u32>, f32)> {
        items.iter().flat_map(|&item| &self.0[item].parts)
    }
}

impl Objective for Imitation<'_> {
    fn items(&self) -> usize {
        self.0.len()
    }

    fn divisor(&self, items: &[usize]) -> f64 {
        let counts = self.parts(items).map(|(tokens, weight)| tokens.len() as f64 * f64::from(*weight));
        let divisor: f64 = counts.sum();
        // A batch of masked parts has the loss 0.
        if divisor == 0.0 { 1.0 } else { divisor }
    }

    fn batch(&self, items: &[usize]) -> Batch {
        let row = |&item: &usize| {
            let WeightedTokens { prompt, parts } = &self.0[item];
            Segmented {
                prompt: prompt.clone(),
                segments: parts.iter().map(|(tokens, _)| tokens.clone()).collect(),
            }
        };
        Batch::segments(&items.iter().map(row).collect::<Vec<_>>())
    }

    fn slopes(&self, items: &[usize]) -> Option<Vec<f32>> {
        Some(self.parts(items).map(|(_, weight)| -weight).collect())
    }

    fn sum(&self, items: &[usize], logps: Logps) -> (Tensor<1>, Option<f64>) {
        let weights: Vec<f32> = self.parts(items).map(|(_, weight)| *weight).collect();
        let weights = Tensor::from_data(TensorData::from(&weights[..]), &logps.sums.device());
        (nll_sum(&logps, weights), None)
    }
}
