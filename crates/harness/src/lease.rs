//! Leases: how several runs share one folder of records without doing a cell twice.
//!
//! A lease is a file beside the record, made in one atomic step, that says who works on the cell. Its holder
//! writes it anew every quarter of its life; one that has not been written for its whole life, or whose holder
//! is known to be dead, may be taken over. Who takes over does so alone, by a second file, and looks at the lease again
//! before it moves it away, so that it never moves a fresh one. A holder has lost its lease when another's name stands in
//! the file, and by nothing less: a write or a read that fails on a network disk is tried again.
//!
//! A lease saves work and is not needed for correctness: a cell that two runs compute all the same gives the same record
//! twice, and records appear whole.

use anyhow::{Context, Result};
use std::io::{ErrorKind, Read, Seek, Write};
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
            let Some(old) = abandoned(path, life)? else { return Ok(None) };
            if !take_over(path, &old, &holder, life)? {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

/// Moves an abandoned lease away, if it is still the same; `false` where another run takes it over already.
fn take_over(path: &Path, old: &str, holder: &str, life: Duration) -> Result<bool> {
    let turn = path.with_extension("takeover");
    match create(&turn, holder) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // Whoever takes over takes an instant; one who died while at it is moved out of the way.
            if let Some(text) = abandoned(&turn, life)? {
                remove_if(&turn, &text);
            }
            return Ok(false);
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", turn.display())),
    }
    // Nobody else may move it now, and its holder, if it lives after all, has written it by now.
    let same = abandoned(path, life)?.is_some_and(|text| text == old);
    if same {
        drop(std::fs::remove_file(path));
    }
    drop(std::fs::remove_file(&turn));
    Ok(same)
}

