//! What a figure sweeps over: configurations that have a name and can be run. The harness (records, jobs, command
//! line) knows nothing else of them.

use crate::jobs::Jobs;
use crate::preset::Preset;
use crate::progress::OnProgress;
use anyhow::Result;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use std::path::PathBuf;

/// What every place is opened with.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Root of the repository.
    pub root: PathBuf,
    /// Folder of checkpoints and whatever else cells share.
    pub cache: PathBuf,
    /// Name of the device.
    pub device: String,
}

/// One configuration, as plain data: everything that can change its result, and nothing else.
pub trait Configuration: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync {
    /// What a run measures.
    type Metrics: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync;
    /// Where runs happen: folders, devices, and what they start from.
    type Place: Sync;
    /// Flags of its own, beside those of every figure: which place it is.
    type Options: clap::Args + Clone + Debug + Sync;

    /// An example of `--set` for the help.
    const SET: &'static str;

    /// The root of the repository.
    fn root() -> PathBuf;

    /// Hash of the sources that a run depends on, as the program was built from them.
    fn sources() -> &'static str;

    /// The name of its record: readable, and unique by a hash of the whole configuration.
    fn id(&self) -> String;

    /// A few words for progress lines.
    fn label(&self) -> String;

    /// Name of the group that `--set GROUP:KEY=VALUE` is for.
    fn group(&self) -> &str;

    /// What it costs beside others, roughly, in any unit: for the estimate of the time left.
    fn weight(&self) -> f64;

    /// Puts missing configurations into the order in which they are run.
    fn queue(missing: &mut [Self]);

    /// Names what it starts from: configurations of one start share stages, and are run on one machine.
    fn start(&self) -> String {
        self.id()
    }

    /// Opens the place that the flags ask for.
    ///
    /// # Errors
    /// If there is no such device, or a file that the flags name cannot be read.
    fn open(options: &Self::Options, opening: Opening) -> Result<Self::Place>;

    /// Whether the flags ask for another place than the figures' own.
    fn is_elsewhere(options: &Self::Options) -> bool;

    /// The same configuration in a place that is not the figures' own; `None` where that lacks what it needs.
    fn elsewhere(&self, place: &Self::Place, options: &Self::Options, preset: Preset) -> Option<Self>;

    /// What a drawing from another place has to say of it.
    fn note(place: &Self::Place) -> String;

    /// How many are run at a time, where the command line does not say.
    fn jobs(options: &Self::Options, asked: Option<usize>) -> Jobs;

    /// Makes what several of them need before any of them runs.
    ///
    /// # Errors
    /// If that cannot be made.
    fn prepare(cells: &[Self], place: &Self::Place) -> Result<()>;

    /// About how many seconds these take, all run here, by a calibration of about a second; `None` where that cannot be
    /// told.
    fn estimate(cells: &[Self], place: &Self::Place, jobs: &Jobs) -> Option<f64>;

    /// Runs it.
    ///
    /// # Errors
    /// If it contradicts itself, training diverges, or a file cannot be used.
    fn run(&self, place: &Self::Place, on_progress: &OnProgress) -> Result<Self::Metrics>;

    /// The result in a few words, for progress lines.
    fn outcome(metrics: &Self::Metrics) -> String;

    /// The error that it ends with, in [0, 1], for progress lines.
    fn error(metrics: &Self::Metrics) -> f64;
}
