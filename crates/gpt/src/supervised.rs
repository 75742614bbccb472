//! Imitation: SFT, RFT and advantage-weighted RL, which differ in their examples alone.

use crate::batch::{Batch, Segmented, Sequence};
use crate::encode::{encode, encode_steps};
use crate::model::Gpt;
use crate::tokenizer::Tokenizer;
use crate::train_config::TrainConfig;
use crate::trainer::{Progress, Step, TrainError, Trained, train};
use burn::tensor::{Tensor, TensorData};
use eightfold_loss::{NllReduction, weighted_nll};
use eightfold_task::{Example, Key, StepExample};
use std::sync::Arc;

/// Trains on examples by weighted negative log-likelihood, in nats a token. `watch` hears of each update. The
/// same network, examples, config and key give the same weights, bit by bit, for any number of threads.
///
/// # Errors
/// If there is no example; one has a word that the vocabulary lacks, no prompt, or more tokens than the
/// context and one; the config's batch is 0; or the loss diverges.
pub fn supervised(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    examples: &[Example],
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<Trained, TrainError> {
    if examples.is_empty() {
        return Err(TrainError::Empty { what: "examples" });
    }
    let context = gpt.config().context;
    let encoded = |example: &Example| {
        let (prompt, [target]) = encode(tokenizer, context, &example.prompt, [&example.target])?;
        Ok((Sequence { prompt, target }, example.weight as f32))
    };
    let data = examples.iter().map(encoded).collect::<Result<Vec<_>, TrainError>>()?;
    train(gpt, data.len(), config, key, watch, |gpt, items| {
        let (sequences, weights): (Vec<_>, Vec<f32>) = items.iter().map(|&i| data[i].clone()).unzip();
        let batch = Arc::new(Batch::new(sequences));
        let weights = Tensor::from_data(TensorData::from(&weights[..]), &gpt.device());
        let loss = weighted_nll(&gpt.logps(&batch), weights, NllReduction::Token);
        Step { loss, tokens: batch.tokens(), accuracy: None }
    })
}

/// The same on examples whose steps have weights of their own. A batch counts solutions, and its loss is divided
/// by the weighted number of tokens, so that masked steps and a common factor of all weights change nothing
/// else.
///
/// # Errors
/// As [`supervised`].
pub fn supervised_steps(
    gpt: &Gpt,
    tokenizer: &Tokenizer,
    examples: &[StepExample],
    config: &TrainConfig,
    key: Key,
    watch: &mut dyn FnMut(Progress),
) -> Result<Trained, TrainError> {
    if examples.is_empty() {
        return Err(TrainError::Empty { what: "examples" });
    }
    let context = gpt.config().context;
    let encoded = |example: &StepExample| {
        let weights = example.steps.iter().map(|step| step.weight as f32).collect::<Vec<_>>();
        Ok((encode_steps(tokenizer, context, example)?, weights))
    };
    let data = examples.iter().map(encoded).collect::<Result<Vec<_>, TrainError>>()?;
    train(gpt, data.len(), config, key, watch, |gpt, items| {
        let rows: Vec<Segmented> = items.iter().map(|&i| data[i].0.clone()).collect();
        let weights: Vec<f32> = items.iter().flat_map(|&i| data[i].1.iter().copied()).collect();
        let batch = Arc::new(Batch::segments(&rows));
        let weights = Tensor::from_data(TensorData::from(&weights[..]), &gpt.device());
        let loss = weighted_nll(&gpt.logps(&batch), weights, NllReduction::Token);
        Step { loss, tokens: batch.tokens(), accuracy: None }
    })
}