/// Renames a file away and removes it if it says what was expected; else it comes back.
fn remove_if(path: &Path, expected: &str) {
    let away = path.with_extension(format!("away-{}", unique()));
    if std::fs::rename(path, &away).is_ok() {
        if std::fs::read_to_string(&away).is_ok_and(|text| text != expected) {
            drop(std::fs::hard_link(&away, path));
        }
        drop(std::fs::remove_file(&away));
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

/// Makes the file, which must not exist. It appears with its text.
fn create(path: &Path, holder: &str) -> std::io::Result<()> {
    let part = path.with_extension(format!("part-{}", unique()));
    std::fs::write(&part, holder)?;
    let linked = std::fs::hard_link(&part, path);
    drop(std::fs::remove_file(&part));
    linked
}

/// Writes the file anew, so that its time moves on, until the lease is dropped or lost.
fn beat(path: &Path, holder: &str, life: Duration) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let (path, holder) = (path.to_owned(), holder.to_owned());
    let thread = std::thread::spawn(move || {
        while stopped.recv_timeout(life / 4) == Err(RecvTimeoutError::Timeout) {
            // A failed write is no loss: the next one may succeed, and there are four in a life.
            if rewrite(&path, &holder).is_ok_and(|kept| !kept) {
                break;
            }
        }
    });
    (stop, thread)
}

/// Writes the same text over itself: the file is never empty, and never made anew; `false` where another's name stands
/// in it. What was read is what is written: a lease that is taken over in between is another file.
fn rewrite(path: &Path, holder: &str) -> std::io::Result<bool> {
    #[cfg(test)]
    if tests::fails_now() {
        return Err(std::io::Error::other("injected"));
    }
    let mut file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text != holder {
        return Ok(false);
    }
    file.rewind()?;
    file.write_all(holder.as_bytes())?;
    Ok(true)
}

/// Whose the lease is, if the holder is dead or has not written for `life`, or nobody's. Times are the file system's
/// own: machines that share a folder need not agree on the clock.
fn abandoned(path: &Path, life: Duration) -> Result<Option<String>> {
    let gone = |error: &std::io::Error| error.kind() == ErrorKind::NotFound;
    let text = match std::fs::read_to_string(path) {
        Err(error) if gone(&error) => return Ok(Some(String::new())),
        read => read.with_context(|| format!("cannot read {}", path.display()))?,
    };
    if is_dead(&text) {
        return Ok(Some(text));
    }
    let probe = path.with_extension(format!("probe-{}", unique()));
    std::fs::write(&probe, "").with_context(|| format!("cannot write {}", probe.display()))?;
    let now = std::fs::metadata(&probe).and_then(|data| data.modified());
    drop(std::fs::remove_file(&probe));
    match (now, std::fs::metadata(path).and_then(|data| data.modified())) {
        (Ok(now), Ok(written)) => {
            let silent = now.duration_since(written).unwrap_or_default();
            Ok((silent >= life).then_some(text))
        }
        (_, Err(error)) if gone(&error) => Ok(Some(String::new())),
        (now, written) => now.and(written).map(|_| None).context("a file has no time"),
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

    /// Whether the next heartbeat of this process fails: every third, where the stress test asks for it.
    pub(super) fn fails_now() -> bool {
        static BEATS: AtomicU64 = AtomicU64::new(0);
        std::env::var_os("LEASE_STRESS").is_some() && BEATS.fetch_add(1, Ordering::Relaxed).is_multiple_of(3)
    }

    const CELLS: usize = 200;
    const SHORT: Duration = Duration::from_millis(400);

    /// One of the processes of the stress test: works through the cells until all have records.
    #[test]
    fn worker_of_the_stress_test() {
        let Some(folder) = std::env::var_os("LEASE_STRESS").map(PathBuf::from) else { return };
        let seed = std::process::id() as usize;
        let record = |cell: usize| folder.join(format!("{cell}.json"));
        while let Some(cell) = (0..CELLS).map(|i| (i * 7 + seed) % CELLS).find(|cell| !record(*cell).exists())
        {
            for cell in (0..CELLS).map(|i| (cell + i) % CELLS).filter(|cell| !record(*cell).exists()) {
                let Some(_lease) = Lease::take(&folder.join(format!("{cell}.lease")), SHORT).unwrap() else {
                    continue;
                };
                if record(cell).exists() {
                    continue;
                }
                // Whoever is at work says so; a second one beside a living first is a failure.
                let active = folder.join(format!("{cell}.active"));
                if let Ok(other) = std::fs::read_to_string(&active) {
                    let lives = Path::new("/proc").join(other.trim()).exists();
                    let me = other.trim() == std::process::id().to_string();
                    if lives && !me {
                        std::fs::write(folder.join("violation"), format!("{cell}: {other}")).unwrap();
                    }
                }
                std::fs::write(&active, std::process::id().to_string()).unwrap();
                std::thread::sleep(Duration::from_millis(30 + (seed * cell) as u64 % 200));
                drop(std::fs::remove_file(&active));
                crate::store::write_whole(&record(cell), b"done").unwrap();
                let line = format!("{cell}\n");
                let log = std::fs::OpenOptions::new().append(true).create(true).open(folder.join("log"));
                log.unwrap().write_all(line.as_bytes()).unwrap();
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn eight_processes_that_are_killed_and_cannot_always_write_do_each_cell_once() {
        let folder = tempfile::tempdir().unwrap();
        let start = || {
            std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "lease::tests::worker_of_the_stress_test", "--quiet"])
                .env("LEASE_STRESS", folder.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        };
        let mut workers: Vec<_> = (0..8).map(|_| start()).collect();
        let done = || (0..CELLS).filter(|cell| folder.path().join(format!("{cell}.json")).exists()).count();
        let (begun, mut kills) = (std::time::Instant::now(), 0);
        while done() < CELLS {
            assert!(begun.elapsed() < Duration::from_secs(120), "{} of {CELLS} after two minutes", done());
            std::thread::sleep(Duration::from_millis(60));
            let victim = kills * 5 % workers.len();
            if kills < 30 {
                workers[victim].kill().unwrap();
                workers[victim].wait().unwrap();
                workers[victim] = start();
                kills += 1;
            }
        }
        for mut worker in workers {
            assert!(worker.wait().unwrap().success());
        }
        let violation = std::fs::read_to_string(folder.path().join("violation"));
        assert!(violation.is_err(), "two at once: {violation:?}");
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        let mut counts = vec![0; CELLS];
        log.lines().for_each(|line| counts[line.parse::<usize>().unwrap()] += 1);
        // A worker killed between its record and its line has none.
        assert!(counts.iter().all(|count| *count <= 1) && counts.iter().sum::<usize>() + kills >= CELLS);
    }
}
