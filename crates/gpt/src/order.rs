//! In which order training sees its data.

use eightfold_task::Key;
use rand::seq::SliceRandom;

/// Passes over `0..items`, each in its own order.
#[derive(Clone, Debug)]
pub struct Order {
    items: usize,
    key: Key,
    pass: u64,
    left: Vec<usize>,
}

impl Order {
    /// Passes over `items` items, in orders named by the key.
    pub fn new(items: usize, key: Key) -> Self {
        Self { items, key, pass: 0, left: Vec::new() }
    }

    /// The next at most `batch` items of this pass, or of the next one where this is over.
    pub fn next(&mut self, batch: usize) -> Vec<usize> {
        if self.left.is_empty() {
            self.left = (0..self.items).collect();
            self.left.shuffle(&mut self.key.with(self.pass).rng());
            self.pass += 1;
        }
        self.left.split_off(self.left.len().saturating_sub(batch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_has_every_item_once() {
        for batch in [1, 3, 10, 32] {
            let mut order = Order::new(10, Key::new(0, "order"));
            let mut passes = Vec::new();
            for _ in 0..4 {
                let sizes = (0..10usize.div_ceil(batch)).map(|_| order.next(batch)).collect::<Vec<_>>();
                assert!(sizes[..sizes.len() - 1].iter().all(|items| items.len() == batch));
                let items = sizes.concat();
                let mut sorted = items.clone();
                sorted.sort_unstable();
                assert_eq!(sorted, (0..10).collect::<Vec<_>>());
                passes.push(items);
            }
            assert!(passes.iter().any(|pass| *pass != passes[0]), "passes differ in their order");
        }
    }

    #[test]
    fn the_order_is_that_of_the_key() {
        let first = |key| Order::new(50, key).next(50);
        let key = Key::new(0, "order");
        assert_eq!(first(key), first(key));
        assert_ne!(first(key), first(key.with(1)));
    }
}
