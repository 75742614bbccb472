//! Training in plain burn operations. Only the inputs of blocks are kept between the passes, and each block is
//! differentiated by itself.

use super::learner::{Learner, Sloping};
use super::{Lora, TrainError};
use crate::network::Network;
use crate::plain::{Frame, PlainNetwork, download, gathered, upload};
use burn::tensor::{Device, IndexingUpdateOp, Tensor};
use eightfold_gpt::Batch;
use eightfold_kernels::Packed;
use eightfold_kernels::Scored;
use eightfold_task::Key;

/// What stands for the moments of a tensor.
type Moments = [Tensor<2>; 2];

/// A network on a device, with gradient and moments of what is trained.
pub(crate) struct Plain<'a> {
    network: &'a mut Network,
    on: PlainNetwork,
    decay: f64,
    updates: i32,
    /// Of each trained tensor, in the order of [`Plain::trained`].
    gradient: Vec<Option<Tensor<2>>>,
    moments: Vec<Option<Moments>>,
    full: bool,
}

/// A loss in which `y` has the gradient `dy`.
pub(crate) fn pulled<const D: usize>(y: Tensor<D>, dy: Tensor<D>) -> Tensor<1> {
    (y * dy.autodiff()).sum()
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
        let adapters = lora.map(|lora| super::adapters::Adapters::new(&network.config, lora, key));
        let on = PlainNetwork::new(network, adapters.as_ref(), device);
        let (gradient, moments, full) = (Vec::new(), Vec::new(), lora.is_none());
        let mut plain = Self { network, on, decay, updates: 0, gradient, moments, full };
        let count = plain.trained().len();
        (plain.gradient, plain.moments) = (vec![None; count], vec![None; count]);
        plain
    }

    /// What is trained: embedding, gain and head first, then block by block.
    fn trained(&mut self) -> Vec<&mut Tensor<2>> {
        let PlainNetwork { embedding, head, gain, blocks, .. } = &mut self.on;
        let mut all: Vec<&mut Tensor<2>> = Vec::new();
        if self.full {
            all.extend([embedding, gain]);
            all.extend(head.as_mut());
        }
        all.extend(blocks.iter_mut().flat_map(|block| block.trained()));
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

    /// Log-probabilities of the sequences under hidden states `x`, and for their slopes the gradient of x.
    fn score(
        &mut self,
        x: &Tensor<2>,
        batch: &Batch,
        frame: &Frame,
        slopes: &[f32],
    ) -> (Vec<f32>, Tensor<2>) {
        let mut sums = vec![0.0; batch.sequences()];
        let mut dx = x.zeros_like();
        let parts: Vec<_> = self.on.parts(batch, frame).collect();
        for (scored, places) in parts {
            let (logps, dstates) = self.score_states(x.clone().select(0, places.clone()), scored, slopes);
            gathered(&mut sums, scored, &logps);
            if let Some(dstates) = dstates {
                dx = dx.select_assign(0, places, dstates, IndexingUpdateOp::Add);
            }
        }
        (sums, dx)
    }

    /// The same for the states that predict some tokens: log-probabilities and the gradient of the states.
    fn score_states(
        &mut self,
        states: Tensor<2>,
        scored: &[Scored],
        slopes: &[f32],
    ) -> (Tensor<2>, Option<Tensor<2>>) {
        let leaf = |tensor: &Tensor<2>| tensor.clone().autodiff().require_grad();
        let ([gain, head], states) = (self.on.last().map(leaf), leaf(&states));
        let logps = self.on.predicted(states.clone(), [&gain, &head], scored);
        let slopes: Vec<f32> = scored.iter().map(|target| slopes[target.sequence as usize]).collect();
        let grads = pulled(logps.clone(), upload(scored.len(), slopes, &self.on.device)).backward();
        if self.full {
            let at = if self.on.head.is_some() { 2 } else { 0 };
            head.grad(&grads).into_iter().for_each(|gradient| self.add(at, gradient));
            gain.grad(&grads).into_iter().for_each(|gradient| self.add(1, gradient));
        }
        (logps, states.grad(&grads))
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
        let frame = Frame::new(batch, &self.on.config, &self.on.device);
        let mut x = self.on.embedding.clone().select(0, frame.tokens.clone());
        let mut inputs = Vec::with_capacity(self.on.blocks.len());
        for block in &self.on.blocks {
            let next = block.forward(x.clone(), &frame);
            inputs.push(std::mem::replace(&mut x, next));
        }
        let (slopes, heard) = match known {
            Some(known) => (known, false),
            None => (sloping(self.on.score(&x, batch, &frame))?, true),
        };
        let (sums, mut d) = self.score(&x, batch, &frame, &slopes);
        if !heard {
            sloping(sums)?;
        }
        let mut end = self.gradient.len();
        for (at, x) in inputs.into_iter().enumerate().rev() {
            let (dx, gradients) = self.on.blocks[at].backward(x, d, &frame);
            end -= gradients.len();
            for (i, gradient) in gradients.into_iter().enumerate() {
                self.add(end + i, gradient);
            }
            d = dx;
        }
        if self.full {
            let zeros = self.on.embedding.zeros_like();
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
        let Self { network, on: PlainNetwork { embedding, head, gain, blocks, .. }, full, .. } = *self;
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
