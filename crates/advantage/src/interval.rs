//! How far a value may be from its estimate.

use crate::Completer;

/// The interval of Clopper and Pearson (1934) for the probability of success, from `successes` among
/// `draws` independent draws: it holds the truth with probability `level` or more, whatever the truth is.
/// Without a draw it is [0, 1].
///
/// # Panics
/// If there are more successes than draws, or `level` does not lie between 0 and 1.
pub fn success_interval(successes: usize, draws: usize, level: f64) -> (f64, f64) {
    assert!(successes <= draws, "{successes} successes in {draws} draws");
    assert!(0.0 < level && level < 1.0, "a level lies between 0 and 1, not at {level}");
    let tail = (1.0 - level) / 2.0;
    // The end where as many successes or more are just as rare as the tail.
    let low =
        |successes: usize| if successes == 0 { 0.0 } else { root(|p| at_least(successes, draws, p) - tail) };
    // Failures are successes of 1 - p.
    (low(successes), 1.0 - low(draws - successes))
}

impl Completer {
    /// The interval for the value of a prefix: that of one draw's success, through the completer. It is
    /// widened to hold the unbiased estimate, which for best-of-k may lie outside.
    ///
    /// # Panics
    /// As [`success_interval`].
    pub fn interval(self, successes: usize, draws: usize, level: f64) -> (f64, f64) {
        let (low, high) = success_interval(successes, draws, level);
        let (low, high) = (self.value(low), self.value(high));
        if draws < self.draws() {
            return (low, high);
        }
        let estimate = self.estimate(successes, draws);
        (low.min(estimate), high.max(estimate))
    }
}

/// P(X >= c) for X of `n` draws with success probability `p` each; `c` is at least 1.
fn at_least(c: usize, n: usize, p: f64) -> f64 {
    let (ln_p, ln_fail) = (p.ln(), (-p).ln_1p());
    let mut ln_choose: f64 = (1..=c).map(|i| ((n - c + i) as f64 / i as f64).ln()).sum();
    let mut logs = Vec::with_capacity(n - c + 1);
    for k in c..=n {
        // No failure, no factor: 0 times minus infinity is not a number.
        let failures = if k == n { 0.0 } else { (n - k) as f64 * ln_fail };
        logs.push(ln_choose + k as f64 * ln_p + failures);
        ln_choose += ((n - k) as f64 / (k + 1) as f64).ln();
    }
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        0.0
    } else {
        most.exp() * logs.iter().map(|x| (x - most).exp()).sum::<f64>()
    }
}

/// Where a function that grows on [0, 1] passes 0, by halving.
fn root(f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        *(if f(middle) < 0.0 { &mut low } else { &mut high }) = middle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// P(X = c), for few draws.
    fn probability(c: usize, n: usize, p: f64) -> f64 {
        let choose: f64 = (0..c).map(|i| (n - i) as f64 / (i + 1) as f64).product();
        choose * p.powi(c as i32) * (1.0 - p).powi((n - c) as i32)
    }

    proptest! {
        #[test]
        fn the_truth_is_covered_at_least_as_often_as_said(
            n in 1..25usize, p in 0.0..=1.0f64, level in 0.5..0.99f64, k in 1..6usize,
        ) {
            let covered = |completer: Option<Completer>| -> f64 {
                let held = |c: &usize| {
                    let (truth, (low, high)) = match completer {
                        None => (p, success_interval(*c, n, level)),
                        Some(completer) => (completer.value(p), completer.interval(*c, n, level)),
                    };
                    low <= truth + 1e-12 && truth <= high + 1e-12
                };
                (0..=n).filter(held).map(|c| probability(c, n, p)).sum()
            };
            prop_assert!(covered(None) >= level - 1e-9);
            let best_of_k = covered(Some(Completer::BestOf { k }));
            prop_assert!(best_of_k >= level - 1e-9);
        }

        #[test]
        fn intervals_hold_the_estimate_and_mirror(n in 1..400usize, share in 0.0..=1.0f64, k in 1..9usize) {
            let c = (share * n as f64) as usize;
            let (low, high) = success_interval(c, n, 0.95);
            prop_assert!(0.0 <= low && low <= c as f64 / n as f64 && c as f64 / n as f64 <= high && high <= 1.0);
            let (mirror_low, mirror_high) = success_interval(n - c, n, 0.95);
            prop_assert!((low - (1.0 - mirror_high)).abs() < 1e-12 && (high - (1.0 - mirror_low)).abs() < 1e-12);
            prop_assume!(k <= n);
            let (low, high) = Completer::BestOf { k }.interval(c, n, 0.95);
            let q = Completer::BestOf { k }.estimate(c, n);
            prop_assert!(0.0 <= low && low <= q && q <= high && high <= 1.0);
        }
    }

    #[test]
    fn no_success_has_a_closed_form() {
        for n in [1, 5, 100, 10_000] {
            let (low, high) = success_interval(0, n, 0.95);
            let exact = 1.0 - 0.025f64.powf(1.0 / n as f64);
            assert!(low == 0.0 && (high - exact).abs() < 1e-12, "{n}: {high} and {exact}");
        }
        assert_eq!(success_interval(0, 0, 0.9), (0.0, 1.0));
    }

    #[test]
    fn plain_sums_agree() {
        // By sums of the binomial probabilities themselves, halved to double precision.
        let close = |found: (f64, f64), expected: (f64, f64)| {
            assert!((found.0 - expected.0).abs() < 5e-7 && (found.1 - expected.1).abs() < 5e-7, "{found:?}");
        };
        close(success_interval(3, 8, 0.95), (0.085_233_4, 0.755_136_8));
        close(success_interval(7, 10, 0.9), (0.393_375_8, 0.912_735_5));
    }
}
