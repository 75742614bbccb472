//! A model as a policy: many completions at once, each from its own random stream.
//!
//! A prompt that begins another is read as part of it, once, and shared by its completions, whose keys and values fork
//! where the texts part. Texts are extended together, one token each at a time, and a finished one makes room for the
//! next. A completion does not depend on what is sampled beside it, nor on the number of threads.

mod choose;
mod device;
mod kept;
mod pieces;
mod stop;

use crate::TextError;
use crate::model::Model;
use crate::network::Reading;
use crate::text::BEFORE;
use choose::next;
pub use device::Remote;
use eightfold_kernels::{Buffer, Cache, Stem, joined};
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError};
pub use kept::{Kept, KeptError};
use pieces::{pieces, together};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use stop::stopped;

/// Texts extended together: enough for the multipliers to be busy while weights go by.
const WIDE: usize = 32;

/// How completions are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Temperature, at least 0: logits are divided by it; at 0 the likeliest token is taken (of equals, the first).
    pub temperature: f64,
    /// Only the likeliest tokens are drawn, whose probabilities together reach this; 1 draws all.
    pub top_p: f64,
    /// Longest completion, in tokens, the end of text included. A completion also stops, unfinished, where the
    /// model's context is full.
    pub max_tokens: usize,
    /// Texts that end a completion and do not belong to it.
    pub stop: Vec<String>,
}

/// Tokens to be continued.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    /// At least one, and fewer than the model's context.
    pub tokens: Vec<u32>,
    /// Names the random stream of the completion.
    pub key: Key,
}

/// What a model adds after a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The added text, without an end of text or a stop text.
    pub text: String,
    /// The tokens drawn, an end of text included.
    pub tokens: Vec<u32>,
    /// Whether the text ended with an end of text or a stop text, and was not cut.
    pub finished: bool,
}

/// A model that completes prompts.
pub struct Sampler<'a> {
    model: &'a Model,
    sampling: Sampling,
    endless: bool,
    /// The network on another device, if it is to be read there.
    remote: Option<&'a Remote>,
}

/// A text being extended.
struct Growing {
    text: Growth,
    cache: Cache,
}

/// What is drawn of a completion.
struct Growth {
    number: usize,
    /// The last tokens of its prompt.
    before: Vec<u32>,
    /// What was drawn so far: at least one token.
    tokens: Vec<u32>,
    rng: ChaCha8Rng,
}

impl<'a> Sampler<'a> {
    /// A policy of this model.
    ///
    /// # Panics
    /// If the temperature is negative, `top_p` is not in (0, 1], or a stop text is empty.
    pub fn new(model: &'a Model, sampling: Sampling) -> Self {
        let Sampling { temperature, top_p, stop, .. } = &sampling;
        assert!(*temperature >= 0.0, "a temperature is at least 0, not {temperature}");
        assert!(*top_p > 0.0 && *top_p <= 1.0, "the mass of a nucleus is above 0 and at most 1, not {top_p}");
        assert!(stop.iter().all(|text| !text.is_empty()), "a stop text has characters");
        Self { model, sampling, endless: false, remote: None }
    }

    /// The same, but the network is read on another device, if there is one. Sums are added in another order there, which
    /// depends on the texts that are read together: where two tokens are nearly as likely, another one may be drawn.
    pub fn on(mut self, remote: Option<&'a Remote>) -> Self {
        self.remote = remote;
        self
    }

    /// The same, but the end of text is never drawn, so that without stop texts every completion has the longest
    /// length: for measuring rates.
    pub fn endless(mut self) -> Self {
        self.endless = true;
        self
    }

