//! `eightfold decontaminate`: which problems must not be trained on?

use crate::jsonl::{Faults, Input, Lines, Row};
use crate::status::Status;
use anyhow::Context;
use clap::Args;
use eightfold_synth::{Contamination, Overlap, TestQuestions};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Remove problems that resemble test questions.
///
/// A problem goes if a test question has the same words and symbols (without case and punctuation, and
/// however its formulas are spelled), the same but for the numbers, or shares a run of words with it: `--ngram`
/// of them, or all of the shorter question if that has at least 8. Of a script without spaces each character
/// is a word; numbers and single letters alone are no run. Counts go to standard error. With `--removed` the removed rows are written to a
/// file, and with `--mark` they stay, each with `contaminated`: {"overlap", "test" (file and line), "run"
/// (the shared words)} or null.
///
/// The exit status is 0 if every line was judged, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold decontaminate problems.jsonl --against gsm8k_test.jsonl > clean.jsonl
  eightfold decontaminate synthetic.jsonl --against gsm8k_test.jsonl --against svamp.jsonl --removed removed.jsonl > clean.jsonl
  eightfold decontaminate --mark --ngram 8 --against gsm8k_test.jsonl < problems.jsonl | grep same_but_numbers")]
pub(crate) struct Decontaminate {
    /// Problems; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// A file of test questions; may be given several times.
    #[arg(long, required = true, value_name = "FILE")]
    against: Vec<PathBuf>,
    /// Words in a row that may not be shared.
    #[arg(long, default_value_t = 13, value_parser = clap::value_parser!(u16).range(1..))]
    ngram: u16,
    /// Key of the question, in the problems, or a path into the row, as `messages[0].content`.
    #[arg(long, default_value = "question")]
    question_key: String,
    /// Key of the question, in the test files, or a path.
    #[arg(long, default_value = "question")]
    against_key: String,
    /// Keep every problem and say in it what it resembles.
    #[arg(long, conflicts_with = "removed")]
    mark: bool,
    /// Where removed problems go, each with what it resembles.
    #[arg(long, value_name = "FILE")]
    removed: Option<PathBuf>,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// What becomes of a problem.
struct Judged {
    overlap: Option<Overlap>,
    /// Its line among the removed, if it goes.
    removed: Option<String>,
}

/// Test questions, and where each is from.
struct Tests {
    index: TestQuestions,
    places: Vec<String>,
}

impl Decontaminate {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let tests = self.tests()?;
        if let (Some(file), Some(removed)) = (&self.file, &self.removed) {
            let same =
                removed.canonicalize().is_ok_and(|removed| file.canonicalize().is_ok_and(|f| f == removed));
            anyhow::ensure!(!same, "--removed would overwrite {}", file.display());
        }
        let create = |path: &PathBuf| File::create(path).with_context(|| path.display().to_string());
        let removed = self.removed.as_ref().map(create).transpose()?;
        let mut removed = removed.map(BufWriter::new);
        let mut counts: BTreeMap<Option<Overlap>, usize> = BTreeMap::new();
        let input = Input { file: self.file.clone(), strict: self.strict };
        let status = input.sift(
            |row| self.judge(&tests, row),
            |judged| {
                *counts.entry(judged.overlap).or_default() += 1;
                match (&mut removed, judged.removed) {
                    (Some(file), Some(line)) => writeln!(file, "{line}").context("the removed rows"),
                    _ => Ok(()),
                }
            },
        )?;
        if let Some(file) = &mut removed {
            file.flush().context("the removed rows")?;
        }
        summarize(&counts, tests.index.len());
        Ok(status)
    }

    fn tests(&self) -> anyhow::Result<Tests> {
        let mut tests = Tests { index: TestQuestions::new(self.ngram.into()), places: Vec::new() };
        for path in &self.against {
            let mut lines = Lines::open(Some(path))?;
            let mut faults = Faults::new(lines.name());
            while let Some((number, row)) = lines.next_row()? {
                match row.and_then(|row| Ok(row.question(&self.against_key)?)) {
                    Ok(question) => {
                        tests.index.add(&question);
                        tests.places.push(format!("{}:{number}", lines.name()));
                    }
                    Err(error) => faults.add(number, &error),
                }
            }
            // A test question that is passed over would let its copies through.
            let malformed = faults.malformed();
            faults.close();
            anyhow::ensure!(malformed == 0, "{}: {malformed} test questions cannot be read", lines.name());
        }
        Ok(tests)
    }

    /// The line that is kept, if any, and what becomes of the problem.
    fn judge(&self, tests: &Tests, row: Row) -> anyhow::Result<(Option<String>, Judged)> {
        let found = tests.index.find(&row.question(&self.question_key)?);
        let overlap = found.as_ref().map(|found| found.overlap);
        let marked = |row: Row| {
            let mark = found.as_ref().map_or(Value::Null, |found| describe(found, &tests.places));
            row.with(Map::from_iter([("contaminated".to_owned(), mark)]))
        };
        Ok(match (self.mark, overlap) {
            (true, _) => (Some(marked(row)), Judged { overlap, removed: None }),
            (false, None) => (Some(row.into_text()), Judged { overlap, removed: None }),
            (false, Some(_)) => (None, Judged { overlap, removed: Some(marked(row)) }),
        })
    }
}

fn describe(found: &Contamination, places: &[String]) -> Value {
    json!({"overlap": found.overlap, "test": places[found.test], "run": found.run})
}

fn summarize(counts: &BTreeMap<Option<Overlap>, usize>, tests: usize) {
    let total: usize = counts.values().sum();
    let count = |overlap| counts.get(&overlap).copied().unwrap_or(0);
    let clean = count(None);
    eprintln!(
        "{total} problems against {tests} test questions: {clean} clean, {} contaminated",
        total - clean
    );
    let kinds = [
        (Overlap::SameQuestion, "the same question"),
        (Overlap::SameButNumbers, "the same but for numbers"),
        (Overlap::SharedRun, "a shared run of words"),
    ];
    for (overlap, name) in kinds {
        eprintln!("  {:>8}  {name}", count(Some(overlap)));
    }
}
