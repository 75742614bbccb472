//! One query against the cached keys and values of its text: attention while sampling. Every number is the one that
//! [`super::attention()`] computes for the same text, bit for bit.
//!
//! A score, and an element of the result, is one chain of multiply-adds, each of which waits for the one before: the
//! multipliers are busy only where several chains are built side by side.

use crate::pages::{PAGE, Page};
use crate::simd::{fma, kernel};
use crate::softmax::{softmax, softmaxes};
use std::sync::Arc;

/// One float for each position of a page, or for as many columns of a token.
type Lanes = [f32; PAGE];

/// Columns of a head's query that are met by keys without a loop.
const STRIDE: usize = 16;

kernel! {
    /// Attention of `query [d]` over the first `length` positions of `pages` in one block, into `out [d]`. `scores`
    /// is scratch of at least `heads` rows of `length` floats rounded up to whole pages.
    pub fn attend(
        query: &[f32], pages: &[Arc<Page>], block: usize, length: usize, heads: usize, scores: &mut [f32], out: &mut [f32],
    ) {
        let (d, head) = (query.len(), query.len() / heads);
        let context = Context { pages: &pages[..length.div_ceil(PAGE)], block, length, d, head };
        let columns = context.pages.len() * PAGE;
        let scores = &mut scores.as_chunks_mut::<PAGE>().0[..heads * context.pages.len()];
        for (h, scores) in scores.chunks_exact_mut(context.pages.len()).enumerate() {
            context.scores::<FMA>(h, &query[h * head..][..head], scores);
        }
        let (scale, rows) = (1.0 / (head as f32).sqrt(), scores.as_flattened_mut());
        let (fours, rest) = rows.split_at_mut(heads / 4 * 4 * columns);
        for four in fours.chunks_exact_mut(4 * columns) {
            let mut rows = four.chunks_exact_mut(columns);
            let four = std::array::from_fn(|_| rows.next().expect("four rows"));
            softmaxes::<FMA, 4>(four, length, scale);
        }
        for row in rest.chunks_exact_mut(columns) {
            softmax::<FMA>(row, length, scale);
        }
        let mut at = 0;
        if head.is_multiple_of(PAGE) {
            at = context.sums::<FMA, 4>(at, scores, out);
            at = context.sums::<FMA, 1>(at, scores, out);
        }
        context.rest::<FMA>(at, scores, out);
    }
}

/// `sums += factor * lanes`.
#[inline(always)]
fn add<const FMA: bool>(sums: &mut Lanes, factor: f32, lanes: &Lanes) {
    for (sum, lane) in sums.iter_mut().zip(lanes) {
        *sum = fma::<FMA>(factor, *lane, *sum);
    }
}

/// Adds the first `seen` of a page's values, which are `d` floats apart.
#[inline(always)]
fn weigh<const FMA: bool, const V: usize>(
    sums: &mut [Lanes; V],
    weights: [&Lanes; V],
    values: &[f32],
    d: usize,
    seen: usize,
) {
    for (place, value) in values.chunks(d).take(seen).enumerate() {
        let value: &[Lanes; V] = value.as_chunks().0.first_chunk().expect("V vectors are left");
        for ((sums, value), weights) in sums.iter_mut().zip(value).zip(weights) {
            add::<FMA>(sums, weights[place], value);
        }
    }
}

/// What a query attends to.
struct Context<'a> {
    pages: &'a [Arc<Page>],
    block: usize,
    length: usize,
    d: usize,
    head: usize,
}

