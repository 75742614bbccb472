//! Makes the folder of a row: checkpoint, texts, and the same texts in tokens, in the order in which training
//! sees them.

use crate::Result;
use crate::data::{COMPARED, Flops, PairTokens, RowData, Training, Work};
use crate::endless::never_ending;
use crate::flops;
use crate::rows::{COPIES, NEW_TOKENS, Row, SOLUTIONS, Size, Task, VOCAB};
use crate::texts::{lexicon, made_up, step_pairs, stories};
use eightfold_gpt::{
    Checkpoint, Engine, Gpt, GptConfig, Sampler, SamplerConfig, SequencePair, Tokenizer, device,
};
use eightfold_segment::{Lines, Segmenter};
use eightfold_task::lexicon::LexiconConfig;
use eightfold_task::{Draw, Example, Key, Policy, Problem, Target};
use rand::seq::SliceRandom;
use std::path::Path;

/// The key of training: it decides the order of the data on both sides.
pub(crate) fn training_key() -> Key {
    Key::new(0, "bench train")
}

/// Writes the folder of a row for so many measurements.
pub(crate) fn export(row: &Row, rounds: usize, dir: &Path) -> Result<RowData> {
    let mut checkpoint = match row.size.fresh() {
        None => base()?,
        Some(config) => {
            let words: Vec<String> = (2..VOCAB).map(|i| format!("w{i}")).collect();
            Checkpoint { gpt: fresh(&config)?, tokenizer: Tokenizer::of_words(&words) }
        }
    };
    if let Task::Train { .. } = row.task {
        // From trained weights a gradient that is all rounding decides the sign of Adam's step, and two runs of
        // the same arithmetic in another order are 1e-4 apart after 20 updates. Fresh ones are not so.
        checkpoint.gpt = fresh(&checkpoint.gpt.config().clone())?;
    }
    if let Task::Sample { .. } = row.task {
        checkpoint.gpt = never_ending(checkpoint.gpt);
    }
    let data = match row.task {
        Task::Train { batch } => supervised(row, &checkpoint, training(row, batch, rounds))?,
        Task::Preference { batch } => preference(row, &checkpoint, training(row, batch, rounds))?,
        Task::Sample { batch } => sample(row, &checkpoint, batch)?,
        Task::Rollouts => rollouts(row, &checkpoint)?,
    };
    checkpoint.save(dir, serde_json::json!({ "bench": row.name }))?;
    data.save(dir)?;
    Ok(data)
}

fn fresh(config: &GptConfig) -> Result<Gpt> {
    let device = device("flex")?;
    device.seed(0);
    Ok(config.init(&device, Engine::Fused))
}

fn training(row: &Row, batch: usize, rounds: usize) -> Training {
    // The first update warms up; after the rounds there is one more measurement, for the profile.
    let updates = 1 + (rounds * row.steps).max(COMPARED) + row.steps;
    let betas = [0.9, 0.95];
    Training { batch, updates, rate: 1e-3, betas, epsilon: 1e-8, weight_decay: 0.1, clip: 1.0 }
}

/// The committed base checkpoint of figure 7's first panel: that of the default world.
fn base() -> Result<Checkpoint> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments/base");
    let entries = std::fs::read_dir(&root).map_err(|e| format!("{}: {e}", root.display()))?;
    let dir = entries.flatten().map(|entry| entry.path()).find(|dir| is_of_the_default_world(dir));
    let dir = dir.ok_or_else(|| format!("{}: no checkpoint of the default world", root.display()))?;
    Ok(Checkpoint::load(&dir, &device("flex")?, Engine::Fused)?)
}

fn is_of_the_default_world(dir: &Path) -> bool {
    let text = std::fs::read_to_string(dir.join("config.json")).unwrap_or_default();
    let config: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let world = config.pointer("/made_by/world").cloned().unwrap_or_default();
    serde_json::from_value::<LexiconConfig>(world).is_ok_and(|world| world == LexiconConfig::default())
}

/// The order in which the training loops of `eightfold-gpt` read their items: passes, each shuffled by a stream
/// of its own and read from its end. If it were another one there, the losses would not agree.
fn batches(items: usize, batch: usize, updates: usize) -> Vec<Vec<usize>> {
    let (mut left, mut pass) = (Vec::new(), 0);
    let mut next = |_| {
        if left.is_empty() {
            left = (0..items).collect();
            left.shuffle(&mut training_key().with(pass).rng());
            pass += 1;
        }
        left.split_off(left.len().saturating_sub(batch))
    };
    (0..updates).map(&mut next).collect()
}

fn encode(tokenizer: &Tokenizer, target: &Target) -> Result<Vec<u32>> {
    let mut tokens = tokenizer.encode(&target.text)?;
    tokens.extend(target.ends.then(|| tokenizer.end()));
    Ok(tokens)
}

fn supervised(row: &Row, checkpoint: &Checkpoint, training: Training) -> Result<RowData> {
    let tokenizer = &checkpoint.tokenizer;
    let items = COMPARED * training.batch;
    let examples = if row.size == Size::Figure7 { stories(items)? } else { made_up(items) };
    let encoded = examples
        .iter()
        .map(|e| Ok((tokenizer.encode(&e.prompt)?, encode(tokenizer, &e.target)?)))
        .collect::<Result<Vec<_>>>()?;
    let batches: Vec<Vec<_>> = batches(items, training.batch, training.updates)
        .iter()
        .map(|batch| batch.iter().map(|&i| encoded[i].clone()).collect())
        .collect();
    let config = checkpoint.gpt.config();
    let (mut tokens, mut work) = (0, 0.0);
    for (prompt, target) in batches.iter().flatten() {
        let read = prompt.len() + target.len() - 1;
        tokens += read as u64;
        work += 3.0 * flops::read(config, 0..read);
    }
    let share = row.steps as f64 / training.updates as f64;
    Ok(RowData {
        work: Work::Train { examples, training, batches },
        steps: row.steps,
        tokens: (tokens as f64 * share) as u64,
        flops: Flops { fixed: work * share, token: 0.0 },
        scored: Vec::new(),
    })
}

