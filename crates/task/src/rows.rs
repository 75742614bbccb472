//! Files of problems: one JSON object a line.

use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// Why a file of problems cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be opened or read to its end.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A line is not a JSON object.
    #[error("{}:{line}: not a JSON object: {message}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// A key is missing, or its value is not as it should be.
    #[error("{}:{line}: key `{key}`: {message}", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        message: &'static str,
    },
}

/// One object of a file.
pub(crate) struct Row<'a> {
    path: &'a Path,
    line: usize,
    fields: Map<String, Value>,
}

impl Row<'_> {
    /// The text under a key.
    pub(crate) fn text(&self, key: &'static str) -> Result<&str, FileError> {
        self.value(key)?.as_str().ok_or_else(|| self.wrong(key, "not a string"))
    }

    /// The number under a key.
    pub(crate) fn number(&self, key: &'static str) -> Result<f64, FileError> {
        self.value(key)?.as_f64().ok_or_else(|| self.wrong(key, "not a number"))
    }

    fn value(&self, key: &'static str) -> Result<&Value, FileError> {
        self.fields.get(key).ok_or_else(|| self.wrong(key, "missing"))
    }

    /// The error that something is wrong with a key.
    pub(crate) fn wrong(&self, key: &'static str, message: &'static str) -> FileError {
        FileError::Key { path: self.path.to_owned(), line: self.line, key, message }
    }
}

/// The objects of a file, in order; empty lines are passed over.
pub(crate) fn rows(path: &Path) -> Result<Vec<Row<'_>>, FileError> {
    let io = |source| FileError::Io { path: path.to_owned(), source };
    let mut rows = Vec::new();
    for (index, text) in BufReader::new(File::open(path).map_err(io)?).lines().enumerate() {
        let (text, line) = (text.map_err(io)?, index + 1);
        if text.trim().is_empty() {
            continue;
        }
        let json = |message| FileError::Json { path: path.to_owned(), line, message };
        match serde_json::from_str(&text).map_err(|error| json(error.to_string()))? {
            Value::Object(fields) => rows.push(Row { path, line, fields }),
            _ => return Err(json("another kind of value".into())),
        }
    }
    Ok(rows)
}
