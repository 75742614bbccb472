//! What credit is assigned to: a solution cut into steps.

use eightfold_segment::{Segmenter, Steps};
use eightfold_task::Problem;

/// A solution of a problem, cut into steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Episode {
    /// The problem.
    pub problem: Problem,
    /// The solution in steps.
    pub steps: Steps,
}

impl Episode {
    /// Cuts a solution.
    pub fn new(problem: Problem, solution: &str, segmenter: &dyn Segmenter) -> Self {
        Self { problem, steps: segmenter.segment(solution) }
    }

    /// The text that a policy continues when `steps` steps are written: the question and those steps.
    ///
    /// # Panics
    /// If the solution has fewer steps.
    pub fn prompt(&self, steps: usize) -> String {
        self.problem.prompt() + self.steps.prefix(steps)
    }
}
