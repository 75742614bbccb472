//! Many claims in one table: Holm's correction.

use crate::error::ScalingError;

/// Holm's step-down correction: for each of `p` the level at which its claim survives among all of them, in the
/// order given. The chance that any true null falls below a level alpha is at most alpha, however the tests
/// depend on each other (Holm 1979).
///
/// The smallest of m values is multiplied by m, the next by m - 1, and so on; none falls below the one before
/// it, none exceeds 1.
///
/// # Errors
/// A value outside [0, 1].
pub fn holm(p: &[f64]) -> Result<Vec<f64>, ScalingError> {
    if let Some(&value) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(ScalingError::Setting { name: "p-value", value, must: "from 0 to 1" });
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut adjusted, mut least) = (vec![1.0; p.len()], 0.0f64);
    for (rank, &at) in order.iter().enumerate() {
        least = least.max((p.len() - rank) as f64 * p[at]).min(1.0);
        adjusted[at] = least;
    }
    Ok(adjusted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_values_by_hand() {
        // 4 x .005, 3 x .01, then 2 x .03, and the last may not fall below it.
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]).unwrap();
        let expected = [0.03, 0.06, 0.06, 0.02];
        assert!(adjusted.iter().zip(expected).all(|(a, e)| (a - e).abs() < 1e-12), "{adjusted:?}");
        assert_eq!(holm(&[]).unwrap(), Vec::<f64>::new());
        assert!(holm(&[0.5, 1.1]).is_err() && holm(&[f64::NAN]).is_err());
    }

    proptest! {
        #[test]
        fn it_lies_between_none_and_bonferroni_and_keeps_the_order(
            p in proptest::collection::vec(0.0..=1.0f64, 1..20),
        ) {
            let adjusted = holm(&p).unwrap();
            let bonferroni = |p: f64| (p * adjusted.len() as f64).min(1.0);
            for (i, (&raw, &level)) in p.iter().zip(&adjusted).enumerate() {
                prop_assert!(raw <= level && level <= bonferroni(raw) + 1e-12);
                for (other, after) in p.iter().zip(&adjusted).skip(i + 1) {
                    prop_assert!((raw < *other) <= (level <= *after));
                }
            }
        }
    }
}
