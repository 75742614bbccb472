//! Examples and pairs as tokens, and training on them.

use super::cost::{self, Operations};
use super::stages::Summary;
use crate::doing::{Doing, Watch};
use anyhow::Result;
use eightfold_gpt::{Progress, SequencePair};
use eightfold_loss::DpoNll;
use eightfold_models::{LogpStore, Model, Tuning, WeightedTokens, preference, reference_logps, supervised};
use eightfold_task::{Example, Key, Pair};
use std::path::Path;
use std::time::Instant;

/// Trains a model on examples.
pub(super) fn imitate(
    model: &mut Model,
    examples: &[Example],
    tuning: &Tuning,
    key: Key,
    name: &str,
    watch: &Watch,
) -> Result<Summary> {
    let start = Instant::now();
    let tokens = |example: &Example| {
        let prompt = model.text().encode(&example.prompt, true)?;
        let target = model.encode_target(&example.target)?;
        Ok(WeightedTokens::whole(prompt, target, example.weight as f32))
    };
    let examples = examples.iter().map(tokens).collect::<Result<Vec<_>>>()?;
    let lengths = examples.iter().map(|e| (e.prompt.len(), e.parts.iter().map(|(part, _)| part.len()).sum()));
    let forward = forward(model, lengths);
    let report = supervised(model, &examples, tuning, key, &mut tell(name, watch))?;
    let cost = cost::training(tuning, &report, forward, start.elapsed().as_secs_f64());
    Ok(Summary { report, cost })
}

/// Trains a model on pairs, against itself as it is now; its log-probabilities are kept in the file `logps`.
pub(super) fn prefer(
    model: &mut Model,
    pairs: &[Pair],
    loss: &DpoNll,
    tuning: &Tuning,
    key: Key,
    logps: &Path,
    (name, watch): (&str, &Watch),
) -> Result<Summary> {
    let start = Instant::now();
    let tokens = |pair: &Pair| {
        Ok(SequencePair {
            prompt: model.text().encode(&pair.prompt, true)?,
            chosen: model.encode_target(&pair.chosen)?,
            rejected: model.encode_target(&pair.rejected)?,
        })
    };
    let pairs = pairs.iter().map(tokens).collect::<Result<Vec<_>>>()?;
    let mut store = LogpStore::open(logps)?;
    let mut hear = |done: usize| watch(Doing::part("reference", done as f64 / pairs.len().max(1) as f64));
    let reference = reference_logps(model, &pairs, tuning, Some(&mut store), &mut hear)?;
    let sides = |pair: &SequencePair| {
        let prompt = pair.prompt.len();
        [(prompt, pair.chosen.len()), (prompt, pair.rejected.len())]
    };
    let forward = forward(model, pairs.iter().flat_map(sides));
    let mut report = preference(model, &pairs, &reference, loss, tuning, key, &mut tell(name, watch))?;
    // Counted whole, whatever of it another cell had computed before: what a method costs is not who came first.
    let read = pairs.iter().flat_map(sides).map(|(prompt, side)| (prompt + side) as u64);
    report.reference_tokens = read.sum();
    let cost = cost::training(tuning, &report, forward, start.elapsed().as_secs_f64());
    Ok(Summary { report, cost })
}

/// Operations of a forward pass, a token: mean over texts of some lengths of prompt and target.
fn forward(model: &Model, lengths: impl Iterator<Item = (usize, usize)>) -> f64 {
    let operations = Operations(model.config());
    let (mut flops, mut tokens) = (0.0, 0);
    for (prompt, target) in lengths {
        flops += operations.score(prompt, target);
        tokens += prompt + target;
    }
    flops / tokens.max(1) as f64
}

fn tell<'a>(name: &'a str, watch: &'a Watch) -> impl FnMut(Progress) + 'a {
    move |at: Progress| watch(Doing::training(name, at))
}
