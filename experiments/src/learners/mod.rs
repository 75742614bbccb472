//! Who learns.

pub mod base;
#[cfg(feature = "models")]
pub mod folder;
mod network;
pub mod pretraining;
pub mod star;
mod table;

pub use network::NetworkLearner;
pub use table::TableLearner;
