//! The network of the star graph experiment: two layers of attention and nothing else. It differs from the
//! decoder of `eightfold-gpt` in:
//! - a position is a whole edge, its two labels side by side in halves of the width, plus a vector for its role;
//! - no position embedding: the order of edges cannot be learned from;
//! - no feed-forward parts; the head maps to half the width and is tied to the labels.

use super::rows::{ROLES, Rows};
use crate::pipeline::NetConfig;
use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::{Embedding, EmbeddingConfig, Initializer, LayerNorm, LayerNormConfig, Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::module::embedding;
use burn::tensor::{Bool, Device, Tensor};

/// One layer: `x + attention(norm(x))`.
#[derive(Module, Debug)]
struct Layer {
    norm: LayerNorm,
    qkv: Linear,
    out: Linear,
}

/// The network.
#[derive(Module, Debug)]
pub struct StarNet {
    labels: Embedding,
    roles: Embedding,
    layers: Vec<Layer>,
    norm: LayerNorm,
    head: Linear,
    #[module(skip)]
    heads: usize,
    #[module(skip)]
    scale: f64,
}

impl NetConfig {
    /// A network with fresh weights: labels and roles standard normal, matrices normal with variance
    /// `1 / width`. The device's seed decides which.
    ///
    /// # Panics
    /// If `width` is odd or no multiple of `heads`, or one of them is 0.
    pub fn init(&self, labels: usize, device: &Device) -> StarNet {
        let Self { width, layers, heads, scale } = *self;
        let fits = width > 0 && heads > 0 && width.is_multiple_of(2) && width.is_multiple_of(heads);
        assert!(fits, "width is even and a multiple of heads: {self:?}");
        let table = |rows, columns| {
            let normal = Initializer::Normal { mean: 0.0, std: 1.0 };
            EmbeddingConfig::new(rows, columns).with_initializer(normal).init(device)
        };
        let linear = |output| {
            let normal = Initializer::Normal { mean: 0.0, std: (width as f64).powf(-0.5) };
            LinearConfig::new(width, output).with_bias(false).with_initializer(normal).init(device)
        };
        let norm = || LayerNormConfig::new(width).init(device);
        let layer = |_| Layer { norm: norm(), qkv: linear(3 * width), out: linear(width) };
        let net = StarNet {
            labels: table(labels, width / 2),
            roles: table(ROLES, width),
            layers: (0..layers).map(layer).collect(),
            norm: norm(),
            head: linear(width / 2),
            heads,
            scale,
        };
        // burn draws a weight when it is first read; here all are drawn now, in this order.
        net.visit(&mut Draw);
        net
    }
}

/// Reads every parameter.
struct Draw;

impl ModuleVisitor for Draw {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        param.val();
    }
}

impl StarNet {
    /// Number of labels.
    pub fn labels(&self) -> usize {
        self.labels.weight.val().dims()[0]
    }

    /// Where the weights are.
    pub fn device(&self) -> Device {
        self.head.weight.val().device()
    }

    /// Logits of the next node after the question and after each node.
    ///
    /// # Shapes
    /// - output `[rows, 1 + nodes, labels]`
    pub(super) fn logits(&self, rows: &Rows) -> Tensor<3> {
        let device = self.device();
        let [count, length] = rows.shape();
        let [left, right, roles] = rows.tensors(&device);
        let labels = self.labels.weight.val();
        let blank = Tensor::zeros([1, labels.dims()[1]], &device);
        let table = Tensor::cat(vec![labels.clone(), blank], 0);
        let halves = vec![embedding(table.clone(), left), embedding(table, right)];
        let mut x = Tensor::cat(halves, 2) + self.roles.forward(roles);
        let hidden = Tensor::<2, Bool>::tril_mask([length, length], 0, &device);
        for layer in &self.layers {
            x = self.layer(layer, x, &hidden);
        }
        let width = x.dims()[2];
        let read = self.norm.forward(x.slice([0..count, rows.edges()..length, 0..width]));
        self.head.forward(read).matmul(labels.transpose().unsqueeze()) * self.scale
    }

    fn layer(&self, layer: &Layer, x: Tensor<3>, hidden: &Tensor<2, Bool>) -> Tensor<3> {
        let [count, length, width] = x.dims();
        let head = width / self.heads;
        let qkv = layer.qkv.forward(layer.norm.forward(x.clone()));
        let part = |i: usize| {
            let part = qkv.clone().slice([0..count, 0..length, i * width..(i + 1) * width]);
            part.reshape([count, length, self.heads, head]).swap_dims(1, 2)
        };
        let scores = part(0).matmul(part(1).swap_dims(2, 3)) / (head as f32).sqrt();
        let scores = scores.mask_fill(hidden.clone().unsqueeze(), f32::NEG_INFINITY);
        let attended = softmax(scores, 3).matmul(part(2)).swap_dims(1, 2).reshape([count, length, width]);
        x + layer.out.forward(attended)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Row;
    use super::*;
    use burn::tensor::Device;
    use eightfold_task::stargraph::{StarConfig, StarGraph};

    fn net() -> StarNet {
        let device = Device::flex();
        device.seed(7);
        NetConfig::default().init(20, &device)
    }

    fn floats(tensor: Tensor<3>) -> Vec<f32> {
        tensor.into_data().iter::<f32>().collect()
    }

    #[test]
    fn it_has_36_thousand_weights() {
        assert_eq!(net().num_params(), 36_096);
    }

    #[test]
    fn what_comes_later_changes_nothing_before() {
        let net = net();
        let graphs = StarGraph::draw_set(&StarConfig::default(), 3, 0, "causal");
        let first = |nodes: &[usize]| {
            let rows: Vec<Row> = graphs.iter().map(|graph| Row::new(graph, nodes)).collect();
            floats(net.logits(&Rows::new(&rows, 20)).slice([0..3, 0..1, 0..20]))
        };
        let alone = first(&[]);
        for other in [first(&[4]), first(&[9, 1])] {
            assert!(alone.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-4), "{alone:?} {other:?}");
        }
    }

    #[test]
    fn a_renaming_of_labels_in_table_and_graph_changes_nothing() {
        // The network knows labels by their vectors alone: with two rows of the table exchanged, and the two
        // labels in the graph as well, the logits of all others stay.
        let net = net();
        let graph = StarGraph::parse("3 1 ; 3 4 ; 1 0 ; 4 2 ? 3 2").unwrap();
        let renamed = StarGraph::parse("3 2 ; 3 4 ; 2 0 ; 4 1 ? 3 1").unwrap();
        let table = net.labels.weight.val();
        let row = |i: usize| table.clone().narrow(0, i, 1);
        let swapped = Tensor::cat(vec![row(0), row(2), row(1), table.clone().narrow(0, 3, 17)], 0);
        let mut other = net.clone();
        other.labels.weight = Param::from_tensor(swapped);
        let of = |net: &StarNet, graph: &StarGraph| {
            floats(net.logits(&Rows::new(&[Row::new(graph, &[])], net.labels())))
        };
        let (before, after) = (of(&net, &graph), of(&other, &renamed));
        assert!(before.iter().zip(&after).enumerate().all(|(label, (a, _))| {
            let b = after[match label {
                1 => 2,
                2 => 1,
                other => other,
            }];
            (a - b).abs() < 1e-4
        }));
    }
}
