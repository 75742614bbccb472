//! Why completions could not be had.

use std::io;
use std::path::PathBuf;

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
    /// The journal cannot be read or written.
    #[error("{}: {source}; {stored} requests have their response in it, and the same command goes on from \
             there", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
        /// Requests with a stored response.
        stored: usize,
    },
    /// The journal is open elsewhere.
    #[error("{}: another process has this journal; wait for it or name another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
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
