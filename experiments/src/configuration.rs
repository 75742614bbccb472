//! What a figure sweeps over: configurations that have a name and can be run. The harness (records, jobs, command
//! line) knows nothing else of them.

use crate::doing::Watch;
use anyhow::Result;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

/// One configuration, as plain data: everything that can change its result, and nothing else.
pub trait Configuration: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// What a run measures.
    type Metrics: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;
    /// Where runs happen: folders, devices, and what they start from.
    type Place: Sync;

    /// An example of `--set` for the help.
    const SET: &'static str;

    /// The name of its record: readable, and unique by a hash of the whole configuration.
    fn id(&self) -> String;

    /// A few words for progress lines.
    fn label(&self) -> String;

    /// What it costs beside others, roughly, in any unit: for the estimate of the time left.
    fn weight(&self) -> f64;

    /// Puts missing configurations into the order in which they are run.
    fn queue(missing: &mut [Self]);

    /// Names what it starts from: configurations of one start share stages, and are run on one machine.
    fn start(&self) -> String {
        self.id()
    }

    /// Makes what several of them need before any of them runs.
    ///
    /// # Errors
    /// If that cannot be made.
    fn prepare(cells: &[Self], place: &Self::Place) -> Result<()>;

    /// Runs it.
    ///
    /// # Errors
    /// If it contradicts itself, training diverges, or a file cannot be used.
    fn run(&self, place: &Self::Place, watch: &Watch) -> Result<Self::Metrics>;

    /// The result in a few words, for progress lines.
    fn outcome(metrics: &Self::Metrics) -> String;

    /// The error that it ends with, in [0, 1], for progress lines.
    fn error(metrics: &Self::Metrics) -> f64;
}
