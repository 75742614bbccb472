//! The driver: prepares rows, asks the sides in turn, keeps what was measured.

use crate::outcome::{Agreement, Compiled, Outcome, median};
use crate::profile::Recording;
use crate::protocol::{Reply, Request};
use crate::report::{self, Machine};
use crate::rows::{Against, ROWS, Row, Task, chosen};
use crate::side::{Measured, Side};
use crate::{Args, Result, export, peak};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Longest that one measurement, or a preparation without compiling, may take.
const PATIENCE: Duration = Duration::from_secs(600);

/// Measures the rows that were asked for and writes the table.
pub(crate) fn run(args: &Args) -> Result<()> {
    let rows = chosen(&args.rows)?;
    let threads: Vec<usize> = args.threads.iter().map(|n| usize::from(*n)).collect();
    for dir in ["data", "measured"] {
        let dir = args.work.join(dir);
        std::fs::create_dir_all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    }
    let mut machine = Machine::here(&args.device);
    for &threads in &threads {
        machine.peaks.insert(threads, peak::peak(threads));
    }
    let mut progress = Progress::new(&rows, &threads);
    let mut outcomes = Vec::new();
    for &threads in &threads {
        let mut sides = Sides::start(args, threads)?;
        machine.versions = sides.versions()?;
        for row in &rows {
            let outcome = match earlier(args, row, threads) {
                Some(outcome) => outcome,
                None => measure(args, row, threads, &mut sides, &progress)?,
            };
            save(args, &outcome)?;
            progress.done(row, &outcome);
            outcomes.push(outcome);
        }
    }
    let text = report::render(&machine, &outcomes, args.rounds);
    let whole = rows.len() == ROWS.len()
        && threads[..] == [1, 2]
        && args.rounds >= 5
        && args.device == "flex"
        && args.against != Against::Nothing;
    if whole {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
        std::fs::write(&path, &text).map_err(|e| format!("{}: {e}", path.display()))?;
        eprintln!("wrote {}", path.display());
    }
    println!("{text}");
    Ok(())
}

/// The processes of one number of threads.
struct Sides {
    engine: Side,
    eager: Option<Side>,
}

impl Sides {
    fn start(args: &Args, threads: usize) -> Result<Self> {
        let mut engine = Command::new(std::env::current_exe()?);
        engine.args(["--serve", "--device", &args.device]);
        let eager = match args.against {
            Against::Nothing => None,
            _ => Some(Side::start("PyTorch", python(args, false), threads)?),
        };
        Ok(Self { engine: Side::start("the engine", engine, threads)?, eager })
    }

    fn versions(&mut self) -> Result<String> {
        let mut versions = format!("eightfold {}", self.engine.ask(&Request::Hello, PATIENCE)?.versions);
        if let Some(eager) = &mut self.eager {
            versions = format!("{versions}; {}", eager.ask(&Request::Hello, PATIENCE)?.versions);
        }
        Ok(versions)
    }
}

fn python(args: &Args, compile: bool) -> Command {
    let mut command = Command::new(&args.python);
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("pytorch/worker.py"));
    if compile {
        command.arg("--compile");
        command.env("TORCHINDUCTOR_CACHE_DIR", args.work.join("inductor"));
    }
    command
}

/// All rounds of one row.
fn measure(
    args: &Args,
    row: &Row,
    threads: usize,
    sides: &mut Sides,
    progress: &Progress,
) -> Result<Outcome> {
    let rounds = usize::from(args.rounds);
    let dir = std::path::absolute(args.work.join("data").join(row.name))?;
    let data = export::export(row, rounds, &dir)?;
    let mut compiled = Compiling::start(args, row, threads, &dir);
    let prepare = Request::Prepare { dir: dir.display().to_string() };
    sides.engine.ask(&prepare, PATIENCE)?;
    if let Some(eager) = &mut sides.eager {
        eager.ask(&prepare, PATIENCE)?;
    }
    let mut outcome = Outcome {
        row: row.name.to_owned(),
        threads,
        steps: row.steps,
        tokens: data.tokens,
        flops: data.flops,
        engine: Vec::new(),
        eager: Vec::new(),
        compiled: None,
        agreement: None,
        profile: Vec::new(),
    };
    for round in 0..rounds {
        progress.round(row, threads, round, rounds);
        // Who goes first alternates.
        for turn in 0..3 {
            match if round % 2 == 0 { turn } else { 2 - turn } {
                0 => outcome.engine.push(sides.engine.measure(PATIENCE)?),
                1 => {
                    if let Some(eager) = &mut sides.eager {
                        outcome.eager.push(eager.measure(PATIENCE)?);
                    }
                }
                _ => compiled.measure(),
            }
        }
    }
    outcome.compiled = compiled.finish();
    if threads == 1 && args.device == "flex" {
        outcome.profile = profile(args, &mut sides.engine, &outcome)?;
    }
    outcome.agreement = check(sides)?;
    Ok(outcome)
}

