//! The last normalization, the head, and the log-probability of what is scored: a few tokens at a time, so that logits
//! of a batch are never in memory.

use super::elements::{add, normalized, normalized_backward};
use crate::network::Network;
use crate::weights::Weights;
use eightfold_gpt::decoding::{Buffer, Packed};
use eightfold_gpt::training::{Columns, ColumnsMut, Scored, normalizers, slopes};
use rayon::prelude::*;

/// Logits in memory at once, about: 64 MiB. A constant, so that sums do not depend on the number of threads.
const LOGITS: usize = 1 << 24;

/// Rows of logits that one thread takes at a time.
const ROWS: usize = 4;

/// Log-probabilities of scored tokens, and the log normalizers of their logits, both in nats.
pub(crate) struct Scores {
    pub(crate) logps: Vec<f32>,
    pub(crate) lse: Vec<f32>,
}

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

    /// Log-probabilities of scored tokens under hidden states `x [tokens, width]`.
    pub(crate) fn score(&self, x: &[f32], scored: &[Scored]) -> Scores {
        let vocab = self.config.vocab;
        let (mut logps, mut lse) = (Vec::with_capacity(scored.len()), vec![0.0; scored.len()]);
        for (scored, lse) in scored.chunks(self.together()).zip(lse.chunks_mut(self.together())) {
            let (_, normal) = self.predicting(x, scored);
            let mut logits = Buffer::new(scored.len() * vocab);
            self.head().product_by_all(scored.len(), &normal, &mut logits);
            let rows = logits.par_chunks(ROWS * vocab).zip(lse.par_chunks_mut(ROWS));
            rows.for_each(|(logits, lse)| normalizers(logits, vocab, lse));
            let rows = logits.chunks_exact(vocab).zip(scored).zip(lse);
            logps.extend(rows.map(|((row, target), lse)| row[target.token as usize] - *lse));
        }
        Scores { logps, lse }
    }

    /// The gradient of [`Network::score`] for the gradients `dlogps` of its log-probabilities: adds to `dx`, and to
    /// `gradient` where the weights are trained.
    pub(crate) fn score_backward(
        &self,
        x: &[f32],
        scored: &[Scored],
        lse: &[f32],
        dlogps: &[f32],
        dx: &mut [f32],
        mut gradient: Option<&mut Weights>,
    ) {
        let (vocab, width, size) = (self.config.vocab, self.config.width, self.together());
        let parts = scored.chunks(size).zip(lse.chunks(size)).zip(dlogps.chunks(size));
        for ((scored, lse), dlogps) in parts {
            let (n, (raw, normal)) = (scored.len(), self.predicting(x, scored));
            let mut dlogits = Buffer::new(n * vocab);
            self.head().product_by_all(n, &normal, &mut dlogits);
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
    }
}
