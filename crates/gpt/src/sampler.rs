//! A network as a policy: many completions at once, each from its own random stream.
//!
//! Prompts are read once and shared by their completions. Texts are extended in slices that fit the cache;
//! finished ones make room for the next. Every number of a text is computed from that text alone and in one
//! order, and its random stream is its own, so a completion does not depend on what is sampled beside it, on
//! the size of the slices, or on the number of threads.

use crate::fused::decode::{Cache, Decoder};
use crate::fused::{Row, Rows};
use crate::{Checkpoint, Tokenizer};
use eightfold_task::{Completion, Draw, Policy, PolicyError};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How completions are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplerConfig {
    /// Temperature: logits are divided by it; at 0 the likeliest token is taken (of equals, the first).
    pub temperature: f64,
    /// Longest completion, in tokens, the end of text included.
    pub max_tokens: usize,
}

/// A network that completes prompts.
pub struct Sampler {
    decoder: Decoder,
    tokenizer: Tokenizer,
    config: SamplerConfig,
    context: usize,
}

/// Texts extended together: enough rows for the matrix products, few enough for their keys and values to
/// stay near.
const SLICE: usize = 32;

/// Prompts read together, at most.
const READ: usize = 16;

impl Sampler {
    /// A policy of this checkpoint's weights as they are now.
    pub fn new(checkpoint: &Checkpoint, config: SamplerConfig) -> Self {
        let gpt = &checkpoint.gpt;
        let context = gpt.config().context;
        let decoder = Decoder::new(gpt.weights(), gpt.shape().clone(), context);
        Self { decoder, tokenizer: checkpoint.tokenizer.clone(), config, context }
    }

    /// The next token of a text whose logits are `logits`.
    fn choose(&self, logits: &[f32], rng: &mut ChaCha8Rng) -> u32 {
        let mut top = 0;
        for (i, x) in logits.iter().enumerate() {
            if *x > logits[top] {
                top = i;
            }
        }
        if self.config.temperature == 0.0 {
            return top as u32;
        }
        // Inverse distribution function: one uniform number a token, where Gumbel-max takes one for each
        // token of the vocabulary (DESIGN.md).
        let scale = 1.0 / self.config.temperature;
        let weight = |x: f32| (f64::from(x - logits[top]) * scale).exp();
        let total: f64 = logits.iter().map(|x| weight(*x)).sum();
        let uniform = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let mut left = uniform * total;
        for (i, x) in logits.iter().enumerate() {
            left -= weight(*x);
            if left < 0.0 {
                return i as u32;
            }
        }
        top as u32
    }

    /// The completions of some groups of draws that share a prompt.
    fn slice(&self, groups: &[Group], draws: &[Draw]) -> Vec<(usize, Vec<u32>)> {
        let mut waiting = groups.iter();
        let (mut queue, mut active, mut done) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            while active.len() < SLICE {
                if queue.is_empty() {
                    let next: Vec<&Group> = waiting.by_ref().take(READ).collect();
                    queue = self.read(&next, draws);
                }
                let Some(text) = queue.pop() else { break };
                active.push(text);
            }
            if active.is_empty() {
                return done;
            }
            let ended = active.extract_if(.., |text| self.ended(text));
            done.extend(ended.map(|text| (text.draw, text.tokens)));
            self.extend(&mut active);
        }
    }

    /// Whether a text ends with its last token.
    fn ended(&self, text: &Text) -> bool {
        text.tokens.last() == Some(&self.tokenizer.end())
            || text.tokens.len() >= self.config.max_tokens
            || text.cache.length() >= self.context
    }

    /// Draws the next token of each text.
    fn extend(&self, texts: &mut [Text]) {
        if texts.is_empty() {
            return;
        }
        let tokens: Vec<u32> = texts.iter().map(|text| *text.tokens.last().expect("one was drawn")).collect();
        let mut caches: Vec<&mut Cache> = texts.iter_mut().map(|text| &mut text.cache).collect();
        let hidden = self.decoder.step(&tokens, &mut caches);
        let logits = self.decoder.logits(&hidden);
        for (text, logits) in texts.iter_mut().zip(logits.chunks_exact(self.decoder.vocab())) {
            let token = self.choose(logits, &mut text.rng);
            text.tokens.push(token);
        }
    }

    /// Reads the prompts of these groups and draws the first token of each of their draws.
    fn read(&self, groups: &[&Group], draws: &[Draw]) -> Vec<Text> {
        if groups.is_empty() {
            return Vec::new();
        }
        let mut tokens = Vec::new();
        let mut rows = Vec::new();
        for group in groups {
            let start = tokens.len();
            tokens.extend_from_slice(&group.prompt);
            rows.push(Row { tokens: start..tokens.len(), prefix: 0..0 });
        }
        let mut caches = vec![self.decoder.cache(); groups.len()];
        let hidden = self.decoder.read(&tokens, &Rows::new(rows), &mut caches);
        let logits = self.decoder.logits(&hidden);
        let mut texts = Vec::new();
        for ((group, cache), logits) in groups.iter().zip(caches).zip(logits.chunks_exact(self.decoder.vocab())) {
            for &draw in &group.draws {
                let mut rng = draws[draw].key.rng();
                let first = self.choose(logits, &mut rng);
                texts.push(Text { draw, tokens: vec![first], cache: cache.clone(), rng });
            }
        }
        texts
    }

    /// Draws grouped by prompt, in the order in which prompts first appear.
    fn groups(&self, draws: &[Draw]) -> Result<Vec<Group>, PolicyError> {
        let mut places = std::collections::HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (i, draw) in draws.iter().enumerate() {
            let place = *places.entry(draw.prompt.as_str()).or_insert(groups.len());
            if place == groups.len() {
                let prompt = self.tokenizer.encode(&draw.prompt).map_err(|e| failed(e.to_string()))?;
                if prompt.is_empty() || prompt.len() >= self.context {
                    let message = format!("a prompt of {} tokens; the context is {}", prompt.len(), self.context);
                    return Err(failed(message));
                }
                groups.push(Group { prompt, draws: Vec::new() });
            }
            groups[place].draws.push(i);
        }
        Ok(groups)
    }
}

fn failed(message: String) -> PolicyError {
    PolicyError { message }
}

/// A prompt and the draws that continue it.
struct Group {
    prompt: Vec<u32>,
    draws: Vec<usize>,
}

/// A text being extended.
struct Text {
    draw: usize,
    tokens: Vec<u32>,
    cache: Cache,
    rng: ChaCha8Rng,
}

impl Policy for Sampler {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let groups = self.groups(draws)?;
        let threads = rayon::current_num_threads();
        let share = groups.len().div_ceil(threads).max(1);
        let drawn: Vec<_> = groups.par_chunks(share).map(|groups| self.slice(groups, draws)).collect();
        let mut completions = vec![None; draws.len()];
        for (draw, tokens) in drawn.into_iter().flatten() {
            let text = self.tokenizer.decode(&tokens).map_err(|e| failed(e.to_string()))?;
            let finished = tokens.last() == Some(&self.tokenizer.end());
            completions[draw] = Some(Completion { text, finished, tokens: tokens.len() });
        }
        Ok(completions.into_iter().map(|completion| completion.expect("every draw is in one group")).collect())
    }
}