fn preference(row: &Row, checkpoint: &Checkpoint, training: Training) -> Result<RowData> {
    let tokenizer = &checkpoint.tokenizer;
    let pairs = step_pairs(checkpoint, 512)?;
    let encoded = pairs
        .iter()
        .map(|p| {
            let sides = [&p.chosen, &p.rejected].map(|side| encode(tokenizer, side));
            let [chosen, rejected] = sides;
            Ok((tokenizer.encode(&p.prompt)?, chosen?, rejected?))
        })
        .collect::<Result<Vec<_>>>()?;
    let batches: Vec<Vec<_>> = batches(pairs.len(), training.batch, training.updates)
        .iter()
        .map(|batch| batch.iter().map(|&i| encoded[i].clone()).collect())
        .collect();
    let config = checkpoint.gpt.config();
    let (mut tokens, mut work) = (0, 0.0);
    for (prompt, chosen, rejected) in batches.iter().flatten() {
        tokens += (2 * prompt.len() + chosen.len() + rejected.len()) as u64;
        // Three for the update, one for the reference.
        work += 4.0 * flops::pair(config, prompt, chosen, rejected);
    }
    let share = row.steps as f64 / training.updates as f64;
    Ok(RowData {
        work: Work::Preference { pairs, training, beta: 0.1, nll: 1.0, batches },
        steps: row.steps,
        tokens: (tokens as f64 * share) as u64,
        flops: Flops { fixed: work * share, token: 0.0 },
        scored: Vec::new(),
    })
}

/// Tokens of the prompts of a sampling row.
const PROMPT: usize = 8;

fn sample(row: &Row, checkpoint: &Checkpoint, batch: usize) -> Result<RowData> {
    let tokenizer = &checkpoint.tokenizer;
    let texts = made_up(batch.max(16));
    let prompts: Vec<String> = texts[..batch]
        .iter()
        .map(|e| e.target.text.split(' ').take(PROMPT).collect::<Vec<_>>().join(" "))
        .collect();
    let tokens = prompts.iter().map(|p| Ok(tokenizer.encode(p)?)).collect::<Result<Vec<_>>>()?;
    let scored = |e: &Example| {
        let all = encode(tokenizer, &e.target)?;
        Ok((all[..PROMPT].to_vec(), all[PROMPT..PROMPT + NEW_TOKENS].to_vec()))
    };
    let config = checkpoint.gpt.config();
    // The last token that is drawn is not read.
    let work = flops::read(config, 0..PROMPT + NEW_TOKENS - 1) * (batch * row.steps) as f64;
    Ok(RowData {
        work: Work::Draw { prompts, tokens, copies: 1, longest: NEW_TOKENS, ends: false, greedy: 0 },
        steps: row.steps,
        tokens: 0,
        flops: Flops { fixed: work, token: 0.0 },
        scored: texts[..16].iter().map(scored).collect::<Result<Vec<_>>>()?,
    })
}

fn rollouts(row: &Row, checkpoint: &Checkpoint) -> Result<RowData> {
    let tokenizer = &checkpoint.tokenizer;
    let config = checkpoint.gpt.config();
    let (_, problems) = lexicon(SOLUTIONS)?;
    let policy = Sampler::new(checkpoint, SamplerConfig { temperature: 1.0, max_tokens: config.context });
    let key = Key::new(0, "bench solutions");
    let draw = |(i, p): (usize, &Problem)| Draw { prompt: p.prompt(), key: key.with(i as u64) };
    let solutions = policy.complete(&problems.iter().enumerate().map(draw).collect::<Vec<_>>())?;
    let (mut prompts, mut scored, mut work) = (Vec::new(), Vec::new(), 0.0);
    for (problem, solution) in problems.iter().zip(&solutions) {
        let steps = Lines.segment(&solution.text);
        prompts.extend((0..steps.len()).map(|i| problem.prompt() + steps.prefix(i)));
        let prompt = tokenizer.encode(&problem.prompt())?;
        let target = encode(tokenizer, &Target::from(solution))?;
        // One reading of the solution serves every prefix.
        work += flops::read(config, 0..prompt.len() + target.len());
        scored.push((prompt, target));
    }
    let tokens = prompts.iter().map(|p| Ok(tokenizer.encode(p)?)).collect::<Result<Vec<_>>>()?;
    scored.truncate(64);
    // A token that is drawn stands at about two thirds of the context.
    let at = config.context * 2 / 3;
    Ok(RowData {
        work: Work::Draw { prompts, tokens, copies: COPIES, longest: config.context, ends: true, greedy: 64 },
        steps: row.steps,
        tokens: 0,
        flops: Flops { fixed: work, token: flops::read(config, at..at + 1) },
        scored,
    })
}

/// The pairs of a batch, as the network reads them.
pub(crate) fn sequence_pairs(batch: &[PairTokens]) -> Vec<SequencePair> {
    let pair = |(prompt, chosen, rejected): &PairTokens| SequencePair {
        prompt: prompt.clone(),
        chosen: chosen.clone(),
        rejected: rejected.clone(),
    };
    batch.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_has_every_item_once() {
        let batches = batches(40, 8, 12);
        for pass in [&batches[..5], &batches[5..10]] {
            let mut items = pass.concat();
            items.sort_unstable();
            assert_eq!(items, (0..40).collect::<Vec<_>>());
        }
        assert_ne!(batches[..5], batches[5..10]);
    }
}
