//! A server's word that it will not answer one prompt.

use std::fmt;

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
