//! The input of a position: the embedding of its token plus an embedding of the token before it.

use eightfold_kernels::Rows;

/// The token before each token: the last one of the prefix for the first of a row that has one, `start` for
/// the first of a row that has none.
pub(crate) fn previous(tokens: &[u32], rows: &Rows, start: u32) -> Vec<u32> {
    let mut out = Vec::with_capacity(tokens.len());
    for row in rows.rows() {
        let before = row.prefix.clone().last().map_or(start, |at| tokens[at]);
        out.push(before);
        out.extend_from_slice(&tokens[row.tokens.start..row.tokens.end - 1]);
    }
    out
}

/// `out[i] = token[tokens[i]] + previous[before[i]]` for tables `[vocab, d]`.
pub(crate) fn forward(token: &[f32], previous: &[f32], d: usize, tokens: &[u32], before: &[u32]) -> Vec<f32> {
    let mut out = vec![0.0; tokens.len() * d];
    for ((out, now), before) in out.chunks_exact_mut(d).zip(tokens).zip(before) {
        let (now, before) = (&token[*now as usize * d..][..d], &previous[*before as usize * d..][..d]);
        for ((out, now), before) in out.iter_mut().zip(now).zip(before) {
            *out = now + before;
        }
    }
    out
}

/// Gradient of a table `[vocab, d]`: each row of `dout` is added to the row of its index.
pub(crate) fn backward(vocab: usize, d: usize, index: &[u32], dout: &[f32]) -> Vec<f32> {
    let mut table = vec![0.0; vocab * d];
    for (index, dout) in index.iter().zip(dout.chunks_exact(d)) {
        let row = &mut table[*index as usize * d..][..d];
        row.iter_mut().zip(dout).for_each(|(sum, x)| *sum += x);
    }
    table
}
