//! Runs missing cells, several at a time.

use crate::board::Board;
use crate::configuration::Configuration;
use crate::progress::Progress;
use crate::provenance::Provenance;
use crate::store::{Record, Records};
use anyhow::{Context, Result, anyhow};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// How many cells are computed at a time, and by how many threads each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jobs {
    /// Cells at a time, at least 1.
    pub count: usize,
    /// Threads of a cell, at least 1.
    pub threads: usize,
}

/// Runs the cells that have no record, `jobs.count` at a time, and writes their records. What a cell gives does not
/// depend on its threads, so results do not depend on `jobs`. Cells that another run holds, on this machine or another that
/// shares the folder, are waited for. The first failure stops the queue; cells in flight finish.
///
/// # Errors
/// The first failure, with the cell's name.
pub fn run_missing<C: Configuration>(
    cells: &[C],
    records: &Records,
    place: &C::Place,
    provenance: &Provenance,
    jobs: Jobs,
) -> Result<()> {
    let mut missing = Vec::new();
    for cell in cells {
        if records.load(cell)?.is_none() {
            missing.push(cell.clone());
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let done = cells.len() - missing.len();
    C::queue(&mut missing);
    let board = Board::new(&missing, done, jobs.count);
    let queue = Queue { cells: Mutex::new(missing.into()), failure: Mutex::default(), stop: false.into() };
    at_once(&jobs, &board, |job| {
        queue.work(&board, job, |cell| one(cell, records, place, provenance, &board, job));
    })?;
    board.close();
    queue.failure.into_inner().expect("no holder panics").map_or(Ok(()), Err)
}

/// Does `work` for every job, each on a thread with a pool of its own, while the board talks.
fn at_once(jobs: &Jobs, board: &Board, work: impl Fn(usize) + Sync) -> Result<()> {
    std::thread::scope(|scope| {
        let (running, stopped) = channel();
        scope.spawn(move || board.keep_talking(&stopped));
        let spawn = |job| {
            let work = &work;
            scope.spawn(move || {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.threads).build();
                pool.context("no thread for a job")?.install(|| work(job));
                Ok(())
            })
        };
        let threads: Vec<_> = (0..jobs.count).map(spawn).collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a job panicked"))));
        let joined = joined.collect::<Result<Vec<()>>>();
        drop(running);
        joined.map(drop)
    })
}

/// Cells to run, and the first failure, which stops all jobs.
struct Queue<C> {
    cells: Mutex<VecDeque<C>>,
    failure: Mutex<Option<anyhow::Error>>,
    stop: AtomicBool,
}

impl<C: Configuration> Queue<C> {
    /// Takes cells until there are none; `run` says whether it ran one, or another run holds it.
    fn work(&self, board: &Board, job: usize, run: impl Fn(&C) -> Result<bool>) {
        let mut held_in_a_row = 0;
        while let Some(cell) = self.pop().filter(|_| !self.stop.load(Ordering::Relaxed)) {
            match run(&cell) {
                Ok(true) => held_in_a_row = 0,
                Ok(false) => {
                    held_in_a_row += 1;
                    if defer(cell, &self.cells, held_in_a_row) {
                        board.wait(job);
                        std::thread::sleep(Duration::from_millis(500));
                    }
                }
                Err(error) => {
                    self.stop.store(true, Ordering::Relaxed);
                    let mut first = self.failure.lock().expect("no holder panics");
                    first.get_or_insert(error.context(format!("cell {}", cell.id())));
                }
            }
        }
    }

    fn pop(&self) -> Option<C> {
        self.cells.lock().expect("no holder panics").pop_front()
    }
}

/// Puts a cell that another run holds behind the others; whether all the others are held too.
fn defer<C>(cell: C, queue: &Mutex<VecDeque<C>>, held_in_a_row: usize) -> bool {
    let mut queue = queue.lock().expect("no holder panics");
    queue.push_back(cell);
    held_in_a_row >= queue.len()
}

/// Sees to it that a cell has a record; `false` if another run works on it.
fn one<C: Configuration>(
    cell: &C,
    records: &Records,
    place: &C::Place,
    provenance: &Provenance,
    board: &Board,
    job: usize,
) -> Result<bool> {
    let start = Instant::now();
    let name = cell.label();
    let Some(_lease) = records.lease(cell)? else { return Ok(false) };
    // Another run may have finished it since the queue was made.
    if let Some(record) = records.load(cell)? {
        let text = format!("{name}: {}, by another run", C::outcome(&record.metrics));
        board.finish(cell.weight(), C::error(&record.metrics), &text);
        return Ok(true);
    }
    let on_progress = |progress: Progress| board.show(job, &name, progress);
    let metrics = cell.run(place, &on_progress)?;
    let (outcome, error) = (C::outcome(&metrics), C::error(&metrics));
    records.save(&Record { cell: cell.clone(), metrics, provenance: provenance.clone() })?;
    let text = format!("{name}: {outcome} in {:.1} s", start.elapsed().as_secs_f64());
    board.finish(cell.weight(), error, &text);
    Ok(true)
}
