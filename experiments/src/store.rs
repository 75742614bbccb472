//! Records: one small file for each finished cell.

use crate::configuration::Configuration;
use crate::lease::{self, Lease};
use crate::pipeline::Cell;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A finished cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Record<C: Configuration = Cell> {
    /// What was run.
    pub cell: C,
    /// What came out.
    pub metrics: C::Metrics,
    /// Where and when; no part of the result.
    pub provenance: Provenance,
}

/// Where a record comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Commit of the repository, where git is at hand.
    pub commit: Option<String>,
    /// Whether the work tree differed from it.
    pub dirty: Option<bool>,
    /// Version of this package.
    pub version: String,
    /// The device's name.
    pub device: String,
    /// Seconds since 1970.
    pub unix_time: u64,
}

impl Provenance {
    /// Of a run that starts now.
    pub fn now(root: &Path, device: &str) -> Self {
        let git = |args: &[&str]| {
            let output = std::process::Command::new("git").arg("-C").arg(root).args(args).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            output.status.success().then(|| text.trim().to_owned())
        };
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Self {
            commit: git(&["rev-parse", "HEAD"]),
            dirty: git(&["status", "--porcelain"]).map(|status| !status.is_empty()),
            version: env!("CARGO_PKG_VERSION").into(),
            device: device.into(),
            unix_time: since.map_or(0, |since| since.as_secs()),
        }
    }
}

/// A folder of records.
#[derive(Clone, Debug)]
pub struct Records {
    dir: PathBuf,
}

impl Records {
    /// The records in a folder, which need not exist yet.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn path<C: Configuration>(&self, cell: &C) -> PathBuf {
        self.dir.join(cell.id() + ".json")
    }

    /// The right to run a cell; `None` while another run, here or on another machine, holds it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn lease<C: Configuration>(&self, cell: &C) -> Result<Option<Lease>> {
        Lease::take(&self.dir.join(cell.id() + ".lease"), lease::LIFE)
    }

    /// Whether a cell has a record, readable or not.
    pub fn has<C: Configuration>(&self, cell: &C) -> bool {
        self.path(cell).exists()
    }

    /// The record of a cell; `None` if it was not run.
    ///
    /// # Errors
    /// If there is a file that does not parse, or is of another cell.
    pub fn load<C: Configuration>(&self, cell: &C) -> Result<Option<Record<C>>> {
        let path = self.path(cell);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let record: Record<C> =
            serde_json::from_str(&text).with_context(|| format!("{} is not a record", path.display()))?;
        if record.cell != *cell {
            bail!("{}: `cell` is not the cell of that name; delete the file to run it again", path.display());
        }
        Ok(Some(record))
    }

    /// Writes a record. It appears under its name only when it is complete.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save<C: Configuration>(&self, record: &Record<C>) -> Result<()> {
        let text = serde_json::to_string_pretty(record)? + "\n";
        write_whole(&self.path(&record.cell), text.as_bytes())
    }
}

/// Writes a file under a temporary name and renames it, so that no reader ever sees a part of it.
///
/// # Errors
/// If a folder cannot be made or the file not written; the message names it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    let part = path.with_extension(format!("part-{}", std::process::id()));
    let written = std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path));
    written
        .inspect_err(|_| drop(std::fs::remove_file(&part)))
        .with_context(|| format!("cannot write {}", path.display()))
}
