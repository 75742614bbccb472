//! Responses under the names of their requests, in a file that only grows.

use crate::{ContentId, JournalError};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file of JSON lines, one response each, under the name of its request. A line is written whole and carries a
/// checksum. What a killed process left unfinished at the end is cut off when the file is opened; a line that was
/// damaged later is passed over, and its request has no response. One process at a time has the file.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
    damaged: usize,
}

#[derive(Debug)]
struct Inner {
    file: File,
    /// Where the next line goes.
    end: u64,
    /// Place and length of the last line of each request.
    lines: HashMap<ContentId, (u64, usize)>,
}

/// One line. The checksum is over the other two fields.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    request: Cow<'a, str>,
    #[serde(borrow)]
    response: Cow<'a, str>,
    #[serde(borrow)]
    check: Cow<'a, str>,
}

impl Journal {
    /// Opens a journal, or starts one.
    ///
    /// # Errors
    /// If the system refuses, or another process has the file.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let io = |source| JournalError::File { path: path.to_owned(), source, stored: 0 };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let (lines, end, damaged) = scan(&file).map_err(io)?;
        file.set_len(end).map_err(io)?;
        Ok(Self { path: path.to_owned(), inner: Mutex::new(Inner { file, end, lines }), damaged })
    }

    /// The last response that was stored for a request.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn get(&self, id: ContentId) -> Result<Option<String>, JournalError> {
        let mut inner = self.lock();
        let Some(&(start, length)) = inner.lines.get(&id) else { return Ok(None) };
        let stored = inner.lines.len();
        let mut bytes = vec![0; length];
        inner
            .file
            .seek(SeekFrom::Start(start))
            .and_then(|_| inner.file.read_exact(&mut bytes))
            .map_err(|source| JournalError::File { path: self.path.clone(), source, stored })?;
        Ok(parse(&bytes).map(|(_, response)| response))
    }

    /// Stores a response. When this returns, the line is with the operating system: no death of this process
    /// loses it.
    ///
    /// # Errors
    /// If it cannot be written; nothing stored before is lost.
    pub fn append(&self, id: ContentId, response: &str) -> Result<(), JournalError> {
        let request = id.to_string();
        let check = checksum(&request, response);
        let line = Line { request: request.into(), response: response.into(), check: check.into() };
        let mut bytes = serde_json::to_vec(&line).expect("three texts are JSON");
        bytes.push(b'\n');
        let mut inner = self.lock();
        let (start, stored) = (inner.end, inner.lines.len());
        if let Err(source) = inner.file.write_all(&bytes) {
            // Half a line must not stand before a later one. If this fails too, the checksum tells.
            let _ = inner.file.set_len(start);
            return Err(JournalError::File { path: self.path.clone(), source, stored });
        }
        inner.end += bytes.len() as u64;
        inner.lines.insert(id, (start, bytes.len()));
        Ok(())
    }

    /// Requests with a stored response.
    pub fn stored(&self) -> usize {
        self.lock().lines.len()
    }

    /// Lines whose checksum failed when the file was opened, an unfinished last one apart.
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every state between two statements under the lock is a good one.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Place and length of each request's last line, where the last whole line ends, and how many are damaged.
type Scan = (HashMap<ContentId, (u64, usize)>, u64, usize);

fn scan(file: &File) -> io::Result<Scan> {
    let (mut lines, mut end, mut damaged) = (HashMap::new(), 0, 0);
    let (mut reader, mut bytes) = (BufReader::new(file), Vec::new());
    loop {
        bytes.clear();
        let length = reader.read_until(b'\n', &mut bytes)?;
        if bytes.last() != Some(&b'\n') {
            return Ok((lines, end, damaged));
        }
        match parse(&bytes) {
            Some((id, _)) => drop(lines.insert(id, (end, length))),
            None => damaged += 1,
        }
        end += length as u64;
    }
}

/// Request and response of a line whose checksum holds.
fn parse(bytes: &[u8]) -> Option<(ContentId, String)> {
    let line: Line = serde_json::from_slice(bytes).ok()?;
    let whole = checksum(&line.request, &line.response) == line.check;
    whole.then(|| Some((ContentId::parse(&line.request)?, line.response.into_owned())))?
}

fn checksum(request: &str, response: &str) -> String {
    let hash = blake3::Hasher::new().update(request.as_bytes()).update(response.as_bytes()).finalize();
    hash.to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> ContentId {
        ContentId::parse(&format!("{number:032x}")).unwrap()
    }

    /// A journal of five responses, and its bytes.
    fn five() -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("folder/journal.jsonl");
        let journal = Journal::open(&path).unwrap();
        (0..5).for_each(|i| journal.append(id(i), &format!("{{\"é\n\": {i}}}")).unwrap());
        let bytes = std::fs::read(&path).unwrap();
        (dir, path, bytes)
    }

    #[test]
    fn responses_are_found_again_and_the_last_one_counts() {
        let (_dir, path, _) = five();
        let journal = Journal::open(&path).unwrap();
        assert_eq!((journal.stored(), journal.damaged()), (5, 0));
        assert_eq!(journal.get(id(3)).unwrap().unwrap(), "{\"é\n\": 3}");
        journal.append(id(3), "again").unwrap();
        assert_eq!(journal.get(id(3)).unwrap().unwrap(), "again");
        assert_eq!(journal.get(id(4)).unwrap().unwrap(), "{\"é\n\": 4}");
        assert_eq!(journal.get(id(9)).unwrap(), None);
    }

    #[test]
    fn any_cut_loses_the_line_that_it_hits_and_no_other() {
        let (_dir, path, bytes) = five();
        for cut in (0..bytes.len()).step_by(5) {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let whole = bytes[..cut].iter().filter(|&&b| b == b'\n').count();
            let journal = Journal::open(&path).unwrap();
            assert_eq!((journal.stored(), journal.damaged()), (whole, 0));
            journal.append(id(7), "more").unwrap();
            drop(journal);
            let journal = Journal::open(&path).unwrap();
            assert_eq!((journal.stored(), journal.damaged()), (whole + 1, 0), "cut at {cut}");
        }
    }

    #[test]
    fn damaged_lines_are_passed_over_and_counted() {
        let (_dir, path, mut bytes) = five();
        let place = bytes.len() / 2;
        bytes[place] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let journal = Journal::open(&path).unwrap();
        assert_eq!(journal.stored() + journal.damaged(), 5);
        assert_eq!(journal.damaged(), 1);
    }

    #[test]
    fn one_process_at_a_time() {
        let (_dir, path, _) = five();
        let _first = Journal::open(&path).unwrap();
        let error = Journal::open(&path).map(drop).unwrap_err().to_string();
        assert!(error.contains("journal.jsonl") && error.contains("another"), "{error}");
    }
}
