//! One query against the cached keys and values of its text: attention while sampling. Every number is the one that
//! [`super::attention`] computes for the same text, bit for bit.

use super::pages::{PAGE, Page};
use super::simd::{fma, kernel};
use super::softmax::softmax;
use std::sync::Arc;

/// Vectors of values whose weighted sums are built side by side: enough chains to keep the multipliers busy.
const SIDE: usize = 4;

kernel! {
    /// Attention of `query [d]` over the first `length` positions of `pages` in one block, into `out [d]`. `scores`
    /// is scratch of at least `heads` rows of `length` floats rounded up to whole pages.
    pub(crate) fn attend(
        query: &[f32], pages: &[Arc<Page>], block: usize, length: usize, heads: usize, scores: &mut [f32], out: &mut [f32],
    ) {
        let d = query.len();
        let head = d / heads;
        let columns = length.next_multiple_of(PAGE);
        let pages = &pages[..columns / PAGE];
        let scores = &mut scores[..heads * columns];
        for (p, page) in pages.iter().enumerate() {
            let keys = page.keys(block, d).as_chunks::<PAGE>().0;
            for h in 0..heads {
                let mut sums = [0.0f32; PAGE];
                for (query, keys) in query[h * head..][..head].iter().zip(&keys[h * head..][..head]) {
                    for (sum, key) in sums.iter_mut().zip(keys) {
                        *sum = fma::<FMA>(*query, *key, *sum);
                    }
                }
                scores[h * columns + p * PAGE..][..PAGE].copy_from_slice(&sums);
            }
        }
        let scale = 1.0 / (head as f32).sqrt();
        for row in scores.chunks_exact_mut(columns) {
            softmax::<FMA>(row, length, scale);
        }
        let mut at = 0;
        while at + SIDE * PAGE <= d {
            sums::<FMA, { SIDE }>(pages, block, length, head, at, scores, out);
            at += SIDE * PAGE;
        }
        while at + PAGE <= d {
            sums::<FMA, 1>(pages, block, length, head, at, scores, out);
            at += PAGE;
        }
        for i in at..d {
            let weights = &scores[i / head * columns..][..length];
            let mut sum = 0.0;
            for (j, weight) in weights.iter().enumerate() {
                sum = fma::<FMA>(*weight, pages[j / PAGE].values(block, d)[j % PAGE * d + i], sum);
            }
            out[i] = sum;
        }
    }
}

/// Weighted sums of the values in columns `at..at + V * PAGE`.
#[inline(always)]
fn sums<const FMA: bool, const V: usize>(
    pages: &[Arc<Page>],
    block: usize,
    length: usize,
    head: usize,
    at: usize,
    scores: &[f32],
    out: &mut [f32],
) {
    let d = out.len();
    let columns = pages.len() * PAGE;
    let mut sums = [[0.0f32; PAGE]; V];
    for (p, page) in pages.iter().enumerate() {
        let values = page.values(block, d);
        for place in 0..PAGE.min(length - p * PAGE) {
            let position = p * PAGE + place;
            for (v, sums) in sums.iter_mut().enumerate() {
                let from = at + v * PAGE;
                // A vector of 16 columns may hold parts of several heads.
                let value = &values[place * d + from..][..PAGE];
                if head.is_multiple_of(PAGE) {
                    let weight = scores[from / head * columns + position];
                    for (sum, value) in sums.iter_mut().zip(value) {
                        *sum = fma::<FMA>(weight, *value, *sum);
                    }
                } else {
                    for (lane, (sum, value)) in sums.iter_mut().zip(value).enumerate() {
                        let weight = scores[(from + lane) / head * columns + position];
                        *sum = fma::<FMA>(weight, *value, *sum);
                    }
                }
            }
        }
    }
    for (v, sums) in sums.iter().enumerate() {
        out[at + v * PAGE..][..PAGE].copy_from_slice(sums);
    }
}
