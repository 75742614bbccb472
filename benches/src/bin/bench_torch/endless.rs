//! A network whose texts never end.

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use eightfold_gpt::Gpt;

/// The network with its end of text out of reach, so that every text has all its tokens: one direction of the
/// final norm's output is made large, and the tied head reads it against the end of text alone.
pub(crate) fn never_ending(gpt: Gpt) -> Gpt {
    let mut count = Count(0);
    gpt.visit(&mut count);
    gpt.map(&mut Bar { end: 1, at: 0, tensors: count.0 })
}

struct Count(usize);

impl ModuleVisitor for Count {
    fn visit_float<const D: usize>(&mut self, _: &Param<Tensor<D>>) {
        self.0 += 1;
    }
}

/// Changes the first tensor, the table of tokens, and the last, the bias of the final norm.
struct Bar {
    end: usize,
    at: usize,
    tensors: usize,
}

impl ModuleMapper for Bar {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        self.at += 1;
        if self.at != 1 && self.at != self.tensors {
            return param;
        }
        let (first, end) = (self.at == 1, self.end);
        param.map(|tensor| {
            let (dims, device) = (tensor.dims(), tensor.device());
            let mut floats: Vec<f32> = tensor.into_data().iter::<f32>().collect();
            if first {
                let width = dims[D - 1];
                floats.iter_mut().step_by(width).for_each(|x| *x = 0.0);
                floats[end * width] = -10.0;
            } else {
                floats[0] = 10.0;
            }
            Tensor::from_data(TensorData::new(floats, dims), &device)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_gpt::{Checkpoint, Engine, GptConfig, Sampler, SamplerConfig, Tokenizer, device};
    use eightfold_task::{Draw, Key, Policy};

    #[test]
    fn a_network_that_never_ends_draws_every_token() {
        let device = device("flex").unwrap();
        device.seed(0);
        let config = GptConfig { vocab: 12, context: 40, width: 16, heads: 2, layers: 1 };
        let tokenizer = Tokenizer::of_words(&(2..12).map(|i| format!("w{i}")).collect::<Vec<_>>());
        let gpt = never_ending(config.init(&device, Engine::Fused));
        let sampler =
            Sampler::new(&Checkpoint { gpt, tokenizer }, SamplerConfig { temperature: 1.0, max_tokens: 30 });
        let draw = |i: u64| Draw { prompt: "w2 w3".into(), key: Key::new(i, "test") };
        let drawn = sampler.complete(&(0..200).map(draw).collect::<Vec<_>>()).unwrap();
        assert!(drawn.iter().all(|completion| completion.tokens == 30 && !completion.finished));
    }
}
