//! Low-rank adapters beside the matrices of the blocks.

use super::config::{Lora, Projection};
use super::parameters::Parameters;
use crate::Config;
use crate::network::Network;
use crate::weights::{Block, Linear};
use eightfold_kernels::{Buffer, Packed};
use eightfold_kernels::{Columns, ColumnsMut};
use eightfold_task::Key;
use rand::RngExt;
use rayon::prelude::*;
use std::ops::Range;

/// Rows of a thin product that are worth a thread's while.
const ROWS: usize = 96;

/// `x A B` added to some columns of what a matrix makes of x.
#[derive(Clone, Debug)]
pub(crate) struct Adapter {
    /// The columns.
    pub(crate) columns: Range<usize>,
    /// `[inputs, rank]`.
    pub(crate) a: Packed,
    /// `[rank, outputs]`.
    pub(crate) b: Packed,
    /// `alpha / rank`.
    pub(crate) scale: f32,
}

/// The adapters of a block, by the matrix that they stand beside.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockAdapters {
    pub(crate) qkv: Vec<Adapter>,
    pub(crate) out: Vec<Adapter>,
    pub(crate) up: Vec<Adapter>,
    pub(crate) down: Vec<Adapter>,
}

/// All adapters of a network, block by block.
#[derive(Clone, Debug)]
pub(crate) struct Adapters(pub(crate) Vec<BlockAdapters>);

impl BlockAdapters {
    fn all(&mut self) -> impl Iterator<Item = &mut Adapter> {
        [&mut self.qkv, &mut self.out, &mut self.up, &mut self.down].into_iter().flatten()
    }
}

impl Parameters for Adapters {
    fn slices(&mut self) -> Vec<&mut [f32]> {
        let all = self.0.iter_mut().flat_map(BlockAdapters::all);
        all.flat_map(|adapter| [adapter.a.floats_mut(), adapter.b.floats_mut()]).collect()
    }
}

impl Adapters {
    /// New adapters, which change nothing yet.
    pub(crate) fn new(config: &Config, lora: &Lora, key: Key) -> Self {
        let Config { width, inner, heads, head, .. } = *config;
        let (queries, kv) = (heads * head, config.kv_width());
        let mut rng = key.rng();
        let mut adapter = |target: Projection, inputs: usize, columns: Range<usize>| {
            lora.targets.contains(&target).then(|| {
                let bound = 1.0 / (inputs as f32).sqrt();
                let rows: Vec<f32> =
                    (0..lora.rank * inputs).map(|_| rng.random_range(-bound..=bound)).collect();
                let b = Packed::of_rows(lora.rank, &vec![0.0; columns.len() * lora.rank]);
                let scale = (lora.alpha / lora.rank as f64) as f32;
                Adapter { columns, a: Packed::of_rows(inputs, &rows), b, scale }
            })
        };
        let mut block = || BlockAdapters {
            qkv: [
                adapter(Projection::Query, width, 0..queries),
                adapter(Projection::Key, width, queries..queries + kv),
                adapter(Projection::Value, width, queries + kv..queries + 2 * kv),
            ]
            .into_iter()
            .flatten()
            .collect(),
            out: adapter(Projection::Out, queries, 0..width).into_iter().collect(),
            up: [
                adapter(Projection::Gate, width, 0..inner),
                adapter(Projection::Up, width, inner..2 * inner),
            ]
            .into_iter()
            .flatten()
            .collect(),
            down: adapter(Projection::Down, inner, 0..width).into_iter().collect(),
        };
        Self((0..config.layers).map(|_| block()).collect())
    }

    /// Zeros of the same shape.
    pub(crate) fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.slices().into_iter().for_each(|slice| slice.fill(0.0));
        zeros
    }

    /// Adds the adapters to the matrices that they stand beside.
    pub(crate) fn merge(&self, network: &mut Network) {
        for (adapters, block) in self.0.iter().zip(&mut network.weights.blocks) {
            let BlockAdapters { qkv, out, up, down } = adapters;
            let Block { qkv: to_qkv, out: to_out, up: to_up, down: to_down, .. } = block;
            for (adapters, linear) in [(qkv, to_qkv), (out, to_out), (up, to_up), (down, to_down)] {
                adapters.iter().for_each(|adapter| adapter.merge(linear));
            }
        }
    }
}

impl Adapter {
    fn rank(&self) -> usize {
        self.a.columns()
    }

    /// `scale x A` for x `[m, inputs]`.
    fn inner(&self, m: usize, x: &[f32]) -> Buffer {
        let (inputs, rank) = (self.a.rows(), self.rank());
        let mut inner = Buffer::new(m * rank);
        x.par_chunks(ROWS * inputs).zip(inner.par_chunks_mut(ROWS * rank)).for_each(|(x, inner)| {
            self.a.product_by_all(x.len() / inputs, x, inner);
            inner.iter_mut().for_each(|z| *z *= self.scale);
        });
        inner
    }

    /// Adds what the adapter makes of x `[m, inputs]` to its columns of `out [m, outputs]`.
    pub(crate) fn apply(&self, m: usize, x: &[f32], out: &mut [f32]) {
        let (inner, row) = (self.inner(m, x), out.len() / m.max(1));
        let out = ColumnsMut { data: &mut out[self.columns.start..], row };
        self.b.add_product(m, Columns { data: &inner, row: self.rank() }, out);
    }

