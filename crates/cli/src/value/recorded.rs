//! Rollouts in a file, found by the prefix that they continue.

use crate::jsonl::{Faults, Lines, Row};
use crate::prepared::Solution;
use crate::status::Status;
use anyhow::Context;
use eightfold_advantage::{Evidence, Rollouts};
use eightfold_exchange::{RolloutRow, SampleRow};
use eightfold_verifier::{Grader, Judgment, Verifier};
use rayon::prelude::*;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Where a rollout stands in the file. The rollouts themselves stay there: of a large file, memory holds
/// this alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    step: u64,
    rollout: u64,
    start: u64,
    len: usize,
}

/// The rollouts of one solution, with `used` set once it was seen.
#[derive(Debug, Default)]
struct Found {
    places: Vec<Place>,
    used: bool,
}

/// A file of rollouts.
pub(crate) struct Recorded {
    name: String,
    file: File,
    faults: Faults,
    by_solution: HashMap<(String, u64), Found>,
    repeated: usize,
    /// Rollouts that every prefix needs, prefixes that have fewer, and the first of them.
    needed: usize,
    short: usize,
    first_short: Option<String>,
}

impl Recorded {
    /// Reads where every rollout stands. A malformed line is named and passed over; of two rollouts with
    /// the same name the first is kept.
    pub(crate) fn open(path: &Path, needed: usize) -> anyhow::Result<Self> {
        let mut lines = Lines::open(Some(path))?;
        let name = lines.name().to_owned();
        let file = File::open(path).with_context(|| name.clone())?;
        anyhow::ensure!(
            file.metadata()?.is_file(),
            "{name}: rollouts are looked up, so they must be in a file"
        );
        let mut faults = Faults::new(name.as_str());
        let mut by_solution: HashMap<(String, u64), Found> = HashMap::new();
        loop {
            let start = lines.at();
            let Some((number, row)) = lines.next_row()? else { break };
            match row.and_then(|row| Ok(RolloutRow::read(row.into_fields().rest())?)) {
                Ok(RolloutRow { id, sample, step, rollout, .. }) => {
                    let len = usize::try_from(lines.at() - start)?;
                    let place = Place { step, rollout, start, len };
                    by_solution.entry((id, sample)).or_default().places.push(place);
                }
                Err(error) => faults.add(number, &error),
            }
        }
        let mut repeated = 0;
        for found in by_solution.values_mut() {
            found.places.sort_unstable();
            let before = found.places.len();
            found.places.dedup_by_key(|place| (place.step, place.rollout));
            repeated += before - found.places.len();
        }
        Ok(Self { name, file, faults, by_solution, repeated, needed, short: 0, first_short: None })
    }

    /// The evidence on each solution. It ends before the first prefix that has too few rollouts.
    pub(crate) fn evidence(&mut self, solutions: &[Solution]) -> anyhow::Result<Vec<Evidence>> {
        let rows =
            solutions.iter().map(|solution| self.rows(solution)).collect::<anyhow::Result<Vec<_>>>()?;
        let grader = Grader::marked();
        let judged = |(solution, rows): (&Solution, Vec<RolloutRow>)| by_step(&grader, solution, rows);
        let judged: Vec<_> = solutions.par_iter().zip(rows).map(judged).collect();
        Ok(solutions.iter().zip(judged).map(|(solution, steps)| self.evidence_of(solution, steps)).collect())
    }

    /// The rollouts of a solution, by step and number.
    fn rows(&mut self, solution: &Solution) -> anyhow::Result<Vec<RolloutRow>> {
        let key = (solution.row.id.clone(), solution.row.sample);
        let Some(found) = self.by_solution.get_mut(&key) else { return Ok(Vec::new()) };
        found.used = true;
        let (file, name) = (&mut self.file, &self.name);
        let mut row = |place: &Place| {
            let mut text = vec![0; place.len];
            file.seek(SeekFrom::Start(place.start))?;
            file.read_exact(&mut text)?;
            Ok(RolloutRow::read(Row::parse(0, &text)?.into_fields().rest())?)
        };
        let rows = found.places.iter().map(&mut row).collect::<anyhow::Result<Vec<_>>>();
        rows.with_context(|| format!("{name}: the file was changed while it was read"))
    }

    fn evidence_of(&mut self, solution: &Solution, mut steps: HashMap<u64, Rollouts>) -> Evidence {
        let mut evidence = Evidence::new(solution.episode.steps.len(), solution.verdict);
        evidence.question = self.take(solution, &mut steps, 0);
        evidence.steps = (1..evidence.len).map_while(|step| self.take(solution, &mut steps, step)).collect();
        evidence
    }

    /// The rollouts after so many steps, if they are enough.
    fn take(
        &mut self,
        solution: &Solution,
        steps: &mut HashMap<u64, Rollouts>,
        step: usize,
    ) -> Option<Rollouts> {
        let rollouts = steps.remove(&(step as u64))?;
        if rollouts.draws.len() < self.needed {
            self.short += 1;
            let SampleRow { id, sample, .. } = &solution.row;
            let place = || format!("problem {id}, sample {sample}, step {step}: {}", rollouts.draws.len());
            self.first_short.get_or_insert_with(place);
            return None;
        }
        Some(rollouts)
    }

    /// Says what was wrong with the file, and how the program should exit.
    pub(crate) fn close(self) -> Status {
        let (name, needed, short) = (&self.name, self.needed, self.short);
        if self.repeated > 0 {
            eprintln!("{name}: {} rollouts were there before and are passed over", self.repeated);
        }
        let unused: usize =
            self.by_solution.values().filter(|found| !found.used).map(|found| found.places.len()).sum();
        if unused > 0 {
            eprintln!("{name}: {unused} rollouts belong to no solution of the input");
        }
        if let Some(first) = &self.first_short {
            eprintln!("{name}: {short} prefixes have fewer than {needed} rollouts, the first of {first}");
        }
        self.faults.close()
    }
}

/// Verified rollouts, by the number of steps before them.
fn by_step(grader: &Grader, solution: &Solution, rows: Vec<RolloutRow>) -> HashMap<u64, Rollouts> {
    let Solution { episode, .. } = solution;
    let mut steps: HashMap<u64, Rollouts> = HashMap::new();
    for row in rows {
        // Steps beyond the end belong to another cut of this solution; nothing asks for them.
        let Some(step) = usize::try_from(row.step).ok().filter(|step| *step <= episode.steps.len()) else {
            continue;
        };
        let correct = || match row.verdict {
            Some(judgment) => judgment == Judgment::Equal,
            None => {
                let whole = format!("{}{}", episode.steps.prefix(step), row.completion);
                grader.verify(&episode.problem, &whole).is_correct()
            }
        };
        let success = row.is_finished() && correct();
        let rollouts = steps.entry(row.step).or_default();
        rollouts.tokens += row.tokens.unwrap_or(0);
        rollouts.draws.push(success.then_some(row.completion));
    }
    steps
}
