//! Records: what came out of each finished configuration. While a run goes on each is a small file of its own; those that
//! are committed are gathered into [`crate::archive`]s.

use crate::archive::Archive;
use crate::collection::Shelf;
use crate::configuration::Configuration;
use crate::lease::{LIFE, Lease};
use crate::provenance::Provenance;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A finished configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Record<C: Configuration> {
    /// What was run.
    pub cell: C,
    /// What came out.
    pub metrics: C::Metrics,
    /// Where and when; no part of the result.
    pub provenance: Provenance,
}

/// Where records are kept.
#[derive(Debug)]
pub struct Records {
    /// Folder of single files.
    files: PathBuf,
    archive: Option<Archive>,
    /// Names of the records that are gathered into the archive.
    own: Vec<String>,
    gathered: Mutex<Instant>,
}

/// Between two gatherings of a run.
const PAUSE: Duration = Duration::from_secs(3600);

impl Records {
    /// Single files in a folder, which need not exist yet.
    pub fn of_files(files: PathBuf) -> Self {
        Self { files, archive: None, own: Vec::new(), gathered: Mutex::new(Instant::now()) }
    }

    /// Those of a shelf; the records of these cells are gathered into the file of this name, where it has files.
    pub fn on<C: Configuration>(shelf: Shelf, name: &str, cells: &[C]) -> Self {
        let archive = shelf.archive.map(|folder| Archive::new(folder, name));
        let own = cells.iter().map(C::id).collect();
        Self { archive, own, ..Self::of_files(shelf.files) }
    }

    fn path<C: Configuration>(&self, cell: &C) -> PathBuf {
        self.files.join(cell.id() + ".json")
    }

    /// The right to run a cell; `None` while another run, here or on another machine, holds it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn lease<C: Configuration>(&self, cell: &C) -> Result<Option<Lease>> {
        Lease::take(&self.files.join(cell.id() + ".lease"), LIFE)
    }

    /// Whether what is done is gathered into files that are committed.
    pub(crate) fn are_committed(&self) -> bool {
        self.archive.is_some()
    }

    /// Whether a cell has a record, readable or not.
    pub fn has<C: Configuration>(&self, cell: &C) -> bool {
        let archived = || self.archive.as_ref().is_some_and(|a| !matches!(a.find(&cell.id()), Ok(None)));
        self.path(cell).exists() || archived()
    }

    /// The record of a cell; `None` if it was not run.
    ///
    /// # Errors
    /// If there is a file that does not parse, or is of another cell.
    pub fn load<C: Configuration>(&self, cell: &C) -> Result<Option<Record<C>>> {
        let Some((record, file)) = self.find::<C>(&cell.id())? else { return Ok(None) };
        if record.cell != *cell {
            bail!(
                "{}: `cell` is not the cell of the name {}; delete it to run it again",
                file.display(),
                cell.id()
            );
        }
        Ok(Some(record))
    }

    /// The record of this name with the file that it stands in; `None` if there is none.
    ///
    /// # Errors
    /// If there is a file that cannot be read or does not parse.
    pub fn find<C: Configuration>(&self, id: &str) -> Result<Option<(Record<C>, PathBuf)>> {
        let path = self.files.join(format!("{id}.json"));
        let (record, file) = match std::fs::read_to_string(&path) {
            Ok(text) => (serde_json::from_str(&text), path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let Some(archive) = &self.archive else { return Ok(None) };
                let Some(found) = archive.find(id)? else { return Ok(None) };
                (serde_json::from_value(found.record), found.file)
            }
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
        };
        let record = record.with_context(|| format!("{}: {id} is not a record", file.display()))?;
        Ok(Some((record, file)))
    }

    /// Writes a record. It appears under its name only when it is complete. Once an hour those of a run are gathered.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save<C: Configuration>(&self, record: &Record<C>) -> Result<()> {
        let text = serde_json::to_string_pretty(record)? + "\n";
        write_whole(&self.path(&record.cell), text.as_bytes())?;
        let due = self.gathered.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= PAUSE;
        if due { self.gather() } else { Ok(()) }
    }

    /// Gathers the single files of this run's records, where they are committed.
    ///
    /// # Errors
    /// If a file cannot be read or written.
    pub fn gather(&self) -> Result<()> {
        *self.gathered.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.archive.as_ref().map_or(Ok(()), |archive| archive.gather(&self.files, &self.own))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Toy, record};

    #[test]
    fn a_record_is_found_in_its_file_and_in_the_archive() {
        let root = tempfile::tempdir().unwrap();
        let shelf = Shelf { files: root.path().join("files"), archive: Some(root.path().join("results")) };
        let cells = [Toy::new("a", 1), Toy::new("a", 2)];
        let records = Records::on(shelf.clone(), "fig7", &cells);
        assert!(records.load(&cells[0]).unwrap().is_none() && !records.has(&cells[0]));
        for cell in &cells {
            records.save(&record(cell)).unwrap();
        }
        let loaded = records.load(&cells[1]).unwrap();
        records.gather().unwrap();
        assert_eq!(records.load(&cells[1]).unwrap(), loaded);
        assert!(records.has(&cells[0]));
        // A run that was killed before it gathered: the next one does.
        let other = Toy::new("b", 3);
        records.save(&record(&other)).unwrap();
        let next = Records::on(shelf, "fig7", std::slice::from_ref(&other));
        next.gather().unwrap();
        assert_eq!(next.load(&other).unwrap(), Some(record(&other)));
    }

    /// A small file system that is full, where one may be mounted.
    #[test]
    fn a_full_disk_is_an_error_that_names_the_file_and_leaves_no_part() {
        let place = tempfile::tempdir().unwrap();
        let mount = |args: &[&str]| {
            std::process::Command::new("mount")
                .args(args)
                .arg(place.path())
                .output()
                .is_ok_and(|o| o.status.success())
        };
        if !mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs"]) {
            eprintln!("skipped: no file system may be mounted here");
            return;
        }
        let path = place.path().join("records/a.json");
        let full = write_whole(&path, &vec![b'x'; 1 << 20]).map_err(|error| format!("{error:#}"));
        let left = std::fs::read_dir(place.path().join("records")).map_or(0, Iterator::count);
        let small = write_whole(&path, b"small").map_err(|error| format!("{error:#}"));
        drop(std::process::Command::new("umount").arg(place.path()).output());
        let message = full.unwrap_err();
        assert!(message.contains("a.json") && message.to_lowercase().contains("space"), "{message}");
        assert_eq!((left, small), (0, Ok(())));
    }
}
