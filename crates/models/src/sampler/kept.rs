//! A sampler with a journal: what was drawn once is not drawn again, and a killed run loses no finished completion.

use super::{Prompt, Sample, Sampler};
use crate::TextError;
use eightfold_journal::{ContentId, Journal, JournalError};
use std::ops::ControlFlow;

/// Raised by hand when the sampler would draw other completions from the same prompts.
const DRAWING: u32 = 1;

/// A sampler whose completions are kept.
pub struct Kept<'a> {
    sampler: Sampler<'a>,
    journal: &'a Journal,
    /// Of the model and of how it is sampled.
    policy: ContentId,
}

/// Why completions could not be drawn or kept. What was kept before stays.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// A prompt cannot be read, or a completion not be written.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl<'a> Kept<'a> {
    /// The same sampler with a journal. `model` names its model ([`crate::fingerprint`]): completions are found again
    /// for the same model, settings, prompt and key.
    pub fn new(sampler: Sampler<'a>, model: ContentId, journal: &'a Journal) -> Self {
        let settings = serde_json::json!([DRAWING, sampler.sampling, sampler.endless]).to_string();
        let mut parts = vec![model.to_string(), settings];
        // Rounding differs there, and what one draws is not what the other would.
        parts.extend(sampler.remote.is_some().then(|| "remote".to_owned()));
        let policy = ContentId::of(parts);
        Self { sampler, journal, policy }
    }

    fn id(&self, Prompt { tokens, key }: &Prompt) -> ContentId {
        let tokens: Vec<u8> = tokens.iter().flat_map(|token| token.to_le_bytes()).collect();
        let key = serde_json::json!(key).to_string();
        ContentId::of([self.policy.to_string().as_bytes(), &tokens, key.as_bytes()])
    }

    /// As [`Sampler::draw`], but completions in the journal are handed out first, and new ones are in it before they
    /// are handed out. `take` is told whether a completion was drawn now.
    ///
    /// # Errors
    /// As [`Sampler::draw`]; or the journal cannot be used.
    ///
    /// # Panics
    /// If a token is not below the vocabulary's size.
    pub fn draw(
        &self,
        prompts: &[Prompt],
        take: &mut dyn FnMut(usize, Sample, bool) -> ControlFlow<()>,
    ) -> Result<(), KeptError> {
        let (mut numbers, mut ids, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (number, prompt) in prompts.iter().enumerate() {
            let id = self.id(prompt);
            // What does not parse was not written by this program: it is drawn anew.
            match self.journal.get(id)?.and_then(|text| serde_json::from_str(&text).ok()) {
                Some(sample) => {
                    if take(number, sample, false).is_break() {
                        return Ok(());
                    }
                }
                None => {
                    numbers.push(number);
                    ids.push(id);
                    left.push(prompt.clone());
                }
            }
        }
        let mut kept = Ok(());
        self.sampler.draw(&left, &mut |at, sample| {
            let text = serde_json::to_string(&sample).expect("a sample is plain data");
            kept = self.journal.append(ids[at], &text);
            if kept.is_err() {
                return ControlFlow::Break(());
            }
            take(numbers[at], sample, true)
        })?;
        Ok(kept?)
    }
}
