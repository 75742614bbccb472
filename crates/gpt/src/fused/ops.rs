//! The fused operations as burn tensors, over raw slices of the `flex` backend.

use super::{PARAMS, Shape};
use super::{block as kernel_block, embed as kernel_embed};
use crate::batch::Batch;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, DType, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Bytes, Shape as Dims, Tensor};
use burn_flex::{FlexTensor, Layout};
use eightfold_kernels::head;
use std::sync::Arc;

/// The operations, dispatched by device.
#[backend_extension(Flex, Autodiff)]
#[allow(clippy::too_many_arguments)]
pub(crate) trait Fused: Backend {
    /// Tables `[vocab, d]` to the inputs of the packed tokens, `[tokens, d]`.
    fn embed(token: FloatTensor<Self>, previous: FloatTensor<Self>, batch: Arc<Batch>) -> FloatTensor<Self>;

    /// One transformer block, `[tokens, d]` to `[tokens, d]`; parameters in the order of [`PARAMS`].
    fn block(
        x: FloatTensor<Self>,
        gain1: FloatTensor<Self>,
        bias1: FloatTensor<Self>,
        qkv: FloatTensor<Self>,
        out: FloatTensor<Self>,
        gain2: FloatTensor<Self>,
        bias2: FloatTensor<Self>,
        up: FloatTensor<Self>,
        up_bias: FloatTensor<Self>,
        down: FloatTensor<Self>,
        down_bias: FloatTensor<Self>,
        batch: Arc<Batch>,
        shape: Arc<Shape>,
    ) -> FloatTensor<Self>;

    /// Hidden states `[tokens, d]` to summed log-probabilities `[sequences]`, in nats.
    fn score(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        embedding: FloatTensor<Self>,
        batch: Arc<Batch>,
    ) -> FloatTensor<Self>;
}

/// The floats of a tensor.
pub(super) fn read(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice::<f32>().expect("the model's tensors are contiguous f32")
}

/// A tensor of this shape.
pub(super) fn tensor(shape: Dims, floats: Vec<f32>) -> FlexTensor {
    FlexTensor::new(Bytes::from_elems(floats), Layout::contiguous(shape), DType::F32)
}

/// Each sequence's sum of the log-probabilities that belong to it.
fn sums(batch: &Batch, logps: &[f32]) -> Vec<f32> {
    let mut sums = vec![0.0; batch.sequences()];
    for (target, logp) in batch.scored.iter().zip(logps) {
        sums[target.sequence as usize] += logp;
    }
    sums
}

pub(super) fn run_embed(token: &FlexTensor, previous: &FlexTensor, batch: &Batch) -> FlexTensor {
    let [_, d] = token.shape().dims();
    let out = kernel_embed::forward(read(token), read(previous), d, &batch.tokens, &batch.before);
    tensor(Dims::from([batch.tokens.len(), d]), out)
}

pub(super) fn run_block(
    x: &FlexTensor,
    params: &[FlexTensor; PARAMS],
    batch: &Batch,
    shape: &Shape,
) -> (FlexTensor, kernel_block::Tape) {
    let (out, tape) = kernel_block::forward(read(x), &params.each_ref().map(read), &batch.rows, shape);
    (tensor(x.shape(), out), tape)
}

/// Sums of log-probabilities, and the log normalizers that the backward pass wants.
pub(super) fn run_score(x: &FlexTensor, head: [&FlexTensor; 3], batch: &Batch) -> (FlexTensor, Vec<f32>) {
    let (logps, lse) = head::forward(read(x), &as_head(head), &batch.scored);
    (tensor(Dims::from([batch.sequences()]), sums(batch, &logps)), lse)
}

pub(super) fn as_head([gain, bias, embedding]: [&FlexTensor; 3]) -> head::Head<'_> {
    head::Head { gain: read(gain), bias: read(bias), embedding: read(embedding) }
}

impl Fused for Flex {
    fn embed(token: FlexTensor, previous: FlexTensor, batch: Arc<Batch>) -> FlexTensor {
        run_embed(&token.to_contiguous(), &previous.to_contiguous(), &batch)
    }

    fn block(
        x: FlexTensor,
        gain1: FlexTensor,
        bias1: FlexTensor,
        qkv: FlexTensor,
        out: FlexTensor,
        gain2: FlexTensor,
        bias2: FlexTensor,
        up: FlexTensor,
        up_bias: FlexTensor,
        down: FlexTensor,
        down_bias: FlexTensor,
        batch: Arc<Batch>,
        shape: Arc<Shape>,
    ) -> FlexTensor {
        let params = [gain1, bias1, qkv, out, gain2, bias2, up, up_bias, down, down_bias];
        let params = params.map(|p| p.to_contiguous());
        run_block(&x.to_contiguous(), &params, &batch, &shape).0
    }

    fn score(
        x: FlexTensor,
        gain: FlexTensor,
        bias: FlexTensor,
        embedding: FlexTensor,
        batch: Arc<Batch>,
    ) -> FlexTensor {
        let head = [gain, bias, embedding].map(|p| p.to_contiguous());
        run_score(&x.to_contiguous(), head.each_ref(), &batch).0
    }
}

/// Inputs of the packed tokens of `batch`, `[tokens, d]`, from tables `[vocab, d]`.
pub(crate) fn embed(token: Tensor<2>, previous: Tensor<2>, batch: &Arc<Batch>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::embed(token.into_dispatch(), previous.into_dispatch(), batch.clone()))
}

/// The parameters of a block: vectors, and matrices.
pub(crate) struct BlockParams {
    pub(crate) norm1: [Tensor<1>; 2],
    pub(crate) qkv: Tensor<2>,
    pub(crate) out: Tensor<2>,
    pub(crate) norm2: [Tensor<1>; 2],
    pub(crate) up: (Tensor<2>, Tensor<1>),
    pub(crate) down: (Tensor<2>, Tensor<1>),
}

/// One transformer block on packed tokens, `[tokens, d]` to `[tokens, d]`.
pub(crate) fn block(x: Tensor<2>, params: BlockParams, batch: &Arc<Batch>, shape: &Arc<Shape>) -> Tensor<2> {
    let [gain1, bias1] = params.norm1.map(Tensor::into_dispatch);
    let [gain2, bias2] = params.norm2.map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::block(
        x.into_dispatch(),
        gain1,
        bias1,
        params.qkv.into_dispatch(),
        params.out.into_dispatch(),
        gain2,
        bias2,
        params.up.0.into_dispatch(),
        params.up.1.into_dispatch(),
        params.down.0.into_dispatch(),
        params.down.1.into_dispatch(),
        batch.clone(),
        shape.clone(),
    ))
}

/// Summed log-probabilities of the scored tokens of each sequence, `[sequences]`, in nats.
pub(crate) fn score(
    x: Tensor<2>,
    norm: [Tensor<1>; 2],
    embedding: Tensor<2>,
    batch: &Arc<Batch>,
) -> Tensor<1> {
    let [gain, bias] = norm.map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::score(
        x.into_dispatch(),
        gain,
        bias,
        embedding.into_dispatch(),
        batch.clone(),
    ))
}
