//! Training on completions: full or by low-rank adapters, with gradients that are exact and memory that is small.
//!
//! All losses are functions of one number a sequence, the sum of its completion's log-probabilities. The network reads
//! packed rows and gives these sums; [`eightfold_loss`] turns them into a loss and its slopes; the network's backward
//! pass takes the slopes. So no loss knows the network, and the network knows no loss.

pub(crate) mod adapters;
mod backward;
mod config;
mod elements;
mod error;
mod example;
mod head;
mod learner;
mod optimizer;
mod parameters;
mod pass;
pub(crate) mod plain;
mod preference;
mod reference;
pub(crate) mod step;
mod supervised;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod trainer;

pub use config::{Lora, Projection, Tuning};
pub use error::TrainError;
pub use example::WeightedTokens;
pub use preference::preference;
pub use reference::{LogpStore, reference_logps};
pub use supervised::supervised;
