//! Softmax over the first so many scores of a row: one function for training and sampling, which must agree.

use crate::simd::{LANES, exp, kernel, larger, largest, total};

/// Ones for what is seen, then zeros: where it is cut decides how many of a vector's lanes stay.
const STAIR: [u32; 2 * LANES] = {
    let mut stair = [0; 2 * LANES];
    let mut i = 0;
    while i < LANES {
        stair[i] = u32::MAX;
        i += 1;
    }
    stair
};

/// Puts `value` in place of what lies behind the first `seen` scores; the row is a multiple of [`LANES`] long.
#[inline(always)]
pub(crate) fn hide(row: &mut [f32], seen: usize, value: f32) {
    let mut here = seen % LANES;
    for chunk in row[seen - here..].as_chunks_mut::<LANES>().0 {
        let stair: &[u32; LANES] = STAIR[LANES - here..].first_chunk().expect("as long as two vectors");
        for (x, stair) in chunk.iter_mut().zip(stair) {
            *x = f32::from_bits((x.to_bits() & stair) | (value.to_bits() & !stair));
        }
        here = 0;
    }
}

/// Softmax of the first `seen` scores times `scale`, in place; the rest of the row becomes 0, and what it was does
/// not matter. The largest score times `scale`, and the sum of the exponentials relative to it.
#[inline(always)]
pub(crate) fn softmax<const FMA: bool>(row: &mut [f32], seen: usize, scale: f32) -> (f32, f32) {
    let [result] = softmaxes::<FMA, 1>([row], seen, scale);
    result
}

/// [`softmax`] of `R` rows of equal length, a multiple of [`LANES`]: side by side, since a short row alone is one
/// chain of operations that wait for one another.
#[inline(always)]
pub(crate) fn softmaxes<const FMA: bool, const R: usize>(
    mut rows: [&mut [f32]; R],
    seen: usize,
    scale: f32,
) -> [(f32, f32); R] {
    for row in &mut rows {
        hide(row, seen, f32::NEG_INFINITY);
    }
    let mut rows = rows.map(|row| row.as_chunks_mut::<LANES>().0);
    let chunks = rows[0].len();
    let mut tops = [[f32::NEG_INFINITY; LANES]; R];
    // Here and below a chunk is copied, and its lanes are counted: iterators zipped here are compiled to scalars.
    for i in 0..chunks {
        for (tops, row) in tops.iter_mut().zip(&rows) {
            let chunk = row[i];
            for lane in 0..LANES {
                tops[lane] = larger(chunk[lane], tops[lane]);
            }
        }
    }
    let tops = tops.map(|tops| largest(tops) * scale);
    for i in 0..chunks {
        for (row, top) in rows.iter_mut().zip(tops) {
            row[i].iter_mut().for_each(|x| *x = exp::<FMA>(*x * scale - top));
        }
    }
    for row in &mut rows {
        hide(row.as_flattened_mut(), seen, 0.0);
    }
    let mut sums = [[0.0; LANES]; R];
    for i in 0..chunks {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let chunk = row[i];
            for lane in 0..LANES {
                sums[lane] += chunk[lane];
            }
        }
    }
    let sums = sums.map(total);
    for i in 0..chunks {
        for (row, sum) in rows.iter_mut().zip(sums) {
            let inverse = 1.0 / sum;
            row[i].iter_mut().for_each(|x| *x *= inverse);
        }
    }
    std::array::from_fn(|r| (tops[r], sums[r]))
}

kernel! {
    /// `exp((logit - largest) * scale)` of each logit, into `weights` of the same length.
    pub fn tempered(logits: &[f32], scale: f32, weights: &mut [f32]) {
        let mut tops = [f32::NEG_INFINITY; LANES];
        let (chunks, rest) = logits.as_chunks::<LANES>();
        for chunk in chunks {
            tops.iter_mut().zip(chunk).for_each(|(top, x)| *top = larger(*x, *top));
        }
        tops.iter_mut().zip(rest).for_each(|(top, x)| *top = larger(*x, *top));
        let top = largest(tops);
        weights.iter_mut().zip(logits).for_each(|(weight, x)| *weight = exp::<FMA>((x - top) * scale));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_seen_counts() {
        let scores: Vec<f32> = (0..64).map(|i| ((i * 37) % 23) as f32 * 0.3).collect();
        for seen in [1, 15, 16, 17, 40, 48, 64] {
            let mut row = scores.clone();
            row[seen..].fill(f32::NAN);
            let (top, sum) = softmax::<false>(&mut row, seen, 0.5);
            let exps: Vec<f64> = scores[..seen].iter().map(|x| (0.5 * f64::from(*x)).exp()).collect();
            let total: f64 = exps.iter().sum();
            for (x, exp) in row.iter().zip(&exps) {
                assert!((f64::from(*x) - exp / total).abs() < 1e-6, "{seen} seen");
            }
            assert!(row[seen..].iter().all(|x| *x == 0.0), "{seen} seen");
            assert!((f64::from(top) + f64::from(sum).ln() - total.ln()).abs() < 1e-5, "{seen} seen");
        }
    }
}
