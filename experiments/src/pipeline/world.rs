//! Where problems come from, and what is known of their solutions.

use super::metrics::Faults;
use anyhow::Result;
use eightfold_segment::Segmenter;
use eightfold_synth::Trace;
use eightfold_task::lexicon::Lexicon;
use eightfold_task::{Example, Pair, Problem};
use eightfold_verifier::Verifier;
use serde::{Deserialize, Serialize};

/// Parts of a world that share no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Split {
    /// To learn from.
    Train,
    /// For choosing settings.
    Validation,
    /// For results; used once.
    Test,
    /// For probes.
    Probe,
}

impl Split {
    /// Its name in random streams and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
            Self::Probe => "probe",
        }
    }
}

/// A source of problems with what judges and cuts their solutions.
pub trait World: Sync {
    /// Problems of a split under a seed, at most `count` where the world has no more; fewer are the first of more.
    ///
    /// # Errors
    /// If there are too few to train on, or none in the split.
    fn problems(&self, split: Split, count: usize, seed: u64) -> Result<Vec<Problem>>;

    /// The given solutions of problems to train on: a teacher's, or those of a file. A problem may have none.
    ///
    /// # Errors
    /// If a problem is not one of this world.
    fn given(&self, problems: &[Problem], seed: u64) -> Result<Vec<Example>>;

    /// Who says whether a final answer is right. It never errs.
    fn verifier(&self) -> &dyn Verifier;

    /// What a step is.
    fn segmenter(&self) -> &dyn Segmenter;

    /// What kinds of faults greedy solutions have, one solution a problem; `None` where the world cannot tell.
    ///
    /// # Errors
    /// If a problem is not one of this world.
    fn faults(&self, _solutions: &[Trace]) -> Result<Option<Faults>> {
        Ok(None)
    }

    /// For every problem, every wrong first step against its solution, where a world can list them.
    fn wrong_steps(&self, _problems: &[Problem]) -> Option<Vec<Pair>> {
        None
    }

    /// Whether records keep the verdict on each problem, so that arms are compared problem by problem.
    fn keeps_answers(&self) -> bool {
        false
    }

    /// The lexicon, of the worlds that are one: probes and injections read its stories.
    fn lexicon(&self) -> Option<&Lexicon> {
        None
    }
}
