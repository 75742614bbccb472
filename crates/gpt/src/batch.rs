//! Token sequences packed for one pass of the network.

use eightfold_kernels::{Row, Rows, START, Scored};

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

/// A prompt and a target in parts that are scored apart, as tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segmented {
    /// At least one token.
    pub prompt: Vec<u32>,
    /// The target's parts, in order; any of them may be empty.
    pub segments: Vec<Vec<u32>>,
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

    /// One row for each target and one sequence for each of its parts, in order: what comes before a part is its
    /// prompt. So parts can be weighted apart, or masked, and the row is still read once.
    ///
    /// # Panics
    /// If a prompt is empty.
    pub fn segments(rows: &[Segmented]) -> Self {
        let (mut packer, mut sequences) = (Packer::default(), Vec::new());
        for Segmented { prompt, segments } in rows {
            assert!(!prompt.is_empty(), "a prompt has at least one token");
            let text = [&prompt[..], &segments.concat()[..]].concat();
            let read = text.len().max(2) - 1;
            let row = packer.row(text[..read].iter().copied(), 0..0);
            let mut at = prompt.len();
            for segment in segments {
                packer.score(row.start + at - 1, segment, sequences.len());
                sequences.push(Sequence { prompt: text[..at].to_vec(), target: segment.clone() });
                at += segment.len();
            }
        }
        packer.finish(sequences)
    }

    /// One row for each prompt and one sequence for each word that could follow it: prompt by prompt, in the
    /// order of `words`.
    ///
    /// # Panics
    /// If a prompt is empty.
    pub fn choices(prompts: &[Vec<u32>], words: &[u32]) -> Self {
        let (mut packer, mut sequences) = (Packer::default(), Vec::new());
        for prompt in prompts {
            assert!(!prompt.is_empty(), "a prompt has at least one token");
            let row = packer.row(prompt.iter().copied(), 0..0);
            for &word in words {
                packer.score(row.end - 1, &[word], sequences.len());
                sequences.push(Sequence { prompt: prompt.clone(), target: vec![word] });
            }
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

    /// The tokens that the network reads, row after row.
    pub fn inputs(&self) -> &[u32] {
        &self.tokens
    }

    /// Where the rows lie.
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    /// Which tokens are scored, and for which sequence.
    pub fn scored(&self) -> &[Scored] {
        &self.scored
    }

    /// Target tokens of each sequence.
    pub fn target_tokens(&self) -> Vec<f32> {
        self.sequences.iter().map(|s| s.target.len() as f32).collect()
    }
}

#[derive(Default)]
struct Packer {
    tokens: Vec<u32>,
    rows: Vec<Row>,
    scored: Vec<Scored>,
}

impl Packer {
    fn row(
        &mut self,
        tokens: impl Iterator<Item = u32>,
        prefix: std::ops::Range<usize>,
    ) -> std::ops::Range<usize> {
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
    fn parts_of_a_target_share_a_row() {
        let rows = [
            Segmented { prompt: vec![5], segments: vec![vec![7, 8], vec![], vec![9]] },
            Segmented { prompt: vec![4, 3], segments: vec![vec![2]] },
        ];
        let batch = Batch::segments(&rows);
        assert_eq!(batch.tokens, [5, 7, 8, 4, 3]);
        let scored: Vec<_> = batch.scored.iter().map(|s| (s.position, s.token, s.sequence)).collect();
        assert_eq!(scored, [(0, 7, 0), (1, 8, 0), (2, 9, 2), (4, 2, 3)]);
        assert_eq!(batch.target_tokens(), [2.0, 0.0, 1.0, 1.0]);
        assert_eq!(batch.sequences[2], Sequence { prompt: vec![5, 7, 8], target: vec![9] });
    }

    #[test]
    fn choices_follow_one_prompt() {
        let batch = Batch::choices(&[vec![5, 6], vec![7]], &[8, 9]);
        assert_eq!(batch.tokens, [5, 6, 7]);
        let scored: Vec<_> = batch.scored.iter().map(|s| (s.position, s.token, s.sequence)).collect();
        assert_eq!(scored, [(1, 8, 0), (1, 9, 1), (2, 8, 2), (2, 9, 3)]);
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
