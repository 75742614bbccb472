//! Token sequences packed for one pass of the network.

use crate::fused::{Row, Rows, Scored};

/// A prompt that is read and a target that is scored, as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// At least one token.
    pub prompt: Vec<u32>,
    /// The tokens whose log-probabilities are summed, the end of text included where it belongs to them.
    pub target: Vec<u32>,
}

/// A prompt and two targets, as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequencePair {
    /// At least one token.
    pub prompt: Vec<u32>,
    /// The continuation to make likelier.
    pub chosen: Vec<u32>,
    /// The continuation to make less likely.
    pub rejected: Vec<u32>,
}

/// Sequences ready for the network. Row lengths differ and nothing is padded; what the two sides of a pair
/// share is computed once and scored for both.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Input tokens of all rows behind one another.
    pub(crate) tokens: Vec<u32>,
    /// The token before each, as the input layer wants it.
    pub(crate) before: Vec<u32>,
    pub(crate) rows: Rows,
    pub(crate) scored: Vec<Scored>,
    /// The sequences in full: what the plain modules read.
    pub(crate) sequences: Vec<Sequence>,
}

impl Batch {
    /// One row for each sequence.
    ///
    /// # Panics
    /// If a prompt is empty.
    pub fn new(sequences: Vec<Sequence>) -> Self {
        let mut packer = Packer::default();
        for (i, sequence) in sequences.iter().enumerate() {
            assert!(!sequence.prompt.is_empty(), "a prompt has at least one token");
            let inputs = sequence.prompt.iter().chain(&sequence.target);
            let inputs = inputs.take((sequence.prompt.len() + sequence.target.len()).max(2) - 1);
            let row = packer.row(inputs.copied(), 0..0);
            packer.score(row.start + sequence.prompt.len() - 1, &sequence.target, i);
        }
        packer.finish(sequences)
    }

    /// Pairs: sequences `0..n` are the chosen sides in order, `n..2 n` the rejected ones. Prompt and common
    /// beginning are one row, which both sides continue.
    ///
    /// # Panics
    /// If a prompt is empty.
    pub fn pairs(pairs: &[SequencePair]) -> Self {
        let mut packer = Packer::default();
        for (i, pair) in pairs.iter().enumerate() {
            assert!(!pair.prompt.is_empty(), "a prompt has at least one token");
            let alike = pair.chosen.iter().zip(&pair.rejected).take_while(|(a, b)| a == b).count();
            // A side's last token is only predicted, never read.
            let read = |side: &[u32]| side.len().saturating_sub(1);
            let shared = alike.min(read(&pair.chosen)).min(read(&pair.rejected));
            let trunk = packer.row(pair.prompt.iter().chain(&pair.chosen[..shared]).copied(), 0..0);
            for (side, sequence) in [(&pair.chosen, i), (&pair.rejected, pairs.len() + i)] {
                let stem = (shared + 1).min(side.len());
                packer.score(trunk.start + pair.prompt.len() - 1, &side[..stem], sequence);
                if stem < side.len() {
                    let branch = packer.row(side[shared..side.len() - 1].iter().copied(), trunk.clone());
                    packer.score(branch.start, &side[stem..], sequence);
                }
            }
        }
        let side = |f: fn(&SequencePair) -> &Vec<u32>| {
            pairs.iter().map(move |p| Sequence { prompt: p.prompt.clone(), target: f(p).clone() })
        };
        packer.finish(side(|p| &p.chosen).chain(side(|p| &p.rejected)).collect())
    }

    /// Number of sequences.
    pub fn sequences(&self) -> usize {
        self.sequences.len()
    }

    /// Tokens that the network reads, shared ones counted once.
    pub fn tokens(&self) -> usize {
        self.tokens.len()
    }

    /// Target tokens of each sequence.
    pub fn target_tokens(&self) -> Vec<f32> {
        self.sequences.iter().map(|s| s.target.len() as f32).collect()
    }
}

/// The token that stands before the first of a text: padding, whose row of the table is learned.
pub(crate) const START: u32 = 0;

#[derive(Default)]
struct Packer {
    tokens: Vec<u32>,
    rows: Vec<Row>,
    scored: Vec<Scored>,
}

impl Packer {
    fn row(&mut self, tokens: impl Iterator<Item = u32>, prefix: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let start = self.tokens.len();
        self.tokens.extend(tokens);
        let row = Row { tokens: start..self.tokens.len(), prefix };
        self.rows.push(row.clone());
        row.tokens
    }

    /// Scores `target` from consecutive positions, the first of which is `from`.
    fn score(&mut self, from: usize, target: &[u32], sequence: usize) {
        let place = |(i, &token)| Scored { position: (from + i) as u32, token, sequence: sequence as u32 };
        self.scored.extend(target.iter().enumerate().map(place));
    }

    fn finish(self, sequences: Vec<Sequence>) -> Batch {
        let rows = Rows::new(self.rows);
        let before = crate::fused::previous(&self.tokens, &rows, START);
        Batch { tokens: self.tokens, before, rows, scored: self.scored, sequences }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_predicted_from_the_token_before_it() {
        let batch = Batch::new(vec![Sequence { prompt: vec![5, 6], target: vec![7, 8] }]);
        assert_eq!((&batch.tokens[..], &batch.before[..]), (&[5, 6, 7][..], &[START, 5, 6][..]));
        let scored: Vec<_> = batch.scored.iter().map(|s| (s.position, s.token)).collect();
        assert_eq!(scored, [(1, 7), (2, 8)]);
    }

    #[test]
    fn a_pair_shares_its_beginning() {
        let pair = SequencePair { prompt: vec![5], chosen: vec![7, 8, 9], rejected: vec![7, 6] };
        let batch = Batch::pairs(&[pair]);
        // Trunk 5 7; the chosen side goes on with 8; both last tokens are predicted only.
        assert_eq!(batch.tokens, [5, 7, 8]);
        let scored: Vec<_> = batch.scored.iter().map(|s| (s.position, s.token, s.sequence)).collect();
        assert_eq!(scored, [(0, 7, 0), (1, 8, 0), (2, 9, 0), (0, 7, 1), (1, 6, 1)]);
    }

    #[test]
    fn one_side_may_begin_with_the_other() {
        let pair = SequencePair { prompt: vec![5], chosen: vec![7, 8], rejected: vec![7] };
        let batch = Batch::pairs(&[pair]);
        assert_eq!(batch.tokens, [5, 7]);
        let scored: Vec<_> = batch.scored.iter().map(|s| (s.position, s.token, s.sequence)).collect();
        assert_eq!(scored, [(0, 7, 0), (1, 8, 0), (0, 7, 1)]);
    }
}
