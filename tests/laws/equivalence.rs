//! Theorem 6.1 of arXiv 2406.14532: per-step DPO and advantage-weighted RL have one optimum, exactly, when pairs
//! are drawn and then ordered; and what two literal readings of its sampling lead to instead.

use crate::laws::tensors::{steps, tree_table, value_and_gradients, vector};
use eightfold_loss::{Dpo, PairLogps, PreferenceLoss};
use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::scalar::sigmoid;
use eightfold_tests::tabular::{
    PairLoss, largest_gap, likelihood_optimum, pair_optimum, tilt, total_variation,
};
use eightfold_tests::tree::Tree;

/// How the pairs (chosen a, rejected b) of a state come about.
#[derive(Clone, Copy, Debug)]
enum Pairs {
    /// Both drawn from pi_sft, and the order (a, b) kept with chance sigmoid((A(a) - A(b)) / temperature).
    Ordered { temperature: f64 },
    /// b drawn from pi_sft, then a from pi_sft(a) sigmoid(A(a) - A(b)), normalized for that b.
    NormalizedDraw,
    /// b drawn from pi_sft, then a from sigmoid(A(a) - A(b)), normalized for that b.
    NormalizedSigmoid,
}

impl Pairs {
    /// Probability, up to a constant, of each ordered pair.
    fn weights(self, policy: &[f64], advantages: &[f64]) -> Vec<Vec<f64>> {
        let n = policy.len();
        let beats = |a: usize, b: usize| sigmoid(advantages[a] - advantages[b]);
        let chosen_given = |a: usize, b: usize| match self {
            Self::Ordered { temperature } => {
                policy[a] * sigmoid((advantages[a] - advantages[b]) / temperature)
            }
            Self::NormalizedDraw => {
                policy[a] * beats(a, b) / (0..n).map(|c| policy[c] * beats(c, b)).sum::<f64>()
            }
            Self::NormalizedSigmoid => beats(a, b) / (0..n).map(|c| beats(c, b)).sum::<f64>(),
        };
        (0..n).map(|a| (0..n).map(|b| policy[b] * chosen_given(a, b)).collect()).collect()
    }

    /// The optimum of DPO on these pairs, by its closed form.
    fn optimum(self, policy: &[f64], advantages: &[f64], beta: f64) -> Vec<f64> {
        let n = policy.len();
        let beaten = |weight: &dyn Fn(usize) -> f64, b: usize| -> f64 {
            (0..n).map(|c| weight(c) * sigmoid(advantages[c] - advantages[b])).sum()
        };
        let score = |a: usize| match self {
            Self::Ordered { temperature } => advantages[a] / temperature,
            Self::NormalizedDraw => advantages[a] + beaten(&|c| policy[c], a).ln(),
            Self::NormalizedSigmoid => advantages[a] + beaten(&|_| 1.0, a).ln() - policy[a].ln(),
        };
        tilt(policy, &(0..n).map(|a| score(a) / beta).collect::<Vec<_>>())
    }
}

/// The largest of `gap` over the states of a tree.
fn over_states(tree: &Tree, k: u32, gap: impl Fn(&[f64], &[f64]) -> f64) -> f64 {
    let gaps = tree.states().map(|state| gap(&tree.nodes[state].policy, &tree.advantages(state, k)));
    gaps.fold(0.0, f64::max)
}

/// Newton's optimum of DPO on the pairs against the closed form, at every state of a tree.
fn closed_form(pairs: Pairs) -> Report {
    let world = (Tree::any(), 1..=6u32, 0.1..2.0f64);
    law(100, Bound::AtMost(1e-9), world, |(tree, k, beta)| {
        over_states(&tree, k, |policy, advantages| {
            let weights = pairs.weights(policy, advantages);
            let solved = pair_optimum(policy, &weights, PairLoss::Dpo(beta));
            largest_gap(&solved, &pairs.optimum(policy, advantages, beta))
        })
    })
}

/// Both problems solved to convergence, and both against pi_sft exp(A/beta)/Z.
pub(crate) fn per_step_dpo_and_advantage_weighted_rl_have_one_optimum() -> Report {
    let world = (Tree::any(), 1..=6u32, 0.1..2.0f64);
    law(200, Bound::AtMost(1e-9), world, |(tree, k, beta)| {
        over_states(&tree, k, |policy, advantages| {
            let pairs = Pairs::Ordered { temperature: 1.0 }.weights(policy, advantages);
            let dpo = pair_optimum(policy, &pairs, PairLoss::Dpo(beta));
            let pull: Vec<f64> = policy.iter().zip(advantages).map(|(p, a)| p * (a / beta).exp()).collect();
            let weighted = likelihood_optimum(&pull);
            let closed = tilt(policy, &advantages.iter().map(|a| a / beta).collect::<Vec<_>>());
            largest_gap(&dpo, &weighted).max(largest_gap(&dpo, &closed)).max(largest_gap(&weighted, &closed))
        })
    })
}

