//! The lines of a file, numbered, a batch at a time.

use super::Row;
use super::mend::Mend;
use super::nature::nature;
use anyhow::Context;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// Lines that are worked on together, and the bytes after which a batch is full.
pub(super) const BATCH: usize = 4096;
const BATCH_BYTES: usize = 16 << 20;

/// A line of a file.
pub(crate) enum Line {
    Text(Vec<u8>),
    Blank,
    TooLong,
}

impl Line {
    /// The row that the line holds; `None` for a blank one.
    pub(crate) fn row(&self, number: usize) -> Option<anyhow::Result<Row>> {
        match self {
            Self::Blank => None,
            Self::TooLong => Some(Err(anyhow::anyhow!("longer than {MAX_LINE} bytes"))),
            Self::Text(bytes) => Some(Row::parse(number, bytes)),
        }
    }
}

/// A file, or standard input, line by line.
pub(crate) struct Lines {
    name: String,
    reader: Box<dyn BufRead>,
    /// Lines read so far.
    number: usize,
    /// Bytes read so far.
    at: u64,
    /// For each kind of mend how many lines had it.
    mends: BTreeMap<Mend, usize>,
}

/// What UTF-8 may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How much of a file is looked at to see what it is.
const LOOK: usize = 64 << 10;

impl Drop for Lines {
    fn drop(&mut self) {
        for (mend, count) in self.mends.iter().filter(|(_, count)| **count > 1) {
            eprintln!("{}: {} on {count} lines", self.name, mend.message());
        }
    }
}

impl Lines {
    /// Opens a file; standard input for `None` and for `-`. What is no JSON lines is an error that says what
    /// it is.
    pub(crate) fn open(file: Option<&Path>) -> anyhow::Result<Self> {
        let name = file.unwrap_or(Path::new("-")).display().to_string();
        let mut reader: Box<dyn BufRead> = match file {
            Some(path) if path.as_os_str() != "-" => {
                let file = File::open(path).with_context(|| name.clone())?;
                Box::new(BufReader::with_capacity(LOOK, file))
            }
            _ => Box::new(BufReader::with_capacity(LOOK, io::stdin())),
        };
        let begun = reader.fill_buf().with_context(|| name.clone())?;
        if let Some(what) = nature(begun) {
            anyhow::bail!("{name}: {what}");
        }
        Ok(Self { name, reader, number: 0, at: 0, mends: BTreeMap::new() })
    }

    /// Says that a line was mended: the first of each kind is named, and the others are counted at the end.
    pub(super) fn note(&mut self, number: usize, mends: &[Mend]) {
        for mend in mends {
            let count = self.mends.entry(*mend).or_default();
            *count += 1;
            if *count == 1 {
                eprintln!("{}:{number}: {}", self.name, mend.message());
            }
        }
    }

    /// What messages call the file.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The byte at which the next line starts.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// The next lines, each with its number from 1: at most `size`, and fewer where they are long.
    pub(super) fn batch(&mut self, size: usize) -> anyhow::Result<Vec<(usize, Line)>> {
        let (mut batch, start) = (Vec::new(), self.at);
        while batch.len() < size && self.at - start < BATCH_BYTES as u64 {
            let Some(line) = self.next()? else { break };
            batch.push((self.number, line));
        }
        Ok(batch)
    }

    /// The next row with its number, blank lines passed over; a malformed one is an error inside.
    pub(crate) fn next_row(&mut self) -> anyhow::Result<Option<(usize, anyhow::Result<Row>)>> {
        loop {
            let Some(line) = self.next()? else { return Ok(None) };
            if let Some(row) = line.row(self.number) {
                if let Ok(row) = &row {
                    self.note(self.number, row.mends());
                }
                return Ok(Some((self.number, row)));
            }
        }
    }

    fn next(&mut self) -> anyhow::Result<Option<Line>> {
        let line = self.read().with_context(|| self.name.clone())?;
        self.number += usize::from(line.is_some());
        Ok(line)
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut text = Vec::new();
        let read = Read::take(&mut *self.reader, MAX_LINE).read_until(b'\n', &mut text)?;
        self.at += read as u64;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == MAX_LINE && !text.ends_with(b"\n") {
            self.at += self.reader.skip_until(b'\n')? as u64;
            return Ok(Some(Line::TooLong));
        }
        if text.starts_with(BYTE_ORDER_MARK) {
            text.drain(..BYTE_ORDER_MARK.len());
        }
        let blank = text.iter().all(u8::is_ascii_whitespace);
        Ok(Some(if blank { Line::Blank } else { Line::Text(text) }))
    }
}
