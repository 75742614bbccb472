//! What a verifier says, and what a verifier is.

use eightfold_task::Problem;
use serde::{Deserialize, Serialize};

/// The judgment of one solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The final answer is shown to equal the problem's.
    Correct,
    /// A final answer was found, and it is not shown to equal the problem's.
    Incorrect,
    /// The solution has no final answer.
    NoAnswer,
}

impl Verdict {
    /// The outcome reward: 1 if correct, else 0.
    pub fn reward(self) -> f64 {
        f64::from(u8::from(self.is_correct()))
    }

    /// Whether the answer is right.
    pub fn is_correct(self) -> bool {
        self == Self::Correct
    }
}

/// Is this solution right? The same question and solution get the same verdict, on any thread, at any time.
pub trait Verifier: Sync {
    /// Judges one solution of one problem. Total: any two texts have a verdict.
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict;
}

impl<V: Verifier + ?Sized> Verifier for &V {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        (**self).verify(problem, solution)
    }
}
