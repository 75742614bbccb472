//! Leases: how several runs share one folder of records without doing a cell twice.
//!
//! A lease is a file beside the record, made in one atomic step, that says who works on the cell. Its holder
//! writes it anew every quarter of its life; one that has not been written for its whole life, or whose holder
//! is known to be dead, may be taken over. A lease saves work and is not needed for correctness: a cell that
//! two runs compute all the same gives the same record twice, and records appear whole.

use anyhow::{Context, Result};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long an unwritten lease is respected.
pub const LIFE: Duration = Duration::from_secs(120);

/// The right to work on something until it is dropped.
#[derive(Debug)]
pub struct Lease {
    path: PathBuf,
    holder: String,
    beat: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Lease {
    /// Takes the lease at `path`; `None` while another holds it.
    ///
    /// # Errors
    /// If the folder cannot be made, or the file neither written nor read.
    pub fn take(path: &Path, life: Duration) -> Result<Option<Self>> {
        let dir = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let holder = holder();
        for _ in 0..2 {
            match create(path, &holder) {
                Ok(()) => {
                    return Ok(Some(Self {
                        beat: Some(beat(path, &holder, life)),
                        path: path.into(),
                        holder,
                    }));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
            }
            if !abandoned(path, life)? {
                return Ok(None);
            }
            // Whoever else removes it too meets the next holder's file in `create`.
            drop(std::fs::remove_file(path));
        }
        Ok(None)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.beat.take() {
            drop(stop);
            drop(thread.join());
        }
        if std::fs::read_to_string(&self.path).is_ok_and(|text| text == self.holder) {
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Makes the file, which must not exist.
fn create(path: &Path, holder: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(holder.as_bytes())
}

/// Writes the file anew, so that its time moves on, until the lease is dropped or lost.
fn beat(path: &Path, holder: &str, life: Duration) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let (path, holder) = (path.to_owned(), holder.to_owned());
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(life / 4) == Err(RecvTimeoutError::Timeout) {
            let ours = std::fs::read_to_string(&path).is_ok_and(|text| text == holder);
            if !ours || std::fs::write(&path, &holder).is_err() {
                break;
            }
        }
    });
    (stop, thread)
}

/// Whether the holder is dead, or has not written for `life`. Times are the file system's own: machines that
/// share a folder need not agree on the clock.
fn abandoned(path: &Path, life: Duration) -> Result<bool> {
    let gone = |error: &std::io::Error| error.kind() == ErrorKind::NotFound;
    let text = match std::fs::read_to_string(path) {
        Err(error) if gone(&error) => return Ok(true),
        read => read.with_context(|| format!("cannot read {}", path.display()))?,
    };
    if is_dead(&text) {
        return Ok(true);
    }
    let probe = path.with_extension(format!("probe-{}", unique()));
    std::fs::write(&probe, "").with_context(|| format!("cannot write {}", probe.display()))?;
    let now = std::fs::metadata(&probe).and_then(|data| data.modified());
    drop(std::fs::remove_file(&probe));
    match (now, std::fs::metadata(path).and_then(|data| data.modified())) {
        (Ok(now), Ok(written)) => Ok(now.duration_since(written).unwrap_or_default() >= life),
        (_, Err(error)) if gone(&error) => Ok(true),
        (now, written) => now.and(written).map(|_| false).context("a file has no time"),
    }
}

/// Who holds a lease: the system that its process lives in, the process, and a number within it.
fn holder() -> String {
    format!("{} {}", system(), unique())
}

fn unique() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// This boot and this process namespace, where the system tells; process numbers mean something only there.
fn system() -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let space = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let text = format!("{}/{}", boot.trim(), space.display());
    if text == "/" { "unknown".into() } else { text }
}

/// Whether the text names a process of this very system that no longer lives.
fn is_dead(text: &str) -> bool {
    let Some((place, process)) = text.split_once(' ') else { return false };
    let number = process.split('-').next().unwrap_or_default();
    place != "unknown" && place == system() && !Path::new("/proc").join(number).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn one_holder_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("cells/a.lease");
        let held = Lease::take(&path, LONG).unwrap().unwrap();
        assert!(Lease::take(&path, LONG).unwrap().is_none());
        drop(held);
        assert!(!path.exists());
        assert!(Lease::take(&path, LONG).unwrap().is_some());
    }

    #[test]
    fn of_many_threads_one_wins() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lease");
        let taken: Vec<Option<Lease>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| Lease::take(&path, LONG).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().flatten().count(), 1);
    }

    #[test]
    fn a_silent_holder_of_another_system_is_replaced_after_a_life() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lease");
        std::fs::write(&path, "elsewhere 17-0").unwrap();
        assert!(Lease::take(&path, LONG).unwrap().is_none());
        assert!(Lease::take(&path, Duration::ZERO).unwrap().is_some());
    }

    #[test]
    fn a_holder_that_beats_keeps_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lease");
        let life = Duration::from_millis(400);
        let _held = Lease::take(&path, life).unwrap().unwrap();
        let before = std::fs::metadata(&path).unwrap().modified().unwrap();
        while std::fs::metadata(&path).unwrap().modified().unwrap() == before {
            std::thread::sleep(life / 8);
        }
        assert!(Lease::take(&path, LONG).unwrap().is_none());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_dead_process_of_this_system_is_replaced_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lease");
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        std::fs::write(&path, format!("{} {}-0", system(), child.id())).unwrap();
        assert!(Lease::take(&path, LONG).unwrap().is_some());
    }

    #[test]
    fn a_lease_that_was_lost_is_not_removed_by_its_former_holder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.lease");
        let held = Lease::take(&path, LONG).unwrap().unwrap();
        std::fs::write(&path, "elsewhere 17-0").unwrap();
        drop(held);
        assert!(path.exists());
    }
}
