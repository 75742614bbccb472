//! Preference: DPO and per-step DPO, which differ in their pairs alone.

use super::trainer::{Objective, check, train};
use super::{TrainError, Tuning};
use crate::Model;
use burn::tensor::{Tensor, TensorData};
use eightfold_gpt::{Batch, Progress, SequencePair, TrainReport};
use eightfold_loss::{Logps, PairLogps, PreferenceLoss};
use eightfold_task::Key;

/// Trains on pairs by a preference loss, against a reference whose log-probabilities (of the chosen and the rejected
/// side, for each pair) are given: [`reference_logps`](super::reference_logps) computes them. The loss of a batch is
/// the mean over its pairs. `watch` hears of each update.
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
    assert_eq!(pairs.len(), reference.len(), "a reference for each pair");
    if pairs.is_empty() {
        return Err(TrainError::Empty { what: "pairs" });
    }
    check(tuning)?;
    check_pairs(model, pairs)?;
    train(model, &Comparison { pairs, reference, loss }, tuning, key, watch)
}

/// Checks that pairs fit a model.
///
/// # Errors
/// The first pair that does not.
pub(super) fn check_pairs(model: &Model, pairs: &[SequencePair]) -> Result<(), TrainError> {
    for (number, SequencePair { prompt, chosen, rejected }) in pairs.iter().enumerate() {
        for side in [chosen, rejected] {
            let wrong = |message| TrainError::Text { what: "pair", number, message };
            model.check_completion(prompt, &[side]).map_err(wrong)?;
        }
    }
    Ok(())
}

struct Comparison<'a> {
    pairs: &'a [SequencePair],
    reference: &'a [[f32; 2]],
    loss: &'a dyn PreferenceLoss,
}

/// The chosen and the rejected half of a batch of pairs.
fn halves(logps: &Logps, pairs: usize) -> PairLogps {
    let half = |from: usize| Logps {
        sums: logps.sums.clone().narrow(0, from, pairs),
        tokens: logps.tokens.clone().narrow(0, from, pairs),
    };
    PairLogps { chosen: half(0), rejected: half(pairs) }
}

impl Objective for Comparison<'_> {
    fn items(&self) -> usize {
        self.pairs.len()
    }

    fn divisor(&self, items: &[usize]) -> f64 {
        items.len() as f64
    }

    fn batch(&self, items: &[usize]) -> Batch {
        Batch::pairs(&items.iter().map(|&item| self.pairs[item].clone()).collect::<Vec<_>>())
    }

    fn slopes(&self, _: &[usize]) -> Option<Vec<f32>> {
        None
    }

    fn sum(&self, items: &[usize], logps: Logps) -> (Tensor<1>, Option<f64>) {
        let sides = [0, 1].into_iter().flat_map(|side| items.iter().map(move |&i| self.reference[i][side]));
        let sums: Vec<f32> = sides.collect();
        let sums = Tensor::from_data(TensorData::from(&sums[..]), &logps.sums.device());
        let reference = Logps { sums, tokens: logps.tokens.clone() };
        let preference = self.loss.forward(&halves(&logps, items.len()), &halves(&reference, items.len()));
        let right = f64::from(preference.accuracy().into_scalar::<f32>()) * items.len() as f64;
        (preference.losses.sum(), Some(right))
    }
}
