//! Estimates of values: what telescopes, what is unbiased and what is not.

use eightfold_advantage::StepValues;
use eightfold_task::stream;
use eightfold_tests::law::{Bound, Report, cases, law};
use eightfold_tests::tree::best_of;
use proptest::prelude::*;
use rand::RngExt;

/// Advantages along a solution, from stored estimates that end in its verdict, sum to the verdict minus the
/// value of the empty prefix.
pub(crate) fn advantages_telescope() -> Report {
    let estimates = (prop::collection::vec(0..=64u32, 1..20), any::<bool>());
    law(300, Bound::AtMost(0.0), estimates, |(successes, verdict)| {
        // Of 64 rollouts each, so that estimates and their differences are exact.
        let verdict = f64::from(u8::from(verdict));
        let mut values: Vec<f64> = successes.iter().map(|&s| f64::from(s) / 64.0).collect();
        let question = values.remove(0);
        values.push(verdict);
        let values = StepValues::new(Some(question), values);
        let sum: f64 = (0..values.len()).filter_map(|i| values.advantage(i)).sum();
        (sum - (verdict - question)).abs()
    })
}

/// Chance of `c` successes among `n`.
fn binomial(n: u32, c: u32, q: f64) -> f64 {
    choose(n, c) * q.powi(c as i32) * (1.0 - q).powi((n - c) as i32)
}

fn choose(n: u32, c: u32) -> f64 {
    (0..c).map(|i| f64::from(n - i) / f64::from(i + 1)).product()
}

fn pass_at_k(n: u32, c: u32, k: u32) -> f64 {
    eightfold_advantage::pass_at_k(n as usize, c as usize, k as usize)
}

/// The plug-in estimate 1 - (1 - c/n)^k.
fn plug_in(n: u32, c: u32, k: u32) -> f64 {
    best_of(f64::from(c) / f64::from(n), k)
}

fn expected(n: u32, q: f64, estimate: impl Fn(u32) -> f64) -> f64 {
    (0..=n).map(|c| binomial(n, c, q) * estimate(c)).sum()
}

pub(crate) fn sample_means_and_pass_at_k_are_unbiased() -> Report {
    let world = (0.0..=1.0f64, 1..=24u32).prop_flat_map(|(q, n)| (Just(q), Just(n), 1..=n));
    law(300, Bound::AtMost(1e-12), world, |(q, n, k)| {
        let mean = (expected(n, q, |c| f64::from(c) / f64::from(n)) - q).abs();
        mean.max((expected(n, q, |c| pass_at_k(n, c, k)) - best_of(q, k)).abs())
    })
}

/// The same by simulation: z-scores of the mean estimate over 20,000 repetitions of n = 10 draws, at 5 values
/// of q, of the sample mean and of pass@4. One of ten normal scores exceeds 4 with chance 6e-4; seeds are fixed.
pub(crate) fn and_so_they_are_in_simulation() -> Report {
    let (n, k, repetitions) = (10, 4, 20_000);
    let scores = [0.05, 0.2, 0.5, 0.8, 0.95].iter().enumerate().flat_map(|(i, &q)| {
        let rng = &mut stream(i as u64, "unbiased estimates");
        let counts: Vec<u32> = (0..repetitions)
            .map(|_| (0..n).map(|_| u32::from(rng.random_range(0.0..1.0) < q)).sum())
            .collect();
        let score = |estimate: &dyn Fn(u32) -> f64, truth: f64| {
            let mean = counts.iter().map(|&c| estimate(c)).sum::<f64>() / f64::from(repetitions);
            let variance = expected(n, q, |c| (estimate(c) - truth).powi(2));
            (mean - truth).abs() / (variance / f64::from(repetitions)).sqrt()
        };
        [score(&|c| f64::from(c) / f64::from(n), q), score(&|c| pass_at_k(n, c, k), best_of(q, k))]
    });
    cases(Bound::AtMost(4.0), &scores.collect::<Vec<_>>())
}

/// By how much the plug-in estimate from K rollouts of the best of K is too low, in the mean, at K = 5 (it is
/// concave in q): (q, shortfall).
pub(crate) fn shortfalls() -> Vec<(f64, f64)> {
    [0.05, 0.1, 0.2, 0.3, 0.5].map(|q| (q, best_of(q, 5) - expected(5, q, |c| plug_in(5, c, 5)))).to_vec()
}

pub(crate) fn the_plug_in_estimate_is_too_low() -> Report {
    cases(Bound::AtLeast(0.02), &shortfalls().iter().map(|(_, gap)| *gap).collect::<Vec<_>>())
}
