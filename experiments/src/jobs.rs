//! Runs missing cells, several at a time, one thread each.

use crate::configuration::Configuration;
use crate::stages::Workplace;
use crate::store::{Provenance, Record, Records};
use anyhow::{Context, Result, anyhow};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Runs the cells that have no record, `jobs` at a time, and writes their records. A cell is computed by one
/// thread, so results do not depend on `jobs`. Cells that another run holds, on this machine or another that
/// shares the folder, are waited for. The first failure stops the queue; cells in flight finish.
///
/// # Errors
/// The first failure, with the cell's name.
pub fn run_missing<C: Configuration>(
    cells: &[C],
    records: &Records,
    place: &Workplace,
    provenance: &Provenance,
    jobs: usize,
) -> Result<()> {
    let mut missing = Vec::new();
    for cell in cells {
        if records.load(cell)?.is_none() {
            missing.push(cell.clone());
        }
    }
    let done = cells.len() - missing.len();
    if missing.is_empty() {
        return Ok(());
    }
    C::queue(&mut missing);
    let board = Board::new(&missing, done);
    let (queue, failure) = (Mutex::new(VecDeque::from(missing)), Mutex::new(None));
    let stop = AtomicBool::new(false);
    let work = |job: usize| {
        let mut held_in_a_row = 0;
        while let Some(cell) = pop(&queue).filter(|_| !stop.load(Ordering::Relaxed)) {
            match one(&cell, records, place, provenance, &board, job) {
                Ok(true) => held_in_a_row = 0,
                Ok(false) => {
                    held_in_a_row += 1;
                    if defer(cell, &queue, held_in_a_row) {
                        board.tell(job, "waiting for another run".into());
                        std::thread::sleep(Duration::from_millis(500));
                    }
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    let mut first = failure.lock().expect("no holder panics");
                    first.get_or_insert(error.context(format!("cell {}", cell.id())));
                }
            }
        }
    };
    std::thread::scope(|scope| {
        let spawn = |job| {
            let work = &work;
            scope.spawn(move || {
                let pool =
                    rayon::ThreadPoolBuilder::new().num_threads(1).build().context("no thread for a job")?;
                pool.install(|| work(job));
                Ok(())
            })
        };
        let threads: Vec<_> = (0..jobs.max(1)).map(spawn).collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a job panicked"))));
        joined.collect::<Result<Vec<()>>>()
    })?;
    board.bar.finish_and_clear();
    failure.into_inner().expect("no holder panics").map_or(Ok(()), Err)
}

fn pop<C>(queue: &Mutex<VecDeque<C>>) -> Option<C> {
    queue.lock().expect("no holder panics").pop_front()
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
    place: &Workplace,
    provenance: &Provenance,
    board: &Board,
    job: usize,
) -> Result<bool> {
    let start = Instant::now();
    let name = cell.label();
    let Some(_lease) = records.lease(cell)? else { return Ok(false) };
    // Another run may have finished it since the queue was made.
    if let Some(record) = records.load(cell)? {
        board.finish(cell.weight(), &format!("{name}: {}, by another run", C::outcome(&record.metrics)));
        return Ok(true);
    }
    let watch = |stage: &str, share: f64| board.tell(job, format!("{name}: {stage} {:.0} %", 100.0 * share));
    let metrics = cell.run(place, &watch)?;
    let outcome = C::outcome(&metrics);
    records.save(&Record { cell: cell.clone(), metrics, provenance: provenance.clone() })?;
    board.finish(cell.weight(), &format!("{name}: {outcome} in {:.1} s", start.elapsed().as_secs_f64()));
    Ok(true)
}

/// What is seen of a run: a line for each finished cell, and on a terminal a bar with what the jobs do.
struct Board {
    bar: ProgressBar,
    state: Mutex<State>,
}

struct State {
    start: Instant,
    weight: f64,
    done_weight: f64,
    done: usize,
    /// Cells that were done before this run.
    before: usize,
    cells: usize,
    jobs: Vec<String>,
}

impl Board {
    fn new<C: Configuration>(missing: &[C], done: usize) -> Self {
        let cells = done + missing.len();
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new(cells as u64).with_position(done as u64)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(500));
        let weight = missing.iter().map(C::weight).sum();
        let state = State {
            start: Instant::now(),
            weight,
            done_weight: 0.0,
            done,
            before: done,
            cells,
            jobs: Vec::new(),
        };
        Self { bar, state: Mutex::new(state) }
    }

    fn tell(&self, job: usize, text: String) {
        let mut state = self.state.lock().expect("no holder panics");
        let jobs = state.jobs.len().max(job + 1);
        state.jobs.resize(jobs, String::new());
        state.jobs[job] = text;
        self.bar.set_message(state.jobs.join(" | "));
    }

    fn finish(&self, weight: f64, text: &str) {
        let mut state = self.state.lock().expect("no holder panics");
        state.done += 1;
        state.done_weight += weight;
        let elapsed = state.start.elapsed().as_secs_f64();
        let left = elapsed * (state.weight - state.done_weight) / state.done_weight;
        let rate = 60.0 * (state.done - state.before) as f64 / elapsed;
        let line = format!(
            "[{}/{}] {text}; {rate:.0} cells a minute, {} left",
            state.done,
            state.cells,
            clock(left)
        );
        self.bar.set_position(state.done as u64);
        if self.bar.is_hidden() {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }
}

/// Seconds as minutes and seconds.
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
