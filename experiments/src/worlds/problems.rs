//! Problems of files, judged by the grader alone.

use super::pool::Pool;
use crate::pipeline::{Split, World};
use anyhow::{Result, ensure};
use eightfold_segment::{Lines, Segmenter};
use eightfold_task::gsm8k::Worked;
use eightfold_task::{Example, Problem, Target};
use eightfold_verifier::{FinalAnswer, Verifier};
use std::collections::HashMap;

/// The problems of a folder.
pub struct FileWorld<'a> {
    pool: &'a Pool,
}

impl<'a> FileWorld<'a> {
    /// The world of a pool.
    pub fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }
}

impl World for FileWorld<'_> {
    fn problems(&self, split: Split, count: usize, seed: u64) -> Result<Vec<Problem>> {
        let problems = match split {
            Split::Train => {
                let worked = self.pool.training(count, seed)?;
                return Ok(worked.into_iter().map(|worked| worked.problem).collect());
            }
            Split::Validation => self.pool.held_out(&self.pool.validation, count),
            // Nothing is kept apart for probes: they look at policies, and choose nothing.
            Split::Test | Split::Probe => self.pool.held_out(&self.pool.test, count),
        };
        ensure!(!problems.is_empty(), "no problem is held out");
        Ok(problems)
    }

    fn given(&self, problems: &[Problem], _seed: u64) -> Result<Vec<Example>> {
        let known: HashMap<&str, &Worked> =
            self.pool.train.iter().map(|worked| (worked.problem.question.as_str(), worked)).collect();
        let solved = problems.iter().filter_map(|problem| known.get(problem.question.as_str()).copied());
        let right = |worked: &&Worked| FinalAnswer.verify(&worked.problem, &worked.solution).is_correct();
        let example = |Worked { problem, solution }: &Worked| Example {
            prompt: problem.prompt(),
            target: Target::whole(solution.trim_end()),
            weight: 1.0,
        };
        Ok(solved.filter(right).map(example).collect())
    }

    fn verifier(&self) -> &dyn Verifier {
        &FinalAnswer
    }

    fn segmenter(&self) -> &dyn Segmenter {
        &Lines
    }

    fn keeps_answers(&self) -> bool {
        true
    }
}
