//! Reading prompts into a cache and extending many texts by one token each.

use super::matmul::{product, transpose};
use super::norm::layer_norm;
use super::simd::{exp, fma, kernel};
use super::{Rows, Shape, block, embed, gelu};
use crate::model::Weights;

/// Keys and values of one text, of all blocks: keys `[block, d, context]`, values `[block, context, d]`.
#[derive(Clone)]
pub(crate) struct Cache {
    keys: Vec<f32>,
    values: Vec<f32>,
    /// Tokens read.
    length: usize,
    /// The last token read.
    last: u32,
}

/// Weights in the layout that decoding wants.
pub(crate) struct Decoder {
    weights: Weights,
    /// The token embedding transposed, `[d, vocab]`.
    head: Vec<f32>,
    heads: usize,
    shape: std::sync::Arc<Shape>,
    context: usize,
}

impl Decoder {
    pub(crate) fn new(weights: Weights, shape: std::sync::Arc<Shape>, context: usize) -> Self {
        let d = weights.gain.len();
        let head = transpose(weights.token.len() / d, d, &weights.token);
        Self { weights, head, heads: shape.heads, shape, context }
    }

    fn d(&self) -> usize {
        self.weights.gain.len()
    }

    /// Tokens of the vocabulary.
    pub(crate) fn vocab(&self) -> usize {
        self.head.len() / self.d()
    }

    /// An empty cache for texts of up to `context` tokens.
    pub(crate) fn cache(&self) -> Cache {
        let floats = self.weights.blocks.len() * self.d() * self.context;
        Cache { keys: vec![0.0; floats], values: vec![0.0; floats], length: 0, last: crate::batch::START }
    }

    /// Reads whole prompts: the cache and the hidden state after each, `[prompts, d]`.
    pub(crate) fn read(&self, tokens: &[u32], rows: &Rows, caches: &mut [Cache]) -> Vec<f32> {
        let d = self.d();
        let before = embed::previous(tokens, rows, crate::batch::START);
        let mut x = embed::forward(&self.weights.token, &self.weights.previous, d, tokens, &before);
        for (at, params) in self.weights.blocks.iter().enumerate() {
            let slices = params.each_ref().map(Vec::as_slice);
            let (out, tape) = block::forward(&x, &slices, rows, &self.shape);
            for (cache, row) in caches.iter_mut().zip(rows.rows()) {
                for (position, token) in row.tokens.clone().enumerate() {
                    let [_, key, value] = tape.query_key_value(token, d);
                    self.store(cache, at, position, key, value);
                }
            }
            x = out;
        }
        let mut last = Vec::with_capacity(caches.len() * d);
        for (cache, row) in caches.iter_mut().zip(rows.rows()) {
            cache.length = row.tokens.len();
            cache.last = tokens[row.tokens.end - 1];
            last.extend_from_slice(&x[(row.tokens.end - 1) * d..][..d]);
        }
        last
    }

    fn store(&self, cache: &mut Cache, block: usize, position: usize, key: &[f32], value: &[f32]) {
        let (d, context) = (self.d(), self.context);
        for (i, key) in key.iter().enumerate() {
            cache.keys[(block * d + i) * context + position] = *key;
        }
        cache.values[(block * context + position) * d..][..d].copy_from_slice(value);
    }

