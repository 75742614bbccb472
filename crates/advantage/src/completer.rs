//! Who finishes a prefix: the policy whose success defines a value.

use serde::{Deserialize, Serialize};

/// How a prefix is completed when its value is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Completer {
    /// `k` independent draws of the policy, of which one must be right: BoK, the paper's completer with
    /// k = 5 (its section 6.2). `k` is at least 1; at 1 the completer is the policy itself.
    BestOf {
        /// Draws.
        k: usize,
    },
}

impl Completer {
    /// Draws that one completion takes.
    pub fn draws(self) -> usize {
        let Self::BestOf { k } = self;
        k
    }

    /// The value of a prefix from which one draw succeeds with probability `p`: 1 - (1 - p)^k.
    pub fn value(self, p: f64) -> f64 {
        let Self::BestOf { k } = self;
        // Exact where p is tiny, which is where pits are decided.
        -(k as f64 * (-p).ln_1p()).exp_m1()
    }

    /// The unbiased estimate of that value from `successes` among `draws`.
    ///
    /// # Panics
    /// If there are fewer draws than the completer needs, or more successes than draws.
    pub fn estimate(self, successes: usize, draws: usize) -> f64 {
        let Self::BestOf { k } = self;
        pass_at_k(draws, successes, k)
    }
}

/// The unbiased estimate of pass@k from `successes` among `draws` independent draws, in [0, 1]:
/// 1 - C(draws - successes, k) / C(draws, k) (Chen et al. 2021, Eq. 1), as a product whose factors lie in
/// [0, 1], so that nothing overflows. With `draws == k` it is 1 if any draw succeeded, else 0.
///
/// # Panics
/// If `draws < k`, `k` is 0, or `successes > draws`.
pub fn pass_at_k(draws: usize, successes: usize, k: usize) -> f64 {
    assert!(0 < k && k <= draws, "pass@{k} needs at least {k} draws and at least 1, not {draws}");
    assert!(successes <= draws, "{successes} successes in {draws} draws");
    if draws - successes < k {
        return 1.0;
    }
    let all_fail: f64 = (draws - successes + 1..=draws).map(|i| 1.0 - k as f64 / i as f64).product();
    1.0 - all_fail
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// C(n, k) as a float, for small n.
    fn choose(n: usize, k: usize) -> f64 {
        (0..k).map(|i| (n as f64 - i as f64) / (i + 1) as f64).product()
    }

    proptest! {
        #[test]
        fn the_product_is_the_ratio_of_binomials(n in 1..30usize, c in 0..30usize, k in 1..30usize) {
            prop_assume!(c <= n && k <= n);
            let ratio = if n - c < k { 0.0 } else { choose(n - c, k) / choose(n, k) };
            prop_assert!((pass_at_k(n, c, k) - (1.0 - ratio)).abs() < 1e-10);
        }

        #[test]
        fn the_estimate_is_unbiased(n in 1..12usize, k in 1..12usize, p in 0.0..1.0f64) {
            prop_assume!(k <= n);
            // The expectation over all outcomes of n draws, exactly.
            let weight = |c: usize| choose(n, c) * p.powi(c as i32) * (1.0 - p).powi((n - c) as i32);
            let mean: f64 = (0..=n).map(|c| weight(c) * pass_at_k(n, c, k)).sum();
            prop_assert!((mean - Completer::BestOf { k }.value(p)).abs() < 1e-9, "{}", mean);
        }

        #[test]
        fn estimates_grow_with_successes_and_with_k(n in 2..200usize, c in 0..199usize, k in 1..199usize) {
            prop_assume!(c < n && k < n);
            let q = pass_at_k(n, c, k);
            prop_assert!((0.0..=1.0).contains(&q));
            prop_assert!(q <= pass_at_k(n, c + 1, k) && q <= pass_at_k(n, c, k + 1));
            prop_assert_eq!(q == 0.0, c == 0);
        }
    }

    #[test]
    fn large_numbers_neither_overflow_nor_vanish() {
        let q = pass_at_k(100_000, 1, 1000);
        assert!((q - 0.01).abs() < 1e-12, "{q}");
    }

    #[test]
    fn as_many_draws_as_k_ask_for_one_success() {
        assert_eq!((pass_at_k(5, 0, 5), pass_at_k(5, 1, 5)), (0.0, 1.0));
        assert_eq!(Completer::BestOf { k: 1 }.estimate(2, 8), 0.25);
    }
}
