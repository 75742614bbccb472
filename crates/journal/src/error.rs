//! Why a journal cannot be used.

use std::io;
use std::path::PathBuf;

/// Why a journal cannot be used. What was stored before is kept.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// It cannot be read or written.
    #[error("{}: {source}; {stored} requests have their response in it, and the same command goes on from \
             there", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
        /// Requests with a stored response.
        stored: usize,
    },
    /// It is open elsewhere.
    #[error("{}: another process has this journal; wait for it or name another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
}
