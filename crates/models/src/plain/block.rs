//! One block in plain burn operations, on rows of equal length.

use super::{download, numbers, rms_norm, upload};
use crate::Config;
use crate::training::adapters::{Adapter, BlockAdapters};
use crate::training::plain::pulled;
use crate::weights::{Block, Linear};
use burn::tensor::activation::{sigmoid, softmax};
use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use eightfold_gpt::Batch;
use eightfold_kernels::Packed;
use std::ops::Range;

/// How the rows of a batch lie in tensors: each whole, with what it continues, filled up behind its end.
#[derive(Clone)]
pub(crate) struct Frame {
    rows: usize,
    length: usize,
    config: Config,
    /// `[rows length]`.
    pub(crate) tokens: Tensor<1, Int>,
    /// Where each token of the packed batch lies.
    pub(crate) places: Vec<usize>,
    /// Cosines and sines of each position, `[1 or rows, 1, 1, length, head / 2]`.
    angles: [Tensor<5>; 2],
    /// What a token must not see: `[1 or rows, 1, 1, length, what is seen of]`.
    hidden: Tensor<5, Bool>,
}

/// Score of what must not be seen. Not infinite: what fills a row up before its start sees nothing, and would become
/// NaN.
const HIDDEN: f32 = -1e30;

/// Keys and values that a block keeps of tokens read before, `[rows, heads of keys, 1, length, head]`; at first none.
#[derive(Clone, Default)]
pub(crate) struct Past(Option<[Tensor<5>; 2]>);

impl Past {
    /// All of them, with those of the tokens that are read now, which are kept too.
    fn joined(&mut self, now: [Tensor<5>; 2]) -> [Tensor<5>; 2] {
        let all = match self.0.take() {
            Some([keys, values]) => {
                let [key, value] = now;
                [Tensor::cat(vec![keys, key], 3), Tensor::cat(vec![values, value], 3)]
            }
            None => now,
        };
        self.0.insert(all).clone()
    }

    /// Keeps those of these rows alone.
    pub(crate) fn select(&mut self, rows: &Tensor<1, Int>) {
        self.0 = self.0.take().map(|kept| kept.map(|tensor| tensor.select(0, rows.clone())));
    }
}

/// Cosines and sines of the positions of some rows, `[rows, 1, 1, length, head / 2]`.
fn angles(
    rows: usize,
    positions: impl Iterator<Item = usize>,
    config: &Config,
    device: &Device,
) -> [Tensor<5>; 2] {
    let (cos, sin): (Vec<_>, Vec<_>) = positions.map(|position| config.rope.turn(position)).unzip();
    [cos, sin].map(|turns| {
        let shape = [rows, 1, 1, turns.len() / rows, config.head / 2];
        Tensor::from_data(TensorData::new(turns.concat(), shape), device)
    })
}

impl Frame {
    pub(crate) fn new(batch: &Batch, config: &Config, device: &Device) -> Self {
        let (rows, length) = (batch.rows().rows(), batch.rows().longest());
        let (mut tokens, mut places) = (Vec::new(), Vec::new());
        for (i, row) in rows.iter().enumerate() {
            places.extend((row.offset()..row.context()).map(|at| i * length + at));
            let read = batch.inputs()[row.prefix.clone()].iter().chain(&batch.inputs()[row.tokens.clone()]);
            tokens.extend(read.map(|token| *token as usize));
            tokens.resize((i + 1) * length, 0);
        }
        let angles = angles(1, 0..length, config, device);
        let tokens = numbers(tokens.into_iter(), device);
        let hidden = Tensor::<2, Bool>::tril_mask([length, length], 0, device).unsqueeze();
        Self { rows: rows.len(), length, config: config.clone(), tokens, places, angles, hidden }
    }

    /// Rows that end in one column and begin after as many columns as `starts` says. The columns from `from` on are read
    /// now, `tokens [rows length]`, and those before were.
    pub(crate) fn ending(
        starts: &[usize],
        from: usize,
        tokens: &[u32],
        config: &Config,
        device: &Device,
    ) -> Self {
        let rows = starts.len();
        let length = tokens.len() / rows;
        let positions =
            starts.iter().flat_map(|start| (from..from + length).map(|at| at.saturating_sub(*start)));
        let angles = angles(rows, positions, config, device);
        let all = [rows, 1, 1, length, from + length];
        let columns = Tensor::<1, Int>::arange(0..(from + length) as i64, device);
        let columns = columns.reshape([1, 1, 1, 1, from + length]).expand(all);
        let readers = Tensor::<1, Int>::arange(from as i64..(from + length) as i64, device);
        let readers = readers.reshape([1, 1, 1, length, 1]).expand(all);
        let starts = numbers(starts.iter().copied(), device).reshape([rows, 1, 1, 1, 1]).expand(all);
        let hidden = columns.clone().lower(starts).bool_or(columns.greater(readers));
        let tokens = numbers(tokens.iter().map(|token| *token as usize), device);
        Self { rows, length, config: config.clone(), tokens, places: Vec::new(), angles, hidden }
    }

