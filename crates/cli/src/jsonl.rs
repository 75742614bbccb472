//! JSON lines in, JSON lines out: in order, in parallel, in bounded memory.

use anyhow::Context;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 20;

/// Lines that are worked on together, and the bytes after which a batch is full.
const BATCH_LINES: usize = 4096;
const BATCH_BYTES: usize = 16 << 20;

/// Exit status when a line was malformed.
const MALFORMED: u8 = 2;

/// A row of the input: its text, and what it says.
pub(crate) struct Row {
    text: String,
    fields: Map<String, Value>,
}

impl Row {
    fn parse(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes).context("not UTF-8")?.trim().to_owned();
        let fields = match serde_json::from_str(&text)? {
            Value::Object(fields) => fields,
            _ => anyhow::bail!("not a JSON object"),
        };
        Ok(Self { text, fields })
    }

    /// The text of a field; a number counts as its digits.
    pub(crate) fn text(&self, key: &str) -> anyhow::Result<String> {
        match self.fields.get(key) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Number(number)) => Ok(number.to_string()),
            Some(_) => anyhow::bail!("`{key}` is not a text"),
            None => anyhow::bail!("no key `{key}`"),
        }
    }

    /// The row with further fields at its end. Every other field stays as it was written; one of the same
    /// name is replaced.
    pub(crate) fn with(mut self, fields: Map<String, Value>) -> String {
        if fields.keys().any(|key| self.fields.contains_key(key)) {
            self.fields.extend(fields);
            return Value::Object(self.fields).to_string();
        }
        let end = self.text.rfind('}').unwrap_or(self.text.len());
        let comma = if self.fields.is_empty() { "" } else { "," };
        let added = Value::Object(fields).to_string();
        format!("{}{comma}{}", &self.text[..end], &added[1..])
    }
}

/// The input of a command.
pub(crate) struct Input {
    /// `None` for standard input.
    pub(crate) file: Option<PathBuf>,
    /// Whether the first malformed line ends the run.
    pub(crate) strict: bool,
}

impl Input {
    /// Works on every row and writes the results to standard output, in the order of the input. `done` sees each
    /// result; a malformed line is named on standard error and leaves no line in the output.
    pub(crate) fn run<T: Send>(
        &self,
        work: impl Fn(Row) -> anyhow::Result<(String, T)> + Sync,
        mut done: impl FnMut(T),
    ) -> anyhow::Result<ExitCode> {
        let name = self.file.as_deref().unwrap_or(Path::new("-")).display().to_string();
        let mut reader = self.open().with_context(|| name.clone())?;
        let mut out = io::stdout().lock();
        let (mut number, mut malformed) = (0, false);
        loop {
            let batch = read_batch(&mut *reader).with_context(|| name.clone())?;
            if batch.is_empty() {
                break;
            }
            let graded = |line: &Line| match line {
                Line::Blank => None,
                Line::TooLong => Some(Err(anyhow::anyhow!("longer than {MAX_LINE} bytes"))),
                Line::Text(bytes) => Some(Row::parse(bytes).and_then(&work)),
            };
            let results: Vec<_> = batch.par_iter().map(graded).collect();
            for result in results {
                number += 1;
                match result {
                    None => {}
                    Some(Ok((line, summary))) => {
                        match writeln!(out, "{line}") {
                            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                                return Ok(ExitCode::SUCCESS);
                            }
                            other => other.context("standard output")?,
                        }
                        done(summary);
                    }
                    Some(Err(error)) => {
                        malformed = true;
                        eprintln!("{name}:{number}: {error:#}");
                        if self.strict {
                            return Ok(ExitCode::from(MALFORMED));
                        }
                    }
                }
            }
        }
        Ok(if malformed { ExitCode::from(MALFORMED) } else { ExitCode::SUCCESS })
    }

    fn open(&self) -> anyhow::Result<Box<dyn BufRead>> {
        match &self.file {
            Some(path) if path.as_os_str() != "-" => Ok(Box::new(BufReader::new(File::open(path)?))),
            _ => Ok(Box::new(BufReader::new(io::stdin()))),
        }
    }
}

/// A line of the input.
enum Line {
    Text(Vec<u8>),
    Blank,
    TooLong,
}

fn read_batch(reader: &mut dyn BufRead) -> io::Result<Vec<Line>> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while batch.len() < BATCH_LINES && bytes < BATCH_BYTES {
        let Some(line) = read_line(reader)? else { break };
        bytes += if let Line::Text(text) = &line { text.len() } else { 0 };
        batch.push(line);
    }
    Ok(batch)
}

fn read_line(reader: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut text = Vec::new();
    if io::Read::take(&mut *reader, MAX_LINE).read_until(b'\n', &mut text)? == 0 {
        return Ok(None);
    }
    if text.len() as u64 == MAX_LINE && !text.ends_with(b"\n") {
        reader.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    let blank = text.iter().all(u8::is_ascii_whitespace);
    Ok(Some(if blank { Line::Blank } else { Line::Text(text) }))
}
