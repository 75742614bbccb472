//! The whole training vocabulary: imitate this, or prefer this to that.

use crate::Completion;
use serde::{Deserialize, Serialize};

/// Text that a network is trained on (or away from) after a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The text after the prompt.
    pub text: String,
    /// Whether the end of text belongs to the target. A whole solution ends; a lone step does not.
    pub ends: bool,
}

impl Target {
    /// A target that ends: a whole solution, or the rest of one.
    pub fn whole(text: impl Into<String>) -> Self {
        Self { text: text.into(), ends: true }
    }

    /// A target that goes on: a step, or steps, of a solution.
    pub fn part(text: impl Into<String>) -> Self {
        Self { text: text.into(), ends: false }
    }
}

impl From<&Completion> for Target {
    fn from(completion: &Completion) -> Self {
        Self { text: completion.text.clone(), ends: completion.finished }
    }
}

/// Imitate `target` after `prompt`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text that is read, not learned.
    pub prompt: String,
    /// The text that is learned.
    pub target: Target,
    /// Factor of this example in the loss, at least 0: 1 for SFT and RFT, exp(A / beta) for
    /// advantage-weighted RL.
    pub weight: f64,
}

/// Prefer `chosen` to `rejected` after `prompt`. Whole-response and per-step pairs differ only in what the
/// prompt already holds: the question, or the question and a shared prefix of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// The text that both sides continue.
    pub prompt: String,
    /// The continuation to make likelier.
    pub chosen: Target,
    /// The continuation to make less likely.
    pub rejected: Target,
}
