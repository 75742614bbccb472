//! What the benches of the network share: words, and networks with fresh weights. Bench targets assert nothing; the
//! comparison with PyTorch is the binary `bench-torch`.

use eightfold_gpt::{Checkpoint, Engine, Gpt, GptConfig, Tokenizer, device};
use eightfold_task::Key;

/// Tokens of the vocabulary: about as many as the lexicon world has.
pub const VOCAB: usize = 128;
/// Tokens of a question of figure 7, about.
pub const PROMPT: usize = 23;
/// Tokens of a solution, the end of text included, about.
pub const SOLUTION: usize = 41;

/// A tokenizer of [`VOCAB`] tokens.
pub fn tokenizer() -> Tokenizer {
    Tokenizer::of_words(&(2..VOCAB).map(|i| format!("w{i}")).collect::<Vec<_>>())
}

/// The network of figure 7.
pub fn small() -> Gpt {
    network(GptConfig { vocab: VOCAB, context: 96, width: 64, heads: 4, layers: 3 })
}

/// A network twice as wide that reads 128 tokens.
pub fn medium() -> Gpt {
    network(GptConfig { vocab: VOCAB, context: 128, width: 128, heads: 4, layers: 4 })
}

fn network(config: GptConfig) -> Gpt {
    let device = device("flex").expect("every build has it");
    device.seed(0);
    config.init(&device, Engine::Fused)
}

/// A network with its words.
pub fn checkpoint(gpt: Gpt) -> Checkpoint {
    Checkpoint { gpt, tokenizer: tokenizer() }
}

/// A text of so many words, named by a key.
pub fn text(key: Key, words: usize) -> String {
    let word = |i: usize| format!("w{}", 2 + key.with(i as u64).below(VOCAB - 2));
    (0..words).map(word).collect::<Vec<_>>().join(" ")
}
