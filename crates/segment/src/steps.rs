//! A text cut into steps.

use std::ops::Range;

/// A solution cut into steps. The spans tile the text: in order, no gap, no overlap, none empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Steps {
    text: String,
    spans: Vec<Range<usize>>,
}

impl Steps {
    /// Cuts `text` before each of these byte offsets, given in any order. Offsets at or beyond either end of
    /// the text cut nothing; the empty text has no step.
    ///
    /// # Panics
    /// If an offset lies inside a character.
    pub fn cut(text: impl Into<String>, offsets: impl IntoIterator<Item = usize>) -> Self {
        let text = text.into();
        let mut edges: Vec<usize> = offsets.into_iter().filter(|&at| at > 0 && at < text.len()).collect();
        edges.push(0);
        edges.push(text.len());
        edges.sort_unstable();
        edges.dedup();
        assert!(edges.iter().all(|&at| text.is_char_boundary(at)), "a cut inside a character");
        Self { spans: edges.windows(2).map(|pair| pair[0]..pair[1]).collect(), text }
    }

    /// The number of steps; 0 for the empty text alone.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Step `i`, from 0.
    ///
    /// # Panics
    /// If `i >= len()`.
    pub fn step(&self, i: usize) -> &str {
        &self.text[self.spans[i].clone()]
    }

    /// The text before step `i`; `prefix(len())` is the whole text.
    ///
    /// # Panics
    /// If `i > len()`.
    pub fn prefix(&self, i: usize) -> &str {
        assert!(i <= self.len(), "prefix {i} of {} steps", self.len());
        let end = self.spans.get(i).map_or(self.text.len(), |span| span.start);
        &self.text[..end]
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte ranges of the steps, in order.
    pub fn spans(&self) -> &[Range<usize>] {
        &self.spans
    }

    /// The steps, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.spans.iter().map(|span| &self.text[span.clone()])
    }
}

/// Cuts a text into steps. The same text is always cut in the same places.
pub trait Segmenter: Sync {
    /// Cuts one text. Total: any text has steps.
    fn segment(&self, text: &str) -> Steps;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_its_step_begins() {
        let steps = Steps::cut("abcdef", [4, 2, 2, 0, 6, 9]);
        assert_eq!(steps.iter().collect::<Vec<_>>(), ["ab", "cd", "ef"]);
        assert_eq!((0..=3).map(|i| steps.prefix(i)).collect::<Vec<_>>(), ["", "ab", "abcd", "abcdef"]);
        assert!(Steps::cut("", [0]).is_empty());
    }
}
