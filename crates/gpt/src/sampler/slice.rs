//! Texts extended together, one token each at a time.

use super::Sampler;
use eightfold_kernels::{Buffer, Cache, Row, Rows, Stem, choose};
use eightfold_task::Draw;
use rand_chacha::ChaCha8Rng;

/// Texts extended together: enough rows for the matrix products, few enough for their keys and values to
/// stay near.
pub(super) const SLICE: usize = 16;

/// Stems read together, at most.
const READ: usize = 16;

/// A text being extended.
struct Text {
    draw: usize,
    /// What was drawn so far: at least one token.
    tokens: Vec<u32>,
    cache: Cache,
    rng: ChaCha8Rng,
}

impl Sampler {
    /// The completions of the draws of some stems, at most `wide` at a time: each draw's number and tokens.
    pub(super) fn slice(&self, stems: &[Stem], draws: &[Draw], wide: usize) -> Vec<(usize, Vec<u32>)> {
        let mut waiting = stems.chunks(READ);
        let (mut queue, mut active, mut done) = (Vec::new(), Vec::new(), Vec::new());
        let mut weights = vec![0.0; self.decoder.vocab()];
        loop {
            while active.len() < wide {
                if queue.is_empty() {
                    let Some(stems) = waiting.next() else { break };
                    queue = self.read(stems, draws, &mut weights);
                }
                active.extend(queue.pop());
            }
            if active.is_empty() {
                return done;
            }
            let ended = active.extract_if(.., |text| self.ended(text));
            done.extend(ended.map(|text| (text.draw, text.tokens)));
            self.extend(&mut active, &mut weights);
        }
    }

    /// Whether a text ends with its last token.
    fn ended(&self, text: &Text) -> bool {
        text.tokens.last() == Some(&self.tokenizer.end())
            || text.tokens.len() >= self.config.max_tokens
            || text.cache.length() >= self.context
    }

    /// Logits of the next token, `[texts, vocab]`, from hidden states `[texts, d]`.
    fn logits(&self, hidden: &[f32]) -> Buffer {
        let mut logits = self.decoder.logits(hidden);
        if self.endless {
            let end = self.tokenizer.end() as usize;
            logits.chunks_exact_mut(self.decoder.vocab()).for_each(|logits| logits[end] = f32::NEG_INFINITY);
        }
        logits
    }

    /// Draws the next token of each text.
    fn extend(&self, texts: &mut [Text], weights: &mut [f32]) {
        if texts.is_empty() {
            return;
        }
        let tokens: Vec<u32> = texts.iter().map(|text| *text.tokens.last().expect("one was drawn")).collect();
        let mut caches: Vec<&mut Cache> = texts.iter_mut().map(|text| &mut text.cache).collect();
        let hidden = self.decoder.step(&tokens, &mut caches);
        let logits = self.logits(&hidden);
        for (text, logits) in texts.iter_mut().zip(logits.chunks_exact(self.decoder.vocab())) {
            text.tokens.push(choose(logits, self.config.temperature, &mut text.rng, weights));
        }
    }

    /// Reads some stems and draws the first token of each draw of each of their prompts.
    fn read(&self, stems: &[Stem], draws: &[Draw], weights: &mut [f32]) -> Vec<Text> {
        let mut tokens = Vec::new();
        let mut rows = Vec::new();
        for stem in stems {
            let start = tokens.len();
            tokens.extend_from_slice(&stem.tokens);
            rows.push(Row { tokens: start..tokens.len(), prefix: 0..0 });
        }
        let starts: Vec<usize> = rows.iter().map(|row| row.tokens.start).collect();
        let (caches, hidden) = self.decoder.read(&tokens, &Rows::new(rows));
        let mut texts = Vec::new();
        let d = hidden.len() / tokens.len();
        for ((stem, cache), start) in stems.iter().zip(caches).zip(starts) {
            let last = |length: usize| &hidden[(start + length - 1) * d..(start + length) * d];
            let hidden: Vec<f32> =
                stem.prompts.iter().flat_map(|(length, _)| last(*length)).copied().collect();
            let logits = self.logits(&hidden);
            let logits = logits.chunks_exact(self.decoder.vocab());
            for ((length, numbers), logits) in stem.prompts.iter().zip(logits) {
                for &draw in numbers {
                    let mut rng = draws[draw].key.rng();
                    let first = choose(logits, self.config.temperature, &mut rng, weights);
                    let cache = cache.fork(*length, stem.tokens[length - 1]);
                    texts.push(Text { draw, tokens: vec![first], cache, rng });
                }
            }
        }
        texts
    }
}
