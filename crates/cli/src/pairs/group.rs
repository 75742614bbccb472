//! The solutions of one problem, gathered from the rows that follow each other.

use anyhow::bail;
use eightfold_exchange::SampleRow;
use std::collections::HashMap;

/// Gathers rows. Memory holds the solutions of one problem, and of the others the name alone.
#[derive(Default)]
pub(crate) struct Groups {
    current: Vec<SampleRow>,
    /// Where each problem that is done was seen first.
    done: HashMap<String, usize>,
    first: usize,
}

impl Groups {
    /// Adds a row. Returns the solutions of the problem before, where the row begins another.
    pub(crate) fn push(&mut self, line: usize, row: SampleRow) -> anyhow::Result<Option<Vec<SampleRow>>> {
        if let Some(before) = self.current.first().filter(|before| before.id == row.id) {
            let (id, sample) = (&row.id, row.sample);
            if self.current.iter().any(|other| other.sample == sample) {
                bail!("sample {sample} of problem {id} was there before");
            }
            if before.question != row.question {
                bail!("key `question`: another question than on line {} of problem {id}", self.first);
            }
            self.current.push(row);
            return Ok(None);
        }
        if let Some(first) = self.done.get(&row.id) {
            bail!("problem {} was on line {first}, with others since: sort the rows by `id`", row.id);
        }
        let before = self.finish();
        self.done.insert(row.id.clone(), line);
        self.first = line;
        self.current.push(row);
        Ok((!before.is_empty()).then_some(before))
    }

    /// The solutions of the last problem; none if there was no row.
    pub(crate) fn finish(&mut self) -> Vec<SampleRow> {
        std::mem::take(&mut self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, sample: u64) -> SampleRow {
        SampleRow { id: id.into(), sample, question: format!("{id}?"), ..SampleRow::default() }
    }

    #[test]
    fn rows_of_a_problem_come_together() {
        let mut groups = Groups::default();
        let mut sizes = Vec::new();
        for (line, (id, sample)) in [("a", 0), ("a", 1), ("b", 0), ("c", 5), ("c", 2)].into_iter().enumerate()
        {
            sizes.extend(groups.push(line + 1, row(id, sample)).unwrap().map(|group| group.len()));
        }
        sizes.push(groups.finish().len());
        assert_eq!(sizes, [2, 1, 2]);
    }

    #[test]
    fn what_does_not_belong_is_named() {
        let mut groups = Groups::default();
        groups.push(1, row("a", 0)).unwrap();
        let message = |error: anyhow::Result<_>| error.map(|_: Option<_>| ()).unwrap_err().to_string();
        assert!(message(groups.push(2, row("a", 0))).contains("sample 0 of problem a"));
        let other = SampleRow { question: "other".into(), ..row("a", 1) };
        assert!(message(groups.push(3, other)).contains("than on line 1"));
        groups.push(4, row("b", 0)).unwrap();
        assert!(message(groups.push(5, row("a", 1))).contains("sort the rows by `id`"));
        assert_eq!(groups.finish().len(), 1);
    }
}
