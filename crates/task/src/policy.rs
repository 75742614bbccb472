//! Anything that continues a text: all that data generation and credit assignment ask of a model.

use crate::Key;
use serde::{Deserialize, Serialize};

/// One completion to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The text to continue: a question, or a question and the steps so far.
    pub prompt: String,
    /// Names the random stream of this draw. Equal prompt and key give equal completions, whatever else is
    /// drawn beside them.
    pub key: Key,
}

/// What a policy adds after a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// The added text, without the prompt.
    pub text: String,
    /// Whether the policy ended the text itself; `false` when it was cut at the longest length allowed.
    pub finished: bool,
    /// Tokens drawn, the end of text included; 0 where the source does not count tokens.
    pub tokens: usize,
}

impl Completion {
    /// A finished completion of unknown token count, as teachers and tests make them.
    pub fn finished(text: impl Into<String>) -> Self {
        Self { text: text.into(), finished: true, tokens: 0 }
    }
}

/// Why a policy could not answer. Networks in memory never fail; servers do.
#[derive(Debug, thiserror::Error)]
#[error("the policy could not complete a prompt: {message}")]
pub struct PolicyError {
    /// What went wrong, in one line.
    pub message: String,
}

/// A distribution over completions of a prompt.
pub trait Policy {
    /// One completion for each draw, in the order of `draws`. A completion is a function of the policy, the
    /// prompt and the key alone: never of the other draws, of their order, or of the number of threads.
    ///
    /// # Errors
    /// Where the source of completions is out of reach.
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError>;
}

/// A policy that ignores its prompts and says fixed lines, chosen by the key: the test double.
#[derive(Clone, Debug)]
pub struct Scripted {
    completions: Vec<Completion>,
}

impl Scripted {
    /// A policy that says one of `completions`, uniformly.
    ///
    /// # Panics
    /// If `completions` is empty.
    pub fn new(completions: Vec<Completion>) -> Self {
        assert!(!completions.is_empty(), "a scripted policy needs at least one line");
        Self { completions }
    }
}

impl Policy for Scripted {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let pick = |draw: &Draw| draw.key.with_text(&draw.prompt).below(self.completions.len());
        Ok(draws.iter().map(|draw| self.completions[pick(draw)].clone()).collect())
    }
}
