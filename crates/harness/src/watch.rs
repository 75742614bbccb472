//! Drawing a figure again and again while its records come in, from this run or another.

use crate::board::clock;
use crate::configuration::Configuration;
use crate::store::Records;
use anyhow::Result;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Between two looks at the records.
const PAUSE: Duration = Duration::from_secs(1);
/// The least time between two drawings of a run.
const REST: Duration = Duration::from_secs(10);
/// The least time between two drawings of a run, in times that the last of them took: of two cores 1 % are spent on it.
const RESTS: u32 = 50;

/// Draws whenever more of the cells have records, with a line for each drawing, until all have.
///
/// # Errors
/// If the figure cannot be drawn from all records. From a part of them it need not be possible: that is said, and
/// tried again when there are more.
pub(crate) fn watch<C: Configuration>(
    name: &str,
    cells: &[C],
    records: &Records,
    draw: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    let (start, mut drawn) = (Instant::now(), None);
    loop {
        let done = cells.iter().filter(|cell| records.has(*cell)).count();
        if drawn != Some(done) {
            let result = if done > 0 { draw() } else { Ok(()) };
            let of =
                format!("{}  {name}: {done} of {} cells", clock(start.elapsed().as_secs_f64()), cells.len());
            match result {
                Ok(()) if done == 0 => eprintln!("{of}"),
                Ok(()) => eprintln!("{of}, drawn"),
                Err(error) if done == cells.len() => return Err(error),
                Err(error) => eprintln!("{of}, not drawn: {error:#}"),
            }
            drawn = Some(done);
        }
        if done == cells.len() {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
}

/// Draws whenever more of the cells have records, until the sender of `ended` is dropped. A part of the
/// records need not suffice for a drawing: what is wrong with all of them is said at the end of the run.
pub(crate) fn draw_meanwhile<C: Configuration>(
    cells: &[C],
    records: &Records,
    ended: &Receiver<()>,
    draw: &dyn Fn() -> Result<()>,
) {
    let count = || cells.iter().filter(|cell| records.has(*cell)).count();
    let (mut drawn, mut rest) = (count(), PAUSE);
    while ended.recv_timeout(rest) == Err(RecvTimeoutError::Timeout) {
        let (done, start) = (count(), Instant::now());
        rest = PAUSE;
        if done == drawn {
            continue;
        }
        drawn = done;
        draw().ok();
        rest = REST.max(RESTS * start.elapsed());
    }
}
