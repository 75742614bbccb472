//! How sequences of different lengths lie behind one another, without padding.

use std::ops::Range;

/// One sequence, or part of one: `tokens` are its places in the packed batch. A row with a `prefix` continues
/// another row: it attends to that row's tokens first, and its positions count on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where the tokens of this row lie.
    pub tokens: Range<usize>,
    /// Where the tokens lie that this row continues; empty for a row that starts at position 0.
    pub prefix: Range<usize>,
}

impl Row {
    /// The position of the first token of this row.
    pub fn offset(&self) -> usize {
        self.prefix.len()
    }

    /// Tokens that the last token of this row attends to, itself included.
    pub fn context(&self) -> usize {
        self.prefix.len() + self.tokens.len()
    }
}

/// The rows of a packed batch, cut into chunks that can be worked on apart: a row and the prefix it
/// continues are always in one chunk. Chunks depend on the rows alone, so that sums over chunks are the same
/// for any number of threads.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    rows: Vec<Row>,
    /// Ranges of `rows`, each with the range of tokens that they cover.
    chunks: Vec<(Range<usize>, Range<usize>)>,
}

/// Tokens in a chunk, about: activations of a chunk should stay in the second-level cache.
const CHUNK: usize = 384;

impl Rows {
    /// Rows in the order of their tokens.
    ///
    /// # Panics
    /// If the rows do not tile `0..tokens` in order, or a prefix is not an earlier row without prefix of the
    /// same group (the rows between it and the row that continues it continue it too).
    pub fn new(rows: Vec<Row>) -> Self {
        let mut chunks: Vec<(Range<usize>, Range<usize>)> = Vec::new();
        let (mut end, mut group) = (0, 0..0);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(row.tokens.start, end, "rows must tile the batch");
            end = row.tokens.end;
            if row.prefix.is_empty() {
                group = row.tokens.clone();
                match chunks.last_mut() {
                    Some((_, tokens)) if tokens.len() < CHUNK => {}
                    _ => chunks.push((i..i, row.tokens.start..row.tokens.start)),
                }
            } else {
                assert_eq!(row.prefix, group, "a row continues the last row without prefix");
            }
            let (rows, tokens) = chunks.last_mut().expect("the first row opened a chunk");
            (rows.end, tokens.end) = (i + 1, end);
        }
        Self { rows, chunks }
    }

    /// Tokens of the whole batch.
    pub fn tokens(&self) -> usize {
        self.rows.last().map_or(0, |row| row.tokens.end)
    }

    /// The rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The longest context of any row.
    pub fn longest(&self) -> usize {
        self.rows.iter().map(Row::context).max().unwrap_or(0)
    }

    /// The rows and the range of tokens of each chunk.
    pub fn chunks(&self) -> impl Iterator<Item = (&[Row], Range<usize>)> {
        self.chunks.iter().map(|(rows, tokens)| (&self.rows[rows.clone()], tokens.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_never_cut() {
        let mut rows = Vec::new();
        for i in 0..40 {
            let start = i * 60;
            rows.push(Row { tokens: start..start + 40, prefix: 0..0 });
            rows.push(Row { tokens: start + 40..start + 50, prefix: start..start + 40 });
            rows.push(Row { tokens: start + 50..start + 60, prefix: start..start + 40 });
        }
        let rows = Rows::new(rows);
        assert_eq!(rows.tokens(), 2400);
        assert!(rows.chunks().count() > 3);
        let mut end = 0;
        for (rows, tokens) in rows.chunks() {
            assert_eq!((rows[0].tokens.start, tokens.start), (end, end));
            assert!(rows[0].prefix.is_empty() && rows.len() % 3 == 0);
            end = tokens.end;
        }
        assert_eq!(end, 2400);
    }
}
