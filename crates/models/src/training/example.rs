//! What is trained on, as tokens.

use crate::{Model, TextError};
use eightfold_task::Target;

/// A prompt, and what is to be learned after it.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedTokens {
    /// At least one token, which is read and not learned.
    pub prompt: Vec<u32>,
    /// What follows, in order, in parts with a weight each: one part for SFT and RFT, one for each step where steps
    /// are weighted by their advantage. A weight of 0 masks a part, which is then read and not learned.
    pub parts: Vec<(Vec<u32>, f32)>,
}

impl WeightedTokens {
    /// A completion as a whole.
    pub fn whole(prompt: Vec<u32>, completion: Vec<u32>, weight: f32) -> Self {
        Self { prompt, parts: vec![(completion, weight)] }
    }
}

impl Model {
    /// Checks that a completion can be read behind a prompt.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(super) fn check_completion(&self, prompt: &[u32], parts: &[&[u32]]) -> Result<(), String> {
        let (vocab, context) = (self.config().vocab, self.config().context);
        let completion: usize = parts.iter().map(|part| part.len()).sum();
        if prompt.is_empty() {
            return Err(
                "the prompt has no tokens, so that nothing predicts the first of the completion".into()
            );
        }
        let tokens = prompt.len() + completion;
        // The last token of a completion is predicted, never read.
        if tokens > context + usize::from(completion > 0) {
            return Err(format!("a text of {tokens} tokens does not fit the context of {context}"));
        }
        let mut all = prompt.iter().chain(parts.iter().copied().flatten());
        match all.find(|token| **token as usize >= vocab) {
            Some(token) => Err(format!("token {token} is not in the vocabulary of {vocab}")),
            None => Ok(()),
        }
    }

    /// The tokens of a target, behind a prompt that was made into tokens by itself: nothing is put around the text,
    /// and where the target ends, the model's first end of text follows.
    ///
    /// # Errors
    /// What the tokenizer reports, or [`TextError::NoEnd`].
    pub fn encode_target(&self, target: &Target) -> Result<Vec<u32>, TextError> {
        let mut tokens = self.text().encode(&target.text, false)?;
        if target.ends {
            tokens.push(*self.ends().first().ok_or(TextError::NoEnd)?);
        }
        Ok(tokens)
    }
}
