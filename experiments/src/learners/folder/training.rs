//! Texts and pairs as tokens, and training on them.

use crate::pipeline::{Spans, Training};
use anyhow::Result;
use eightfold_gpt::{Progress as Update, SequencePair, TrainReport};
use eightfold_harness::{OnProgress, Progress};
use eightfold_loss::DpoNll;
use eightfold_models::{LogpStore, Model, Tuning, WeightedTokens, preference, reference_logps, supervised};
use eightfold_task::{Pair, Target};
use std::path::Path;

/// Trains a model on texts.
pub(super) fn imitate(
    model: &mut Model,
    spans: Spans<'_>,
    tuning: &Tuning,
    training: &Training<'_>,
) -> Result<TrainReport> {
    let prompt = |text: &str| model.text().encode(text, true);
    let texts = match spans {
        Spans::Whole(examples) => examples
            .iter()
            .map(|example| {
                let target = model.encode_target(&example.target)?;
                Ok(WeightedTokens::whole(prompt(&example.prompt)?, target, example.weight as f32))
            })
            .collect::<Result<Vec<_>>>()?,
        Spans::Steps(examples) => examples
            .iter()
            .map(|example| {
                let last = example.steps.len().saturating_sub(1);
                let part = |(i, step): (usize, &eightfold_task::WeightedStep)| {
                    let target = Target { text: step.text.clone(), ends: example.ends && i == last };
                    Ok((model.encode_target(&target)?, step.weight as f32))
                };
                let parts = example.steps.iter().enumerate().map(part).collect::<Result<Vec<_>>>()?;
                Ok(WeightedTokens { prompt: prompt(&example.prompt)?, parts })
            })
            .collect::<Result<Vec<_>>>()?,
    };
    Ok(supervised(model, &texts, tuning, training.key, &mut hear(training.name, training.on_progress))?)
}

/// Trains a model on pairs, against itself as it is now; its log-probabilities are cached in the file `logps`.
pub(super) fn prefer(
    model: &mut Model,
    pairs: &[Pair],
    loss: &DpoNll,
    tuning: &Tuning,
    logps: &Path,
    training: &Training<'_>,
) -> Result<TrainReport> {
    let tokens = |pair: &Pair| {
        Ok(SequencePair {
            prompt: model.text().encode(&pair.prompt, true)?,
            chosen: model.encode_target(&pair.chosen)?,
            rejected: model.encode_target(&pair.rejected)?,
        })
    };
    let pairs = pairs.iter().map(tokens).collect::<Result<Vec<_>>>()?;
    let mut store = LogpStore::open(logps)?;
    let mut read = |done: usize| {
        (training.on_progress)(Progress::part("reference", done as f64 / pairs.len().max(1) as f64))
    };
    let reference = reference_logps(model, &pairs, tuning, Some(&mut store), &mut read)?;
    let mut hear = hear(training.name, training.on_progress);
    let mut report = preference(model, &pairs, &reference, loss, tuning, training.key, &mut hear)?;
    // Counted whole, whatever of it another cell had computed before: what a method costs is not who came first.
    let tokens = |pair: &SequencePair| (pair.prompt.len() + pair.chosen.len() + pair.rejected.len()) as u64;
    report.reference_tokens = pairs.iter().map(tokens).sum();
    Ok(report)
}

fn hear<'a>(name: &'a str, on_progress: &'a OnProgress) -> impl FnMut(Update) + 'a {
    move |at: Update| on_progress(Progress::training(name, at.update, at.updates, at.loss))
}
