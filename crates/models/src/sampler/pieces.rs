//! Which tokens of which stems are read together.

use crate::model::PIECE;
use eightfold_kernels::Stem;
use std::ops::Range;

/// How many of the waiting stems to read now: those of one piece and of no more completions than there is `room` for,
/// but one at least.
pub(super) fn together(waiting: &[Stem], room: usize) -> usize {
    let (mut tokens, mut completions) = (0, 0);
    let fits = |stem: &&Stem| {
        tokens += stem.tokens.len();
        completions += stem.prompts.iter().map(|(_, numbers)| numbers.len()).sum::<usize>();
        tokens <= PIECE && completions <= room
    };
    waiting.iter().take_while(fits).count().max(usize::from(!waiting.is_empty()))
}

/// The tokens of stems in pieces of [`PIECE`] tokens, the last of which may be shorter: for each piece some stems,
/// ascending, each with a range of its tokens.
pub(super) fn pieces(stems: &[Stem]) -> Vec<Vec<(usize, Range<usize>)>> {
    let mut pieces = vec![Vec::new()];
    let mut room = PIECE;
    for (i, stem) in stems.iter().enumerate() {
        let mut from = 0;
        while from < stem.tokens.len() {
            if room == 0 {
                pieces.push(Vec::new());
                room = PIECE;
            }
            let to = stem.tokens.len().min(from + room);
            pieces.last_mut().expect("there is a piece").push((i, from..to));
            room -= to - from;
            from = to;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stem(tokens: usize, completions: usize) -> Stem {
        Stem { tokens: vec![0; tokens], prompts: vec![(tokens, (0..completions).collect())] }
    }

    #[test]
    fn long_stems_are_cut_and_short_ones_are_joined() {
        let stems = [stem(50, 1), stem(PIECE + 20, 1), stem(10, 1)];
        let want = [vec![(0, 0..50), (1, 0..PIECE - 50)], vec![(1, PIECE - 50..PIECE + 20), (2, 0..10)]];
        assert_eq!(pieces(&stems), want);
    }

    #[test]
    fn as_many_stems_are_read_as_there_is_room_for() {
        let stems = [stem(40, 4), stem(40, 4), stem(40, 4), stem(40, 4)];
        assert_eq!(together(&stems, 100), 3);
        assert_eq!(together(&stems, 8), 2);
        assert_eq!(together(&stems, 1), 1);
        assert_eq!(together(&[stem(500, 1)], 100), 1);
        assert_eq!(together(&[], 100), 0);
    }
}
