//! The network: tokens in, hidden states and logits out. A text is read in any pieces, a prompt at once or a token at
//! a time: every number is one chain of operations on that text alone, so the bits are the same.

use crate::Config;
use crate::rope::{Turn, rotate};
use crate::weights::{Block, Linear, Weights, add};
use eightfold_kernels::{Buffer, Cache, PAGE, attend, rms_norm, swiglu};
use rayon::prelude::*;

/// Queries that are worth a thread's while.
const SHARE: usize = 4;

/// A network that reads and predicts.
pub(crate) struct Network {
    pub(crate) weights: Weights,
    pub(crate) config: Config,
}

/// Tokens that a text goes on with.
pub(crate) struct Reading<'a> {
    pub(crate) cache: &'a mut Cache,
    pub(crate) tokens: &'a [u32],
}

/// Activations, used again in every block.
struct Room {
    normal: Buffer,
    qkv: Buffer,
    attended: Buffer,
    wide: Buffer,
    active: Buffer,
    update: Buffer,
    /// Of each token.
    turns: Vec<Turn>,
}

impl Network {
    pub(crate) fn new(weights: Weights, config: Config) -> Self {
        Self { weights, config }
    }

    /// Floats of a page of keys and values.
    fn page(&self) -> usize {
        self.config.layers * 2 * self.config.kv_width() * PAGE
    }

    /// Reads on in some texts: the hidden state after each token, text after text, `[tokens, width]`.
    pub(crate) fn read(&self, readings: &mut [Reading]) -> Vec<f32> {
        let n: usize = readings.iter().map(|reading| reading.tokens.len()).sum();
        let Config { width, inner, heads, head, .. } = self.config;
        let mut x = vec![0.0; n * width];
        let tokens = readings.iter().flat_map(|reading| reading.tokens);
        for (x, &token) in x.chunks_exact_mut(width).zip(tokens) {
            self.weights.embedding.column(token as usize, x);
        }
        let mut turns = Vec::with_capacity(n);
        for reading in &mut *readings {
            let (from, count) = (reading.cache.length(), reading.tokens.len());
            reading.cache.reserve(count, self.page());
            turns.extend((from..from + count).map(|position| self.config.rope.turn(position)));
        }
        let queries = heads * head;
        let mut room = Room {
            normal: Buffer::new(n * width),
            qkv: Buffer::new(n * (queries + 2 * self.config.kv_width())),
            attended: Buffer::new(n * queries),
            wide: Buffer::new(n * 2 * inner),
            active: Buffer::new(n * inner),
            update: Buffer::new(n * width),
            turns,
        };
        for (at, block) in self.weights.blocks.iter().enumerate() {
            self.attention(at, block, &mut x, readings, &mut room);
            self.feed_forward(block, &mut x, &mut room);
        }
        for reading in readings {
            reading.cache.advance(reading.tokens);
        }
        x
    }

    /// The attention half of block `at`.
    fn attention(&self, at: usize, block: &Block, x: &mut [f32], readings: &mut [Reading], room: &mut Room) {
        let n = room.turns.len();
        rms_norm(x, &block.attention_gain, self.config.epsilon, &mut room.normal);
        block.qkv.apply(n, &room.normal, &mut room.qkv);
        self.keep(at, block, readings, room);
        let (queries, kv) = (self.config.heads * self.config.head, self.config.kv_width());
        let places: Vec<(&Cache, usize)> = readings
            .iter()
            .flat_map(|reading| (1..=reading.tokens.len()).map(|ahead| (&*reading.cache, ahead)))
            .collect();
        let longest = places.iter().map(|(cache, ahead)| cache.length() + ahead).max().unwrap_or(0);
        let scores = || Buffer::new(self.config.kv_heads * longest.next_multiple_of(PAGE));
        room.attended
            .par_chunks_exact_mut(queries)
            .zip(room.qkv.par_chunks_exact(queries + 2 * kv))
            .zip(&places)
            .with_min_len(SHARE)
            .for_each_init(scores, |scores, ((out, qkv), (cache, ahead))| {
                for (out, query) in out.chunks_exact_mut(kv).zip(qkv.chunks_exact(kv)) {
                    attend(
                        query,
                        cache.pages(),
                        at,
                        cache.length() + ahead,
                        self.config.kv_heads,
                        scores,
                        out,
                    );
                }
            });
        self.join(&block.out, x, &room.attended, &mut room.update);
    }

