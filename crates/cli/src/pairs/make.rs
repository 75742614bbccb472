//! From the solutions of a problem to the lines that are written.

use super::known::Known;
use anyhow::Context;
use eightfold_exchange::SampleRow;
use eightfold_pairs::Settings;
use std::collections::BTreeMap;

/// Makes the pairs or examples of one problem after the other, and counts.
pub(crate) struct Maker<'a> {
    settings: Settings<'a>,
    known: Known,
    problems: usize,
    written: usize,
    /// What became of problems, solutions and pits that gave nothing, or something to know about.
    counts: BTreeMap<&'static str, usize>,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(settings: Settings<'a>, known: Known) -> Self {
        Self { settings, known, problems: 0, written: 0, counts: BTreeMap::new() }
    }

    /// The lines of one problem; none for an empty group.
    pub(crate) fn lines(&mut self, rows: &[SampleRow]) -> anyhow::Result<Option<String>> {
        let Some(first) = rows.first() else { return Ok(None) };
        self.problems += 1;
        let made = self.settings.make(rows, self.known.solution(&first.id));
        let made = made.with_context(|| format!("problem {}", first.id))?;
        self.written += made.rows.len();
        for (what, count) in made.counts {
            *self.counts.entry(what).or_default() += count;
        }
        let lines = made.rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let lines = lines.context("a row that cannot be written")?;
        Ok((!lines.is_empty()).then(|| lines.join("\n")))
    }

    /// Writes the counts to standard error.
    pub(crate) fn summarize(&self) {
        let rule = self.settings.rule;
        let what = if rule.makes_pairs() { "pairs" } else { "examples" };
        eprintln!("{} {what} by {} from {} problems", self.written, rule.name(), self.problems);
        for (what, count) in &self.counts {
            eprintln!("  {count:>8}  {what}");
        }
    }
}