    /// Appends one token to each text; the hidden state after it, `[texts, d]`.
    pub(crate) fn step(&self, tokens: &[u32], caches: &mut [&mut Cache]) -> Vec<f32> {
        let (d, n) = (self.d(), tokens.len());
        let before: Vec<u32> = caches.iter().map(|cache| cache.last).collect();
        let mut x = embed::forward(&self.weights.token, &self.weights.previous, d, tokens, &before);
        let mut stats = vec![0.0; 2 * n];
        let (mut normal, mut attended) = (vec![0.0; n * d], vec![0.0; n * d]);
        let mut qkv = vec![0.0; n * 3 * d];
        let mut scores = vec![0.0; self.context];
        for (at, params) in self.weights.blocks.iter().enumerate() {
            let [gain1, bias1, w_qkv, w_out, gain2, bias2, up, up_bias, down, down_bias] = params;
            layer_norm(&x, gain1, bias1, &mut normal, &mut stats);
            product(n, 3 * d, d, &normal, w_qkv, &mut qkv, false);
            for ((qkv, out), cache) in
                qkv.chunks_exact_mut(3 * d).zip(attended.chunks_exact_mut(d)).zip(caches.iter_mut())
            {
                let position = cache.length;
                self.shape.rope.rotate(&mut qkv[..2 * d], position);
                self.store(cache, at, position, &qkv[d..2 * d], &qkv[2 * d..]);
                let keys = &cache.keys[at * d * self.context..][..d * self.context];
                let values = &cache.values[at * d * self.context..][..d * self.context];
                attend(&qkv[..d], keys, values, self.heads, &mut scores[..position + 1], self.context, out);
            }
            product(n, d, d, &attended, w_out, &mut x, true);
            layer_norm(&x, gain2, bias2, &mut normal, &mut stats);
            let f = up_bias.len();
            let mut wide: Vec<f32> = up_bias.iter().copied().cycle().take(n * f).collect();
            product(n, f, d, &normal, up, &mut wide, true);
            let mut active = vec![0.0; n * f];
            gelu::gelu(&wide, &mut active);
            for row in x.chunks_exact_mut(d) {
                row.iter_mut().zip(down_bias).for_each(|(x, bias)| *x += bias);
            }
            product(n, d, f, &active, down, &mut x, true);
        }
        for (cache, token) in caches.iter_mut().zip(tokens) {
            cache.length += 1;
            cache.last = *token;
        }
        x
    }

    /// Logits of the next token, `[texts, vocab]`, from hidden states `[texts, d]`.
    pub(crate) fn logits(&self, x: &[f32]) -> Vec<f32> {
        let (d, vocab) = (self.d(), self.vocab());
        let n = x.len() / d;
        let (mut normal, mut stats) = (vec![0.0; x.len()], vec![0.0; 2 * n]);
        layer_norm(x, &self.weights.gain, &self.weights.bias, &mut normal, &mut stats);
        let mut logits = vec![0.0; n * vocab];
        product(n, vocab, d, &normal, &self.head, &mut logits, false);
        logits
    }
}

impl Cache {
    /// Tokens read so far.
    pub(crate) fn length(&self) -> usize {
        self.length
    }
}

kernel! {
    /// One query against the cached keys `[d, context]` and values `[context, d]` of one text.
    fn attend(
        query: &[f32], keys: &[f32], values: &[f32], heads: usize, scores: &mut [f32], context: usize, out: &mut [f32],
    ) {
        let d = query.len();
        let head = d / heads;
        let scale = 1.0 / (head as f32).sqrt();
        for h in 0..heads {
            scores.fill(0.0);
            for i in h * head..(h + 1) * head {
                let query = query[i];
                for (score, key) in scores.iter_mut().zip(&keys[i * context..]) {
                    *score = fma::<FMA>(query, *key, *score);
                }
            }
            let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max) * scale;
            let mut sums = [0.0f32; 16];
            for (i, score) in scores.iter_mut().enumerate() {
                *score = exp::<FMA>(*score * scale - top);
                sums[i % 16] += *score;
            }
            let inverse = 1.0 / sums.iter().sum::<f32>();
            let out = &mut out[h * head..][..head];
            out.fill(0.0);
            for (score, value) in scores.iter().zip(values.chunks_exact(d)) {
                let weight = score * inverse;
                for (out, value) in out.iter_mut().zip(&value[h * head..]) {
                    *out = fma::<FMA>(weight, *value, *out);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fused::Row;
    use crate::testing::checkpoint;
    use crate::{Batch, Sequence};

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
        let decoder = Decoder::new(gpt.weights(), gpt.shape().clone(), context);
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
        let mut caches = vec![decoder.cache(); 3];
        let hidden = decoder.read(&prompts.concat(), &Rows::new(rows), &mut caches);
        let mut logits = decoder.logits(&hidden);
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
}
