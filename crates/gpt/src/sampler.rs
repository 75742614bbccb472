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
    /// Temperature, at least 0: logits are divided by it; at 0 the likeliest token is taken (of equals, the
    /// first).
    pub temperature: f64,
    /// Longest completion, in tokens, the end of text included. A completion also stops, unfinished, where the
    /// network's context is full.
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
    ///
    /// # Panics
    /// If the temperature is negative or not a number.
    pub fn new(checkpoint: &Checkpoint, config: SamplerConfig) -> Self {
        assert!(config.temperature >= 0.0, "a temperature is at least 0, not {}", config.temperature);
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

    /// The completions of some groups of draws that share a prompt, at most `wide` at a time.
    fn slice(&self, groups: &[Group], draws: &[Draw], wide: usize) -> Vec<(usize, Vec<u32>)> {
        let mut waiting = groups.iter();
        let (mut queue, mut active, mut done) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            while active.len() < wide {
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
        for ((group, cache), logits) in
            groups.iter().zip(caches).zip(logits.chunks_exact(self.decoder.vocab()))
        {
            for &draw in &group.draws {
                let mut rng = draws[draw].key.rng();
                let first = self.choose(logits, &mut rng);
                texts.push(Text { draw, tokens: vec![first], cache: cache.clone(), rng });
            }
        }
        texts
    }

    /// The tokens of a prompt that can be read and continued.
    fn encode(&self, prompt: &str) -> Result<Vec<u32>, PolicyError> {
        let start = || prompt.chars().take(40).collect::<String>();
        let tokens =
            self.tokenizer.encode(prompt).map_err(|e| failed(format!("{e}, in {:?} ...", start())))?;
        match tokens.len() {
            0 => Err(failed(format!("a prompt is empty: {prompt:?}"))),
            n if n >= self.context => {
                let context = self.context;
                Err(failed(format!(
                    "a prompt of {n} tokens fills the context of {context}: {:?} ...",
                    start()
                )))
            }
            _ => Ok(tokens),
        }
    }

    /// Draws grouped by prompt, in the order in which prompts first appear.
    fn groups(&self, draws: &[Draw]) -> Result<Vec<Group>, PolicyError> {
        let mut places = std::collections::HashMap::new();
        let mut groups: Vec<Group> = Vec::new();
        for (i, draw) in draws.iter().enumerate() {
            let place = *places.entry(draw.prompt.as_str()).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Group { prompt: self.encode(&draw.prompt)?, draws: Vec::new() });
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
        if self.config.max_tokens == 0 {
            let nothing = Completion { text: String::new(), finished: false, tokens: 0 };
            return Ok(vec![nothing; draws.len()]);
        }
        let threads = rayon::current_num_threads();
        let share = groups.len().div_ceil(threads).max(1);
        let drawn: Vec<_> = groups.par_chunks(share).map(|groups| self.slice(groups, draws, SLICE)).collect();
        let mut completions = vec![None; draws.len()];
        for (draw, tokens) in drawn.into_iter().flatten() {
            let text = self.tokenizer.decode(&tokens).map_err(|e| failed(e.to_string()))?;
            let finished = tokens.last() == Some(&self.tokenizer.end());
            completions[draw] = Some(Completion { text, finished, tokens: tokens.len() });
        }
        Ok(completions
            .into_iter()
            .map(|completion| completion.expect("every draw is in one group"))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::checkpoint;
    use burn::tensor::{Int, Tensor, TensorData};
    use eightfold_task::Key;

    fn sampler(temperature: f64, max_tokens: usize) -> Sampler {
        Sampler::new(&checkpoint(), SamplerConfig { temperature, max_tokens })
    }

    /// Sixty prompts of 1 to 9 tokens, over and over, each draw with a key of its own.
    fn draws(n: usize) -> Vec<Draw> {
        let prompt = |i: usize| {
            let word =
                |j: usize| ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"][(i * i + 3 * i * j + j) % 10];
            (0..1 + i % 9).map(word).collect::<Vec<_>>().join(" ")
        };
        (0..n).map(|i| Draw { prompt: prompt(i % 60), key: Key::new(i as u64, "draw") }).collect()
    }

    /// Logits after these tokens, by the plain modules.
    fn logits(tokens: &[u32]) -> Vec<f32> {
        let gpt = checkpoint().gpt;
        let ints: Vec<i64> = tokens.iter().map(|&t| i64::from(t)).collect();
        let input = Tensor::<2, Int>::from_data(TensorData::new(ints, [1, tokens.len()]), &gpt.device());
        let all: Vec<f32> = gpt.forward(input).into_data().iter::<f32>().collect();
        all[all.len() - gpt.config().vocab..].to_vec()
    }

    #[test]
    fn a_completion_depends_on_nothing_but_its_draw() {
        let (sampler, draws) = (sampler(1.0, 20), draws(200));
        let all = sampler.complete(&draws).unwrap();
        for i in (0..200).step_by(13) {
            assert_eq!(sampler.complete(&draws[i..=i]).unwrap()[0], all[i], "alone");
        }
        let reversed: Vec<Draw> = draws.iter().rev().cloned().collect();
        let mut again = sampler.complete(&reversed).unwrap();
        again.reverse();
        assert_eq!(again, all, "in another order");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| sampler.complete(&draws)).unwrap(), all, "{threads} threads");
        }
        assert!(all.iter().any(|c| c.finished) && all.iter().any(|c| !c.finished));
    }

    #[test]
    fn the_width_of_a_slice_changes_nothing() {
        let (sampler, draws) = (sampler(1.0, 20), draws(100));
        let groups = sampler.groups(&draws).unwrap();
        let by = |wide: usize| {
            let mut drawn = sampler.slice(&groups, &draws, wide);
            drawn.sort_unstable();
            drawn
        };
        let one = by(1);
        assert_eq!(one.len(), 100);
        assert!([5, SLICE, 100].into_iter().all(|wide| by(wide) == one));
    }

    #[test]
    fn at_temperature_0_every_token_is_the_likeliest() {
        let (sampler, draws) = (sampler(0.0, 12), draws(20));
        let groups = sampler.groups(&draws).unwrap();
        for (draw, tokens) in sampler.slice(&groups, &draws, SLICE) {
            let mut text = sampler.tokenizer.encode(&draws[draw].prompt).unwrap();
            for token in tokens {
                let logits = logits(&text);
                let top = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
                assert_eq!(token, top as u32, "after {text:?}");
                text.push(token);
            }
        }
    }

    #[test]
    fn first_tokens_are_as_frequent_as_they_are_likely() {
        const DRAWS: usize = 4000;
        let prompt = "a d c";
        let draws: Vec<Draw> =
            (0..DRAWS).map(|i| Draw { prompt: prompt.into(), key: Key::new(i as u64, "first") }).collect();
        for temperature in [1.0, 2.5] {
            let sampler = sampler(temperature, 1);
            let groups = sampler.groups(&draws).unwrap();
            let logits = logits(&groups[0].prompt);
            let weights = logits.iter().map(|x| (f64::from(*x) / temperature).exp()).collect::<Vec<_>>();
            let total: f64 = weights.iter().sum();
            let mut counts = vec![0usize; logits.len()];
            for (_, tokens) in sampler.slice(&groups, &draws, SLICE) {
                counts[tokens[0] as usize] += 1;
            }
            for (count, weight) in counts.iter().zip(&weights) {
                let p = weight / total;
                let deviation = (DRAWS as f64 * p * (1.0 - p)).sqrt();
                let off = (*count as f64 - DRAWS as f64 * p).abs();
                assert!(off < 4.5 * deviation + 1.0, "{count} of {DRAWS} at p = {p}");
            }
        }
    }

    #[test]
    fn a_text_that_is_cut_is_unfinished() {
        let context = checkpoint().gpt.config().context;
        for max_tokens in [0, 1, 7, 1000] {
            let (sampler, draws) = (sampler(1.0, max_tokens), draws(60));
            let completions = sampler.complete(&draws).unwrap();
            for (draw, completion) in draws.iter().zip(&completions) {
                let room = context + 1 - sampler.tokenizer.encode(&draw.prompt).unwrap().len();
                let most = max_tokens.min(room);
                assert!(completion.tokens <= most && (completion.finished || completion.tokens == most));
            }
            assert!(completions.iter().any(|c| !c.finished), "some text of {max_tokens} tokens is cut");
        }
    }

    #[test]
    fn a_prompt_that_cannot_be_read_is_named() {
        let sampler = sampler(1.0, 5);
        let error = |prompt: &str| {
            let draw = Draw { prompt: prompt.into(), key: Key::new(0, "x") };
            sampler.complete(&[draws(1).remove(0), draw]).unwrap_err().message
        };
        assert_eq!(error("a b zebra c"), "the vocabulary has no token for \"zebra\", in \"a b zebra c\" ...");
        assert_eq!(error(" "), "a prompt is empty: \" \"");
        let long = ["a"; 32].join(" ");
        assert!(error(&long).starts_with("a prompt of 32 tokens fills the context of 32: \"a a a"));
        assert!(sampler.complete(&[]).unwrap().is_empty());
    }

    #[test]
    #[should_panic(expected = "a temperature is at least 0, not -1")]
    fn a_negative_temperature_is_refused() {
        sampler(-1.0, 5);
    }
}
