//! The whole training vocabulary: imitate this, as a whole or step by step, or prefer this to that.

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

/// Imitate a solution after `prompt`, each step as much as its weight says: 0 masks a step, which is then read
/// and not learned; exp(A / beta) makes advantage-weighted RL.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepExample {
    /// The text that is read, not learned.
    pub prompt: String,
    /// The steps, in order, which make up the solution.
    pub steps: Vec<WeightedStep>,
    /// Whether the end of text belongs to the last step.
    pub ends: bool,
}

/// One step of a [`StepExample`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedStep {
    /// The step's text; where it is cut, there is white space.
    pub text: String,
    /// Factor of this step in the loss, at least 0.
    pub weight: f64,
}

impl StepExample {
    /// The same training signal as one [`Example`] for each step, whose prompt holds the steps before it.
    pub fn examples(&self) -> Vec<Example> {
        let (mut prompt, last) = (self.prompt.clone(), self.steps.len().saturating_sub(1));
        let mut examples = Vec::with_capacity(self.steps.len());
        for (i, step) in self.steps.iter().enumerate() {
            let target = Target { text: step.text.clone(), ends: self.ends && i == last };
            examples.push(Example { prompt: prompt.clone(), target, weight: step.weight });
            prompt += &step.text;
        }
        examples
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_learned_after_the_steps_before_it() {
        let step = |text: &str, weight| WeightedStep { text: text.into(), weight };
        let steps = vec![step("a .\n", 1.0), step("b .\n", 0.0), step("answer b", 2.0)];
        let examples = StepExample { prompt: "? b\n".into(), steps, ends: true }.examples();
        let prompts: Vec<&str> = examples.iter().map(|e| e.prompt.as_str()).collect();
        assert_eq!(prompts, ["? b\n", "? b\na .\n", "? b\na .\nb .\n"]);
        assert_eq!(examples.iter().map(|e| e.weight).collect::<Vec<_>>(), [1.0, 0.0, 2.0]);
        assert_eq!(examples.iter().map(|e| e.target.ends).collect::<Vec<_>>(), [false, false, true]);
    }
}
