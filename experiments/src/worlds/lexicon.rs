//! Stories of relation words, solved by a teacher who misreads.

use crate::pipeline::{Faults, Split, World};
use anyhow::Result;
use eightfold_segment::{Lines, Segmenter};
use eightfold_synth::Trace;
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Story, Teacher, replay};
use eightfold_task::{Example, Problem};
use eightfold_verifier::{LexiconAnswer, Verifier};

/// The lexicon.
pub struct LexiconWorld {
    lexicon: Lexicon,
}

impl LexiconWorld {
    /// The world of these dials.
    ///
    /// # Errors
    /// If a dial is out of its range.
    pub fn new(config: &LexiconConfig) -> Result<Self> {
        Ok(Self { lexicon: Lexicon::new(config.clone())? })
    }

    /// Its words.
    pub fn words(&self) -> &Lexicon {
        &self.lexicon
    }
}

impl World for LexiconWorld {
    fn problems(&self, split: Split, count: usize, seed: u64) -> Result<Vec<Problem>> {
        Ok(self.lexicon.problems(count, seed, split.name()))
    }

    fn given(&self, problems: &[Problem], seed: u64) -> Result<Vec<Example>> {
        Ok(Teacher::new(&self.lexicon).examples(problems, seed)?)
    }

    fn verifier(&self) -> &dyn Verifier {
        &LexiconAnswer
    }

    fn segmenter(&self) -> &dyn Segmenter {
        &Lines
    }

    fn faults(&self, solutions: &[Trace]) -> Result<Option<Faults>> {
        let (mut readings, mut right, mut slipped) = (0, 0, 0);
        for trace in solutions {
            let story = Story::parse(&self.lexicon, &trace.problem.question)?;
            let completion = &trace.samples[0].completion;
            let replay = replay(&self.lexicon, &story, &completion.text);
            readings += replay.readings.len();
            right += replay.readings.iter().filter(|reading| reading.right).count();
            slipped += usize::from(!completion.finished || !replay.is_clean());
        }
        Ok(Some(Faults {
            reading_accuracy: right as f64 / (readings as f64).max(1.0),
            slips: slipped as f64 / solutions.len() as f64,
        }))
    }

    fn lexicon(&self) -> Option<&Lexicon> {
        Some(&self.lexicon)
    }
}
