//! The arithmetic that a row cannot do without.

use eightfold_gpt::GptConfig;
use std::ops::Range;

/// Floating-point operations of reading the tokens at these positions of one text, each attending to itself and
/// to all before it.
pub(crate) fn read(config: &GptConfig, positions: Range<usize>) -> f64 {
    positions.map(|at| config.flops(at as f64 + 1.0)).sum()
}

/// The same of a pair, whose prompt and common beginning are read once. A side's last token is predicted only.
pub(crate) fn pair(config: &GptConfig, prompt: &[u32], chosen: &[u32], rejected: &[u32]) -> f64 {
    let ends = [chosen, rejected].map(|side| prompt.len() + side.len().saturating_sub(1));
    let alike = chosen.iter().zip(rejected).take_while(|(a, b)| a == b).count();
    let shared = (prompt.len() + alike).min(ends[0]).min(ends[1]);
    read(config, 0..shared) + ends.map(|end| read(config, shared..end)).iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_gpt::{Batch, SequencePair};

    #[test]
    fn a_pair_reads_what_its_batch_reads() {
        // Without blocks a token costs the same at every position.
        let config = GptConfig { vocab: 1, context: 64, width: 2, heads: 1, layers: 0 };
        let token = config.flops(1.0);
        for (chosen, rejected) in [
            (vec![4, 5, 6], vec![4, 7]),
            (vec![4], vec![4]),
            (vec![4, 5], vec![4, 5, 6]),
            (vec![1, 2, 3], vec![9]),
        ] {
            let prompt = vec![1, 2, 3];
            let work = pair(&config, &prompt, &chosen, &rejected);
            let read = Batch::pairs(&[SequencePair { prompt, chosen, rejected }]).tokens();
            assert_eq!(work, token * read as f64);
        }
    }
}
