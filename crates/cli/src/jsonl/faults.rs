//! What was wrong with a file: each malformed line named, missing keys counted.

use crate::status::Status;
use eightfold_exchange::RowError;
use std::collections::BTreeMap;

/// Says on standard error what is wrong with the lines of a file. A line is named with the file; of the
/// rows that lack the same key the first is named, and the others are counted.
pub(crate) struct Faults {
    name: String,
    malformed: usize,
    /// For each missing key the first line without it, and how many have none.
    missing: BTreeMap<String, (usize, usize)>,
}

impl Faults {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), malformed: 0, missing: BTreeMap::new() }
    }

    /// A line that is passed over, and why.
    pub(crate) fn add(&mut self, line: usize, error: &anyhow::Error) {
        self.malformed += 1;
        if let Some(RowError::Missing { key, .. }) = error.downcast_ref() {
            let (_, count) = self.missing.entry(key.clone()).or_insert((line, 0));
            *count += 1;
            if *count > 1 {
                return;
            }
        }
        eprintln!("{}:{line}: {error:#}", self.name);
    }

    /// Lines passed over so far.
    pub(crate) fn malformed(&self) -> usize {
        self.malformed
    }

    /// Counts what was not named, and says how the program should exit.
    pub(crate) fn close(self) -> Status {
        for (key, (first, count)) in self.missing.iter().filter(|(_, (_, count))| *count > 1) {
            eprintln!("{}: {count} rows have no key `{key}`, the first on line {first}", self.name);
        }
        if self.malformed > 0 { Status::PassedOver } else { Status::Done }
    }
}
