//! Gradient accumulation: a batch in parts is the batch.

use crate::laws::tensors::{Sequence, Table, value_and_gradients, vector};
use burn::tensor::Tensor;
use eightfold_loss::{Dpo, NllReduction, PairLogps, PreferenceLoss, nll_sum, weighted_nll};
use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::tabular::largest_gap;
use proptest::prelude::*;
use std::ops::Range;

const REDUCTIONS: [NllReduction; 3] = [NllReduction::Token, NllReduction::Sequence, NllReduction::Batch];

/// Sequences over a table of 4 contexts and 3 tokens, weights, and where the batch is cut.
#[derive(Clone, Debug)]
struct Batch {
    logits: Vec<f64>,
    sequences: Vec<Sequence>,
    weights: Vec<f64>,
    cuts: Vec<usize>,
}

fn any_batch() -> impl Strategy<Value = Batch> {
    let sequence = prop::collection::vec((0..4usize, 0..3usize, prop::bool::weighted(0.7)), 1..7);
    let parts = (prop::collection::vec(sequence, 8), prop::collection::vec(0.0..3.0f64, 8));
    let cuts = prop::collection::vec(0..=8usize, 0..4);
    (prop::collection::vec(-2.0..2.0f64, 12), parts, cuts).prop_map(
        |(logits, (sequences, weights), mut cuts)| {
            cuts.extend([0, 8]);
            cuts.sort_unstable();
            Batch { logits, sequences, weights, cuts }
        },
    )
}

impl Batch {
    fn parts(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.cuts.windows(2).map(|cut| cut[0]..cut[1]).filter(|part| !part.is_empty())
    }

    /// The gradient of a part's loss with respect to every logit.
    fn gradient(
        &self,
        part: Range<usize>,
        loss: impl Fn(&Table, &[Sequence], Tensor<1>) -> Tensor<1>,
    ) -> Vec<f64> {
        let table = Table::new(&self.logits, 3);
        let loss = loss(&table, &self.sequences[part.clone()], vector(&self.weights[part]));
        value_and_gradients(loss, &[&table.logits]).1
    }

    /// The summed gradients of the parts.
    fn accumulated(&self, loss: impl Fn(&Table, &[Sequence], Tensor<1>) -> Tensor<1>) -> Vec<f64> {
        self.parts().fold(vec![0.0; self.logits.len()], |sum, part| {
            sum.iter().zip(self.gradient(part, &loss)).map(|(a, b)| a + b).collect()
        })
    }

    fn whole(&self, reduction: NllReduction) -> Vec<f64> {
        self.gradient(0..8, |table, rows, weights| weighted_nll(&table.score(rows), weights, reduction))
    }
}

/// Each part divided by the whole batch's count of tokens, weights or rows.
pub(crate) fn any_split_of_a_batch_gives_its_gradient() -> Report {
    law(60, Bound::AtMost(1e-13), any_batch(), |batch| {
        let gaps = REDUCTIONS.map(|reduction| {
            let all = Table::new(&batch.logits, 3).score(&batch.sequences);
            let divisor = reduction.divisor(&all, vector(&batch.weights)).into_scalar::<f64>();
            if divisor == 0.0 {
                return 0.0;
            }
            // Times the reciprocal: burn 0.22's gradient of a division by a number is rounded to f32.
            let share = 1.0 / divisor;
            let found =
                batch.accumulated(|table, rows, weights| nll_sum(&table.score(rows), weights) * share);
            largest_gap(&found, &batch.whole(reduction))
        });
        gaps.into_iter().fold(0.0, f64::max)
    })
}

/// The same for pairs: rows 0 to 3 against rows 4 to 7, each pair's loss divided by the number of pairs.
pub(crate) fn any_split_of_a_batch_of_pairs_gives_its_gradient() -> Report {
    law(60, Bound::AtMost(1e-13), any_batch(), |batch| {
        let pairs = |part: Range<usize>| {
            let table = Table::new(&batch.logits, 3);
            let still = Table::new(&vec![0.0; batch.logits.len()], 3);
            let sides = |table: &Table| PairLogps {
                chosen: table.score(&batch.sequences[part.clone()]),
                rejected: table.score(&batch.sequences[part.start + 4..part.end + 4]),
            };
            let losses = Dpo { beta: 0.5 }.forward(&sides(&table), &sides(&still)).losses;
            value_and_gradients(losses.sum() * 0.25, &[&table.logits]).1
        };
        let cut = batch.cuts[1].min(4);
        let parts = [0..cut, cut..4].into_iter().filter(|part| !part.is_empty()).map(pairs);
        let found =
            parts.fold(vec![0.0; 12], |sum, part| sum.iter().zip(&part).map(|(a, b)| a + b).collect());
        largest_gap(&found, &pairs(0..4))
    })
}

/// The usual mistake: the mean of the parts' own means. A short and a long row, a part each.
pub(crate) fn the_mean_of_the_parts_means_is_another_gradient() -> Report {
    let long: Sequence = [1, 2, 3, 1, 2, 3].iter().map(|&context| (context, 1, true)).collect();
    let batch = Batch {
        logits: (0..12).map(|i| f64::from(i % 5) / 2.0).collect(),
        sequences: [vec![vec![(0, 0, true)]; 4], vec![long; 4]].concat(),
        weights: [[1.0; 4], [3.0; 4]].concat(),
        cuts: vec![0, 4, 8],
    };
    let gaps = [NllReduction::Token, NllReduction::Sequence].map(|reduction| {
        let found = batch
            .accumulated(|table, rows, weights| weighted_nll(&table.score(rows), weights, reduction) * 0.5);
        largest_gap(&found, &batch.whole(reduction))
    });
    cases(Bound::AtLeast(0.05), &gaps)
}