/// One more measurement of the engine, watched.
fn profile(args: &Args, engine: &mut Side, outcome: &Outcome) -> Result<Vec<(String, f64)>> {
    let seconds = median(outcome.engine.iter().map(|m| m.wall));
    let recording = Recording::start(engine.id(), 0.9 * seconds, &args.work);
    engine.measure(PATIENCE)?;
    Ok(recording.map(Recording::finish).unwrap_or_default())
}

/// Compares what both sides compute, and ends the row.
fn check(sides: &mut Sides) -> Result<Option<Agreement>> {
    let mut finish = |side: &mut Side| -> Result<Reply> {
        let reply = side.ask(&Request::Check, PATIENCE)?;
        side.tell(&Request::Finish)?;
        Ok(reply)
    };
    let ours = finish(&mut sides.engine)?;
    let theirs = sides.eager.as_mut().map(&mut finish).transpose()?;
    Ok(theirs.map(|theirs| Agreement::new(&ours, &theirs)))
}

/// `torch.compile` on a row, as far as it works.
enum Compiling {
    /// Not asked for, or not a train step.
    Absent,
    Running {
        side: Side,
        first: f64,
        rounds: Vec<Measured>,
    },
    Failed(String),
}

impl Compiling {
    fn start(args: &Args, row: &Row, threads: usize, dir: &Path) -> Self {
        if args.against != Against::Compile || !matches!(row.task, Task::Train { .. }) {
            return Self::Absent;
        }
        eprintln!("{}, {threads} threads: torch.compile, at most {} s", row.name, args.compile_limit);
        let start = Instant::now();
        let limit = Duration::from_secs(args.compile_limit);
        let side = Side::start("torch.compile", python(args, true), threads).and_then(|mut side| {
            side.ask(&Request::Prepare { dir: dir.display().to_string() }, limit)?;
            Ok(side)
        });
        match side {
            Ok(side) => Self::Running { side, first: start.elapsed().as_secs_f64(), rounds: Vec::new() },
            Err(error) => Self::Failed(error.to_string()),
        }
    }

    fn measure(&mut self) {
        if let Self::Running { side, rounds, .. } = self {
            match side.measure(PATIENCE) {
                Ok(measured) => rounds.push(measured),
                Err(error) => *self = Self::Failed(error.to_string()),
            }
        }
    }

    fn finish(self) -> Option<Compiled> {
        match self {
            Self::Absent => None,
            Self::Running { first, rounds, .. } => Some(Compiled::Ran { first, rounds }),
            Self::Failed(why) => Some(Compiled::Failed(why)),
        }
    }
}

fn path(args: &Args, row: &str, threads: usize) -> PathBuf {
    let device = &args.device;
    args.work.join("measured").join(format!("{row}-{device}-{threads}x{}.json", args.rounds))
}

/// What an earlier run measured for this row, if it may be taken.
fn earlier(args: &Args, row: &Row, threads: usize) -> Option<Outcome> {
    let text = std::fs::read_to_string(path(args, row.name, threads)).ok().filter(|_| args.resume)?;
    let outcome: Outcome = serde_json::from_str(&text).ok()?;
    let enough = args.against == Against::Nothing || !outcome.eager.is_empty();
    (enough && outcome.steps == row.steps && outcome.engine.len() == usize::from(args.rounds))
        .then_some(outcome)
}

fn save(args: &Args, outcome: &Outcome) -> Result<()> {
    let path = path(args, &outcome.row, outcome.threads);
    let part = path.with_extension("part");
    std::fs::write(&part, serde_json::to_string(outcome)?)
        .and_then(|()| std::fs::rename(&part, &path))
        .map_err(|e| format!("{}: {e}", path.display()).into())
}

/// How far the run is, and how long the rest will take at its pace so far.
struct Progress {
    start: Instant,
    cost: f64,
    done: f64,
}

impl Progress {
    fn new(rows: &[&Row], threads: &[usize]) -> Self {
        let each: f64 = rows.iter().map(|row| row.cost).sum();
        let cost = threads.iter().map(|threads| each / (*threads as f64).min(2.0)).sum();
        Self { start: Instant::now(), cost, done: 0.0 }
    }

    fn round(&self, row: &Row, threads: usize, round: usize, rounds: usize) {
        eprintln!("{}, {threads} threads: round {} of {rounds}{}", row.name, round + 1, self.left());
    }

    fn left(&self) -> String {
        if self.done == 0.0 {
            return String::new();
        }
        let pace = self.start.elapsed().as_secs_f64() / self.done;
        format!("; about {:.0} minutes left", (pace * (self.cost - self.done) / 60.0).ceil())
    }

    fn done(&mut self, row: &Row, outcome: &Outcome) {
        self.done += row.cost / (outcome.threads as f64).min(2.0);
        eprintln!("{}{}", report::line(row, outcome), self.left());
    }
}
