//! The harness of experiments: it runs configurations, keeps a record of each, and draws figures of the records. It knows
//! no world, no learner and no tensor.
//!
//! A [`Configuration`] is one run as plain data; [`Records`] keeps what came out; a [`Figure`] names configurations, draws
//! their records and measures claims. Several runs, on one machine or many, share a folder by leases ([`Lease`]).

mod archive;
mod board;
mod claim;
mod claims_file;
mod collection;
mod configuration;
mod copied;
mod figure;
mod flags;
mod invocation;
mod jobs;
mod lease;
mod memory;
mod origin;
mod preset;
mod progress;
mod provenance;
mod set;
mod share;
mod stage_locks;
mod store;
mod table;
#[cfg(test)]
mod testing;
mod watch;

pub use board::clock;
pub use claim::{Center, Interval, Measured, Side, Student, Verdict};
pub use claims_file::{ClaimRow, ClaimsFile};
pub use collection::{Collection, Shelf};
pub use configuration::{Configuration, Opening};
pub use figure::{Drawn, Elsewhere, Figure, Results};
pub use jobs::{Jobs, run_missing};
pub use lease::{LIFE, Lease};
pub use origin::{Known, Origin, Topic};
pub use preset::{Preset, Seeds};
pub use progress::{OnProgress, Progress};
pub use provenance::Provenance;
pub use set::{apply_all, apply_some};
pub use share::Share;
pub use stage_locks::StageLocks;
pub use store::{Record, Records, write_whole};
pub use table::Table;
