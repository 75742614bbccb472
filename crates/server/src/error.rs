//! Why completions could not be had.

use eightfold_journal::JournalError;
use std::io;

/// Why completions could not be had. What was stored in the journal before is kept.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A setting is out of its range.
    #[error("`{field}` {message}")]
    Setting {
        /// Its name.
        field: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// The variable that should hold the API key does not.
    #[error("the environment variable `{name}`, which should hold the API key, {message}")]
    Key {
        /// Its name.
        name: String,
        /// What is wrong with it.
        message: &'static str,
    },
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A server answered that it will never answer this.
    #[error("{url}: status {status}: {message}")]
    Refused {
        /// Which endpoint.
        url: String,
        /// The status of the response.
        status: u16,
        /// The beginning of its body.
        message: String,
    },
    /// No attempt succeeded.
    #[error("no answer in {attempts} attempts; the last one: {last}")]
    Exhausted {
        /// Attempts made for one request.
        attempts: u32,
        /// What went wrong in the last one.
        last: String,
    },
    /// Another request failed, and this one was not sent any more.
    #[error("stopped")]
    Stopped,
    /// The taker of the answers failed.
    #[error(transparent)]
    Taker(#[from] io::Error),
}
