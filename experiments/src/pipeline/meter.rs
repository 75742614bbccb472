//! Tokens, and what reading and drawing them costs: two operations for every multiply-add of a weight matrix and of
//! attention. A prompt is read once for all completions of it; the last token of a completion is drawn and not read.

use anyhow::Result;

/// Counts tokens, and what reading and drawing them costs.
pub trait Meter {
    /// Tokens of a text.
    ///
    /// # Errors
    /// If the text cannot be read.
    fn tokens(&self, text: &str) -> Result<usize>;

    /// Tokens of a prompt, with what begins a text.
    ///
    /// # Errors
    /// If the text cannot be read.
    fn prompt_tokens(&self, text: &str) -> Result<usize> {
        self.tokens(text)
    }

    /// Operations of the network; none for learners that are no network.
    fn operations(&self) -> Operations;
}

/// The arithmetic of a decoder.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Operations {
    /// Multiply-adds of the weight matrices of a block, for one token.
    pub block: f64,
    /// Width of all queries of a block together.
    pub queries: f64,
    /// Blocks.
    pub layers: f64,
    /// Multiply-adds of the logits of one token.
    pub head: f64,
}

impl Operations {
    /// Of reading the tokens of a text from position `from` to before `to`, without logits.
    pub fn read(self, from: f64, to: f64) -> f64 {
        // A token at position p attends to p + 1 keys and as many values.
        let pairs = (to - from) * (from + to + 1.0) / 2.0;
        2.0 * self.layers * (self.block * (to - from) + 2.0 * self.queries * pairs)
    }

    /// Of the logits after this many tokens.
    pub fn logits(self, tokens: f64) -> f64 {
        2.0 * tokens * self.head
    }

    /// Of `draws` completions of one prompt of this many tokens; the completions have `tokens` tokens in all.
    pub fn draw(self, prompt: usize, draws: usize, tokens: u64) -> f64 {
        if draws == 0 {
            return 0.0;
        }
        let (prompt, draws, tokens) = (prompt as f64, draws as f64, tokens as f64);
        let read = (tokens / draws - 1.0).max(0.0);
        self.read(0.0, prompt) + draws * self.read(prompt, prompt + read) + self.logits(tokens)
    }

    /// Of one forward pass over a text of `prompt` tokens and `target` tokens that are scored.
    pub fn score(self, prompt: usize, target: usize) -> f64 {
        self.read(0.0, (prompt + target) as f64) + self.logits(target as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_costs_the_same_in_whatever_pieces_it_is_read() {
        let operations =
            Operations { block: 12.0 * 64.0 * 64.0, queries: 64.0, layers: 3.0, head: 64.0 * 120.0 };
        let whole = operations.read(0.0, 70.0);
        assert!((operations.read(0.0, 21.0) + operations.read(21.0, 70.0) - whole).abs() < 1e-6 * whole);
        // By hand, one token at position 0: every weight of a block once, and one key and value.
        assert_eq!(operations.read(0.0, 1.0), 2.0 * 3.0 * (12.0 * 64.0 * 64.0 + 2.0 * 64.0));
        assert_eq!(operations.draw(5, 0, 0), 0.0);
        // Two completions of three tokens: the prompt once, two tokens of each read, six times logits.
        let expected = operations.read(0.0, 5.0) + 2.0 * operations.read(5.0, 7.0) + operations.logits(6.0);
        assert_eq!(operations.draw(5, 2, 6), expected);
    }
}
