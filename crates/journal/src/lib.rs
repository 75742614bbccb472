//! What was computed, by content, in a file that only grows: what makes a run resumable.
//!
//! A [`ContentId`] names a request by all that its response depends on, and a [`Journal`] keeps the response. Both
//! servers and models in this process are asked by way of one.
//!
//! ```
//! use eightfold_journal::{ContentId, Journal};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("journal.jsonl");
//! let id = ContentId::of(["a model", "2 + 2 ="]);
//! Journal::open(&path)?.append(id, "4")?;
//! assert_eq!(Journal::open(&path)?.get(id)?.as_deref(), Some("4"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content_id;
mod error;
mod journal;

pub use content_id::ContentId;
pub use error::JournalError;
pub use journal::Journal;
