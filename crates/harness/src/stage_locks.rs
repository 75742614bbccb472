//! Stages that several cells share: who computes one.

use crate::lease::{self, Lease};
use anyhow::Result;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A folder of stages, each of which one thread of one run works on at a time.
pub struct StageLocks {
    folder: PathBuf,
    locks: Mutex<HashMap<String, Arc<Mutex<()>>>>,
}

impl StageLocks {
    /// The stages of a cache.
    pub fn new(cache: &Path) -> Self {
        Self { folder: cache.join("stages"), locks: Mutex::default() }
    }

    /// Where a file or folder of the stages is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Runs `work` while nobody else works on the stage of this name: no other thread, and no other run that
    /// shares the cache.
    ///
    /// # Errors
    /// Those of `work`, or if the cache cannot be written.
    pub fn alone<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let lock = self.locks.lock().expect("no holder panics").entry(name.into()).or_default().clone();
        let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.path(&format!("{name}.lease"));
        let _lease = loop {
            if let Some(lease) = Lease::take(&path, lease::LIFE)? {
                break lease;
            }
            std::thread::sleep(Duration::from_millis(200));
        };
        work()
    }
}
