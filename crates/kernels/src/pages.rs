//! The keys and values of a text, in pages that texts with a common beginning share.

use crate::buffer::Buffer;
use std::sync::Arc;

/// The token that stands before the first of a text: padding.
pub const START: u32 = 0;

/// Positions in a page: the lanes of the widest vector, so that a query meets a page's keys as whole vectors.
pub const PAGE: usize = 16;

/// Keys and values of [`PAGE`] positions in all blocks: for each block keys `[d, PAGE]`, then values `[PAGE, d]`.
#[derive(Debug)]
pub struct Page(Buffer);

impl Clone for Page {
    fn clone(&self) -> Self {
        Self(Buffer::copied(&self.0))
    }
}

impl Page {
    /// The keys `[d, PAGE]` of a block of width `d`.
    #[inline(always)]
    pub fn keys(&self, block: usize, d: usize) -> &[f32] {
        &self.0[block * 2 * d * PAGE..][..d * PAGE]
    }

    /// The values `[PAGE, d]` of a block of width `d`.
    #[inline(always)]
    pub fn values(&self, block: usize, d: usize) -> &[f32] {
        &self.0[(block * 2 + 1) * d * PAGE..][..d * PAGE]
    }

    fn put(&mut self, block: usize, place: usize, key: &[f32], value: &[f32]) {
        let d = key.len();
        let (keys, values) = self.0[block * 2 * d * PAGE..][..2 * d * PAGE].split_at_mut(d * PAGE);
        for (lanes, key) in keys.as_chunks_mut::<PAGE>().0.iter_mut().zip(key) {
            lanes[place] = *key;
        }
        values[place * d..][..d].copy_from_slice(value);
    }
}

/// What a text has read: its keys and values, and its last token. A clone shares all pages; whoever writes into a
/// shared page gets a copy of its own.
#[derive(Clone, Debug)]
pub struct Cache {
    pages: Vec<Arc<Page>>,
    length: usize,
    last: u32,
}

impl Cache {
    /// Nothing read yet.
    pub fn empty() -> Self {
        Self { pages: Vec::new(), length: 0, last: START }
    }

    /// Tokens read so far.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The last token read; padding before the first.
    pub fn last(&self) -> u32 {
        self.last
    }

    /// The pages, of which the last may be partly filled.
    pub fn pages(&self) -> &[Arc<Page>] {
        &self.pages
    }

    /// Makes room for `more` tokens, in pages that no other text shares, of `floats` floats each.
    pub fn reserve(&mut self, more: usize, floats: usize) {
        if let Some(page) = self.pages.get_mut(self.length / PAGE) {
            Arc::make_mut(page);
        }
        while self.pages.len() * PAGE < self.length + more {
            self.pages.push(Arc::new(Page(Buffer::new(floats))));
        }
    }

    /// Writes key and value of one block, `ahead` positions behind the last token read.
    ///
    /// # Panics
    /// If no room was reserved there.
    pub fn put(&mut self, block: usize, ahead: usize, key: &[f32], value: &[f32]) {
        let position = self.length + ahead;
        let page = Arc::get_mut(&mut self.pages[position / PAGE]).expect("reserved pages are not shared");
        page.put(block, position % PAGE, key, value);
    }

    /// Counts tokens as read, whose keys and values are written.
    pub fn advance(&mut self, tokens: &[u32]) {
        self.length += tokens.len();
        self.last = tokens.last().copied().unwrap_or(self.last);
    }

    /// The same text as far as its first `length` tokens, the last of which is `last`.
    pub fn fork(&self, length: usize, last: u32) -> Self {
        Self { pages: self.pages[..length.div_ceil(PAGE)].to_vec(), length, last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const D: usize = 3;
    const FLOATS: usize = 2 * 2 * D * PAGE;

    /// A cache of `n` tokens whose keys and values in block 1 are the position and ten times the position.
    fn counting(n: usize) -> Cache {
        let mut cache = Cache::empty();
        cache.reserve(n, FLOATS);
        for i in 0..n {
            cache.put(1, i, &[i as f32; D], &[10.0 * i as f32; D]);
        }
        cache.advance(&(0..n as u32).collect::<Vec<_>>());
        cache
    }

    fn key_and_value(cache: &Cache, position: usize) -> (f32, f32) {
        let page = &cache.pages()[position / PAGE];
        let place = position % PAGE;
        (page.keys(1, D)[PAGE + place], page.values(1, D)[place * D + 2])
    }

    #[test]
    fn what_is_put_is_found() {
        let cache = counting(37);
        assert_eq!((cache.length(), cache.last(), cache.pages().len()), (37, 36, 3));
        for i in 0..37 {
            assert_eq!(key_and_value(&cache, i), (i as f32, 10.0 * i as f32));
        }
    }

    #[test]
    fn a_fork_writes_into_pages_of_its_own() {
        let whole = counting(37);
        let mut fork = whole.fork(20, 19);
        assert!(Arc::ptr_eq(&fork.pages()[0], &whole.pages()[0]));
        fork.reserve(1, FLOATS);
        fork.put(1, 0, &[-1.0; D], &[-2.0; D]);
        fork.advance(&[5]);
        assert_eq!((fork.length(), fork.last()), (21, 5));
        assert!(Arc::ptr_eq(&fork.pages()[0], &whole.pages()[0]), "full pages stay shared");
        assert_eq!(key_and_value(&fork, 19), (19.0, 190.0));
        assert_eq!(key_and_value(&fork, 20), (-1.0, -2.0));
        assert_eq!(key_and_value(&whole, 20), (20.0, 200.0));
    }
}