    fn autodiff(&self) -> Self {
        let Self { angles, hidden, .. } = self.clone();
        Self { angles: angles.map(Tensor::autodiff), hidden: hidden.autodiff(), ..self.clone() }
    }

    /// Turns heads `[rows, heads, runs, length, head]` to their positions.
    fn rotated(&self, x: Tensor<5>) -> Tensor<5> {
        let ([cos, sin], half) = (self.angles.clone(), self.config.head / 2);
        let (a, b) = (x.clone().narrow(4, 0, half), x.narrow(4, half, half));
        let first = a.clone() * cos.clone() - b.clone() * sin.clone();
        Tensor::cat(vec![first, a * sin + b * cos], 4)
    }
}

#[derive(Clone)]
struct PlainAdapter {
    columns: Range<usize>,
    a: Tensor<2>,
    b: Tensor<2>,
    scale: f32,
}

#[derive(Clone)]
struct PlainLinear {
    matrix: Tensor<2>,
    bias: Option<Tensor<2>>,
    adapters: Vec<PlainAdapter>,
}

/// The dense `[inputs, outputs]` of a matrix.
fn dense(packed: &Packed, device: &Device) -> Tensor<2> {
    upload(packed.columns(), packed.to_rows(), device).transpose()
}

fn packed(dense: &Tensor<2>) -> Packed {
    Packed::of_rows(dense.dims()[0], &download(&dense.clone().transpose()))
}

impl PlainLinear {
    fn new(linear: &Linear, adapters: Option<&Vec<Adapter>>, device: &Device) -> Self {
        let adapter = |adapter: &Adapter| PlainAdapter {
            columns: adapter.columns.clone(),
            a: dense(&adapter.a, device),
            b: dense(&adapter.b, device),
            scale: adapter.scale,
        };
        Self {
            matrix: dense(&linear.matrix, device),
            bias: linear.bias.clone().map(|bias| upload(1, bias, device)),
            adapters: adapters.into_iter().flatten().map(adapter).collect(),
        }
    }

    fn apply(&self, x: Tensor<2>) -> Tensor<2> {
        let mut y = x.clone().matmul(self.matrix.clone());
        if let Some(bias) = &self.bias {
            y = y + bias.clone();
        }
        for PlainAdapter { columns, a, b, scale } in &self.adapters {
            let part = y.clone().narrow(1, columns.start, columns.len());
            let part = part + x.clone().matmul(a.clone()).matmul(b.clone()) * *scale;
            let rows = 0..y.dims()[0];
            y = y.slice_assign([rows, columns.clone()], part);
        }
        y
    }

    /// The matrix with its adapters added.
    fn merged(&self) -> Tensor<2> {
        let mut matrix = self.matrix.clone();
        for PlainAdapter { columns, a, b, scale } in &self.adapters {
            let part = matrix.clone().narrow(1, columns.start, columns.len());
            let part = part + a.clone().matmul(b.clone()) * *scale;
            matrix = matrix.clone().slice_assign([0..matrix.dims()[0], columns.clone()], part);
        }
        matrix
    }

    fn leave(&self, linear: &mut Linear, full: bool) {
        if full || !self.adapters.is_empty() {
            linear.matrix = packed(&self.merged());
            linear.bias = self.bias.as_ref().map(download);
        }
    }
}

/// A block on a device. Vectors are matrices of one row.
#[derive(Clone)]
pub(crate) struct PlainBlock {
    gains: [Tensor<2>; 2],
    head_gains: Option<[Tensor<2>; 2]>,
    qkv: PlainLinear,
    out: PlainLinear,
    up: PlainLinear,
    down: PlainLinear,
    full: bool,
}

impl PlainBlock {
    pub(crate) fn new(block: &Block, adapters: Option<&BlockAdapters>, device: &Device) -> Self {
        let vector = |x: &Vec<f32>| upload(1, x.clone(), device);
        Self {
            gains: [&block.attention_gain, &block.inner_gain].map(vector),
            head_gains: block.head_gains.as_ref().map(|gains| gains.each_ref().map(vector)),
            qkv: PlainLinear::new(&block.qkv, adapters.map(|adapters| &adapters.qkv), device),
            out: PlainLinear::new(&block.out, adapters.map(|adapters| &adapters.out), device),
            up: PlainLinear::new(&block.up, adapters.map(|adapters| &adapters.up), device),
            down: PlainLinear::new(&block.down, adapters.map(|adapters| &adapters.down), device),
            full: adapters.is_none(),
        }
    }

