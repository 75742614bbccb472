//! What was drawn from the prefixes of a solution.

use crate::{Completer, StepValues};
use eightfold_verifier::Verdict;
use serde::{Deserialize, Serialize};
use std::iter::Sum;
use std::ops::Add;

/// What sampling cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    /// Completions drawn; as many verifier calls were made.
    pub draws: u64,
    /// Tokens drawn, as far as the policy counts them.
    pub tokens: u64,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { draws: self.draws + other.draws, tokens: self.tokens + other.tokens }
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::default(), Add::add)
    }
}

/// The rollouts from one prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollouts {
    /// For each draw, in order, its text after the prefix if it succeeded: the policy ended it, and the
    /// verifier accepts prefix and text together. `None` if it failed.
    pub draws: Vec<Option<String>>,
    /// Tokens drawn, failures included.
    pub tokens: u64,
}

impl Rollouts {
    /// How many draws succeeded.
    pub fn successes(&self) -> usize {
        self.verified().count()
    }

    /// The continuations that succeeded, in order, repeated ones included.
    pub fn verified(&self) -> impl Iterator<Item = &str> {
        self.draws.iter().flatten().map(String::as_str)
    }

    /// The estimated value of the prefix.
    ///
    /// # Panics
    /// If there are fewer draws than the completer needs.
    pub fn value(&self, completer: Completer) -> f64 {
        completer.estimate(self.successes(), self.draws.len())
    }

    /// What these rollouts cost.
    pub fn cost(&self) -> Cost {
        Cost { draws: self.draws.len() as u64, tokens: self.tokens }
    }
}

/// Everything that is known of one solution's values: rollouts from its prefixes, and its verdict.
///
/// The whole solution needs no rollouts, since its value is its verdict. A search that stopped early has
/// fewer rollouts than prefixes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Rollouts from the bare question, if they were asked for.
    pub question: Option<Rollouts>,
    /// Rollouts from the prefix that ends in step i, for i = 0, 1, ... as far as the search went and at most
    /// to the last step but one.
    pub steps: Vec<Rollouts>,
    /// How many steps the solution has.
    pub len: usize,
    /// The verdict on the solution.
    pub verdict: Verdict,
}

impl Evidence {
    /// Evidence without rollouts for a solution of `len` steps.
    pub fn new(len: usize, verdict: Verdict) -> Self {
        Self { question: None, steps: Vec::new(), len, verdict }
    }

    /// Whether every prefix that needs rollouts has them, the question apart.
    pub fn is_complete(&self) -> bool {
        self.steps.len() + 1 >= self.len
    }

    /// Estimated values after the steps known so far, with the verdict at the end where the evidence is
    /// complete.
    ///
    /// # Panics
    /// If a prefix has fewer draws than the completer needs.
    pub fn values(&self, completer: Completer) -> StepValues {
        let mut steps: Vec<f64> = self.steps.iter().map(|rollouts| rollouts.value(completer)).collect();
        if self.is_complete() && self.len > 0 {
            steps.push(self.verdict.reward());
        }
        StepValues::new(self.question.as_ref().map(|rollouts| rollouts.value(completer)), steps)
    }

    /// What all rollouts cost.
    pub fn cost(&self) -> Cost {
        self.question.iter().chain(&self.steps).map(Rollouts::cost).sum()
    }
}
