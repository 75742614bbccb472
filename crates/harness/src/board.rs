//! What is seen of a run. On a terminal one screen: cells done, rate and time left, the last errors as a
//! sparkline, and a line for each job with its cell, its stage and, while it trains, its last losses as a sparkline;
//! finished cells scroll past above it. Without a terminal plain lines: one for each finished cell, and where none finishes one every few seconds.

use crate::configuration::Configuration;
use crate::progress::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Without a terminal: the longest silence.
const SILENCE: Duration = Duration::from_secs(5);
/// Errors in the sparkline.
const ERRORS: usize = 40;
/// Losses in the sparkline of a job: of its last updates.
const LOSSES: usize = 24;

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
    jobs: Vec<Job>,
    errors: VecDeque<f64>,
}

/// What a job is at.
#[derive(Clone, Debug, Default)]
struct Job {
    cell: String,
    stage: String,
    share: f64,
    losses: VecDeque<f64>,
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
            jobs: vec![Job::default(); jobs],
            errors: VecDeque::new(),
        };
        let screen = std::io::stderr().is_terminal().then(|| Screen::new(cells, done, jobs));
        Self { screen, state: Mutex::new(state) }
    }

    /// Shows what a job is doing for a cell.
    pub(crate) fn show(&self, job: usize, cell: &str, progress: Progress) {
        let mut state = self.state.lock().expect("no holder panics");
        let Some(at) = state.jobs.get_mut(job) else { return };
        at.update(cell, progress);
        if let Some(line) = self.screen.as_ref().and_then(|screen| screen.jobs.get(job)) {
            line.set_message(at.line(&sparkline(at.losses.iter())));
        }
    }

    /// Says that a job waits for another run.
    pub(crate) fn wait(&self, job: usize) {
        self.show(job, "", Progress::stage("waiting for another run"));
    }

    /// Says that a cell of this weight is finished, and its error.
    pub(crate) fn finish(&self, weight: f64, error: f64, text: &str) {
        let mut state = self.state.lock().expect("no holder panics");
        state.done += 1;
        state.done_weight += weight;
        remember(&mut state.errors, error, ERRORS);
        let pace = state.pace();
        let line = format!("[{}/{}] {text}; {pace}", state.done, state.cells);
        match &self.screen {
            None => eprintln!("{line}"),
            Some(screen) => screen.show_cell(&state, &pace, &line),
        }
        state.spoken = Instant::now();
    }

    /// Breaks long silences where there is no terminal, until the sender of `stop` is dropped.
    pub(crate) fn keep_talking(&self, stop: &Receiver<()>) {
        while stop.recv_timeout(SILENCE / 5) == Err(RecvTimeoutError::Timeout) {
            let mut state = self.state.lock().expect("no holder panics");
            if self.screen.is_none() && state.spoken.elapsed() >= SILENCE {
                let jobs: Vec<String> = state.jobs.iter().map(|job| job.line("")).collect();
                eprintln!("[{}/{}] {}; {}", state.done, state.cells, jobs.join(" | "), state.pace());
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

impl Job {
    fn update(&mut self, cell: &str, progress: Progress) {
        // Losses of two stages are of two kinds.
        if self.cell != cell || self.stage != progress.stage {
            *self = Self { cell: cell.into(), stage: progress.stage.into(), ..Self::default() };
        }
        self.share = progress.share;
        if let Some(loss) = progress.loss {
            remember(&mut self.losses, loss, LOSSES);
        }
    }

    /// In words, the last loss behind its sparkline.
    fn line(&self, sparkline: &str) -> String {
        if self.cell.is_empty() {
            return self.stage.clone();
        }
        let space = if sparkline.is_empty() { "" } else { " " };
        let loss = self.losses.back();
        let loss = loss.map_or(String::new(), |loss| format!(", loss {sparkline}{space}{loss:.3}"));
        format!("{}: {} {:.0} %{loss}", self.cell, self.stage, 100.0 * self.share)
    }
}

/// Keeps the last `most` values.
fn remember(values: &mut VecDeque<f64>, value: f64, most: usize) {
    values.push_back(value);
    if values.len() > most {
        values.pop_front();
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

    fn show_cell(&self, state: &State, pace: &str, line: &str) {
        self.cells.set_position(state.done as u64);
        self.cells.set_message(pace.to_owned());
        let last = state.errors.back().map_or(String::new(), |error| format!("last {error:.3}"));
        self.errors.set_message(format!("{}  {last}", sparkline(state.errors.iter())));
        drop(self.lines.println(line));
    }
}

/// Values as blocks of eight heights, from the least to the greatest of them.
fn sparkline<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let (low, high) = values.clone().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
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
    values.map(block).collect()
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
        let drawn = |values: &[f64]| sparkline(values.iter());
        assert_eq!(drawn(&[0.0, 0.5, 1.0]), "▁▅█");
        assert_eq!(drawn(&[0.3, 0.3]), "▁▁");
        assert_eq!(drawn(&[1.0, f64::NAN, 2.0]), "▁ █");
        assert_eq!(drawn(&[]), "");
    }

    #[test]
    fn a_job_shows_the_last_losses_of_its_stage() {
        let mut job = Job::default();
        let loss = |loss, share| Progress { loss: Some(loss), ..Progress::part("sft", share) };
        job.update("rft n=8 s=0", loss(2.0, 0.25));
        job.update("rft n=8 s=0", loss(1.0, 0.5));
        assert_eq!(job.line(&sparkline(job.losses.iter())), "rft n=8 s=0: sft 50 %, loss █▁ 1.000");
        assert_eq!(job.line(""), "rft n=8 s=0: sft 50 %, loss 1.000");
        (0..100).for_each(|update| job.update("rft n=8 s=0", loss(f64::from(update), 0.5)));
        assert_eq!((job.losses.len(), job.losses[0]), (LOSSES, 100.0 - LOSSES as f64));
        job.update("rft n=8 s=0", Progress::stage("evaluation"));
        assert_eq!(job.line(&sparkline(job.losses.iter())), "rft n=8 s=0: evaluation 0 %");
        job.update("", Progress::stage("waiting for another run"));
        assert_eq!(job.line(""), "waiting for another run");
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