    /// Draws a completion for each prompt and hands it to `take` with its number as soon as it ends, in any order.
    /// `take` may break off.
    ///
    /// # Errors
    /// The first prompt that cannot be read, before anything is drawn; or what the tokenizer reports.
    ///
    /// # Panics
    /// If a token is not below the vocabulary's size.
    pub fn draw(
        &self,
        prompts: &[Prompt],
        take: &mut dyn FnMut(usize, Sample) -> ControlFlow<()>,
    ) -> Result<(), TextError> {
        prompts.iter().try_for_each(|prompt| self.model.check(&prompt.tokens))?;
        if self.sampling.max_tokens == 0 {
            let nothing = Sample { text: String::new(), tokens: Vec::new(), finished: false };
            let _ = (0..prompts.len()).map(|i| take(i, nothing.clone())).find(ControlFlow::is_break);
            return Ok(());
        }
        if let Some(remote) = self.remote {
            return self.draw_on(remote, prompts, take);
        }
        let mut numbers: BTreeMap<&[u32], Vec<usize>> = BTreeMap::new();
        for (i, prompt) in prompts.iter().enumerate() {
            numbers.entry(&prompt.tokens).or_default().push(i);
        }
        let stems = joined(numbers.into_iter().map(|(tokens, all)| (tokens.to_vec(), all)).collect());
        let (mut waiting, mut queue, mut growing) = (&stems[..], Vec::new(), Vec::new());
        loop {
            while growing.len() < WIDE {
                if queue.is_empty() {
                    let (now, later) = waiting.split_at(together(waiting, WIDE - growing.len()));
                    if now.is_empty() {
                        break;
                    }
                    waiting = later;
                    queue = self.read(now, prompts);
                    queue.reverse();
                }
                growing.extend(queue.pop());
            }
            if growing.is_empty() {
                return Ok(());
            }
            let mut going = Vec::with_capacity(growing.len());
            for each in growing {
                let Some(sample) = self.ended(&each.text, each.cache.length())? else {
                    going.push(each);
                    continue;
                };
                if take(each.text.number, sample).is_break() {
                    return Ok(());
                }
            }
            growing = going;
            self.extend(&mut growing);
        }
    }

    /// The completion, if a text of which `read` tokens were read ends with its last token.
    fn ended(&self, text: &Growth, read: usize) -> Result<Option<Sample>, TextError> {
        let Growth { before, tokens, .. } = text;
        let sample = |text, finished| Ok(Some(Sample { text, tokens: tokens.clone(), finished }));
        let (last, spoken) = tokens.split_last().expect("one was drawn");
        if self.model.ends().contains(last) {
            return sample(self.model.text().continuation(before, spoken)?, true);
        }
        if let Some(said) = stopped(self.model.text(), before, tokens, &self.sampling.stop)? {
            return sample(said, true);
        }
        if tokens.len() >= self.sampling.max_tokens || read >= self.model.config().context {
            return sample(self.model.text().continuation(before, tokens)?, false);
        }
        Ok(None)
    }

    /// Draws the next token of each text.
    fn extend(&self, growing: &mut [Growing]) {
        let lasts: Vec<u32> =
            growing.iter().map(|each| *each.text.tokens.last().expect("one was drawn")).collect();
        let reading = |(each, last)| {
            let Growing { cache, .. }: &mut Growing = each;
            Reading { cache, tokens: std::slice::from_ref(last) }
        };
        let mut readings: Vec<Reading> = growing.iter_mut().zip(&lasts).map(reading).collect();
        let hidden = self.model.network.read(&mut readings);
        let logits = self.logits(&hidden);
        self.push(growing.iter_mut().map(|each| &mut each.text).collect(), &logits);
    }

    /// Draws the next token of each text from its logits, `[texts, vocab]`.
    fn push(&self, mut texts: Vec<&mut Growth>, logits: &[f32]) {
        let vocab = self.model.config().vocab;
        texts.par_iter_mut().zip(logits.par_chunks_exact(vocab)).for_each_init(
            || Buffer::new(vocab),
            |weights, (text, logits)| text.tokens.push(self.next(logits, &mut text.rng, weights)),
        );
    }

