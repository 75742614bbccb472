//! JSON lines in, JSON lines out: in order, in bounded memory, malformed lines named and passed over.

mod faults;
mod lines;
mod mend;
mod nature;
mod row;

pub(crate) use faults::Faults;
pub(crate) use lines::Lines;
pub(crate) use row::Row;

use crate::status::Status;
use anyhow::Context;
use lines::Line;
use mend::Mend;
use rayon::prelude::*;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// The input of a command.
pub(crate) struct Input {
    /// `None` for standard input.
    pub(crate) file: Option<PathBuf>,
    /// Whether the first malformed line ends the run.
    pub(crate) strict: bool,
}

/// What became of one line of the input: the lines written for it, if any, and a summary.
type Outcome<T> = anyhow::Result<(Option<String>, T)>;

/// A line that was worked on.
struct Worked<T> {
    number: usize,
    mends: Vec<Mend>,
    outcome: Outcome<T>,
}

impl<T> Worked<T> {
    /// Works on a line; `None` for a blank one.
    fn new(number: usize, line: &Line, work: impl FnOnce(Row) -> Outcome<T>) -> Option<Self> {
        let row = line.row(number)?;
        let mends = row.as_ref().map_or_else(|_| Vec::new(), |row| row.mends().to_vec());
        Some(Self { number, mends, outcome: row.and_then(work) })
    }
}

impl Input {
    /// What messages call the input.
    pub(crate) fn name(&self) -> String {
        self.file.as_deref().unwrap_or(Path::new("-")).display().to_string()
    }

    /// The name of the file without folder and ending; `stdin` for standard input.
    pub(crate) fn stem(&self) -> String {
        let file = self.file.as_deref().filter(|path| path.as_os_str() != "-");
        let stem = file.and_then(|path| path.file_stem());
        stem.map_or_else(|| "stdin".to_owned(), |stem| stem.to_string_lossy().into_owned())
    }

    /// Works on every row, in parallel, and writes the results to standard output, in the order of the input.
    /// `done` sees each result; a malformed line is named on standard error and leaves no line in the output.
    pub(crate) fn run<T: Send>(
        &self,
        work: impl Fn(Row) -> anyhow::Result<(String, T)> + Sync,
        mut done: impl FnMut(T),
    ) -> anyhow::Result<Status> {
        let work = |row: Row| work(row).map(|(line, summary)| (Some(line), summary));
        self.sift(work, |summary| {
            done(summary);
            Ok(())
        })
    }

    /// Works on every row, in parallel, where a row may leave no line. `done` sees each summary, in order,
    /// and may end the run.
    pub(crate) fn sift<T: Send>(
        &self,
        work: impl Fn(Row) -> Outcome<T> + Sync,
        done: impl FnMut(T) -> anyhow::Result<()>,
    ) -> anyhow::Result<Status> {
        let all = |lines: Vec<(usize, Line)>| {
            Ok(lines.into_par_iter().filter_map(|(n, line)| Worked::new(n, &line, &work)).collect())
        };
        self.drive(lines::BATCH, all, done, || Ok(None))
    }

    /// Works on one row after the other, for work that remembers. What `work` and, at the end, `finish`
    /// return is written: no line, one, or several with line breaks between them.
    pub(crate) fn each(
        &self,
        mut work: impl FnMut(Row) -> anyhow::Result<Option<String>>,
        finish: impl FnOnce() -> anyhow::Result<Option<String>>,
    ) -> anyhow::Result<Status> {
        let mut work = |row: Row| Ok((work(row)?, ()));
        let all = |lines: Vec<(usize, Line)>| {
            Ok(lines.into_iter().filter_map(|(n, line)| Worked::new(n, &line, &mut work)).collect())
        };
        self.drive(lines::BATCH, all, |()| Ok(()), finish)
    }

    /// Works on up to `size` rows together. `work` returns one result for each row, in their order; where it
    /// fails as a whole the run ends, and what was written before stays.
    pub(crate) fn batches(
        &self,
        size: usize,
        mut work: impl FnMut(Vec<Row>) -> anyhow::Result<Vec<anyhow::Result<String>>>,
    ) -> anyhow::Result<Status> {
        let all = |lines: Vec<(usize, Line)>| {
            let (mut worked, mut places, mut rows) = (Vec::new(), Vec::new(), Vec::new());
            for (number, line) in lines {
                match line.row(number) {
                    None => {}
                    Some(Ok(row)) => {
                        places.push((number, row.mends().to_vec()));
                        rows.push(row);
                    }
                    Some(Err(error)) => {
                        worked.push(Worked { number, mends: Vec::new(), outcome: Err(error) });
                    }
                }
            }
            let results = if rows.is_empty() { Vec::new() } else { work(rows)? };
            worked.extend(places.into_iter().zip(results).map(|((number, mends), result)| Worked {
                number,
                mends,
                outcome: result.map(|line| (Some(line), ())),
            }));
            worked.sort_by_key(|line| line.number);
            Ok(worked)
        };
        self.drive(size, all, |()| Ok(()), || Ok(None))
    }

    /// Reads batches of lines, has them worked on, and writes what comes of them.
    fn drive<T>(
        &self,
        size: usize,
        mut work: impl FnMut(Vec<(usize, Line)>) -> anyhow::Result<Vec<Worked<T>>>,
        mut done: impl FnMut(T) -> anyhow::Result<()>,
        finish: impl FnOnce() -> anyhow::Result<Option<String>>,
    ) -> anyhow::Result<Status> {
        let mut lines = Lines::open(self.file.as_deref())?;
        let mut out = BufWriter::new(io::stdout().lock());
        let mut faults = Faults::new(self.name());
        loop {
            let batch = lines.batch(size)?;
            if batch.is_empty() {
                break;
            }
            for Worked { number, mends, outcome } in work(batch)? {
                lines.note(number, &mends);
                match outcome {
                    Ok((line, summary)) => {
                        if !write(&mut out, line.as_deref())? {
                            return Ok(Status::Done);
                        }
                        done(summary)?;
                    }
                    Err(error) => {
                        faults.add(number, &error);
                        if self.strict {
                            flush(&mut out)?;
                            return Ok(Status::PassedOver);
                        }
                    }
                }
            }
            if !flush(&mut out)? {
                return Ok(Status::Done);
            }
        }
        write(&mut out, finish()?.as_deref())?;
        flush(&mut out)?;
        Ok(faults.close())
    }
}

/// Writes a line; `false` where nobody reads any longer.
fn write(out: &mut impl Write, line: Option<&str>) -> anyhow::Result<bool> {
    line.map_or(Ok(true), |line| going(writeln!(out, "{line}")))
}

fn flush(out: &mut impl Write) -> anyhow::Result<bool> {
    going(out.flush())
}

fn going(result: io::Result<()>) -> anyhow::Result<bool> {
    match result {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        other => other.map(|()| true).context("standard output"),
    }
}
