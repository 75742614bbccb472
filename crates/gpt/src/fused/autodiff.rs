//! The fused operations above autodiff: what each keeps of its forward pass, and its backward pass.

use super::block::Tape;
use super::ops::{Fused, as_head, read, run_block, run_embed, run_score, tensor};
use super::{PARAMS, Shape, block_backward, embed};
use crate::batch::Batch;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::Shape as Dims;
use burn_flex::FlexTensor;
use eightfold_kernels::head;
use std::sync::Arc;

/// Parameters and inputs are kept by value: they are reference-counted and not changed before the backward
/// pass, so nothing is copied and nothing recomputed by a checkpointing strategy.
#[derive(Debug)]
struct EmbedOp;

impl Backward<Flex, 2> for EmbedOp {
    type State = (usize, usize, Arc<Batch>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dout = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (vocab, d, batch) = ops.state;
        for (parent, index) in ops.parents.into_iter().zip([&batch.tokens, &batch.before]) {
            if let Some(parent) = parent {
                let table = embed::backward(vocab, d, index, read(&dout));
                grads.register::<Flex>(parent.id, tensor(Dims::from([vocab, d]), table));
            }
        }
    }
}

#[derive(Debug)]
struct BlockOp;

#[derive(Clone, Debug)]
struct BlockState {
    inputs: Arc<(FlexTensor, [FlexTensor; PARAMS], Tape)>,
    batch: Arc<Batch>,
    shape: Arc<Shape>,
}

impl Backward<Flex, { 1 + PARAMS }> for BlockOp {
    type State = BlockState;

    fn backward(self, ops: Ops<Self::State, { 1 + PARAMS }>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dout = grads.consume::<Flex>(&ops.node).to_contiguous();
        let BlockState { inputs, batch, shape } = ops.state;
        let (x, params, tape) = &*inputs;
        let slices = params.each_ref().map(read);
        let (dx, dparams) =
            block_backward::backward(read(x), &slices, &batch.rows, &shape, tape, read(&dout));
        let shapes = std::iter::once(x.shape()).chain(params.iter().map(|p| p.shape()));
        let all = std::iter::once(dx).chain(dparams).zip(shapes);
        for (parent, (gradient, shape)) in ops.parents.into_iter().zip(all) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, tensor(shape, gradient));
            }
        }
    }
}

#[derive(Debug)]
struct ScoreOp;

impl Backward<Flex, 4> for ScoreOp {
    /// Hidden states, parameters, log normalizers.
    type State = (FlexTensor, [FlexTensor; 3], Vec<f32>, Arc<Batch>);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let dout = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (x, params, lse, batch) = ops.state;
        let per_sequence = read(&dout);
        let dlogps: Vec<f32> = batch.scored.iter().map(|t| per_sequence[t.sequence as usize]).collect();
        let head = as_head(params.each_ref());
        let gradients = head::backward(read(&x), &head, &batch.scored, &lse, &dlogps);
        let shapes = std::iter::once(x.shape()).chain(params.iter().map(|p| p.shape()));
        for (parent, (gradient, shape)) in ops.parents.into_iter().zip(gradients.into_iter().zip(shapes)) {
            if let Some(parent) = parent {
                grads.register::<Flex>(parent.id, tensor(shape, gradient));
            }
        }
    }
}

impl<C: CheckpointStrategy> Fused for Autodiff<Flex, C> {
    fn embed(token: FloatTensor<Self>, previous: FloatTensor<Self>, batch: Arc<Batch>) -> FloatTensor<Self> {
        let tables = [&token, &previous].map(|t| t.primitive().to_contiguous());
        let [vocab, d] = tables[0].shape().dims();
        let out = run_embed(&tables[0], &tables[1], &batch);
        match EmbedOp.prepare::<C>([token.node(), previous.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((vocab, d, batch), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

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
    ) -> FloatTensor<Self> {
        let params = [&gain1, &bias1, &qkv, &out, &gain2, &bias2, &up, &up_bias, &down, &down_bias];
        let nodes = [&x].into_iter().chain(params).map(|t| t.node()).collect::<Vec<_>>();
        let nodes = nodes.try_into().expect("one input and ten parameters");
        let params = params.map(|p| p.primitive().to_contiguous());
        let x = x.primitive().to_contiguous();
        let (out, tape) = run_block(&x, &params, &batch, &shape);
        match BlockOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(BlockState { inputs: Arc::new((x, params, tape)), batch, shape }, out)
            }
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn score(
        x: FloatTensor<Self>,
        gain: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        embedding: FloatTensor<Self>,
        batch: Arc<Batch>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), gain.node(), bias.node(), embedding.node()];
        let params = [&gain, &bias, &embedding].map(|p| p.primitive().to_contiguous());
        let x = x.primitive().to_contiguous();
        let (out, lse) = run_score(&x, params.each_ref(), &batch);
        match ScoreOp.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, params, lse, batch), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }
}
