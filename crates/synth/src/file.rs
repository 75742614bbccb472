//! A rollout store as a file: JSON lines, one problem a line.

use crate::{Record, RolloutStore, Search};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why a rollout store cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is not a record.
    #[error("{}:{line}: {message}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        message: String,
    },
}

impl RolloutStore {
    /// Writes the store, one problem a line. The file appears whole or not at all: it is written beside its
    /// place, with `.part` and the number of the process added to its name, and then moved there.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        let io = |source| StoreError::Io { path: path.to_owned(), source };
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".part-{}", std::process::id()));
        let part = PathBuf::from(name);
        let mut file = BufWriter::new(File::create(&part).map_err(io)?);
        self.write(&mut file).map_err(io)?;
        file.into_inner().map_err(|error| io(error.into_error()))?.sync_all().map_err(io)?;
        std::fs::rename(&part, path).map_err(io)
    }

    /// Writes the store to a stream, which may compress.
    ///
    /// # Errors
    /// If the stream does.
    pub fn write(&self, stream: &mut dyn Write) -> std::io::Result<()> {
        for record in &self.records {
            serde_json::to_writer(&mut *stream, record)?;
            stream.write_all(b"\n")?;
        }
        stream.flush()
    }

    /// Reads a store that [`RolloutStore::save`] wrote.
    ///
    /// # Errors
    /// If the file cannot be read, or a line of it is not a record; the error names the line.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let file = File::open(path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Self::read(path, &mut BufReader::new(file))
    }

    /// Reads a store from a stream; `path` is named in errors.
    ///
    /// # Errors
    /// As [`RolloutStore::load`].
    pub fn read(path: &Path, stream: &mut dyn BufRead) -> Result<Self, StoreError> {
        let mut records = Vec::new();
        for (index, text) in stream.lines().enumerate() {
            let text = text.map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
            let wrong = |message| StoreError::Line { path: path.to_owned(), line: index + 1, message };
            let record: Record = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
            record.searches.iter().try_for_each(|search| check(&record, search)).map_err(wrong)?;
            records.push(record);
        }
        Ok(Self { records })
    }
}

/// Whether a search fits the samples beside it, so that nothing read from a file can panic later.
fn check(record: &Record, search: &Search) -> Result<(), String> {
    let Search { sample, cuts, pit, evidence } = search;
    let wrong = |key: &str| Err(format!("search of sample {sample}: `{key}` does not fit the sample"));
    let Some(found) = record.trace.samples.get(*sample) else { return wrong("sample") };
    let text = &found.completion.text;
    if !cuts.iter().all(|&at| at > 0 && at < text.len() && text.is_char_boundary(at)) {
        return wrong("cuts");
    }
    let len = record.steps(search).len();
    if evidence.len != len || evidence.steps.len() >= len.max(1) {
        return wrong("evidence");
    }
    // A pit beyond the known steps can only be the last one, judged by its verdict.
    if pit.is_some_and(|pit| pit > evidence.steps.len() || pit >= len) {
        return wrong("pit");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreSettings;
    use eightfold_segment::Lines;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    fn store() -> RolloutStore {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let problems = lexicon.problems(6, 0, "train");
        let policy = Tabular::crowd(&lexicon);
        RolloutStore::build(&StoreSettings::default(), &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap()
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let (store, dir) = (store(), tempfile::tempdir().unwrap());
        let path = dir.path().join("rollouts.jsonl");
        store.save(&path).unwrap();
        assert_eq!(RolloutStore::load(&path).unwrap(), store);
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 6);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn errors_name_file_and_line() {
        let mut text = Vec::new();
        store().write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let read = |text: &str| {
            RolloutStore::read(Path::new("x.jsonl"), &mut text.as_bytes()).unwrap_err().to_string()
        };
        let lines: Vec<&str> = text.lines().collect();
        let cut = format!("{}\n{}", lines[0], &lines[1][..lines[1].len() / 2]);
        assert!(read(&cut).starts_with("x.jsonl:2: "), "{}", read(&cut));
        let unknown = lines[0].replacen("\"searches\"", "\"serches\"", 1);
        assert!(read(&unknown).contains("serches"), "{}", read(&unknown));

        let with = |change: fn(&mut Search)| {
            let mut store = store();
            let record = store.records.iter_mut().find(|r| !r.searches.is_empty()).unwrap();
            change(&mut record.searches[0]);
            let mut text = Vec::new();
            RolloutStore { records: vec![record.clone()] }.write(&mut text).unwrap();
            read(&String::from_utf8(text).unwrap())
        };
        assert!(with(|search| search.sample = 99).contains("`sample`"));
        assert!(with(|search| search.cuts.push(9999)).contains("`cuts`"));
        assert!(with(|search| search.evidence.len += 1).contains("`evidence`"));
        assert!(with(|search| search.pit = Some(50)).contains("`pit`"));
        let missing = RolloutStore::load(Path::new("no/such.jsonl")).unwrap_err().to_string();
        assert!(missing.starts_with("no/such.jsonl: "), "{missing}");
        let refused = store().save(Path::new("no/such.jsonl")).unwrap_err().to_string();
        assert!(refused.starts_with("no/such.jsonl: "), "{refused}");
    }
}
