//! Known solutions for problems that the policy never solved.

use eightfold_task::{Example, Problem, Target};
use std::collections::HashMap;

/// A solution for each prompt: the supervised training set, looked up by problem.
#[derive(Clone, Debug, Default)]
pub struct Fallback<'a>(HashMap<&'a str, &'a Target>);

impl<'a> Fallback<'a> {
    /// The solutions of a training set; of several for one problem the first.
    pub fn new(examples: &'a [Example]) -> Self {
        let mut solutions = HashMap::new();
        for example in examples {
            solutions.entry(example.prompt.as_str()).or_insert(&example.target);
        }
        Self(solutions)
    }

    /// The known solution of a problem.
    pub fn solution(&self, problem: &Problem) -> Option<&'a Target> {
        self.0.get(problem.prompt().as_str()).copied()
    }
}