impl Context<'_> {
    /// The products of one head's query with its keys, pages side by side.
    #[inline(always)]
    fn scores<const FMA: bool>(&self, h: usize, query: &[f32], scores: &mut [Lanes]) {
        let ((fours, rest), (scores, last)) = (self.pages.as_chunks::<4>(), scores.as_chunks_mut::<4>());
        for (pages, scores) in fours.iter().zip(scores) {
            *scores = self.products::<FMA, 4>(h, query, pages);
        }
        let ((twos, ones), (scores, last)) = (rest.as_chunks::<2>(), last.as_chunks_mut::<2>());
        for (pages, scores) in twos.iter().zip(scores) {
            *scores = self.products::<FMA, 2>(h, query, pages);
        }
        for (pages, scores) in ones.as_chunks::<1>().0.iter().zip(last.as_chunks_mut::<1>().0) {
            *scores = self.products::<FMA, 1>(h, query, pages);
        }
    }

    /// The same for `P` pages: a number of the query is spread over a vector once for all of them.
    #[inline(always)]
    fn products<const FMA: bool, const P: usize>(
        &self,
        h: usize,
        query: &[f32],
        pages: &[Arc<Page>; P],
    ) -> [Lanes; P] {
        let keys = pages.each_ref().map(|page| {
            page.keys(self.block, self.d).as_chunks::<PAGE>().0[h * self.head..][..query.len()]
                .as_chunks::<STRIDE>()
        });
        let (strides, rest) = query.as_chunks::<STRIDE>();
        let mut sums = [[0.0; PAGE]; P];
        for (at, query) in strides.iter().enumerate() {
            let keys = keys.map(|(keys, _)| &keys[at]);
            for (i, query) in query.iter().enumerate() {
                for (sums, keys) in sums.iter_mut().zip(keys) {
                    add::<FMA>(sums, *query, &keys[i]);
                }
            }
        }
        for (i, query) in rest.iter().enumerate() {
            for (sums, (_, keys)) in sums.iter_mut().zip(keys) {
                add::<FMA>(sums, *query, &keys[i]);
            }
        }
        sums
    }

    /// Weighted sums of the values, `V` vectors of columns at a time from column `at` on; where they end. A vector
    /// belongs to one head.
    #[inline(always)]
    fn sums<const FMA: bool, const V: usize>(
        &self,
        mut at: usize,
        weights: &[Lanes],
        out: &mut [f32],
    ) -> usize {
        while at + V * PAGE <= self.d {
            let weights: [&[Lanes]; V] = std::array::from_fn(|v| {
                &weights[(at + v * PAGE) / self.head * self.pages.len()..][..self.pages.len()]
            });
            let mut sums = [[0.0; PAGE]; V];
            for (p, page) in self.pages.iter().enumerate() {
                let weights = weights.map(|weights| &weights[p]);
                let values = &page.values(self.block, self.d)[at..];
                weigh::<FMA, V>(&mut sums, weights, values, self.d, self.length - p * PAGE);
            }
            out[at..][..V * PAGE].copy_from_slice(sums.as_flattened());
            at += V * PAGE;
        }
        at
    }

    /// Weighted sums of the values from column `at` on, one by one.
    #[inline(always)]
    fn rest<const FMA: bool>(&self, at: usize, weights: &[Lanes], out: &mut [f32]) {
        for (i, out) in out.iter_mut().enumerate().skip(at) {
            let weights = weights[i / self.head * self.pages.len()..][..self.pages.len()].as_flattened();
            let mut sum = 0.0;
            for (j, weight) in weights[..self.length].iter().enumerate() {
                let value = self.pages[j / PAGE].values(self.block, self.d)[j % PAGE * self.d + i];
                sum = fma::<FMA>(*weight, value, sum);
            }
            *out = sum;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attention::{Chunk, Scratch, attention};
    use crate::pages::Cache;
    use crate::rows::Row;

    #[test]
    fn a_query_alone_gets_the_bits_of_attention_over_the_whole_text() {
        const TOKENS: usize = 150;
        // Heads of a whole number of vectors and others, one to nine of them.
        for (d, heads) in [(64, 4), (16, 1), (48, 3), (128, 4), (160, 5), (96, 4), (40, 5), (72, 9)] {
            let number = |i: usize| (i as u32).wrapping_mul(2_654_435_761) as f32 / (1u64 << 31) as f32 - 1.0;
            let qkv: Vec<f32> = (0..TOKENS * 3 * d).map(number).collect();
            let mut want = vec![0.0; TOKENS * d];
            let rows = [Row { tokens: 0..TOKENS, prefix: 0..0 }];
            let mut scratch = Scratch::new(TOKENS, d / heads);
            let chunk = Chunk { rows: &rows, base: 0, d, heads, group: 1 };
            attention(chunk, &qkv, &mut want, &mut vec![0.0; heads * TOKENS], &mut scratch);
            let mut cache = Cache::empty();
            let mut scores = vec![f32::NAN; heads * TOKENS.next_multiple_of(PAGE)];
            for (at, token) in qkv.chunks_exact(3 * d).enumerate() {
                cache.reserve(1, 4 * d * PAGE);
                cache.put(1, 0, &token[d..2 * d], &token[2 * d..]);
                cache.advance(&[0]);
                let mut got = vec![f32::NAN; d];
                attend(&token[..d], cache.pages(), 1, at + 1, heads, &mut scores, &mut got);
                assert_eq!(got, want[at * d..][..d], "position {at}, {heads} heads in {d}");
            }
        }
    }
}