    /// The gradient of [`Adapter::apply`] for the gradient `dy [m, outputs]` of all columns: adds to `dx [m, inputs]`
    /// and to `gradient`.
    pub(crate) fn backward(&self, m: usize, x: &[f32], dy: &[f32], dx: &mut [f32], gradient: &mut Self) {
        let (inputs, rank, row) = (self.a.rows(), self.rank(), dy.len() / m.max(1));
        let inner = Columns { data: &self.inner(m, x), row: rank };
        let dy = Columns { data: &dy[self.columns.start..], row };
        gradient.b.add_outer(m, inner, dy);
        let mut dinner = Buffer::zeros(m * rank);
        let parts = dinner.par_chunks_mut(ROWS * rank).zip(dx.par_chunks_mut(ROWS * inputs));
        parts.enumerate().for_each(|(i, (dinner, dx))| {
            let m = dinner.len() / rank;
            let dy = Columns { data: &dy.data[i * ROWS * row..], row };
            self.b.add_product_by_transpose(m, dy, ColumnsMut { data: dinner, row: rank });
            dinner.iter_mut().for_each(|z| *z *= self.scale);
            let dinner = Columns { data: dinner, row: rank };
            self.a.add_product_by_transpose(m, dinner, ColumnsMut { data: dx, row: inputs });
        });
        let dinner = Columns { data: &dinner, row: rank };
        gradient.a.add_outer(m, Columns { data: x, row: inputs }, dinner);
    }

    /// Adds the adapter to a matrix.
    fn merge(&self, linear: &mut Linear) {
        let (rank, inputs, outputs) = (self.rank(), self.a.rows(), linear.matrix.columns());
        // A transposed is `[rank, inputs]`, B widened to all columns `[rank, outputs]`.
        let (a, mut b) = (self.a.to_rows(), vec![0.0; rank * outputs]);
        for (j, column) in self.columns.clone().enumerate() {
            let mut from = vec![0.0; rank];
            self.b.column(j, &mut from);
            from.iter().enumerate().for_each(|(r, x)| b[r * outputs + column] = self.scale * x);
        }
        let (a, b) = (Columns { data: &a, row: inputs }, Columns { data: &b, row: outputs });
        linear.matrix.add_outer(rank, a, b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::step::{Gradient, accumulate, logps};
    use crate::training::testing::{Learned, flat, open};
    use std::convert::Infallible;

    fn adapters(network: &Network) -> Adapters {
        let lora = Lora { rank: 3, alpha: 6.0, targets: Projection::ALL.to_vec() };
        Adapters::new(&network.config, &lora, Key::new(0, "adapters"))
    }

    /// Log-probabilities with adapters beside the network, and the gradient of the adapters.
    fn pass(network: &Network, adapters: &Adapters, learned: &Learned) -> (Vec<f32>, Vec<f32>) {
        let mut found = Vec::new();
        let mut gradient = Gradient::zeros(network, Some(adapters));
        let (learner, known) = ((network, Some(adapters)), Some(learned.slopes()));
        let Ok(()) = accumulate(learner, &learned.batch(), true, &mut gradient, known, |logps| {
            found = logps;
            Ok::<_, Infallible>(Vec::new())
        });
        (found, flat(&mut gradient))
    }

    #[test]
    fn new_adapters_change_nothing() {
        let (network, learned) = open("qwen3");
        let (beside, _) = pass(&network, &adapters(&network), &learned);
        assert_eq!(beside, logps(&network, &learned.batch()));
    }

    #[test]
    fn adapters_have_the_gradient_of_the_matrices_that_they_change() {
        for name in ["llama-yarn", "qwen2", "qwen3"] {
            let (network, learned) = open(name);
            let mut adapters = adapters(&network);
            // Not at the start, where B is zero and A has no gradient.
            for (i, slice) in adapters.slices().into_iter().enumerate() {
                let number = |j: usize| ((i * 7 + j * 13) % 17) as f32 * 0.01 - 0.08;
                slice.iter_mut().enumerate().for_each(|(j, x)| *x += number(j));
            }
            let (beside, ours) = pass(&network, &adapters, &learned);
            // The slope along a direction of the adapters, beside that of the merged matrices.
            let direction: Vec<f32> = (0..ours.len()).map(|i| ((i * 29) % 23) as f32 * 0.1 - 1.1).collect();
            let slope: f64 = ours.iter().zip(&direction).map(|(g, d)| f64::from(*g) * f64::from(*d)).sum();
            let at = |h: f32| {
                let (mut moved, mut numbers) = (adapters.clone(), direction.iter());
                for slice in moved.slices() {
                    slice.iter_mut().zip(numbers.by_ref()).for_each(|(x, d)| *x += h * d);
                }
                let (mut network, _) = open(name);
                moved.merge(&mut network);
                logps(&network, &learned.batch())
            };
            for (beside, merged) in beside.iter().zip(at(0.0)) {
                assert!((beside - merged).abs() < 2e-4, "{name}: {beside} beside, {merged} merged");
            }
            let loss = |h| -> f64 {
                at(h).iter().zip(learned.slopes()).map(|(l, s)| f64::from(*l) * f64::from(s)).sum()
            };
            let difference = |h: f32| (loss(h) - loss(-h)) / (2.0 * f64::from(h));
            let found = (4.0 * difference(1e-3) - difference(2e-3)) / 3.0;
            assert!((found - slope).abs() < 2e-3 * slope.abs().max(10.0), "{name}: {found} for {slope}");
        }
    }
}
