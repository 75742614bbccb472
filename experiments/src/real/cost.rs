//! Floating-point operations of reading, drawing and training.

use crate::metrics::StageCost;
use eightfold_gpt::TrainReport;
use eightfold_models::{Config, Tuning};

/// Operations of a network: two for every multiply-add of a weight matrix and of attention.
#[derive(Clone, Copy)]
pub(super) struct Operations<'a>(pub(super) &'a Config);

impl Operations<'_> {
    /// Of reading the tokens of a text from position `from` to before `to`, without logits.
    pub(super) fn read(self, from: f64, to: f64) -> f64 {
        let Config { width, inner, layers, heads, kv_heads, head, .. } = self.0;
        let [width, inner, queries] = [*width, *inner, heads * head].map(|n| n as f64);
        let keys = (kv_heads * head) as f64;
        let weights = 2.0 * width * queries + 2.0 * width * keys + 3.0 * width * inner;
        // A token at position p attends to p + 1 keys and as many values.
        let pairs = (to - from) * (from + to + 1.0) / 2.0;
        2.0 * *layers as f64 * (weights * (to - from) + 2.0 * queries * pairs)
    }

    /// Of the logits after this many tokens.
    pub(super) fn logits(self, tokens: f64) -> f64 {
        2.0 * tokens * (self.0.width * self.0.vocab) as f64
    }

    /// Of `draws` completions of one prompt of this many tokens, which is read once; the completions have `tokens`
    /// tokens in all.
    pub(super) fn draw(self, prompt: usize, draws: usize, tokens: u64) -> f64 {
        if draws == 0 {
            return 0.0;
        }
        let (prompt, draws, tokens) = (prompt as f64, draws as f64, tokens as f64);
        // The last token of a completion is drawn and not read.
        let read = (tokens / draws - 1.0).max(0.0);
        self.read(0.0, prompt) + draws * self.read(prompt, prompt + read) + self.logits(tokens)
    }

    /// Of one forward pass over a text of `prompt` tokens and `target` tokens that are scored.
    pub(super) fn score(self, prompt: usize, target: usize) -> f64 {
        self.read(0.0, (prompt + target) as f64) + self.logits(target as f64)
    }
}

/// What training took, the reference's forward pass included: `forward` operations a token read.
pub(super) fn training(tuning: &Tuning, report: &TrainReport, forward: f64, seconds: f64) -> StageCost {
    // A backward pass has one product for the inputs and one for the weights; adapters need nearly none of the latter.
    let passes = if tuning.lora.is_some() { 2.0 } else { 3.0 } + f64::from(u8::from(tuning.recompute));
    let flops = forward * (passes * report.tokens as f64 + report.reference_tokens as f64);
    StageCost { trained: report.tokens, flops, seconds, ..StageCost::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_models::Model;
    use std::path::Path;

    #[test]
    fn a_text_costs_the_same_in_whatever_pieces_it_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/models/tests/fixtures/qwen2");
        let model = Model::open(&folder).unwrap();
        let operations = Operations(model.config());
        let whole = operations.read(0.0, 70.0);
        assert!((operations.read(0.0, 21.0) + operations.read(21.0, 70.0) - whole).abs() < 1e-6 * whole);
        // Counted by hand, one token at position 0: every weight of a block once, and one key and value a head.
        let Config { width, inner, layers, heads, kv_heads, head, .. } = model.config();
        let weights = width * heads * head * 2 + width * kv_heads * head * 2 + 3 * width * inner;
        assert_eq!(operations.read(0.0, 1.0), (2 * layers * (weights + 2 * heads * head)) as f64);
        assert_eq!(operations.draw(5, 0, 0), 0.0);
    }
}
