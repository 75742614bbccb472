//! Reference solutions, by problem.

use crate::jsonl::{Faults, Lines};
use eightfold_exchange::ProblemRow;
use std::collections::HashMap;
use std::path::Path;

/// The reference solution of each problem that has one.
#[derive(Default)]
pub(crate) struct Known(HashMap<String, String>);

impl Known {
    /// Reads problems. A malformed line is an error here: a problem that is passed over would lose its pairs.
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let mut lines = Lines::open(Some(path))?;
        let mut faults = Faults::new(lines.name());
        let mut solutions = HashMap::new();
        while let Some((number, row)) = lines.next_row()? {
            match row.and_then(|row| Ok(ProblemRow::read(row.into_fields().rest())?)) {
                Ok(ProblemRow { id, solution, .. }) => {
                    solutions.extend(solution.map(|solution| (id, solution)));
                }
                Err(error) => faults.add(number, &error),
            }
        }
        let (name, malformed) = (lines.name().to_owned(), faults.malformed());
        faults.close();
        anyhow::ensure!(malformed == 0, "{name}: {malformed} problems cannot be read");
        if solutions.is_empty() {
            eprintln!("{name}: no problem has the key `solution`");
        }
        Ok(Self(solutions))
    }

    /// The reference solution of a problem.
    pub(crate) fn solution(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}
