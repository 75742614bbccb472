//! Advantage-weighted likelihood and the gradient of the return, on step trees.

use crate::laws::tensors::{steps, tree_table, value_and_gradients, vector};
use eightfold_loss::nll_sum;
use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::tabular::largest_gap;
use eightfold_tests::tree::Tree;

/// The gradient of the return, by differentiating the sum of probability times verdict over all solutions.
fn return_gradient(tree: &Tree) -> Vec<f64> {
    let table = tree_table(tree, |state| tree.nodes[state].policy.clone());
    let solutions = tree.solutions();
    let sequences: Vec<_> = solutions.iter().map(|(_, path)| steps(path)).collect();
    let verdicts: Vec<f64> = solutions.iter().map(|(leaf, _)| tree.nodes[*leaf].q).collect();
    let value = (table.score(&sequences).sums.exp() * vector(&verdicts)).sum();
    value_and_gradients(value, &[&table.logits]).1
}

/// Minus the gradient of likelihood weighted by the stopped advantage under the best of `k` draws, summed over
/// the steps of solutions drawn from the policy.
fn weighted_gradient(tree: &Tree, k: u32) -> Vec<f64> {
    let table = tree_table(tree, |state| tree.nodes[state].policy.clone());
    let (mut rows, mut weights) = (Vec::new(), Vec::new());
    for (leaf, path) in tree.solutions() {
        for (state, step) in path {
            rows.push(steps(&[(state, step)]));
            weights.push(tree.reach(leaf) * tree.advantages(state, k)[step]);
        }
    }
    let loss = nll_sum(&table.score(&rows), vector(&weights));
    value_and_gradients(loss, &[&table.logits]).1.iter().map(|g| -g).collect()
}

pub(crate) fn likelihood_weighted_by_its_own_advantage_is_the_policy_gradient() -> Report {
    law(60, Bound::AtMost(1e-13), Tree::any(), |tree| {
        largest_gap(&weighted_gradient(&tree, 1), &return_gradient(&tree))
    })
}

/// E_pi[A] at every state under the best of k draws is at most 0 (Jensen); the measured number is the largest.
pub(crate) fn best_of_k_advantages_are_at_most_zero_on_average() -> Report {
    law(300, Bound::AtMost(1e-14), Tree::any(), |tree| {
        let mean = |state: usize, k: u32| -> f64 {
            tree.advantages(state, k).iter().zip(&tree.nodes[state].policy).map(|(a, p)| a * p).sum()
        };
        let means = tree.states().flat_map(|state| (1..=8).map(move |k| mean(state, k)));
        means.fold(0.0, f64::max)
    })
}

/// Ten trees, best of 2 and of 5: how far the mean advantage falls below 0 in the state where most.
pub(crate) fn and_below_zero_where_steps_differ() -> Report {
    let gaps = examples().map(|(tree, k)| {
        let states: Vec<usize> = tree.states().collect();
        let mean = |state: usize| -> f64 {
            tree.advantages(state, k).iter().zip(&tree.nodes[state].policy).map(|(a, p)| a * p).sum()
        };
        states.into_iter().map(|state| -mean(state)).fold(0.0, f64::max)
    });
    cases(Bound::AtLeast(0.01), &gaps.collect::<Vec<_>>())
}

/// The same trees: the distance of the two gradients, over the length of the gradient of the return.
pub(crate) fn so_they_give_another_gradient() -> Report {
    let length = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>().sqrt();
    let gaps = examples().map(|(tree, k)| {
        let gradient = return_gradient(&tree);
        let other = weighted_gradient(&tree, k);
        let difference: Vec<f64> = gradient.iter().zip(&other).map(|(a, b)| a - b).collect();
        length(&difference) / length(&gradient)
    });
    cases(Bound::AtLeast(0.05), &gaps.collect::<Vec<_>>())
}

fn examples() -> impl Iterator<Item = (Tree, u32)> {
    (0..10).flat_map(|seed| [2, 5].map(|k| (Tree::random(3, 3, seed), k)))
}
