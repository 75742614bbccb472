//! Reading prompts into a cache and extending many texts by one token each.

use super::{Shape, block, embed};
use crate::model::Weights;
use eightfold_kernels::Buffer;
use eightfold_kernels::Packed;
use eightfold_kernels::attend::attend;
use eightfold_kernels::norm::layer_norm;
use eightfold_kernels::{Cache, PAGE};
use eightfold_kernels::{Rows, gelu};
use std::sync::Arc;

/// Weights in the layout that decoding wants.
pub(crate) struct Decoder {
    /// For reading prompts, which goes through the block of the trainer.
    weights: Weights,
    blocks: Vec<Matrices>,
    /// The token embedding transposed, `[d, vocab]`.
    head: Packed,
    shape: Arc<Shape>,
}

/// The matrices of a block.
struct Matrices {
    qkv: Packed,
    out: Packed,
    up: Packed,
    down: Packed,
}

/// Activations of a step, used again in every block.
struct Room {
    normal: Buffer,
    stats: Buffer,
    qkv: Buffer,
    attended: Buffer,
    wide: Buffer,
    active: Buffer,
    scores: Buffer,
}

impl Decoder {
    pub(crate) fn new(weights: Weights, shape: Arc<Shape>) -> Self {
        let d = weights.gain.len();
        let vocab = weights.token.len() / d;
        let block = |params: &[Vec<f32>; block::PARAMS]| {
            let [_, _, qkv, out, _, _, up, up_bias, down, _] = params;
            Matrices {
                qkv: Packed::new(3 * d, qkv),
                out: Packed::new(d, out),
                up: Packed::new(up_bias.len(), up),
                down: Packed::new(d, down),
            }
        };
        let blocks = weights.blocks.iter().map(block).collect();
        let head = Packed::new(vocab, &eightfold_kernels::matmul::transpose(vocab, d, &weights.token));
        Self { weights, blocks, head, shape }
    }

    fn d(&self) -> usize {
        self.weights.gain.len()
    }

    /// Tokens of the vocabulary.
    pub(crate) fn vocab(&self) -> usize {
        self.head.columns()
    }

    /// Floats of a page of keys and values.
    fn page(&self) -> usize {
        self.blocks.len() * 2 * self.d() * PAGE
    }

    /// Reads whole texts: the cache of each, and the hidden state after each of their tokens, `[tokens, d]`.
    pub(crate) fn read(&self, tokens: &[u32], rows: &Rows) -> (Vec<Cache>, Vec<f32>) {
        let d = self.d();
        let mut caches = vec![Cache::empty(); rows.rows().len()];
        for (cache, row) in caches.iter_mut().zip(rows.rows()) {
            cache.reserve(row.tokens.len(), self.page());
        }
        let before = embed::previous(tokens, rows, eightfold_kernels::START);
        let mut x = embed::forward(&self.weights.token, &self.weights.previous, d, tokens, &before);
        for (at, params) in self.weights.blocks.iter().enumerate() {
            let slices = params.each_ref().map(Vec::as_slice);
            let (out, tape) = block::forward(&x, &slices, rows, &self.shape);
            for (cache, row) in caches.iter_mut().zip(rows.rows()) {
                for (ahead, token) in row.tokens.clone().enumerate() {
                    let [_, key, value] = tape.query_key_value(token, d);
                    cache.put(at, ahead, key, value);
                }
            }
            x = out;
        }
        for (cache, row) in caches.iter_mut().zip(rows.rows()) {
            cache.advance(&tokens[row.tokens.clone()]);
        }
        (caches, x)
    }

    /// Appends one token to each text; the hidden state after it, `[texts, d]`.
    pub(crate) fn step(&self, tokens: &[u32], caches: &mut [&mut Cache]) -> Vec<f32> {
        let (d, n) = (self.d(), tokens.len());
        let before: Vec<u32> = caches.iter().map(|cache| cache.last()).collect();
        let mut x = embed::forward(&self.weights.token, &self.weights.previous, d, tokens, &before);
        caches.iter_mut().for_each(|cache| cache.reserve(1, self.page()));
        let longest = caches.iter().map(|cache| cache.length() + 1).max().unwrap_or(0);
        let f = self.blocks.first().map_or(0, |block| block.up.columns());
        let mut room = Room {
            normal: Buffer::new(n * d),
            stats: Buffer::new(2 * n),
            qkv: Buffer::new(n * 3 * d),
            attended: Buffer::new(n * d),
            wide: Buffer::new(n * f),
            active: Buffer::new(n * f),
            scores: Buffer::new(self.shape.heads * longest.next_multiple_of(PAGE)),
        };
        for at in 0..self.blocks.len() {
            self.attention(at, &mut x, caches, &mut room);
            self.feed_forward(at, &mut x, &mut room);
        }
        for (cache, token) in caches.iter_mut().zip(tokens) {
            cache.advance(&[*token]);
        }
        x
    }

    /// The attention half of block `at`, for one token of each text.
    fn attention(&self, at: usize, x: &mut [f32], caches: &mut [&mut Cache], room: &mut Room) {
        let (d, n) = (self.d(), caches.len());
        let [gain, bias, ..] = &self.weights.blocks[at];
        let matrices = &self.blocks[at];
        layer_norm(x, gain, bias, &mut room.normal, &mut room.stats);
        matrices.qkv.product(n, &room.normal, &mut room.qkv, false);
        let tokens = room.qkv.chunks_exact_mut(3 * d).zip(room.attended.chunks_exact_mut(d));
        for ((qkv, out), cache) in tokens.zip(caches) {
            let position = cache.length();
            self.shape.rope.rotate(&mut qkv[..2 * d], position);
            cache.put(at, 0, &qkv[d..2 * d], &qkv[2 * d..]);
            attend(&qkv[..d], cache.pages(), at, position + 1, self.shape.heads, &mut room.scores, out);
        }
        matrices.out.product(n, &room.attended, x, true);
    }

