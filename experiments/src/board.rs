//! What is seen of a run. On a terminal one screen: cells done, rate and time left, the last errors as a
//! sparkline, and a line for each job with its cell, stage and loss; finished cells scroll past above it. Without a
//! terminal plain lines: one for each finished cell, and where none finishes one every few seconds.

use crate::configuration::Configuration;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Without a terminal: the longest silence.
const SILENCE: Duration = Duration::from_secs(5);
/// Errors in the sparkline.
const SHOWN: usize = 40;

/// The board of a run.
pub(crate) struct Board {
    screen: Option<Screen>,
    state: Mutex<State>,
}

/// The lines of a terminal.
struct Screen {
    lines: MultiProgress,
    cells: ProgressBar,
    errors: ProgressBar,
    jobs: Vec<ProgressBar>,
}

struct State {
    start: Instant,
    spoken: Instant,
    weight: f64,
    done_weight: f64,
    done: usize,
    /// Cells that were done before this run.
    before: usize,
    cells: usize,
    jobs: Vec<String>,
    errors: VecDeque<f64>,
}

impl Board {
    /// Of a run of some missing cells after `done` others, by this many jobs.
    pub(crate) fn new<C: Configuration>(missing: &[C], done: usize, jobs: usize) -> Self {
        let cells = done + missing.len();
        let now = Instant::now();
        let state = State {
            start: now,
            spoken: now,
            weight: missing.iter().map(C::weight).sum(),
            done_weight: 0.0,
            done,
            before: done,
            cells,
            jobs: vec![String::new(); jobs],
            errors: VecDeque::new(),
        };
        let screen = std::io::stderr().is_terminal().then(|| Screen::new(cells, done, jobs));
        Self { screen, state: Mutex::new(state) }
    }

    /// Says what a job is doing.
    pub(crate) fn tell(&self, job: usize, text: String) {
        if let Some(line) = self.screen.as_ref().and_then(|screen| screen.jobs.get(job)) {
            line.set_message(text.clone());
        }
        if let Some(line) = self.state.lock().expect("no holder panics").jobs.get_mut(job) {
            *line = text;
        }
    }

    /// Says that a cell of this weight is finished, and its error.
    pub(crate) fn finish(&self, weight: f64, error: f64, text: &str) {
        let mut state = self.state.lock().expect("no holder panics");
        state.done += 1;
        state.done_weight += weight;
        state.errors.push_back(error);
        if state.errors.len() > SHOWN {
            state.errors.pop_front();
        }
        let pace = state.pace();
        let line = format!("[{}/{}] {text}; {pace}", state.done, state.cells);
        match &self.screen {
            None => eprintln!("{line}"),
            Some(screen) => screen.show(&state, &pace, &line),
        }
        state.spoken = Instant::now();
    }

    /// Breaks long silences where there is no terminal, until the sender of `stop` is dropped.
    pub(crate) fn keep_talking(&self, stop: &Receiver<()>) {
        while stop.recv_timeout(SILENCE / 5) == Err(RecvTimeoutError::Timeout) {
            let mut state = self.state.lock().expect("no holder panics");
            if self.screen.is_none() && state.spoken.elapsed() >= SILENCE {
                eprintln!("[{}/{}] {}; {}", state.done, state.cells, state.jobs.join(" | "), state.pace());
                state.spoken = Instant::now();
            }
        }
    }

    /// Takes the screen away.
    pub(crate) fn close(&self) {
        if let Some(screen) = &self.screen {
            drop(screen.lines.clear());
        }
    }
}

impl State {
    /// Rate and time left; the latter by the weights of cells, once one is finished.
    fn pace(&self) -> String {
        let elapsed = self.start.elapsed().as_secs_f64();
        if self.done_weight <= 0.0 {
            return format!("{} so far", clock(elapsed));
        }
        let left = elapsed * (self.weight - self.done_weight) / self.done_weight;
        let rate = 60.0 * (self.done - self.before) as f64 / elapsed.max(1e-9);
        format!("{rate:.0} cells a minute, {} left", clock(left))
    }
}

impl Screen {
    fn new(cells: usize, done: usize, jobs: usize) -> Self {
        let lines = MultiProgress::new();
        let line = |template: &str, bar: ProgressBar| {
            let style =
                ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            lines.add(bar.with_style(style))
        };
        let screen = Self {
            cells: line("{bar:30} {pos}/{len}  {wide_msg}", ProgressBar::new(cells as u64)),
            errors: line("errors {wide_msg}", ProgressBar::new_spinner()),
            jobs: (0..jobs).map(|_| line("{spinner} {wide_msg}", ProgressBar::new_spinner())).collect(),
            lines: lines.clone(),
        };
        screen.cells.set_position(done as u64);
        for bar in screen.jobs.iter().chain([&screen.cells]) {
            bar.enable_steady_tick(Duration::from_millis(500));
        }
        screen
    }

    fn show(&self, state: &State, pace: &str, line: &str) {
        self.cells.set_position(state.done as u64);
        self.cells.set_message(pace.to_owned());
        let errors: Vec<f64> = state.errors.iter().copied().collect();
        let last = errors.last().map_or(String::new(), |error| format!("last {error:.3}"));
        self.errors.set_message(format!("{}  {last}", sparkline(&errors)));
        drop(self.lines.println(line));
    }
}

/// Values as blocks of eight heights, from the least to the greatest of them.
fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (low, high) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        if value.is_finite() { (low.min(*value), high.max(*value)) } else { (low, high) }
    });
    let block = |value: &f64| {
        let share = (value - low) / (high - low);
        match share {
            _ if !value.is_finite() => ' ',
            _ if share.is_nan() => BLOCKS[0],
            _ => BLOCKS[(share * 7.0).round() as usize],
        }
    };
    values.iter().map(block).collect()
}

/// Seconds as minutes and seconds.
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparkline_spans_its_values() {
        assert_eq!(sparkline(&[0.0, 0.5, 1.0]), "▁▅█");
        assert_eq!(sparkline(&[0.3, 0.3]), "▁▁");
        assert_eq!(sparkline(&[1.0, f64::NAN, 2.0]), "▁ █");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn time_left_goes_by_weight() {
        let start = Instant::now() - Duration::from_secs(60);
        let state = State {
            start,
            spoken: start,
            weight: 10.0,
            done_weight: 4.0,
            done: 5,
            before: 3,
            cells: 9,
            jobs: Vec::new(),
            errors: VecDeque::new(),
        };
        assert_eq!(state.pace(), "2 cells a minute, 1:30 left");
        assert_eq!(State { done_weight: 0.0, ..state }.pace(), "1:00 so far");
    }
}
