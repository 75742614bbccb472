//! The star graph experiment (figure 10): its network, its training, its cells.
//!
//! The ordinary decoder on text does not show the figure's panels (LOG.md), so this experiment has a network of
//! its own, [`net::StarNet`]: attention alone, one position an edge, no order of edges. Everything else is the
//! project's: its samples, first pits and pairs come from the same [`eightfold_synth::RolloutStore`] by way of
//! [`policy::StarPolicy`], its losses from [`eightfold_loss`].

pub mod base;
pub mod cell;
pub mod claims;
pub mod curves;
pub mod losses;
pub mod metrics;
pub mod net;
pub mod pairs;
pub mod plan;
pub mod policy;
pub mod pretraining;
pub mod rows;
pub mod run;
pub mod scores;
pub mod settings;
pub mod sweep;
pub mod training;
