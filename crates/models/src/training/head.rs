//! The last normalization, the head, and the log-probability of what is scored: a few tokens at a time, so that logits
//! of a batch are never in memory.

use super::elements::{add, normalized, normalized_backward};
use crate::network::Network;
use crate::weights::Weights;
use eightfold_kernels::{Buffer, Packed};
use eightfold_kernels::{Columns, ColumnsMut, Scored, normalizers, slopes};
use rayon::prelude::*;

/// Logits in memory at once, about: 64 MiB. A constant, so that sums do not depend on the number of threads.
const LOGITS: usize = 1 << 24;

/// Rows of logits that one thread takes at a time.
const ROWS: usize = 4;

impl Network {
    fn head(&self) -> &Packed {
        self.weights.head.as_ref().unwrap_or(&self.weights.embedding)
    }

    /// Scored tokens that are worked on together.
    fn together(&self) -> usize {
        (LOGITS / self.config.vocab).clamp(16, 1024)
    }

    /// The states that predict some tokens, as they are and normalized.
    fn predicting(&self, x: &[f32], scored: &[Scored]) -> (Buffer, Buffer) {
        let width = self.config.width;
        let mut raw = Buffer::new(scored.len() * width);
        for (raw, target) in raw.chunks_exact_mut(width).zip(scored) {
            raw.copy_from_slice(&x[target.position as usize * width..][..width]);
        }
        let normal = normalized(&raw, &self.weights.gain, self.config.epsilon);
        (raw, normal)
    }

    /// Logits of some normalized states, and their log normalizers.
    fn predicted(&self, normal: &[f32]) -> (Buffer, Vec<f32>) {
        let (n, vocab) = (normal.len() / self.config.width, self.config.vocab);
        let (mut logits, mut lse) = (Buffer::new(n * vocab), vec![0.0; n]);
        self.head().product_by_all(n, normal, &mut logits);
        let rows = logits.par_chunks(ROWS * vocab).zip(lse.par_chunks_mut(ROWS));
        rows.for_each(|(logits, lse)| normalizers(logits, vocab, lse));
        (logits, lse)
    }

    /// Log-probabilities of scored tokens, in nats, under hidden states `x [tokens, width]`.
    pub(crate) fn score(&self, x: &[f32], scored: &[Scored]) -> Vec<f32> {
        let mut logps = Vec::with_capacity(scored.len());
        for scored in scored.chunks(self.together()) {
            let (_, normal) = self.predicting(x, scored);
            let (logits, lse) = self.predicted(&normal);
            logps.extend(self.picked(&logits, &lse, scored));
        }
        logps
    }

    fn picked(&self, logits: &[f32], lse: &[f32], scored: &[Scored]) -> Vec<f32> {
        let rows = logits.chunks_exact(self.config.vocab).zip(scored).zip(lse);
        rows.map(|((row, target), lse)| row[target.token as usize] - *lse).collect()
    }

    /// [`Network::score`] with its gradient for the gradients `dlogps` of the log-probabilities: adds to `dx`, and to
    /// `gradient` where the weights are trained.
    pub(crate) fn score_backward(
        &self,
        x: &[f32],
        scored: &[Scored],
        dlogps: &[f32],
        dx: &mut [f32],
        mut gradient: Option<&mut Weights>,
    ) -> Vec<f32> {
        let (vocab, width, size) = (self.config.vocab, self.config.width, self.together());
        let mut logps = Vec::with_capacity(scored.len());
        for (scored, dlogps) in scored.chunks(size).zip(dlogps.chunks(size)) {
            let (n, (raw, normal)) = (scored.len(), self.predicting(x, scored));
            let (mut dlogits, lse) = self.predicted(&normal);
            logps.extend(self.picked(&dlogits, &lse, scored));
            let rows = dlogits.par_chunks_mut(ROWS * vocab).zip(lse.par_chunks(ROWS));
            rows.zip(dlogps.par_chunks(ROWS)).for_each(|((row, lse), d)| slopes(row, vocab, lse, d));
            for ((row, target), d) in dlogits.chunks_exact_mut(vocab).zip(scored).zip(dlogps) {
                row[target.token as usize] += d;
            }
            let dlogits = Columns { data: &dlogits, row: vocab };
            let mut dnormal = Buffer::zeros(n * width);
            let out = ColumnsMut { data: &mut dnormal, row: width };
            self.head().add_product_by_transpose(n, dlogits, out);
            if let Some(Weights { head, embedding, .. }) = gradient.as_deref_mut() {
                let head = head.as_mut().unwrap_or(embedding);
                head.add_outer(n, Columns { data: &normal, row: width }, dlogits);
            }
            let mut draw = Buffer::zeros(n * width);
            let gain = gradient.as_deref_mut().map(|weights| &mut weights.gain[..]);
            normalized_backward(&raw, &self.weights.gain, self.config.epsilon, &dnormal, &mut draw, gain);
            for (target, draw) in scored.iter().zip(draw.chunks_exact(width)) {
                add(&mut dx[target.position as usize * width..][..width], draw);
            }
        }
        logps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::testing::open;

    /// More scored tokens than are worked on together, and states for them.
    fn many(network: &Network) -> (Vec<f32>, Vec<Scored>) {
        let number = |i: usize| ((i * 7919) % 211) as f32 * 0.02 - 2.0;
        let x = (0..40 * network.config.width).map(number).collect();
        let scored = (0..2500u32).map(|i| Scored { position: i % 40, token: i * 31 % 320, sequence: i / 9 });
        (x, scored.collect())
    }

    #[test]
    fn how_many_tokens_are_worked_on_together_changes_no_log_probability() {
        for name in ["llama-linear", "qwen2"] {
            let (network, _) = open(name);
            let (x, scored) = many(&network);
            assert!(scored.len() > 2 * network.together());
            let alone: Vec<f32> = scored.chunks(7).flat_map(|scored| network.score(&x, scored)).collect();
            assert_eq!(network.score(&x, &scored), alone, "{name}");
        }
    }

    #[test]
    fn a_gradient_is_the_sum_of_those_of_any_parts() {
        for name in ["llama-linear", "qwen2"] {
            let (network, _) = open(name);
            let (x, scored) = many(&network);
            let dlogps: Vec<f32> = (0..scored.len()).map(|i| ((i * 17) % 13) as f32 * 0.1 - 0.6).collect();
            let run = |size: usize| {
                let (mut dx, mut gradient) = (vec![0.0; x.len()], network.weights.zeros_like());
                for (scored, dlogps) in scored.chunks(size).zip(dlogps.chunks(size)) {
                    network.score_backward(&x, scored, dlogps, &mut dx, Some(&mut gradient));
                }
                let head = gradient.head.as_ref().unwrap_or(&gradient.embedding).to_rows();
                [dx, gradient.gain, head]
            };
            for (whole, parts) in run(scored.len()).iter().zip(run(700)) {
                let size = whole.iter().fold(0.0f32, |size, x| size.max(x.abs()));
                let far = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(size > 0.0 && far < 1e-5 * size, "{name}: {far} of {size}");
            }
        }
    }
}