    fn weights(&mut self) -> impl Iterator<Item = &mut Tensor<2>> {
        let linears = [&mut self.qkv, &mut self.out, &mut self.up, &mut self.down];
        let linears = linears
            .into_iter()
            .flat_map(|linear| std::iter::once(&mut linear.matrix).chain(&mut linear.bias));
        self.gains.iter_mut().chain(self.head_gains.iter_mut().flatten()).chain(linears)
    }

    fn adapters(&mut self) -> impl Iterator<Item = &mut Tensor<2>> {
        let linears = [&mut self.qkv, &mut self.out, &mut self.up, &mut self.down].into_iter();
        linears.flat_map(|linear| {
            linear.adapters.iter_mut().flat_map(|adapter| [&mut adapter.a, &mut adapter.b])
        })
    }

    /// What is trained: all weights, or the adapters.
    pub(crate) fn trained(&mut self) -> Vec<&mut Tensor<2>> {
        if self.full { self.weights().collect() } else { self.adapters().collect() }
    }

    /// The block on hidden states `x [rows length, width]`.
    pub(crate) fn forward(&self, x: Tensor<2>, frame: &Frame) -> Tensor<2> {
        self.read(x, frame, None)
    }

    /// The same after what was read before, to which the keys and values of `x` are added.
    pub(crate) fn read(&self, x: Tensor<2>, frame: &Frame, past: Option<&mut Past>) -> Tensor<2> {
        let Config { inner, epsilon, .. } = frame.config;
        let [attention_gain, inner_gain] = self.gains.clone();
        let qkv = self.qkv.apply(rms_norm(x.clone(), attention_gain, epsilon));
        let middle = x + self.out.apply(self.attend(qkv, frame, past));
        let wide = self.up.apply(rms_norm(middle.clone(), inner_gain, epsilon));
        let (gate, value) = (wide.clone().narrow(1, 0, inner), wide.narrow(1, inner, inner));
        middle + self.down.apply(gate.clone() * sigmoid(gate) * value)
    }

    fn attend(&self, qkv: Tensor<2>, frame: &Frame, past: Option<&mut Past>) -> Tensor<2> {
        let Frame { rows, length, config: Config { heads, kv_heads, head, epsilon, .. }, .. } = *frame;
        let (group, kv) = (heads / kv_heads, kv_heads * head);
        // Part of a token to `[rows, heads of keys, runs, length, head]`.
        let part = |from: usize, runs: usize| {
            let part = qkv.clone().narrow(1, from, runs * kv);
            part.reshape([rows, length, runs, kv_heads, head]).permute([0, 3, 2, 1, 4])
        };
        let turned = |x: Tensor<5>, which: usize| {
            let gain = self.head_gains.as_ref().map(|gains| gains[which].clone().reshape([1, 1, 1, 1, head]));
            frame.rotated(match gain {
                Some(gain) => rms_norm(x, gain, epsilon),
                None => x,
            })
        };
        let query = turned(part(0, group), 0);
        let now = [turned(part(group * kv, 1), 1), part((group + 1) * kv, 1)];
        let [key, value] = match past {
            Some(past) => past.joined(now),
            None => now,
        };
        let each = [rows, kv_heads, group, key.dims()[3], head];
        let (key, value) = (key.expand(each), value.expand(each));
        let scores = query.matmul(key.swap_dims(3, 4)) / (head as f32).sqrt();
        let scores = scores.mask_fill(frame.hidden.clone(), HIDDEN);
        let attended = softmax(scores, 4).matmul(value);
        attended.permute([0, 3, 2, 1, 4]).reshape([rows * length, group * kv])
    }

    /// The gradient of what the block read, and of what is trained, for the gradient of what it gives.
    pub(crate) fn backward(&self, x: Tensor<2>, dy: Tensor<2>, frame: &Frame) -> (Tensor<2>, Vec<Tensor<2>>) {
        let mut leaves = self.clone();
        leaves.weights().for_each(|tensor| *tensor = tensor.clone().autodiff());
        leaves.adapters().for_each(|tensor| *tensor = tensor.clone().autodiff());
        leaves.trained().into_iter().for_each(|tensor| *tensor = tensor.clone().require_grad());
        let x = x.autodiff().require_grad();
        let grads = pulled(leaves.forward(x.clone(), &frame.autodiff()), dy).backward();
        let of = |tensor: &Tensor<2>| tensor.grad(&grads).expect("every leaf is used");
        let dx = of(&x);
        (dx, leaves.trained().into_iter().map(|tensor| of(tensor)).collect())
    }

    /// Leaves what was learned in a block of the network.
    pub(crate) fn leave(&self, block: &mut Block) {
        if self.full {
            [block.attention_gain, block.inner_gain] = self.gains.each_ref().map(download);
            block.head_gains = self.head_gains.as_ref().map(|gains| gains.each_ref().map(download));
        }
        self.qkv.leave(&mut block.qkv, self.full);
        self.out.leave(&mut block.out, self.full);
        self.up.leave(&mut block.up, self.full);
        self.down.leave(&mut block.down, self.full);
    }
}
