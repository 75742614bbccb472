//! Rotary position embedding (Su et al. 2021), rotating the first half of a head against the second, base
//! 10,000.

/// Cosines and sines of every position, `[positions, head / 2]` each.
#[derive(Clone, Debug)]
pub(crate) struct Rope {
    half: usize,
    cos: Vec<f32>,
    sin: Vec<f32>,
}

impl Rope {
    /// Angles `p * 10000^(-i / half)` for position p below `positions` and i below half the head.
    pub(crate) fn new(positions: usize, head: usize) -> Self {
        let half = head / 2;
        let angle = |p: usize, i: usize| p as f64 * 10_000f64.powf(-(i as f64) / half as f64);
        let table = |f: fn(f64) -> f64| {
            (0..positions * half).map(|at| f(angle(at / half, at % half)) as f32).collect::<Vec<f32>>()
        };
        Self { half, cos: table(f64::cos), sin: table(f64::sin) }
    }

    /// Cosines and sines of one position.
    pub(crate) fn at(&self, position: usize) -> (&[f32], &[f32]) {
        let range = position * self.half..(position + 1) * self.half;
        (&self.cos[range.clone()], &self.sin[range])
    }

    /// Rotates each head of `x [heads * head]` to `position`, in place.
    pub(crate) fn rotate(&self, x: &mut [f32], position: usize) {
        let (cos, sin) = self.at(position);
        for head in x.chunks_exact_mut(2 * self.half) {
            let (a, b) = head.split_at_mut(self.half);
            for (((a, b), cos), sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
                (*a, *b) = (*a * cos - *b * sin, *a * sin + *b * cos);
            }
        }
    }

    /// The inverse (and the transpose) of [`Rope::rotate`]: what it does to gradients.
    pub(crate) fn rotate_back(&self, x: &mut [f32], position: usize) {
        let (cos, sin) = self.at(position);
        for head in x.chunks_exact_mut(2 * self.half) {
            let (a, b) = head.split_at_mut(self.half);
            for (((a, b), cos), sin) in a.iter_mut().zip(b).zip(cos).zip(sin) {
                (*a, *b) = (*a * cos + *b * sin, *b * cos - *a * sin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f32; 12] = [0.3, -1.2, 0.7, 2.0, 0.1, -0.4, 1.5, 0.9, -0.6, 0.2, 1.1, -2.2];

    fn rotated(x: [f32; 12], position: usize) -> [f32; 12] {
        let mut x = x;
        Rope::new(40, 6).rotate(&mut x, position);
        x
    }

    #[test]
    fn turning_back_undoes_turning() {
        let mut x = rotated(X, 31);
        Rope::new(40, 6).rotate_back(&mut x, 31);
        assert!(x.iter().zip(X).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(rotated(X, 0), X);
    }

    #[test]
    fn scores_depend_on_the_distance_alone() {
        let mut key = X;
        key.reverse();
        let score = |q: usize, k: usize| -> f32 {
            rotated(X, q).iter().zip(rotated(key, k)).take(6).map(|(a, b)| a * b).sum()
        };
        assert!((score(5, 2) - score(30, 27)).abs() < 1e-5);
        assert!((score(5, 2) - score(5, 4)).abs() > 1e-2);
    }
}
