//! The worlds that problems come from.

mod lexicon;
#[cfg(feature = "models")]
pub mod pool;
#[cfg(feature = "models")]
mod problems;
mod star;

pub use lexicon::LexiconWorld;
#[cfg(feature = "models")]
pub use problems::FileWorld;
pub use star::StarWorld;
