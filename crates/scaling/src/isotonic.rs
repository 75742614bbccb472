//! The law-free reading of a curve: isotonic regression of its means, straight lines between them.

use crate::curve::Mean;

/// Knots (ln n, ln error) with errors that never rise: pooled adjacent violators on the means of ln error.
pub(crate) fn isotonic(means: &[Mean]) -> Vec<(f64, f64)> {
    // Pools of neighbors: value, weight, how many sizes.
    let mut pools: Vec<(f64, f64, usize)> = vec![];
    for mean in means {
        let mut pool = (mean.log_error, mean.weight, 1);
        while let Some(before) = pools.last().copied().filter(|before| before.0 < pool.0) {
            pools.pop();
            let weight = before.1 + pool.1;
            pool = ((before.0 * before.1 + pool.0 * pool.1) / weight, weight, before.2 + pool.2);
        }
        pools.push(pool);
    }
    let values = pools.iter().flat_map(|pool| std::iter::repeat_n(pool.0, pool.2));
    means.iter().map(|mean| mean.log_n).zip(values).collect()
}

/// Where the knots first come down to `log_error`: an index to the left and a share of the way to the next,
/// as ln n. `None` outside the range of their errors.
pub(crate) fn first_reach(knots: &[(f64, f64)], log_error: f64) -> Option<f64> {
    let first = knots.iter().position(|knot| knot.1 <= log_error)?;
    let right = knots[first];
    if right.1 == log_error {
        return Some(right.0);
    }
    let left = knots[first.checked_sub(1)?];
    Some(left.0 + (right.0 - left.0) * (left.1 - log_error) / (left.1 - right.1))
}

/// The line through the knots at `log_n`; `None` outside their range.
pub(crate) fn at(knots: &[(f64, f64)], log_n: f64) -> Option<f64> {
    let right = knots.iter().position(|knot| knot.0 >= log_n)?;
    if knots[right].0 == log_n {
        return Some(knots[right].1);
    }
    let (left, right) = (knots[right.checked_sub(1)?], knots[right]);
    Some(left.1 + (right.1 - left.1) * (log_n - left.0) / (right.0 - left.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn means(errors: &[f64]) -> Vec<Mean> {
        let mean = |(i, e): (usize, &f64)| Mean { log_n: i as f64, log_error: *e, weight: 1.0 };
        errors.iter().enumerate().map(mean).collect()
    }

    #[test]
    fn violators_are_pooled() {
        let knots = isotonic(&means(&[3.0, 1.0, 2.0, 0.0]));
        assert_eq!(knots, [(0.0, 3.0), (1.0, 1.5), (2.0, 1.5), (3.0, 0.0)]);
        // On a plateau the first size counts: the baseline needs no more than that.
        assert_eq!(first_reach(&knots, 1.5), Some(1.0));
        assert_eq!(first_reach(&knots, 0.75), Some(2.5));
        assert_eq!((first_reach(&knots, 4.0), first_reach(&knots, -1.0)), (None, None));
        assert_eq!((at(&knots, 2.5), at(&knots, 3.5)), (Some(0.75), None));
    }

    proptest! {
        #[test]
        fn knots_never_rise_and_keep_the_mean(errors in prop::collection::vec(-5.0..0.0f64, 1..12)) {
            let knots = isotonic(&means(&errors));
            prop_assert!(knots.windows(2).all(|w| w[0].1 >= w[1].1 - 1e-12));
            let sum: f64 = knots.iter().map(|k| k.1).sum();
            prop_assert!((sum - errors.iter().sum::<f64>()).abs() < 1e-9);
        }

        #[test]
        fn falling_means_are_kept(mut errors in prop::collection::vec(-5.0..0.0f64, 1..12)) {
            errors.sort_by(|a, b| b.total_cmp(a));
            let values: Vec<f64> = isotonic(&means(&errors)).iter().map(|k| k.1).collect();
            prop_assert_eq!(values, errors);
        }
    }
}
