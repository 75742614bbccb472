//! What a run has done and how long it will take, on standard error.

use eightfold_server::{Ending, Event, Fault};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Time between two lines where standard error is a file.
const LINE: Duration = Duration::from_secs(15);

/// Share of completions that were cut from which on a run warns of it.
const CUT_SHARE: f64 = 0.05;

/// Counts of a run. On a terminal they are a bar that moves, elsewhere a line now and then.
pub(crate) struct Progress {
    command: String,
    bar: ProgressBar,
    terminal: bool,
    /// Whether completions come from servers, by requests.
    remote: bool,
    counts: Mutex<Counts>,
}

struct Counts {
    start: Instant,
    shown: Instant,
    expected: u64,
    completed: u64,
    /// Completions that will not come, because their prompt was refused.
    refused: u64,
    sent: u64,
    replayed: u64,
    tokens: u64,
    endings: BTreeMap<Ending, u64>,
    faults: BTreeMap<Fault, (u64, String)>,
    /// Responses with fewer choices than asked for, and with more.
    fewer: u64,
    more: u64,
}

impl Progress {
    /// Counts of a run on servers.
    pub(crate) fn new(command: &str) -> Self {
        Self::of(command, true)
    }

    /// Counts of a run in this process.
    #[cfg(feature = "models")]
    pub(crate) fn local(command: &str) -> Self {
        Self::of(command, false)
    }

    fn of(command: &str, remote: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let target = if terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template("{prefix} [{bar:30}] {msg}").expect("a template");
        bar.set_style(style);
        bar.set_prefix(command.to_owned());
        let (start, faults) = (Instant::now(), BTreeMap::new());
        let counts = Counts {
            start,
            shown: start,
            expected: 0,
            completed: 0,
            refused: 0,
            sent: 0,
            replayed: 0,
            tokens: 0,
            endings: BTreeMap::new(),
            faults,
            fewer: 0,
            more: 0,
        };
        Self { command: command.to_owned(), bar, terminal, remote, counts: Mutex::new(counts) }
    }

    /// What the client says.
    pub(crate) fn note(&self, event: &Event) {
        let mut counts = self.lock();
        match event {
            Event::Wanted { completions } => {
                counts.expected += *completions as u64;
                self.bar.set_length(counts.expected);
            }
            Event::Completed { ending } => {
                counts.completed += 1;
                *counts.endings.entry(*ending).or_default() += 1;
            }
            Event::Refused => counts.refused += 1,
            Event::Answered { tokens } => {
                counts.sent += 1;
                counts.tokens += tokens;
            }
            Event::Replayed => counts.replayed += 1,
            Event::Failed { fault, message } => {
                let (count, last) = counts.faults.entry(*fault).or_default();
                *count += 1;
                message.clone_into(last);
            }
            Event::Aside { url } => self.say(&format!("{url} is put aside; it is tried now and then")),
            Event::Back { url } => self.say(&format!("{url} is back")),
            Event::Choices { asked, given } if given < asked => counts.fewer += 1,
            Event::Choices { .. } => counts.more += 1,
        }
        self.show(&mut counts);
    }

    /// Counts and warnings at the end of a run.
    pub(crate) fn summarize(&self) {
        let counts = self.lock();
        self.bar.finish_and_clear();
        eprintln!("{}: {}", self.command, counts.line(self.remote));
        for (fault, (count, last)) in &counts.faults {
            eprintln!("  {count:>8}  attempts repeated, {fault}; the last one: {last}");
        }
        counts.endings().iter().for_each(|line| eprintln!("{line}"));
        if counts.fewer > 0 {
            eprintln!(
                "warning: {} responses had fewer choices than `n` asked for; the rest was asked for again",
                counts.fewer
            );
        }
        if counts.more > 0 {
            eprintln!("warning: {} responses had more choices than were asked for", counts.more);
        }
    }

    fn say(&self, line: &str) {
        let line = format!("{}: {line}", self.command);
        if self.terminal { self.bar.println(line) } else { eprintln!("{line}") }
    }

    fn show(&self, counts: &mut Counts) {
        if self.terminal {
            self.bar.set_position(counts.completed);
            self.bar.set_message(counts.line(self.remote));
        } else if counts.shown.elapsed() >= LINE {
            counts.shown = Instant::now();
            self.say(&counts.line(self.remote));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    /// What is said of completions that did not end by the model, and of those that there are none of.
    fn endings(&self) -> Vec<String> {
        let of = |ending| self.endings.get(&ending).copied().unwrap_or(0);
        let (all, mut lines) = (self.completed, Vec::new());
        let cut = of(Ending::Cut);
        if cut > 0 {
            let warned = cut as f64 >= CUT_SHARE * all as f64;
            let (mark, advice) =
                if warned { ("warning: ", "; raise --max-tokens or name a --stop") } else { ("  ", "") };
            lines.push(format!("{mark}{cut} of {all} completions were cut at their longest length{advice}"));
        }
        let filtered = of(Ending::Filtered);
        if filtered > 0 {
            lines.push(format!(
                "warning: {filtered} of {all} completions were withheld by the server's filter"
            ));
        }
        let refused = self.refused;
        if refused > 0 {
            let wanted = all + refused;
            lines.push(format!("warning: {refused} of {wanted} completions were refused with their prompt"));
        }
        let null = of(Ending::NullContent);
        if null > 0 {
            lines.push(format!(
                "warning: {null} of {all} messages had no content; a model that thinks may need more --max-tokens"
            ));
        }
        lines
    }

    fn line(&self, remote: bool) -> String {
        let seconds = self.start.elapsed().as_secs_f64();
        let rate = |count: u64| count as f64 / seconds.max(1e-9);
        let requests = format!(
            "{} requests sent ({:.2}/s), {} answered from the journal; ",
            self.sent,
            rate(self.sent),
            self.replayed
        );
        let replayed = format!("{} from the journal; ", self.replayed);
        let mut line = format!(
            "{} of {} completions in {seconds:.1} s; {}{} tokens ({:.1}/s)",
            self.completed,
            self.expected,
            if remote { &requests } else { &replayed },
            self.tokens,
            rate(self.tokens)
        );
        // What the journal holds comes in no time, and says nothing of how long the rest will take.
        let drawn = self.completed * self.sent / (self.sent + self.replayed).max(1);
        if self.completed < self.expected && drawn > 0 {
            let left = (self.expected - self.completed) as f64 / rate(drawn);
            line += &format!("; about {left:.0} s left");
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_completions_are_counted_and_warned_of_from_a_share_on() {
        let lines = |whole: usize, ending: Ending| {
            let progress = Progress::new("test");
            let all = std::iter::repeat_n(Ending::Whole, whole).chain([ending]);
            all.for_each(|ending| progress.note(&Event::Completed { ending }));
            progress.lock().endings()
        };
        assert!(lines(1, Ending::Whole).is_empty());
        assert!(lines(99, Ending::Cut)[0].starts_with("  1 of 100 completions were cut"));
        assert!(lines(19, Ending::Cut)[0].starts_with("warning: 1 of 20 completions were cut"));
        assert!(lines(9, Ending::Filtered)[0].starts_with("warning: 1 of 10 completions were withheld"));
        assert!(lines(9, Ending::NullContent)[0].starts_with("warning: 1 of 10 messages had no content"));
    }
}
