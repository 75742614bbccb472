//! A small decoder-only transformer. It differs from the textbook in:
//! - the input of a position is the embedding of its token plus an embedding of the token before it, without
//!   which looking up a value by name is not learned at this size (LOG.md);
//! - rotary positions, norms before attention and feed-forward, no bias in attention, a tied head.

use crate::batch::{Batch, Sequence};
use crate::fused::{self, BlockParams, Rope, Shape};
use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::{gelu, softmax};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use eightfold_kernels::START;
use eightfold_loss::{Logps, sequence_logps};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The size of a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GptConfig {
    /// Tokens of the vocabulary.
    pub vocab: usize,
    /// Most tokens that can be read. The token after the last of them can still be predicted.
    pub context: usize,
    /// Width of the residual stream; a multiple of `heads`.
    pub width: usize,
    /// Attention heads; each has an even number of dimensions.
    pub heads: usize,
    /// Blocks.
    pub layers: usize,
}

/// Which implementation of the same network runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Fused operations on packed rows. They are made for `flex`; elsewhere the plain modules run in their place.
    Fused,
    /// Plain burn modules on padded rows: the readable reference, on any device.
    Plain,
}

/// One block: `x + attention(norm1(x))`, then `y + feed_forward(norm2(y))`.
#[derive(Module, Debug)]
struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    out: Linear,
    norm2: LayerNorm,
    up: Linear,
    down: Linear,
}

/// The network.
#[derive(Module, Debug)]
pub struct Gpt {
    token: Embedding,
    previous: Embedding,
    blocks: Vec<Block>,
    norm: LayerNorm,
    #[module(skip)]
    config: Arc<GptConfig>,
    #[module(skip)]
    shape: Arc<Shape>,
    #[module(skip)]
    engine: Engine,
}

impl GptConfig {
    /// Why no network can have this size, if none can.
    pub(crate) fn flaw(&self) -> Option<&'static str> {
        if [self.vocab, self.context, self.width, self.heads].contains(&0) {
            Some("vocab, context, width and heads are at least 1")
        } else if !self.width.is_multiple_of(self.heads) {
            Some("the width is a multiple of the number of heads")
        } else if !(self.width / self.heads).is_multiple_of(2) {
            Some("a head has an even number of dimensions")
        } else {
            None
        }
    }

    /// A network with fresh weights: normal with standard deviation 0.02, biases 0. The device's seed decides
    /// which (`device.seed`).
    ///
    /// # Panics
    /// If a size other than `layers` is 0, `width` is not a multiple of `heads`, or a head has an odd number
    /// of dimensions.
    pub fn init(&self, device: &Device, engine: Engine) -> Gpt {
        if let Some(flaw) = self.flaw() {
            panic!("{flaw}: {self:?}");
        }
        let d = self.width;
        let weights = Initializer::Normal { mean: 0.0, std: 0.02 };
        let linear = |input, output, bias| {
            let mut linear = LinearConfig::new(input, output)
                .with_bias(bias)
                .with_initializer(weights.clone())
                .init(device);
            linear.bias = linear.bias.map(|_| Param::from_tensor(Tensor::zeros([output], device)));
            linear
        };
        let table = || EmbeddingConfig::new(self.vocab, d).with_initializer(weights.clone()).init(device);
        let norm = || LayerNormConfig::new(d).init(device);
        let block = |_| Block {
            norm1: norm(),
            qkv: linear(d, 3 * d, false),
            out: linear(d, d, false),
            norm2: norm(),
            up: linear(d, 4 * d, true),
            down: linear(4 * d, d, true),
        };
        let gpt = Gpt {
            token: table(),
            previous: table(),
            blocks: (0..self.layers).map(block).collect(),
            norm: norm(),
            config: Arc::new(self.clone()),
            shape: Arc::new(Shape { heads: self.heads, rope: Rope::new(self.context, d / self.heads) }),
            engine,
        };
        // burn draws a weight when it is first read; here all are drawn now, in this order.
        gpt.visit(&mut Draw);
        gpt
    }

    /// Floating-point operations of reading one token with `context` tokens before it: two for every
    /// multiply-add of a weight matrix, the head included, and of attention. A backward pass costs twice this.
    pub fn flops(&self, context: f64) -> f64 {
        let (d, layers) = (self.width as f64, self.layers as f64);
        2.0 * (layers * (12.0 * d * d + 2.0 * d * context) + d * self.vocab as f64)
    }
}

