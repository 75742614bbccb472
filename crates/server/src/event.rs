//! What happens while completions are drawn, for those who show it.

use std::fmt;

/// One thing that happened. Nothing that is shown has an influence on results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// So many completions more are wanted.
    Wanted {
        /// How many.
        completions: usize,
    },
    /// One of them is there, and handed on.
    Completed {
        /// How it ended.
        ending: Ending,
    },
    /// One of them will not come: the server refused its prompt.
    Refused,
    /// A request got its response from a server.
    Answered {
        /// Tokens of the response, as far as the server counts them.
        tokens: u64,
    },
    /// A request found its response in the journal.
    Replayed,
    /// An attempt failed and will be repeated.
    Failed {
        /// What went wrong.
        fault: Fault,
        /// Which endpoint, what went wrong, and what it said.
        message: String,
    },
    /// An endpoint is put aside for a while.
    Aside {
        /// Its address.
        url: String,
    },
    /// An endpoint that was put aside answers again.
    Back {
        /// Its address.
        url: String,
    },
    /// A response had another number of choices than were asked for. Missing ones are asked for again.
    Choices {
        /// Choices asked for.
        asked: usize,
        /// Choices given.
        given: usize,
    },
}

/// How a completion ended, as far as it concerns those who train on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// By the model.
    Whole,
    /// At the longest length (`length`).
    Cut,
    /// By a filter of the server (`content_filter`).
    Filtered,
    /// Without content: the message has none.
    NullContent,
}

/// What went wrong with an attempt that may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// No connection.
    Unreachable,
    /// The connection broke.
    Reset,
    /// No whole response in time.
    Timeout,
    /// Status 429, or 503 with a time to wait.
    Busy,
    /// Another status that may pass: 408, 425, 5xx.
    Server,
    /// A whole response that is not what it should be.
    Broken,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable",
            Self::Reset => "connection broken",
            Self::Timeout => "too slow",
            Self::Busy => "busy",
            Self::Server => "server error",
            Self::Broken => "broken response",
        })
    }
}
