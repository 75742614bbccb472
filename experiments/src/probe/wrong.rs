//! Wrong solutions without a slip: what is asked where their pits fall.

use anyhow::Result;
use eightfold_segment::Steps;
use eightfold_synth::{Record, RolloutStore, Search};
use eightfold_task::lexicon::{Lexicon, Story, replay};

/// A wrong solution whose pit was found.
pub(super) struct Wrong<'a> {
    pub(super) record: &'a Record,
    pub(super) search: &'a Search,
    pub(super) pit: usize,
    pub(super) steps: Steps,
    /// Its first misreading of a word on which the answer depends.
    pub(super) critical: Option<usize>,
}

/// The wrong solutions without a slip whose pit was found, and how many have slips.
pub(super) fn clean<'a>(lexicon: &Lexicon, store: &'a RolloutStore) -> Result<(Vec<Wrong<'a>>, usize)> {
    let (mut wrong, mut slipped) = (Vec::new(), 0);
    for record in &store.records {
        let story = Story::parse(lexicon, &record.trace.problem.question)?;
        for search in &record.searches {
            let steps = record.steps(search);
            let replay = replay(lexicon, &story, steps.text());
            match search.pit {
                Some(pit) if replay.is_clean() => {
                    let critical = replay.readings.iter().find(|r| r.needed && !r.right).map(|r| r.step);
                    wrong.push(Wrong { record, search, pit, steps, critical });
                }
                _ => slipped += 1,
            }
        }
    }
    Ok((wrong, slipped))
}
