//! The same network in plain burn operations, for devices without kernels of ours: LibTorch on processor and GPU. Only
//! the inputs of blocks are kept between the passes, and each block is differentiated by itself.

use super::learner::{Learner, Sloping};
use super::plain_block::{Frame, PlainBlock};
use super::{Lora, TrainError};
use crate::network::Network;
use crate::weights::Weights;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, IndexingUpdateOp, Int, Tensor, TensorData};
use eightfold_gpt::Batch;
use eightfold_gpt::decoding::Packed;
use eightfold_gpt::training::Scored;
use eightfold_task::Key;

/// Logits in memory at once, about.
const LOGITS: usize = 1 << 26;

/// What stands for the moments of a tensor.
type Moments = [Tensor<2>; 2];

/// A network on a device, with gradient and moments of what is trained. Vectors are matrices of one row.
pub(crate) struct Plain<'a> {
    network: &'a mut Network,
    device: Device,
    /// `[vocab, width]`; the head too where there is none.
    embedding: Tensor<2>,
    head: Option<Tensor<2>>,
    gain: Tensor<2>,
    blocks: Vec<PlainBlock>,
    decay: f64,
    updates: i32,
    /// Of each trained tensor, in the order of [`Plain::trained`].
    gradient: Vec<Option<Tensor<2>>>,
    moments: Vec<Option<Moments>>,
    full: bool,
}

/// A dense matrix on a device.
pub(crate) fn upload(rows: usize, floats: Vec<f32>, device: &Device) -> Tensor<2> {
    let columns = floats.len() / rows.max(1);
    Tensor::from_data(TensorData::new(floats, [rows, columns]), device)
}

/// The numbers of a tensor, row by row.
pub(crate) fn download(tensor: &Tensor<2>) -> Vec<f32> {
    tensor.clone().into_data().iter::<f32>().collect()
}

/// A loss in which `y` has the gradient `dy`.
pub(crate) fn pulled<const D: usize>(y: Tensor<D>, dy: Tensor<D>) -> Tensor<1> {
    (y * dy.autodiff()).sum()
}

/// `x` normalized by its rows' root mean squares.
pub(crate) fn rms_norm<const D: usize>(x: Tensor<D>, gain: Tensor<D>, epsilon: f32) -> Tensor<D> {
    let scale = (x.clone().powi_scalar(2).mean_dim(D - 1) + epsilon).sqrt();
    x / scale * gain
}

impl<'a> Plain<'a> {
    /// Moves a network to a device. New adapters, or the whole network is trained; `decay` is the decoupled weight
    /// decay.
    pub(crate) fn new(
        network: &'a mut Network,
        lora: Option<&Lora>,
        decay: f64,
        key: Key,
        device: &Device,
    ) -> Self {
        let matrix = |packed: &Packed| upload(packed.columns(), packed.to_rows(), device);
        let Weights { embedding, blocks, gain, head } = &network.weights;
        let adapters = lora.map(|lora| super::adapters::Adapters::new(&network.config, lora, key));
        let block =
            |(at, block)| PlainBlock::new(block, adapters.as_ref().map(|adapters| &adapters.0[at]), device);
        let mut plain = Self {
            embedding: matrix(embedding),
            head: head.as_ref().map(matrix),
            gain: upload(1, gain.clone(), device),
            blocks: blocks.iter().enumerate().map(block).collect(),
            device: device.clone(),
            network,
            decay,
            updates: 0,
            gradient: Vec::new(),
            moments: Vec::new(),
            full: lora.is_none(),
        };
        let count = plain.trained().len();
        (plain.gradient, plain.moments) = (vec![None; count], vec![None; count]);
        plain
    }

    /// What is trained: embedding, gain and head first, then block by block.
    fn trained(&mut self) -> Vec<&mut Tensor<2>> {
        let mut all: Vec<&mut Tensor<2>> = Vec::new();
        if self.full {
            all.extend([&mut self.embedding, &mut self.gain]);
            all.extend(self.head.as_mut());
        }
        all.extend(self.blocks.iter_mut().flat_map(|block| block.trained()));
        all
    }

    /// Adds to the gradient of trained tensor `at`.
    fn add(&mut self, at: usize, gradient: Tensor<2>) {
        let sum = &mut self.gradient[at];
        *sum = Some(match sum.take() {
            Some(sum) => sum + gradient,
            None => gradient,
        });
    }

    /// Log-probabilities of the sequences under hidden states `x`, and with slopes the gradient of x.
    fn score(
        &mut self,
        x: &Tensor<2>,
        batch: &Batch,
        frame: &Frame,
        slopes: Option<&[f32]>,
    ) -> (Vec<f32>, Option<Tensor<2>>) {
        let together = (LOGITS / self.network.config.vocab).max(16);
        let mut sums = vec![0.0; batch.sequences()];
        let mut dx = slopes.map(|_| x.zeros_like());
        for scored in batch.scored().chunks(together) {
            let places: Vec<i64> =
                scored.iter().map(|target| frame.places[target.position as usize] as i64).collect();
            let places = Tensor::<1, Int>::from_data(TensorData::from(&places[..]), &self.device);
            let states = x.clone().select(0, places.clone());
            let (logps, dstates) = self.score_states(states, scored, slopes);
            for (target, logp) in scored.iter().zip(logps) {
                sums[target.sequence as usize] += logp;
            }
            if let Some((total, dstates)) = dx.take().zip(dstates) {
                dx = Some(total.select_assign(0, places, dstates, IndexingUpdateOp::Add));
            }
        }
        (sums, dx)
    }

