//! Randomness as an argument: one root seed, a named ChaCha stream for each purpose.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// The name of a random stream: a hash of a root seed, a purpose and any number of labels.
///
/// Streams are found by name and not by order of use, so that a result does not depend on what else was
/// computed, in which order, or by how many threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(u64);

impl Key {
    /// The stream of `purpose` under a root seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self(hash(&[&seed.to_le_bytes(), purpose.as_bytes()]))
    }

    /// The sub-stream with this number: a sample, a step, a position.
    pub fn with(self, label: u64) -> Self {
        Self(hash(&[&self.0.to_le_bytes(), &label.to_le_bytes()]))
    }

    /// The sub-stream with this name: a question, a solution.
    pub fn with_text(self, label: &str) -> Self {
        Self(hash(&[&self.0.to_le_bytes(), b"text", label.as_bytes()]))
    }

    /// A stream named by the next number of a generator: one that others can be split from.
    pub fn from_rng(rng: &mut dyn Rng) -> Self {
        Self(rng.next_u64())
    }

    /// A generator at the start of this stream.
    pub fn rng(self) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.0)
    }

    /// A number below `n`, uniform over keys.
    ///
    /// # Panics
    /// If `n` is 0.
    pub fn below(self, n: usize) -> usize {
        assert!(n > 0, "no number lies below 0");
        ((u128::from(self.rng().next_u64()) * n as u128) >> 64) as usize
    }
}

/// A generator for one purpose under a root seed.
pub fn stream(seed: u64, purpose: &str) -> ChaCha8Rng {
    Key::new(seed, purpose).rng()
}

/// The first eight bytes of the hash of length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ.
fn hash(parts: &[&[u8]]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_every_part_of_their_name() {
        let key = Key::new(0, "a");
        let others = [
            Key::new(1, "a"),
            Key::new(0, "b"),
            key.with(0),
            key.with(1),
            key.with_text(""),
            key.with_text("x"),
        ];
        for (i, other) in others.iter().enumerate() {
            assert_ne!(key, *other);
            assert!(others[..i].iter().all(|before| before != other));
        }
    }

    #[test]
    fn a_stream_is_the_same_on_every_machine() {
        // Golden: a change here voids every committed record.
        assert_eq!(Key::new(7, "problems"), Key(180_680_435_101_325_264));
    }

    #[test]
    fn below_is_uniform() {
        let mut counts = [0; 5];
        (0..5000).for_each(|i| counts[Key::new(i, "below").below(5)] += 1);
        assert!(counts.iter().all(|&c| (c as f64 - 1000.0).abs() < 5.0 * 800f64.sqrt()), "{counts:?}");
    }
}
