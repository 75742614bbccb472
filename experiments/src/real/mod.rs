//! Language models from folders on files of problems: the pipeline of the closed world with GSM8K or SVAMP in place of
//! the lexicon, and Llama or Qwen in place of the small network. Feature `models`.
//!
//! A [`cell::RealCell`] is one configuration, [`run::run`] turns it into [`metrics::RealMetrics`], and the harness
//! (records, jobs, leases, the board) is that of the figures. What cells share (the SFT checkpoint, samples and
//! rollouts) is a stage, named by its content; what is drawn for a stage is kept completion by completion, so that a
//! killed run loses those in flight and no other.

pub mod cell;
pub mod command;
mod cost;
pub mod data;
mod drawing;
mod evaluate;
pub mod first_errors;
pub mod metrics;
pub mod place;
pub mod plan;
mod policy;
pub mod processbench;
mod rows;
pub mod run;
mod stages;
mod training;
pub mod tuning;
