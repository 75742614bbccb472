//! The next token, given its logits.

use crate::softmax::tempered;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Tokens whose probabilities are added before it is asked whether the choice is among them.
const STRIDE: usize = 16;

/// A token drawn in proportion to `exp(logit / temperature)`; at temperature 0 the likeliest, of equals the first.
/// `weights` is scratch of the same length.
///
/// The inverse distribution function: one uniform number a token, where Gumbel-max takes one for each token of the
/// vocabulary (DESIGN.md).
pub fn choose(logits: &[f32], temperature: f64, rng: &mut ChaCha8Rng, weights: &mut [f32]) -> u32 {
    if temperature == 0.0 {
        let first = |top: usize, i: usize| if logits[i] > logits[top] { i } else { top };
        return (0..logits.len()).fold(0, first) as u32;
    }
    tempered(logits, (1.0 / temperature) as f32, weights);
    let uniform = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    pick(weights, uniform) as u32
}

/// The element at share `uniform`, in [0, 1), of the sum of all.
pub fn pick(weights: &[f32], uniform: f64) -> usize {
    let sum = |some: &[f32]| some.iter().map(|x| f64::from(*x)).sum::<f64>();
    let mut left = uniform * weights.chunks(STRIDE).map(sum).sum::<f64>();
    for (i, some) in weights.chunks(STRIDE).enumerate() {
        let all = sum(some);
        if left < all {
            let mut left = left;
            for (j, weight) in some.iter().enumerate() {
                left -= f64::from(*weight);
                if left < 0.0 {
                    return i * STRIDE + j;
                }
            }
        }
        left -= all;
    }
    // Rounding alone leads here.
    weights.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn shares_of_the_unit_interval_are_weights() {
        let weights: Vec<f32> = (0..40).map(|i| [0.0, 1.0, 0.25, 2.5][i % 4]).collect();
        let total: f64 = weights.iter().map(|x| f64::from(*x)).sum();
        let mut from = 0.0;
        for (i, weight) in weights.iter().enumerate() {
            let to = from + f64::from(*weight);
            if *weight > 0.0 {
                assert_eq!(pick(&weights, from / total + 1e-9), i);
                assert_eq!(pick(&weights, to / total - 1e-9), i);
            }
            from = to;
        }
        assert_eq!(pick(&weights, 0.0), 1);
    }

    #[test]
    fn of_equally_likely_tokens_the_first_is_taken() {
        let rng = &mut ChaCha8Rng::seed_from_u64(0);
        assert_eq!(choose(&[1.0, 3.0, 3.0, 2.0], 0.0, rng, &mut [0.0; 4]), 1);
    }
}
