//! Committed records: JSON Lines, a line a finished configuration, sorted by name. Each is there once, though several
//! figures may need it: it stands in the file of the figure that ran it first, and is found wherever it stands.

use crate::lease::{LIFE, Lease};
use crate::store::write_whole;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// A folder of files of records.
#[derive(Debug)]
pub(crate) struct Archive {
    folder: PathBuf,
    /// Name of the file that new records go to, without its ending.
    name: String,
    index: Mutex<Index>,
}

/// What was read of the folder, and when it was written.
#[derive(Debug, Default)]
struct Index {
    records: HashMap<String, Found>,
    seen: BTreeMap<PathBuf, (u64, SystemTime)>,
}

/// A record and the file that it stands in.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) record: Value,
    pub(crate) file: PathBuf,
}

/// A line of a file.
#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    record: Value,
}

impl Archive {
    pub(crate) fn new(folder: PathBuf, name: &str) -> Self {
        Self { folder, name: name.to_owned(), index: Mutex::default() }
    }

    /// The record of this name.
    pub(crate) fn find(&self, id: &str) -> Result<Option<Found>> {
        let mut index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        index.refresh(&self.folder)?;
        Ok(index.records.get(id).cloned())
    }

    /// Moves single files, named by their records, into the file of this archive's name. Runs that do so at once take
    /// turns.
    pub(crate) fn gather(&self, files: &Path, ids: &[String]) -> Result<()> {
        let single: Vec<(&String, PathBuf)> = ids
            .iter()
            .map(|id| (id, files.join(format!("{id}.json"))))
            .filter(|(_, path)| path.exists())
            .collect();
        if single.is_empty() {
            return Ok(());
        }
        let _turn = loop {
            if let Some(turn) = Lease::take(&self.folder.join(format!(".{}.lease", self.name)), LIFE)? {
                break turn;
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        };
        let path = self.folder.join(format!("{}.jsonl", self.name));
        let mut lines: BTreeMap<String, String> = BTreeMap::new();
        if path.exists() {
            for line in read(&path)? {
                lines.insert(line.id.clone(), serde_json::to_string(&line)?);
            }
        }
        for (id, file) in &single {
            if self.find(id)?.is_some() {
                continue;
            }
            let text = match std::fs::read_to_string(file) {
                // Another run gathered it while this one waited.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                text => text.with_context(|| format!("cannot read {}", file.display()))?,
            };
            let record =
                serde_json::from_str(&text).with_context(|| format!("{} is not a record", file.display()))?;
            lines.insert((*id).clone(), serde_json::to_string(&Line { id: (*id).clone(), record })?);
        }
        let text: String = lines.values().map(|line| format!("{line}\n")).collect();
        write_whole(&path, text.as_bytes())?;
        single.iter().for_each(|(_, file)| drop(std::fs::remove_file(file)));
        Ok(())
    }
}

impl Index {
    /// Reads the files that were written since the last look.
    fn refresh(&mut self, folder: &Path) -> Result<()> {
        let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.extension().is_none_or(|ending| ending != "jsonl") {
                continue;
            }
            let Ok(data) = entry.metadata() else { continue };
            let written = (data.len(), data.modified().unwrap_or(SystemTime::UNIX_EPOCH));
            if self.seen.get(&path) != Some(&written) {
                let found = |line: Line| (line.id, Found { record: line.record, file: path.clone() });
                self.records.extend(read(&path)?.into_iter().map(found));
                self.seen.insert(path, written);
            }
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<Line>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let line = |(number, line): (usize, &str)| {
        serde_json::from_str(line)
            .with_context(|| format!("{}:{} is not a record", path.display(), number + 1))
    };
    text.lines().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_gathered_once_and_sorted() {
        let root = tempfile::tempdir().unwrap();
        let (files, folder) = (root.path().join("files"), root.path().join("results"));
        std::fs::create_dir_all(&files).unwrap();
        let single = |id: &str, value: u32| {
            std::fs::write(files.join(format!("{id}.json")), format!("{{\"value\": {value}}}")).unwrap();
        };
        let ids = ["b", "a", "c"].map(String::from);
        let first = Archive::new(folder.clone(), "fig7");
        assert!(first.find("a").unwrap().is_none());
        single("b", 2);
        first.gather(&files, &ids).unwrap();
        single("a", 1);
        first.gather(&files, &ids).unwrap();
        let text = std::fs::read_to_string(folder.join("fig7.jsonl")).unwrap();
        assert_eq!(
            text,
            "{\"id\":\"a\",\"record\":{\"value\":1}}\n{\"id\":\"b\",\"record\":{\"value\":2}}\n"
        );
        // Another figure has the same cell: it stays where it is.
        single("a", 1);
        single("c", 3);
        let second = Archive::new(folder.clone(), "fig1");
        second.gather(&files, &ids).unwrap();
        assert_eq!(std::fs::read_to_string(folder.join("fig1.jsonl")).unwrap().lines().count(), 1);
        assert_eq!(first.find("c").unwrap().unwrap().record["value"], 3, "what another run gathered is seen");
        assert_eq!(std::fs::read_dir(&files).unwrap().count(), 0);
    }

    #[test]
    fn a_broken_line_is_named() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("fig7.jsonl"), "{\"id\":\"a\",\"record\":{}}\n{\"id\"\n").unwrap();
        let error = Archive::new(root.path().into(), "fig7").find("a").unwrap_err();
        assert!(error.to_string().ends_with("fig7.jsonl:2 is not a record"), "{error}");
    }
}
