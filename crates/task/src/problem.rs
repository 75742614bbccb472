//! A problem: the question that a policy reads and the answer that a verifier knows.

use serde::{Deserialize, Serialize};

/// The text of a final answer, as the source of the problem writes it. A verifier decides what equals it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answer(pub String);

/// A question and its final answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// The text that a policy is asked to continue.
    pub question: String,
    /// The final answer that a correct solution ends in.
    pub answer: Answer,
}

impl Problem {
    /// A problem from its two texts.
    pub fn new(question: impl Into<String>, answer: impl Into<String>) -> Self {
        Self { question: question.into(), answer: Answer(answer.into()) }
    }

    /// The prompt of this problem: the question and a line break. A prompt for a continuation is this and
    /// the steps so far, so prompt and completion always meet at white space and no token spans both.
    pub fn prompt(&self) -> String {
        format!("{}\n", self.question)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_ends_in_white_space() {
        assert_eq!(Problem::new("? Ann :", "7").prompt(), "? Ann :\n");
    }
}
