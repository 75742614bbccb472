//! All blocks, and log-probabilities.

use super::{Frame, PlainBlock};
use crate::Config;
use crate::network::Network;
use crate::training::adapters::Adapters;
use crate::training::trainer::OWN;
use crate::weights::Weights;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use eightfold_gpt::{Batch, DeviceError};
use eightfold_kernels::Packed;
use eightfold_kernels::Scored;

/// Logits in memory at once, about.
const LOGITS: usize = 1 << 26;

/// A network on a device. Vectors are matrices of one row.
pub(crate) struct PlainNetwork {
    pub(crate) device: Device,
    pub(crate) config: Config,
    /// `[vocab, width]`; the head too, where there is none.
    pub(crate) embedding: Tensor<2>,
    pub(crate) head: Option<Tensor<2>>,
    pub(crate) gain: Tensor<2>,
    pub(crate) blocks: Vec<PlainBlock>,
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

/// Whole numbers on a device.
pub(crate) fn numbers(all: impl Iterator<Item = usize>, device: &Device) -> Tensor<1, Int> {
    let all: Vec<i64> = all.map(|number| number as i64).collect();
    Tensor::from_data(TensorData::from(&all[..]), device)
}

/// `x` normalized by its rows' root mean squares.
pub(crate) fn rms_norm<const D: usize>(x: Tensor<D>, gain: Tensor<D>, epsilon: f32) -> Tensor<D> {
    let scale = (x.clone().powi_scalar(2).mean_dim(D - 1) + epsilon).sqrt();
    x / scale * gain
}

impl PlainNetwork {
    /// Copies a network, with adapters if there are any, to a device.
    pub(crate) fn new(network: &Network, adapters: Option<&Adapters>, device: &Device) -> Self {
        let matrix = |packed: &Packed| upload(packed.columns(), packed.to_rows(), device);
        let Weights { embedding, blocks, gain, head } = &network.weights;
        let block = |(at, block)| PlainBlock::new(block, adapters.map(|adapters| &adapters.0[at]), device);
        Self {
            device: device.clone(),
            config: network.config.clone(),
            embedding: matrix(embedding),
            head: head.as_ref().map(matrix),
            gain: upload(1, gain.clone(), device),
            blocks: blocks.iter().enumerate().map(block).collect(),
        }
    }

    /// Copies a network to the device of this name; there is nothing to copy to the one that has kernels of ours.
    ///
    /// # Errors
    /// If there is no such device.
    pub(crate) fn elsewhere(network: &Network, device: &str) -> Result<Option<Self>, DeviceError> {
        let found = eightfold_gpt::device(device)?;
        Ok((device != OWN).then(|| Self::new(network, None, &found)))
    }

    /// Normalization and head, in this order.
    pub(crate) fn last(&self) -> [&Tensor<2>; 2] {
        [&self.gain, self.head.as_ref().unwrap_or(&self.embedding)]
    }

    /// Logits after hidden states, with a normalization and a head.
    pub(crate) fn logits(&self, states: Tensor<2>, [gain, head]: [&Tensor<2>; 2]) -> Tensor<2> {
        rms_norm(states, gain.clone(), self.config.epsilon).matmul(head.clone().transpose())
    }

    /// Scored tokens in parts that are worked on together, each with the places of the states that predict them.
    pub(crate) fn parts<'a>(
        &self,
        batch: &'a Batch,
        frame: &Frame,
    ) -> impl Iterator<Item = (&'a [Scored], Tensor<1, Int>)> {
        let together = (LOGITS / self.config.vocab).max(16);
        batch.scored().chunks(together).map(move |scored| {
            let places = scored.iter().map(|target| frame.places[target.position as usize]);
            (scored, numbers(places, &self.device))
        })
    }

    /// Log-probabilities `[scored, 1]` of the tokens that some states predict.
    pub(crate) fn predicted(&self, states: Tensor<2>, last: [&Tensor<2>; 2], scored: &[Scored]) -> Tensor<2> {
        let tokens = numbers(scored.iter().map(|target| target.token as usize), &self.device);
        let logits = self.logits(states, last);
        let tokens = if logits.is_autodiff() { tokens.autodiff() } else { tokens };
        log_softmax(logits, 1).gather(1, tokens.unsqueeze_dim(1))
    }

    /// Log-probabilities of the sequences of a batch under its hidden states, in nats.
    pub(crate) fn score(&self, x: &Tensor<2>, batch: &Batch, frame: &Frame) -> Vec<f32> {
        let mut sums = vec![0.0; batch.sequences()];
        for (scored, places) in self.parts(batch, frame) {
            let logps = self.predicted(x.clone().select(0, places), self.last(), scored);
            gathered(&mut sums, scored, &logps);
        }
        sums
    }

    /// Log-probabilities of the sequences of a batch, in nats.
    pub(crate) fn logps(&self, batch: &Batch) -> Vec<f32> {
        let frame = Frame::new(batch, &self.config, &self.device);
        let x = self.embedding.clone().select(0, frame.tokens.clone());
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x, &frame));
        self.score(&x, batch, &frame)
    }
}

/// Adds the log-probabilities of scored tokens to the sums of their sequences.
pub(crate) fn gathered(sums: &mut [f32], scored: &[Scored], logps: &Tensor<2>) {
    for (target, logp) in scored.iter().zip(download(logps)) {
        sums[target.sequence as usize] += logp;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::step::logps;
    use crate::training::testing::{ALL, device, open};

    #[test]
    fn plain_operations_say_what_the_kernels_say() {
        for name in ALL {
            let (network, learned) = open(name);
            let plain = PlainNetwork::new(&network, None, &device());
            let both = logps(&network, &learned.batch()).into_iter().zip(plain.logps(&learned.batch()));
            both.for_each(|(ours, plain)| assert!((ours - plain).abs() < 1e-4, "{name}: {ours} and {plain}"));
        }
    }
}
