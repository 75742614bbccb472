//! Small prime factors of integers, as radicals and logarithms need them.

use dashu_int::UBig;

/// Largest trial divisor. What is left of a number above its square may be composite: it is then kept whole,
/// which makes a normal form coarser and never wrong.
const LIMIT: u64 = 1000;

/// `n` as a product of powers of integers above 1, pairwise coprime, in ascending order; empty for 1. Every
/// factor up to a million is prime.
///
/// # Panics
/// If `n` is 0.
pub(crate) fn factor(n: &UBig) -> Vec<(UBig, u64)> {
    assert!(!n.is_zero(), "zero has no factors");
    let mut rest = n.clone();
    let mut factors = Vec::new();
    for candidate in std::iter::once(2).chain((3..=LIMIT).step_by(2)) {
        if rest.is_one() {
            break;
        }
        if rest < UBig::from(candidate * candidate) {
            break;
        }
        let mut power = 0;
        while (&rest % candidate) == 0 {
            rest /= candidate;
            power += 1;
        }
        if power > 0 {
            factors.push((UBig::from(candidate), power));
        }
    }
    if !rest.is_one() {
        let (base, power) = perfect_power(rest);
        factors.push((base, power));
    }
    factors
}

/// The smallest integer of which `n` is a power, trying exponents up to 10.
fn perfect_power(n: UBig) -> (UBig, u64) {
    for power in [7, 5, 3, 2] {
        let root = n.nth_root(power);
        if root.pow(power) == n {
            let (base, inner) = perfect_power(root);
            return (base, inner * power as u64);
        }
    }
    (n, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_product_of_the_factors_is_the_number(n in 1u64..) {
            let factors = factor(&UBig::from(n));
            let product = factors.iter().fold(UBig::ONE, |all, (base, power)| all * base.pow(*power as usize));
            prop_assert_eq!(product, UBig::from(n));
            prop_assert!(factors.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn squares_of_large_primes_are_found() {
        let prime = UBig::from(1_000_003u64);
        assert_eq!(factor(&(&prime * &prime)), [(prime, 2)]);
        assert!(factor(&UBig::ONE).is_empty());
    }
}
