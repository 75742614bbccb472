//! Small models on tensors, in double precision, for the laws that run on the real losses.

use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use eightfold_loss::{Logps, sequence_logps};
use eightfold_tests::tree::Tree;

pub(crate) fn device() -> Device {
    Device::flex().autodiff()
}

pub(crate) fn vector(values: &[f64]) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), (&device(), DType::F64))
}

pub(crate) fn numbers(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data_as::<f64>().try_to_vec().expect("numbers convert to f64")
}

/// The value of a scalar and its gradients with respect to some leaves; a leaf that it does not depend on has
/// gradient 0.
pub(crate) fn value_and_gradients(loss: Tensor<1>, leaves: &[&Tensor<1>]) -> (f64, Vec<f64>) {
    let value = numbers(loss.clone())[0];
    let gradients = loss.backward();
    let of = |leaf: &Tensor<1>| numbers(leaf.grad(&gradients).unwrap_or_else(|| leaf.zeros_like().inner()));
    (value, leaves.iter().flat_map(|leaf| of(leaf)).collect())
}

/// A tabular model: one row of logits for each context, flat in a leaf.
pub(crate) struct Table {
    pub(crate) logits: Tensor<1>,
    pub(crate) vocabulary: usize,
}

/// A sequence in a table: the context of each position, the token that follows, and whether it is scored.
pub(crate) type Sequence = Vec<(usize, usize, bool)>;

impl Table {
    pub(crate) fn new(logits: &[f64], vocabulary: usize) -> Self {
        Self { logits: vector(logits).require_grad(), vocabulary }
    }

    /// Log-probabilities of sequences, padded to the longest.
    pub(crate) fn score(&self, sequences: &[Sequence]) -> Logps {
        let (batch, longest) = (sequences.len(), sequences.iter().map(Vec::len).max().unwrap_or(0));
        let padded: Vec<_> = sequences
            .iter()
            .flat_map(|s| s.iter().copied().chain(std::iter::repeat_n((0, 0, false), longest - s.len())))
            .collect();
        let ints = |pick: fn(&(usize, usize, bool)) -> usize| {
            let values: Vec<i64> = padded.iter().map(|place| pick(place) as i64).collect();
            Tensor::<1, Int>::from_ints(values.as_slice(), &device())
        };
        let rows = self.logits.shape().num_elements() / self.vocabulary;
        let table = self.logits.clone().reshape([rows, self.vocabulary]);
        let logits = table.select(0, ints(|place| place.0)).reshape([batch, longest, self.vocabulary]);
        let mask: Vec<f64> = padded.iter().map(|place| f64::from(u8::from(place.2))).collect();
        let mask = vector(&mask).reshape([batch, longest]);
        sequence_logps(logits, ints(|place| place.1).reshape([batch, longest]), mask)
    }
}

/// The table of a tree: a context for each inner node, whose logits are `policy` of it, by log-probability.
pub(crate) fn tree_table(tree: &Tree, policy: impl Fn(usize) -> Vec<f64>) -> Table {
    let logits: Vec<f64> = tree.states().flat_map(policy).map(f64::ln).collect();
    Table::new(&logits, tree.branching)
}

/// A path of the tree as a sequence, every step scored. Inner nodes precede leaves, so that a node's number is
/// its context.
pub(crate) fn steps(path: &[(usize, usize)]) -> Sequence {
    path.iter().map(|&(state, step)| (state, step, true)).collect()
}