    /// The same for the states that predict some tokens: log-probabilities, and with slopes the gradient of the states.
    fn score_states(
        &mut self,
        states: Tensor<2>,
        scored: &[Scored],
        slopes: Option<&[f32]>,
    ) -> (Vec<f32>, Option<Tensor<2>>) {
        let learns = slopes.is_some();
        let leaf = |tensor: &Tensor<2>| {
            if learns { tensor.clone().autodiff().require_grad() } else { tensor.clone() }
        };
        let (gain, head) = (leaf(&self.gain), leaf(self.head.as_ref().unwrap_or(&self.embedding)));
        let states = leaf(&states);
        let normal = rms_norm(states.clone(), gain.clone(), self.network.config.epsilon);
        let tokens: Vec<i64> = scored.iter().map(|target| i64::from(target.token)).collect();
        let tokens = Tensor::<1, Int>::from_data(TensorData::from(&tokens[..]), &self.device);
        let tokens = if learns { tokens.autodiff() } else { tokens };
        let logps = log_softmax(normal.matmul(head.clone().transpose()), 1);
        let logps = logps.gather(1, tokens.unsqueeze_dim(1));
        let found = download(&logps);
        let Some(slopes) = slopes else { return (found, None) };
        let slopes: Vec<f32> = scored.iter().map(|target| slopes[target.sequence as usize]).collect();
        let grads = pulled(logps, upload(scored.len(), slopes, &self.device)).backward();
        if self.full {
            let at = if self.head.is_some() { 2 } else { 0 };
            head.grad(&grads).into_iter().for_each(|gradient| self.add(at, gradient));
            gain.grad(&grads).into_iter().for_each(|gradient| self.add(1, gradient));
        }
        (found, states.grad(&grads))
    }
}

impl Learner for Plain<'_> {
    fn clear(&mut self) {
        self.gradient.iter_mut().for_each(|gradient| *gradient = None);
    }

    fn accumulate(
        &mut self,
        batch: &Batch,
        known: Option<Vec<f32>>,
        sloping: Sloping,
    ) -> Result<(), TrainError> {
        let frame = Frame::new(batch, &self.network.config, &self.device);
        let mut x = self.embedding.clone().select(0, frame.tokens.clone());
        let mut inputs = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            let next = block.forward(x.clone(), &frame);
            inputs.push(std::mem::replace(&mut x, next));
        }
        let (slopes, heard) = match known {
            Some(known) => (known, false),
            None => (sloping(self.score(&x, batch, &frame, None).0)?, true),
        };
        let (sums, d) = self.score(&x, batch, &frame, Some(&slopes));
        if !heard {
            sloping(sums)?;
        }
        let mut d = d.expect("slopes were given");
        let mut end = self.gradient.len();
        for (at, x) in inputs.into_iter().enumerate().rev() {
            let (dx, gradients) = self.blocks[at].backward(x, d, &frame);
            end -= gradients.len();
            for (i, gradient) in gradients.into_iter().enumerate() {
                self.add(end + i, gradient);
            }
            d = dx;
        }
        if self.full {
            let zeros = self.embedding.zeros_like();
            let gradient = zeros.select_assign(0, frame.tokens, d, IndexingUpdateOp::Add);
            self.add(0, gradient);
        }
        Ok(())
    }

    fn norm(&mut self) -> f64 {
        let squares =
            |gradient: &Tensor<2>| f64::from(gradient.clone().powi_scalar(2).sum().into_scalar::<f32>());
        self.gradient.iter().flatten().map(squares).sum::<f64>().sqrt()
    }

    fn update(&mut self, rate: f64, scale: f64) {
        const BETA1: f64 = super::optimizer::BETA1;
        const BETA2: f64 = super::optimizer::BETA2;
        self.updates += 1;
        let corrections = [BETA1, BETA2].map(|beta| 1.0 - beta.powi(self.updates));
        let (gradients, mut moments) = (self.gradient.clone(), std::mem::take(&mut self.moments));
        let decay = self.decay;
        let all = self.trained().into_iter().zip(gradients).zip(&mut moments);
        for ((tensor, gradient), moments) in all {
            let Some(gradient) = gradient.map(|gradient| gradient * scale) else { continue };
            let zeros = || [tensor.zeros_like(), tensor.zeros_like()];
            let [first, second] = moments.take().unwrap_or_else(zeros);
            let first = first * BETA1 + gradient.clone() * (1.0 - BETA1);
            let second = second * BETA2 + gradient.powi_scalar(2) * (1.0 - BETA2);
            let root = (second.clone() / corrections[1]).sqrt() + super::optimizer::EPSILON;
            let step = first.clone() / corrections[0] / root * rate;
            *tensor = tensor.clone() * (1.0 - rate * decay) - step;
            *moments = Some([first, second]);
        }
        self.moments = moments;
    }

    fn finish(self: Box<Self>) {
        let Self { network, embedding, head, gain, blocks, full, .. } = *self;
        for (from, to) in blocks.iter().zip(&mut network.weights.blocks) {
            from.leave(to);
        }
        if full {
            let width = network.config.width;
            network.weights.embedding = Packed::of_rows(width, &download(&embedding));
            network.weights.gain = download(&gain);
            network.weights.head = head.map(|head| Packed::of_rows(width, &download(&head)));
        }
    }
}
