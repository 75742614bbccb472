//! A small network with large weights that are the same in every run, for tests.

use crate::{Checkpoint, Engine, Gpt, GptConfig, Tokenizer};
use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData};
use eightfold_task::Key;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Ten words, so twelve tokens; 32 tokens of context.
pub(crate) fn checkpoint() -> Checkpoint {
    let words: Vec<String> = "abcdefghij".chars().map(String::from).collect();
    let tokenizer = Tokenizer::of_words(&words);
    let config = GptConfig { vocab: tokenizer.vocab(), context: 32, width: 16, heads: 2, layers: 2 };
    let gpt: Gpt = config.init(&Device::flex(), Engine::Fused).map(&mut Fill(Key::new(0, "weights").rng()));
    Checkpoint { gpt, tokenizer }
}

/// Uniform weights in [-1/2, 1/2); vectors are added to what a fresh network has.
struct Fill(ChaCha8Rng);

impl ModuleMapper for Fill {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        param.map(|tensor| {
            let shape = tensor.dims();
            let uniform = |_| (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32 - 0.5;
            let floats: Vec<f32> = (0..shape.iter().product()).map(uniform).collect();
            let random = Tensor::from_data(TensorData::new(floats, shape), &tensor.device());
            if D == 1 { tensor + random } else { random }
        })
    }
}