/// Reads every parameter.
struct Draw;

impl ModuleVisitor for Draw {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        param.val();
    }
}

fn gain_and_bias(norm: &LayerNorm) -> [Tensor<1>; 2] {
    [norm.gamma.val(), norm.beta.as_ref().expect("our norms have a bias").val()]
}

fn bias(linear: &Linear) -> Tensor<1> {
    linear.bias.as_ref().expect("feed-forward layers have a bias").val()
}

impl Gpt {
    /// The size.
    pub fn config(&self) -> &GptConfig {
        &self.config
    }

    /// The same weights run by another implementation.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Where the weights are.
    pub fn device(&self) -> Device {
        self.norm.gamma.val().device()
    }

    /// Summed log-probability of each sequence's target given its prompt, in nats, `[sequences]`.
    ///
    /// # Panics
    /// If a token is not below `vocab`, or more than `context` tokens are read.
    pub fn logps(&self, batch: &Arc<Batch>) -> Logps {
        let device = self.device();
        match self.engine {
            Engine::Fused if device == Device::flex() => {
                let tokens = Tensor::from_data(TensorData::from(&batch.target_tokens()[..]), &device);
                Logps { sums: self.fused_sums(batch), tokens }
            }
            Engine::Fused | Engine::Plain => self.plain_logps(&batch.sequences),
        }
    }

    fn fused_sums(&self, batch: &Arc<Batch>) -> Tensor<1> {
        let mut x = fused::embed(self.token.weight.val(), self.previous.weight.val(), batch);
        for block in &self.blocks {
            let params = BlockParams {
                norm1: gain_and_bias(&block.norm1),
                qkv: block.qkv.weight.val(),
                out: block.out.weight.val(),
                norm2: gain_and_bias(&block.norm2),
                up: (block.up.weight.val(), bias(&block.up)),
                down: (block.down.weight.val(), bias(&block.down)),
            };
            x = fused::block(x, params, batch, &self.shape);
        }
        fused::score(x, gain_and_bias(&self.norm), self.token.weight.val(), batch)
    }

    /// Rows padded at the end to the longest; padding is never attended to by what comes before it.
    fn plain_logps(&self, sequences: &[Sequence]) -> Logps {
        let length = sequences.iter().map(|s| s.prompt.len() + s.target.len() - 1).max().unwrap_or(1).max(1);
        let shape = [sequences.len(), length];
        let (mut inputs, mut targets, mut mask) = (Vec::new(), Vec::new(), Vec::new());
        for sequence in sequences {
            let all: Vec<i64> =
                sequence.prompt.iter().chain(&sequence.target).map(|&t| i64::from(t)).collect();
            let scored = sequence.prompt.len() - 1..all.len() - 1;
            inputs.extend((0..length).map(|i| if i < all.len() - 1 { all[i] } else { i64::from(START) }));
            targets.extend((0..length).map(|i| all.get(i + 1).copied().unwrap_or(i64::from(START))));
            mask.extend((0..length).map(|i| if scored.contains(&i) { 1.0f32 } else { 0.0 }));
        }
        let device = self.device();
        let ints = |data| Tensor::<2, Int>::from_data(TensorData::new(data, shape), &device);
        let (inputs, targets) = (ints(inputs), ints(targets));
        let mask = Tensor::<2>::from_data(TensorData::new(mask, shape), &device);
        sequence_logps(self.forward(inputs), targets, mask)
    }

