//! What is asked of a server: a prompt, and what the solution says so far.

use eightfold_exchange::Prompt;
use eightfold_task::Key;
use std::sync::Arc;

/// One completion to be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ask {
    /// The rendered prompt. A text goes to `/completions`, which continues it as it stands; messages go to
    /// `/chat/completions`, which adds the model's own markup. Shared, since many asks have the same.
    pub prompt: Arc<Prompt>,
    /// The steps of the solution that are already written; empty for a whole solution.
    pub prefix: String,
    /// Names the random stream of this completion; its `seed` is derived from it.
    pub key: Key,
}
