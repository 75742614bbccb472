//! A server's word that it will not answer one prompt.

use eightfold_exchange::Prompt;
use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A prompt that was refused where others may be answered: too long, or not to a filter's liking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which endpoint.
    pub url: String,
    /// The status of the response.
    pub status: u16,
    /// The beginning of its body.
    pub message: String,
}

impl Refusal {
    /// Whether a status speaks of what was sent, and not of the key, the address or the model.
    pub(crate) fn of_one_prompt(status: u16) -> bool {
        matches!(status, 400 | 413 | 422)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: status {}: {}", self.url, self.status, self.message)
    }
}

/// The refusals of a run, and whether they speak of every prompt: of so many requests and, since many requests may have
/// one prompt, of so many prompts too.
pub(crate) struct Refused {
    requests: usize,
    prompts: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: usize,
    prompts: HashSet<Arc<Prompt>>,
}

impl Refused {
    /// Of a run with these prompts, one a request. `attempts` refusals are enough.
    pub(crate) fn new<'a>(prompts: impl Iterator<Item = &'a Arc<Prompt>>, attempts: usize) -> Self {
        let (mut requests, mut different) = (0, HashSet::new());
        prompts.for_each(|prompt| {
            requests += 1;
            if different.len() < attempts {
                different.insert(prompt);
            }
        });
        Self { requests: requests.min(attempts), prompts: different.len(), seen: Mutex::default() }
    }

    /// Notes a request that was refused. True once they are enough.
    pub(crate) fn note(&self, prompt: &Arc<Prompt>) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.requests += 1;
        seen.prompts.insert(prompt.clone());
        seen.requests >= self.requests && seen.prompts.len() >= self.prompts
    }
}
