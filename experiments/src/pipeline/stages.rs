//! What several cells share, computed once and kept in the cache, where a killed run finds it again: trained states,
//! samples and rollouts, step values.

use super::learner::{Learner, Trained};
use super::ledger::StageCost;
use anyhow::{Context, Result};
use eightfold_gpt::TrainReport;
use eightfold_harness::{StageLocks, write_whole};
use eightfold_synth::RolloutStore;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The stages of a cache, each of which one thread of one run works on at a time.
pub struct Stages {
    locks: StageLocks,
}

/// A rollout store and what it took.
pub struct Rollouts {
    /// The store.
    pub store: RolloutStore,
    /// Seconds of sampling and searching together.
    pub seconds: f64,
}

/// How a training went and what it took, beside the state that it gave.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Summary {
    report: TrainReport,
    cost: StageCost,
}

impl Stages {
    /// The stages of a cache.
    pub fn new(cache: &Path) -> Self {
        Self { locks: StageLocks::new(cache) }
    }

    /// Where a file or folder of the stages is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.locks.path(name)
    }

    /// Runs `work` while nobody else works on the stage of this name.
    ///
    /// # Errors
    /// Those of `work`, or if the cache cannot be written.
    pub fn alone<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.locks.alone(name, work)
    }

    /// A trained state: that of the cache, or what `train` makes, which is kept if the learner keeps states.
    ///
    /// # Errors
    /// If training fails, or the cache cannot be read or written.
    pub fn trained<L: Learner>(
        &self,
        learner: &L,
        name: &str,
        made_by: impl FnOnce() -> Result<serde_json::Value>,
        train: impl FnOnce() -> Result<(Trained<L::State>, StageCost)>,
    ) -> Result<(Trained<L::State>, StageCost)> {
        let Some(kept) = learner.kept() else { return train() };
        let (folder, path) = (self.path(name), self.path(&format!("{name}.json")));
        self.alone(name, || {
            if !folder.exists() {
                let (trained, cost) = train()?;
                std::fs::create_dir_all(self.path(""))
                    .with_context(|| format!("cannot create {}", self.path("").display()))?;
                let summary = Summary { report: trained.report, cost };
                write_whole(&path, serde_json::to_string_pretty(&summary)?.as_bytes())?;
                // Last, since a folder appears whole.
                kept.save(&trained.state, &folder, made_by()?)?;
            }
            let Summary { report, cost } = read_json(&path)?;
            Ok((Trained { state: kept.load(&folder)?, report }, cost))
        })
    }

    /// Samples and pit searches: those of the cache, or what `draw` makes.
    ///
    /// # Errors
    /// If drawing fails, or the cache cannot be read or written.
    pub fn rollouts(&self, name: &str, draw: impl FnOnce() -> Result<Rollouts>) -> Result<Rollouts> {
        let path = self.path(&format!("{name}.jsonl"));
        let seconds_path = path.with_extension("seconds.json");
        self.alone(name, || {
            if path.exists() {
                return Ok(Rollouts {
                    store: RolloutStore::load(&path)?,
                    seconds: read_json(&seconds_path)?,
                });
            }
            let rollouts = draw()?;
            write_whole(&seconds_path, serde_json::to_string(&rollouts.seconds)?.as_bytes())?;
            rollouts.store.save(&path)?;
            Ok(rollouts)
        })
    }

    /// Anything else that is one file of JSON.
    ///
    /// # Errors
    /// Those of `make`, or if the cache cannot be read or written.
    pub fn json<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let path = self.path(&format!("{name}.json"));
        self.alone(name, || {
            if path.exists() {
                return read_json(&path);
            }
            let made = make()?;
            write_whole(&path, serde_json::to_string(&made)?.as_bytes())?;
            Ok(made)
        })
    }
}

/// Reads a file of JSON.
///
/// # Errors
/// If it cannot be read or parsed; the message names it.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not parse; delete it", path.display()))
}

/// What was drawn, for those who count.
impl Rollouts {
    /// Completions that the verifier judged.
    pub fn verified(&self) -> u64 {
        self.store.sampling_cost().draws + self.store.search_cost().draws
    }
}