/// On whole sequences: the policy of the closed form at every state of a tree at once, DPO on pairs that share
/// a scored prefix, all orders weighted by their chance. The measured number is the largest derivative.
pub(crate) fn no_gradient_is_left_there_on_whole_sequences() -> Report {
    law(40, Bound::AtMost(1e-12), (Tree::any(), 1..=6u32, 0.1..2.0f64), |(tree, k, beta)| {
        let (mut chosen, mut rejected, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for state in tree.states() {
            let policy = &tree.nodes[state].policy;
            let pairs = Pairs::Ordered { temperature: 1.0 }.weights(policy, &tree.advantages(state, k));
            let prefix = tree.path(state);
            let to = |step: usize| steps(&[prefix.as_slice(), &[(state, step)]].concat());
            for (a, row) in pairs.iter().enumerate() {
                for (b, weight) in row.iter().enumerate() {
                    chosen.push(to(a));
                    rejected.push(to(b));
                    weights.push(tree.reach(state) * weight);
                }
            }
        }
        let optimum = |state: usize| {
            let scores: Vec<f64> = tree.advantages(state, k).iter().map(|a| a / beta).collect();
            tilt(&tree.nodes[state].policy, &scores)
        };
        let (policy, reference) =
            (tree_table(&tree, optimum), tree_table(&tree, |s| tree.nodes[s].policy.clone()));
        let [policy_logps, reference_logps] = [&policy, &reference]
            .map(|table| PairLogps { chosen: table.score(&chosen), rejected: table.score(&rejected) });
        let losses = Dpo { beta }.forward(&policy_logps, &reference_logps).losses;
        let loss = (losses * vector(&weights)).sum();
        let (_, gradient) = value_and_gradients(loss, &[&policy.logits]);
        gradient.iter().fold(0.0, |worst, g| worst.max(g.abs()))
    })
}

/// pi_sft exp(A/(beta T))/Z.
pub(crate) fn a_preference_temperature_divides_the_advantage() -> Report {
    let state = (Tree::any(), 1..=6u32, 0.2..2.0f64, 0.3..3.0f64);
    law(100, Bound::AtMost(1e-9), state, |(tree, k, beta, temperature)| {
        over_states(&tree, k, |policy, advantages| {
            let pairs = Pairs::Ordered { temperature };
            let solved = pair_optimum(policy, &pairs.weights(policy, advantages), PairLoss::Dpo(beta));
            let expected: Vec<f64> = advantages.iter().map(|a| a / (beta * temperature)).collect();
            largest_gap(&solved, &tilt(policy, &expected))
        })
    })
}

/// pi_sft (N e^A)^(1/beta)/Z with N(b) = sum over c of pi_sft(c) sigmoid(A(c) - A(b)).
pub(crate) fn normalizing_the_chosen_draw_for_each_rejected_step_leads_elsewhere() -> Report {
    closed_form(Pairs::NormalizedDraw)
}

/// pi_sft (M e^A / pi_sft)^(1/beta)/Z with M(b) = sum over c of sigmoid(A(c) - A(b)).
pub(crate) fn and_so_does_normalizing_the_bare_sigmoid() -> Report {
    closed_form(Pairs::NormalizedSigmoid)
}

/// Total variation between the advantage-weighted policy and the optima of the two literal readings, the mean
/// over states of twenty trees in which some step matters; for beta 0.1, 0.5 and 2 each.
pub(crate) fn readings() -> Vec<(f64, f64, f64)> {
    let trees: Vec<Tree> = (0..20).map(|seed| Tree::random(2, 3, seed)).collect();
    let mean_distance = |pairs: Pairs, beta: f64| {
        let states = trees.iter().flat_map(|tree| tree.states().map(move |state| (tree, state)));
        let distances: Vec<f64> = states
            .map(|(tree, state)| (&tree.nodes[state].policy, tree.advantages(state, 5)))
            .filter(|(_, advantages)| advantages.iter().any(|a| a.abs() > 1e-9))
            .map(|(policy, advantages)| {
                let ordered = Pairs::Ordered { temperature: 1.0 }.optimum(policy, &advantages, beta);
                total_variation(&pairs.optimum(policy, &advantages, beta), &ordered)
            })
            .collect();
        distances.iter().sum::<f64>() / distances.len() as f64
    };
    [0.1, 0.5, 2.0]
        .map(|beta| {
            (beta, mean_distance(Pairs::NormalizedDraw, beta), mean_distance(Pairs::NormalizedSigmoid, beta))
        })
        .to_vec()
}

/// Their distances, of both readings.
pub(crate) fn the_readings_differ() -> Report {
    cases(Bound::AtLeast(0.01), &readings().iter().flat_map(|(_, n, m)| [*n, *m]).collect::<Vec<_>>())
}
