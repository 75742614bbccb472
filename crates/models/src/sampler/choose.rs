//! The next token, given its logits: temperature and nucleus.

use eightfold_kernels::{choose, pick, tempered};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Likeliest tokens that are looked at first; a nucleus is seldom larger.
const FIRST: usize = 64;

/// A token drawn in proportion to `exp(logit / temperature)` among the likeliest whose probabilities first reach
/// `top_p` (Holtzman et al. 2020); at temperature 0 the likeliest. Of equals the first counts as likelier. `weights` is
/// scratch of the same length.
pub(crate) fn next(
    logits: &[f32],
    temperature: f64,
    top_p: f64,
    rng: &mut ChaCha8Rng,
    weights: &mut [f32],
) -> u32 {
    if temperature == 0.0 || top_p >= 1.0 {
        return choose(logits, temperature, rng, weights);
    }
    tempered(logits, (1.0 / temperature) as f32, weights);
    let nucleus = nucleus(weights, top_p);
    let inside: Vec<f32> = nucleus.iter().map(|&token| weights[token as usize]).collect();
    let uniform = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    nucleus[pick(&inside, uniform)]
}

/// The fewest of the largest weights whose sum reaches this share of the whole, by descending weight; at least one.
fn nucleus(weights: &[f32], share: f64) -> Vec<u32> {
    let goal = share * weights.iter().map(|x| f64::from(*x)).sum::<f64>();
    let weight = |token: &u32| weights[*token as usize];
    let order = |a: &u32, b: &u32| weight(b).total_cmp(&weight(a)).then(a.cmp(b));
    let mut tokens: Vec<u32> = (0..weights.len() as u32).collect();
    let mut size = FIRST;
    loop {
        if size < tokens.len() {
            tokens.select_nth_unstable_by(size, order);
        }
        let top = &mut tokens[..size.min(weights.len())];
        top.sort_unstable_by(order);
        let mut sum = 0.0;
        let reached = top.iter().position(|token| {
            sum += f64::from(weight(token));
            sum >= goal
        });
        match reached {
            Some(last) => {
                tokens.truncate(last + 1);
                return tokens;
            }
            // Rounding alone may leave the whole short of the goal.
            None if size >= weights.len() => return tokens,
            None => size *= 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::Key;
    use proptest::prelude::*;

    #[test]
    fn a_nucleus_is_small_and_reaches_its_share() {
        assert_eq!(nucleus(&[1.0, 4.0, 1.0, 4.0], 0.3), [1]);
        assert_eq!(nucleus(&[1.0, 4.0, 1.0, 4.0], 0.5), [1, 3]);
        assert_eq!(nucleus(&[1.0, 4.0, 1.0, 4.0], 0.85), [1, 3, 0]);
        assert_eq!(nucleus(&[1.0, 4.0, 1.0, 4.0], 0.0), [1]);
    }

    #[test]
    fn only_the_nucleus_is_drawn_in_proportion() {
        let logits: Vec<f32> = [1f32, 4.0, 2.0, 3.0].map(f32::ln).to_vec();
        let mut counts = [0usize; 4];
        for i in 0..7000 {
            let rng = &mut Key::new(i, "nucleus").rng();
            counts[next(&logits, 1.0, 0.65, rng, &mut [0.0; 4]) as usize] += 1;
        }
        assert_eq!((counts[0], counts[2]), (0, 0));
        assert!((counts[1] as f64 - 4000.0).abs() < 4.5 * (7000.0f64 * 12.0 / 49.0).sqrt(), "{counts:?}");
    }

    proptest! {
        #[test]
        fn a_nucleus_is_what_sorting_everything_gives(
            weights in prop::collection::vec(0u8..20, 1..1200), share in 0.0f64..1.0,
        ) {
            let weights: Vec<f32> = weights.into_iter().map(|x| f32::from(x) + 1.0).collect();
            let mut sorted: Vec<u32> = (0..weights.len() as u32).collect();
            sorted.sort_by_key(|&i| (-weights[i as usize] as i32, i));
            let found = nucleus(&weights, share);
            prop_assert_eq!(&found, &sorted[..found.len()]);
            let sum = |tokens: &[u32]| tokens.iter().map(|&i| f64::from(weights[i as usize])).sum::<f64>();
            let goal = share * sum(&sorted);
            prop_assert!(sum(&found) >= goal);
            prop_assert!(found.len() == 1 || sum(&found[..found.len() - 1]) < goal);
        }
    }
}