    /// The feed-forward half of block `at`.
    fn feed_forward(&self, at: usize, x: &mut [f32], room: &mut Room) {
        let (d, n) = (self.d(), x.len() / self.d());
        let [.., gain, bias, _, up_bias, _, down_bias] = &self.weights.blocks[at];
        let matrices = &self.blocks[at];
        layer_norm(x, gain, bias, &mut room.normal, &mut room.stats);
        for row in room.wide.chunks_exact_mut(up_bias.len()) {
            row.copy_from_slice(up_bias);
        }
        matrices.up.product(n, &room.normal, &mut room.wide, true);
        gelu::gelu(&room.wide, &mut room.active);
        for row in x.chunks_exact_mut(d) {
            row.iter_mut().zip(down_bias).for_each(|(x, bias)| *x += bias);
        }
        matrices.down.product(n, &room.active, x, true);
    }

    /// Logits of the next token, `[texts, vocab]`, from hidden states `[texts, d]`.
    pub(crate) fn logits(&self, x: &[f32]) -> Buffer {
        let n = x.len() / self.d();
        let (mut normal, mut stats) = (Buffer::new(x.len()), Buffer::new(2 * n));
        layer_norm(x, &self.weights.gain, &self.weights.bias, &mut normal, &mut stats);
        let mut logits = Buffer::new(n * self.vocab());
        self.head.product(n, &normal, &mut logits, false);
        logits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::checkpoint;
    use crate::{Batch, Sequence};
    use eightfold_kernels::Row;

    /// Log-probability of `token` in the row `text` of these logits.
    fn logp(logits: &[f32], vocab: usize, text: usize, token: u32) -> f64 {
        let row = &logits[text * vocab..][..vocab];
        let total: f64 = row.iter().map(|x| f64::from(*x).exp()).sum();
        f64::from(row[token as usize]) - total.ln()
    }

    #[test]
    fn what_is_sampled_has_the_log_probability_that_training_sees() {
        let gpt = checkpoint().gpt;
        let context = gpt.config().context;
        let decoder = Decoder::new(gpt.weights(), gpt.shape().clone());
        let vocab = decoder.vocab() as u32;
        // Prompts of different lengths, with targets that fill the context of the longest.
        let prompts: Vec<Vec<u32>> = vec![vec![2, 5, 5, 3, 7], vec![4], vec![9, 8, 7]];
        let targets: Vec<Vec<u32>> =
            (0..3).map(|i| (0..28).map(|j| (j * j + 5 * i + j * i) % vocab).collect()).collect();
        let mut rows = Vec::new();
        for prompt in &prompts {
            let start = rows.last().map_or(0, |row: &Row| row.tokens.end);
            rows.push(Row { tokens: start..start + prompt.len(), prefix: 0..0 });
        }
        let ends: Vec<usize> = rows.iter().map(|row| row.tokens.end).collect();
        let (mut caches, hidden) = decoder.read(&prompts.concat(), &Rows::new(rows));
        let d = gpt.config().width;
        let last: Vec<f32> = ends.iter().flat_map(|end| &hidden[(end - 1) * d..end * d]).copied().collect();
        let mut logits = decoder.logits(&last);
        let mut sums = [0.0; 3];
        for at in 0..28 {
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum += logp(&logits, vocab as usize, i, targets[i][at]);
            }
            let sequences = prompts.iter().zip(&targets);
            let sequences = sequences
                .map(|(prompt, target)| Sequence { prompt: prompt.clone(), target: target[..=at].to_vec() });
            let trained = gpt.logps(&std::sync::Arc::new(Batch::new(sequences.collect()))).sums;
            for (sum, trained) in sums.iter().zip(trained.into_data().iter::<f64>()) {
                assert!(
                    (sum - trained).abs() < 1e-5 * sum.abs().max(1.0),
                    "{sum} sampled, {trained} trained"
                );
            }
            if at < 27 {
                let last: Vec<u32> = targets.iter().map(|target| target[at]).collect();
                let hidden = decoder.step(&last, &mut caches.iter_mut().collect::<Vec<_>>());
                logits = decoder.logits(&hidden);
            }
        }
        assert_eq!(caches[0].length(), context);
    }

    #[test]
    fn a_text_read_whole_and_one_read_token_by_token_are_the_same_bits() {
        let gpt = checkpoint().gpt;
        let decoder = Decoder::new(gpt.weights(), gpt.shape().clone());
        let (vocab, d, length) = (decoder.vocab() as u32, gpt.config().width, gpt.config().context);
        let text: Vec<u32> = (0..length as u32).map(|i| (i * i + 3 * i + 1) % vocab).collect();
        let read = |n: usize| {
            let rows = Rows::new(vec![Row { tokens: 0..n, prefix: 0..0 }]);
            decoder.read(&text[..n], &rows)
        };
        let (_, whole) = read(length);
        let (caches, _) = read(20);
        for from in [1, 7, 16, 20] {
            let mut cache = caches[0].fork(from, text[from - 1]);
            for at in from..length {
                let hidden = decoder.step(&text[at..=at], &mut [&mut cache]);
                assert_eq!(hidden, whole[at * d..(at + 1) * d], "position {at}, from {from}");
            }
        }
    }
}
