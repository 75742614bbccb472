//! A network as a policy: many completions at once, each from its own random stream.
//!
//! A prompt that begins another is read as part of it, once, and shared by its completions: their keys and values
//! fork where the texts part. Texts are extended in slices that fit the cache; finished ones make room for the next.
//! Every number of a text is computed from that text alone and in one order, and its random stream is its own, so a
//! completion does not depend on what is sampled beside it, on the size of the slices, or on the number of threads.

mod slice;
mod stems;

use crate::fused::decode::Decoder;
use crate::{Checkpoint, Tokenizer};
use eightfold_kernels::Stem;
use eightfold_task::{Completion, Draw, Policy, PolicyError};
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
    endless: bool,
}

impl Sampler {
    /// A policy of this checkpoint's weights as they are now.
    ///
    /// # Panics
    /// If the temperature is negative or not a number.
    pub fn new(checkpoint: &Checkpoint, config: SamplerConfig) -> Self {
        assert!(config.temperature >= 0.0, "a temperature is at least 0, not {}", config.temperature);
        let gpt = &checkpoint.gpt;
        let decoder = Decoder::new(gpt.weights(), gpt.shape().clone());
        let context = gpt.config().context;
        let tokenizer = checkpoint.tokenizer.clone();
        Self { decoder, tokenizer, config, context, endless: false }
    }

    /// The same, but the end of text is never drawn, so that every completion has the longest length: for measuring
    /// rates, where a network that was not trained would end its texts at random.
    pub fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// The tokens of a prompt that can be read and continued; none of a text of our own that was cut with the context's
    /// end: there is no room for another token.
    fn encode(&self, prompt: &str) -> Result<Option<Vec<u32>>, PolicyError> {
        let start = || prompt.chars().take(40).collect::<String>();
        let tokens =
            self.tokenizer.encode(prompt).map_err(|e| failed(format!("{e}, in {:?} ...", start())))?;
        match tokens.len() {
            0 => Err(failed(format!("a prompt is empty: {prompt:?}"))),
            n if n == self.context + 1 => Ok(None),
            n if n > self.context => {
                let context = self.context;
                Err(failed(format!(
                    "a prompt of {n} tokens is longer than the context of {context}: {:?} ...",
                    start()
                )))
            }
            _ => Ok(Some(tokens)),
        }
    }

    /// The prompts of some draws as stems.
    fn stems(&self, draws: &[Draw]) -> Result<Vec<Stem>, PolicyError> {
        stems::stems(draws, |prompt| self.encode(prompt))
    }
}

fn failed(message: String) -> PolicyError {
    PolicyError { message }
}

impl Policy for Sampler {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let stems = self.stems(draws)?;
        let nothing = Completion { text: String::new(), finished: false, tokens: 0 };
        let mut completions = vec![nothing; draws.len()];
        if self.config.max_tokens == 0 {
            return Ok(completions);
        }
        let share = stems.len().div_ceil(rayon::current_num_threads()).max(1);
        let drawn: Vec<_> =
            stems.par_chunks(share).map(|stems| self.slice(stems, draws, slice::SLICE)).collect();
        for (draw, tokens) in drawn.into_iter().flatten() {
            let text = self.tokenizer.decode(&tokens);
            let finished = tokens.last() == Some(&self.tokenizer.end());
            completions[draw] = Completion { text, finished, tokens: tokens.len() };
        }
        Ok(completions)
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
        let (sampler, draws) = (sampler(1.0, 20), draws(257));
        let all = sampler.complete(&draws).unwrap();
        for i in (0..257).step_by(16) {
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
    fn rollouts_from_every_prefix_are_those_of_each_prefix_alone() {
        let sampler = sampler(1.0, 20);
        let mut draws = Vec::new();
        for solution in 0..6 {
            let words: Vec<&str> =
                (0..19).map(|i| ["a", "b", "c", "d", "e"][(i * (solution + 2)) % 5]).collect();
            for prefix in [1, 4, 9, 16, 19] {
                let key = Key::new(solution as u64, "rollout").with(prefix as u64);
                let prompt = words[..prefix].join(" ");
                draws.extend((0..5).map(|i| Draw { prompt: prompt.clone(), key: key.with(i) }));
            }
        }
        let stems = sampler.stems(&draws).unwrap();
        assert!(stems.len() <= 6, "one stem a solution, not {}", stems.len());
        let together = sampler.complete(&draws).unwrap();
        for (some, together) in draws.chunks(5).zip(together.chunks(5)) {
            assert_eq!(sampler.complete(some).unwrap(), together, "from {:?}", some[0].prompt);
        }
    }

    #[test]
    fn the_width_of_a_slice_changes_nothing() {
        let (sampler, draws) = (sampler(1.0, 20), draws(100));
        let stems = sampler.stems(&draws).unwrap();
        let by = |wide: usize| {
            let mut drawn = sampler.slice(&stems, &draws, wide);
            drawn.sort_unstable();
            drawn
        };
        let one = by(1);
        assert_eq!(one.len(), 100);
        assert!([5, slice::SLICE, 100].into_iter().all(|wide| by(wide) == one));
    }

    #[test]
    fn at_temperature_0_every_token_is_the_likeliest() {
        let (sampler, draws) = (sampler(0.0, 12), draws(20));
        let stems = sampler.stems(&draws).unwrap();
        for (draw, tokens) in sampler.slice(&stems, &draws, slice::SLICE) {
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
            let stems = sampler.stems(&draws).unwrap();
            let logits = logits(&stems[0].tokens);
            let weights = logits.iter().map(|x| (f64::from(*x) / temperature).exp()).collect::<Vec<_>>();
            let total: f64 = weights.iter().sum();
            let mut counts = vec![0usize; logits.len()];
            for (_, tokens) in sampler.slice(&stems, &draws, slice::SLICE) {
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
    fn an_endless_text_has_the_longest_length() {
        for temperature in [0.0, 1.0] {
            let completions = sampler(temperature, 9).endless().complete(&draws(100)).unwrap();
            assert!(completions.iter().all(|c| c.tokens == 9 && !c.finished));
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
    fn a_text_that_the_context_cut_can_be_asked_for_more() {
        let (sampler, mut draws) = (sampler(1.0, 20), draws(10));
        let long = |words: usize| Draw { prompt: vec!["a"; words].join(" "), key: Key::new(1, "long") };
        let alone = sampler.complete(&draws).unwrap();
        draws.extend([31, 32, 33].map(long));
        let all = sampler.complete(&draws).unwrap();
        assert_eq!(all[..10], alone);
        assert!((1..=2).contains(&all[10].tokens));
        assert_eq!(all[11].tokens, 1, "one token stands after the context's last");
        assert_eq!(all[12], Completion { text: String::new(), finished: false, tokens: 0 });
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
        let long = ["a"; 34].join(" ");
        assert!(error(&long).starts_with("a prompt of 34 tokens is longer than the context of 32: \"a a a"));
        assert!(sampler.complete(&[]).unwrap().is_empty());
    }

    #[test]
    #[should_panic(expected = "a temperature is at least 0, not -1")]
    fn a_negative_temperature_is_refused() {
        sampler(-1.0, 5);
    }
}