    /// Logits of the next token at every position, by plain burn modules.
    ///
    /// # Shapes
    /// - tokens `[batch, seq]`, output `[batch, seq, vocab]`
    pub fn forward(&self, tokens: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = tokens.dims();
        let device = tokens.device();
        let start = Tensor::<2, Int>::full([batch, 1], i64::from(START), &device);
        let before = Tensor::cat(vec![start, tokens.clone().slice([0..batch, 0..length - 1])], 1);
        let mut x = self.token.forward(tokens) + self.previous.forward(before);
        let hidden = Tensor::<2, Bool>::tril_mask([length, length], 0, &self.device());
        for block in &self.blocks {
            x = self.plain_block(block, x, &hidden);
        }
        let x = self.norm.forward(x);
        x.matmul(self.token.weight.val().transpose().unsqueeze())
    }

    fn plain_block(&self, block: &Block, x: Tensor<3>, hidden: &Tensor<2, Bool>) -> Tensor<3> {
        let [batch, length, d] = x.dims();
        let (heads, head) = (self.config.heads, d / self.config.heads);
        let qkv = block.qkv.forward(block.norm1.forward(x.clone()));
        let part = |i: usize| {
            let part = qkv.clone().slice([0..batch, 0..length, i * d..(i + 1) * d]);
            part.reshape([batch, length, heads, head]).swap_dims(1, 2)
        };
        let (query, key, value) = (self.rotate(part(0)), self.rotate(part(1)), part(2));
        let scores = query.matmul(key.swap_dims(2, 3)) / (head as f32).sqrt();
        let scores = scores.mask_fill(hidden.clone().unsqueeze(), f32::NEG_INFINITY);
        let attended = softmax(scores, 3).matmul(value).swap_dims(1, 2).reshape([batch, length, d]);
        let y = x + block.out.forward(attended);
        y.clone() + block.down.forward(gelu(block.up.forward(block.norm2.forward(y))))
    }

    /// Rotates `[batch, heads, seq, head]` by position.
    fn rotate(&self, x: Tensor<4>) -> Tensor<4> {
        let [batch, heads, length, head] = x.dims();
        let half = head / 2;
        let (mut cos, mut sin) = (Vec::new(), Vec::new());
        for position in 0..length {
            let at = self.shape.rope.at(position);
            cos.extend_from_slice(at.0);
            sin.extend_from_slice(at.1);
        }
        let table = |floats: Vec<f32>| {
            Tensor::<2>::from_data(TensorData::new(floats, [length, half]), &self.device()).unsqueeze::<4>()
        };
        let (cos, sin) = (table(cos), table(sin));
        let a = x.clone().slice([0..batch, 0..heads, 0..length, 0..half]);
        let b = x.slice([0..batch, 0..heads, 0..length, half..head]);
        Tensor::cat(vec![a.clone() * cos.clone() - b.clone() * sin.clone(), a * sin + b * cos], 3)
    }

    /// The weights as flat vectors: the two tables, the blocks' parameters in the order of the fused block,
    /// gain and bias of the final norm.
    pub(crate) fn weights(&self) -> Weights {
        fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
            tensor.into_data().convert::<f32>().try_to_vec().expect("converted to f32 above")
        }
        let norm = |norm: &LayerNorm| gain_and_bias(norm).map(floats);
        let block = |b: &Block| {
            let [gain1, bias1] = norm(&b.norm1);
            let [gain2, bias2] = norm(&b.norm2);
            let (qkv, out) = (floats(b.qkv.weight.val()), floats(b.out.weight.val()));
            let (up, up_bias) = (floats(b.up.weight.val()), floats(bias(&b.up)));
            let (down, down_bias) = (floats(b.down.weight.val()), floats(bias(&b.down)));
            [gain1, bias1, qkv, out, gain2, bias2, up, up_bias, down, down_bias]
        };
        let [gain, bias] = norm(&self.norm);
        Weights {
            token: floats(self.token.weight.val()),
            previous: floats(self.previous.weight.val()),
            blocks: self.blocks.iter().map(block).collect(),
            gain,
            bias,
        }
    }

    pub(crate) fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }
}

/// The weights of a network as plain vectors, for the sampler.
pub(crate) struct Weights {
    pub(crate) token: Vec<f32>,
    pub(crate) previous: Vec<f32>,
    pub(crate) blocks: Vec<[Vec<f32>; fused::PARAMS]>,
    pub(crate) gain: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}