    /// Normalizes and turns queries and keys, and keeps keys and values.
    fn keep(&self, at: usize, block: &Block, readings: &mut [Reading], room: &mut Room) {
        let Config { heads, head, epsilon, .. } = self.config;
        let (queries, kv) = (heads * head, self.config.kv_width());
        let mut tokens = room.qkv.chunks_exact_mut(queries + 2 * kv).zip(&room.turns);
        for reading in readings {
            for (ahead, (qkv, turn)) in tokens.by_ref().take(reading.tokens.len()).enumerate() {
                let (query_key, value) = qkv.split_at_mut(queries + kv);
                if let Some([query_gain, key_gain]) = &block.head_gains {
                    let (query, key) = query_key.split_at_mut(queries);
                    for (x, gain) in [(query, query_gain), (key, key_gain)] {
                        let before = Buffer::copied(x);
                        rms_norm(&before, gain, epsilon, x);
                    }
                }
                rotate(query_key, turn);
                reading.cache.put(at, ahead, &query_key[queries..], value);
            }
        }
    }

    /// The feed-forward half of a block.
    fn feed_forward(&self, block: &Block, x: &mut [f32], room: &mut Room) {
        let n = room.turns.len();
        rms_norm(x, &block.inner_gain, self.config.epsilon, &mut room.normal);
        block.up.apply(n, &room.normal, &mut room.wide);
        swiglu(&room.wide, self.config.inner, &mut room.active);
        self.join(&block.down, x, &room.active, &mut room.update);
    }

    /// Adds what a half gives to the hidden states. Not one by one in the product: hidden states grow large (23,000 in
    /// SmolLM2), and each product added to one would be rounded to its grid.
    fn join(&self, linear: &Linear, x: &mut [f32], half: &[f32], update: &mut [f32]) {
        linear.apply(x.len() / self.config.width, half, update);
        add(x, update);
    }

    /// Logits of the next token, `[n, vocab]`, from hidden states `[n, width]`.
    pub(crate) fn logits(&self, hidden: &[f32]) -> Buffer {
        let n = hidden.len() / self.config.width;
        let mut normal = Buffer::new(hidden.len());
        rms_norm(hidden, &self.weights.gain, self.config.epsilon, &mut normal);
        let mut logits = Buffer::new(n * self.config.vocab);
        self.weights.head.as_ref().unwrap_or(&self.weights.embedding).product_by_all(n, &normal, &mut logits);
        logits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::Tensors;
    use std::path::Path;

    fn network(name: &str) -> Network {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        let config = Config::open(&folder).unwrap();
        let weights = Weights::read(&mut Tensors::open(&folder).unwrap(), &config).unwrap();
        Network::new(weights, config)
    }

    #[test]
    fn a_text_has_the_same_bits_in_whatever_pieces_it_is_read() {
        for name in ["llama-linear", "llama-yarn", "qwen3"] {
            let network = network(name);
            let text: Vec<u32> = (0..70).map(|i| (i * i + 3 * i + 1) % 320).collect();
            let mut cache = Cache::empty();
            let whole = network.read(&mut [Reading { cache: &mut cache, tokens: &text }]);
            // A fork in the middle of a page, read on in pieces beside another text.
            let (mut fork, mut other) = (cache.fork(21, text[20]), Cache::empty());
            let mut hidden = Vec::new();
            for piece in text[21..].chunks(17) {
                let mate = Reading { cache: &mut other, tokens: &text[..5] };
                let states = network.read(&mut [mate, Reading { cache: &mut fork, tokens: piece }]);
                hidden.extend_from_slice(&states[5 * 32..]);
            }
            assert_eq!(hidden, whole[21 * 32..], "{name}");
        }
    }
}