    /// Logits of the next token, `[texts, vocab]`, from hidden states `[texts, width]`.
    fn logits(&self, hidden: &[f32]) -> Buffer {
        let mut logits = self.model.network.logits(hidden);
        self.silence(&mut logits);
        logits
    }

    /// Makes the end of text impossible if texts are to be endless.
    fn silence(&self, logits: &mut [f32]) {
        if self.endless {
            for logits in logits.chunks_exact_mut(self.model.config().vocab) {
                for &end in self.model.ends() {
                    logits.get_mut(end as usize).into_iter().for_each(|logit| *logit = f32::NEG_INFINITY);
                }
            }
        }
    }

    fn next(&self, logits: &[f32], rng: &mut ChaCha8Rng, weights: &mut [f32]) -> u32 {
        next(logits, self.sampling.temperature, self.sampling.top_p, rng, weights)
    }

    /// Reads some stems, piece by piece, and draws the first token of each completion of each of their prompts.
    fn read(&self, stems: &[Stem], prompts: &[Prompt]) -> Vec<Growing> {
        let (vocab, width) = (self.model.config().vocab, self.model.config().width);
        let mut caches = vec![Cache::empty(); stems.len()];
        let mut last_states = vec![Vec::new(); stems.len()];
        for pieces in pieces(stems) {
            let mut readings: Vec<Reading> = Vec::new();
            let mut left = caches.iter_mut().enumerate();
            for (stem, tokens) in &pieces {
                let (_, cache) = left.find(|(i, _)| i == stem).expect("pieces are in the order of stems");
                readings.push(Reading { cache, tokens: &stems[*stem].tokens[tokens.clone()] });
            }
            let hidden = self.model.network.read(&mut readings);
            let mut hidden = hidden.chunks_exact(width);
            for (stem, tokens) in pieces {
                for (at, state) in tokens.clone().zip(hidden.by_ref().take(tokens.len())) {
                    if stems[stem].prompts.iter().any(|(length, _)| *length == at + 1) {
                        last_states[stem].extend_from_slice(state);
                    }
                }
            }
        }
        let mut weights = Buffer::new(vocab);
        let mut growing = Vec::new();
        for ((stem, cache), states) in stems.iter().zip(caches).zip(last_states) {
            let logits = self.logits(&states);
            for ((length, numbers), logits) in stem.prompts.iter().zip(logits.chunks_exact(vocab)) {
                for &number in numbers {
                    let mut rng = prompts[number].key.rng();
                    let tokens = vec![self.next(logits, &mut rng, &mut weights)];
                    let before = stem.tokens[length.saturating_sub(BEFORE)..*length].to_vec();
                    let cache = cache.fork(*length, stem.tokens[length - 1]);
                    growing.push(Growing { text: Growth { number, before, tokens, rng }, cache });
                }
            }
        }
        growing
    }
}

impl Policy for Sampler<'_> {
    /// Prompts are texts; the tokens are added that the tokenizer puts around a text.
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let prompt = |draw: &Draw| {
            let tokens = self.model.text().encode(&draw.prompt, true);
            let tokens = tokens.and_then(|tokens| self.model.check(&tokens).map(|()| tokens));
            let start = || draw.prompt.chars().take(40).collect::<String>();
            let tokens = tokens.map_err(|e| PolicyError { message: format!("{e}: {:?} ...", start()) })?;
            Ok(Prompt { tokens, key: draw.key })
        };
        let prompts = draws.iter().map(prompt).collect::<Result<Vec<_>, PolicyError>>()?;
        let mut completions = vec![None; draws.len()];
        self.draw(&prompts, &mut |number, sample| {
            let Sample { text, tokens, finished } = sample;
            completions[number] = Some(Completion { text, finished, tokens: tokens.len() });
            ControlFlow::Continue(())
        })
        .map_err(|error| PolicyError { message: error.to_string() })?;
        Ok(completions.into_iter().map(|completion| completion.expect("every draw ends")).collect())
    }
}
