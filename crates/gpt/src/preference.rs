//! Preference: DPO and per-step DPO, which differ in their pairs alone.

use crate::batch::{Batch, SequencePair};
use crate::encode::encode;
use crate::model::Gpt;
use crate::tokenizer::Tokenizer;
use crate::train_config::TrainConfig;
use crate::trainer::{Progress, Step, TrainError, Trained, train};
use burn::tensor::{Tensor, TensorData};
use eightfold_loss::{Logps, PairLogps, PreferenceLoss};
use eightfold_task::{Key, Pair};
use std::sync::Arc;

/// Trains on pairs by a preference loss. The reference is `gpt` as it comes in; its log-probabilities are
/// computed once. `watch` hears of each update.
///
/// # Errors
/// As [`supervised`](crate::supervised()).
pub fn preference(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    pairs: &[Pair],
    loss: &dyn PreferenceLoss,
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<Trained, TrainError> {
    if pairs.is_empty() {
        return Err(TrainError::Empty { what: "pairs" });
    }
    let context = gpt.config().context;
    let encoded = |pair: &Pair| {
        let sides = [&pair.chosen, &pair.rejected];
        let (prompt, [chosen, rejected]) = encode(tokenizer, context, &pair.prompt, sides)?;
        Ok(SequencePair { prompt, chosen, rejected })
    };
    let data = pairs.iter().map(encoded).collect::<Result<Vec<_>, TrainError>>()?;
    let (reference, reference_tokens) = reference_logps(gpt, &data, config.batch);
    let mut trained = train(gpt, data.len(), config, key, watch, |gpt, items| {
        let sequences: Vec<SequencePair> = items.iter().map(|&i| data[i].clone()).collect();
        let batch = Arc::new(Batch::pairs(&sequences));
        let policy = halves(gpt.logps(&batch), items.len());
        let preference = loss.forward(&policy, &stored(&reference, items, &policy));
        let accuracy = preference.accuracy().into_scalar::<f32>();
        Step { loss: preference.losses.mean(), tokens: batch.tokens(), accuracy: Some(f64::from(accuracy)) }
    })?;
    trained.report.reference_tokens = reference_tokens;
    Ok(trained)
}

/// The chosen and the rejected half of a batch of pairs.
fn halves(logps: Logps, pairs: usize) -> PairLogps {
    let half = |from: usize| Logps {
        sums: logps.sums.clone().narrow(0, from, pairs),
        tokens: logps.tokens.clone().narrow(0, from, pairs),
    };
    PairLogps { chosen: half(0), rejected: half(pairs) }
}

/// The reference's side of a batch of pairs, whose tokens are those of the policy's.
fn stored(reference: &[[f32; 2]], items: &[usize], policy: &PairLogps) -> PairLogps {
    let stored = |side: usize, logps: &Logps| {
        let sums: Vec<f32> = items.iter().map(|&i| reference[i][side]).collect();
        let sums = Tensor::from_data(TensorData::from(&sums[..]), &logps.sums.device());
        Logps { sums, tokens: logps.tokens.clone() }
    };
    PairLogps { chosen: stored(0, &policy.chosen), rejected: stored(1, &policy.rejected) }
}

/// Log-probabilities of chosen and rejected under the network as it is, for each pair, and tokens read.
fn reference_logps(gpt: &Gpt, data: &[SequencePair], batch: usize) -> (Vec<[f32; 2]>, u64) {
    let (mut out, mut tokens) = (Vec::with_capacity(data.len()), 0);
    for pairs in data.chunks(batch.max(1)) {
        let batch = Arc::new(Batch::pairs(pairs));
        tokens += batch.tokens() as u64;
        let sums = gpt.logps(&batch).sums.into_data().convert::<f32>().try_to_vec::<f32>();
        let sums = sums.expect("converted to f32 above");
        out.extend((0..pairs.len()).map(|i| [sums[i], sums[pairs.len() + i]]));
    }
    (out, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::Sequence;
    use crate::{Engine, GptConfig};
    use burn::tensor::Device;

    #[test]
    fn the_reference_is_the_network_as_it_is_whatever_the_batches() {
        let config = GptConfig { vocab: 9, context: 16, width: 8, heads: 2, layers: 1 };
        let gpt = config.init(&Device::flex(), Engine::Fused);
        let side = |i: u32, n: u32| (0..n).map(|j| (i * 5 + j * 3) % 9).collect::<Vec<u32>>();
        let pairs: Vec<SequencePair> = (0..7)
            .map(|i| SequencePair {
                prompt: side(i, 2),
                chosen: side(i + 1, 3 + i % 3),
                rejected: side(i + 2, 4),
            })
            .collect();
        let (found, tokens) = reference_logps(&gpt, &pairs, 3);
        assert_eq!(tokens, Batch::pairs(&pairs).tokens() as u64);
        for (pair, found) in pairs.iter().zip(found) {
            for (target, found) in [&pair.chosen, &pair.rejected].into_iter().zip(found) {
                let whole = Sequence { prompt: pair.prompt.clone(), target: target.clone() };
                let alone: f32 = gpt.logps(&Arc::new(Batch::new(vec![whole]))).sums.into_scalar();
                assert!((alone - found).abs() < 1e-5 * alone.abs(), "{alone} alone, {found} stored");
            }
        }
    }
}
