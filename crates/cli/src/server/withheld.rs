//! Completions that a server does not give, where the others go on.

use eightfold_server::Refusal;
use std::fmt;

/// Why there is no completion. It says nothing about the model, so it counts neither for nor against it.
#[derive(Clone, Debug)]
pub(crate) enum Withheld {
    /// The server refused the prompt.
    Refused(Refusal),
    /// A filter of the server withheld what the model said.
    Filtered,
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => write!(f, "passed over: {refusal}"),
            Self::Filtered => f.write_str("passed over: withheld by the server's filter (`content_filter`)"),
        }
    }
}
