//! Choices that are named by a key, and so repeatable.

use eightfold_task::Key;
use rand::RngExt;

/// The items in an order drawn from the key's stream (Fisher-Yates).
pub(crate) fn shuffled<T>(mut items: Vec<T>, key: Key) -> Vec<T> {
    let mut rng = key.rng();
    for i in (1..items.len()).rev() {
        items.swap(i, rng.random_range(0..=i));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for seed in 0..6000 {
            *counts.entry(shuffled(vec![1, 2, 3], Key::new(seed, "order"))).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&c| (f64::from(c) - 1000.0).abs() < 5.0 * 833f64.sqrt()), "{counts:?}");
    }
}
