//! What `value` says when it is done.

use crate::prepared::Solution;
use eightfold_advantage::{Cost, Evidence};
use std::time::Instant;

/// Counts of a run.
pub(crate) struct Tally {
    start: Instant,
    right: usize,
    wrong: usize,
    /// Wrong solutions without rollouts from any prefix.
    bare: usize,
    /// Wrong solutions by the step that is their first pit.
    pits: Vec<usize>,
    cost: Cost,
    correct: usize,
}

impl Tally {
    pub(crate) fn new() -> Self {
        let (start, pits, cost) = (Instant::now(), Vec::new(), Cost::default());
        Self { start, right: 0, wrong: 0, bare: 0, pits, cost, correct: 0 }
    }

    /// Counts a solution.
    pub(crate) fn add(&mut self, solution: &Solution, evidence: &Evidence, pit: Option<usize>) {
        *(if solution.verdict.is_correct() { &mut self.right } else { &mut self.wrong }) += 1;
        let without = evidence.cost().draws == 0 && evidence.len > 1;
        self.bare += usize::from(without && !solution.verdict.is_correct());
        if let Some(pit) = pit {
            self.pits.resize(self.pits.len().max(pit + 1), 0);
            self.pits[pit] += 1;
        }
        self.cost = self.cost + evidence.cost();
        let rollouts = evidence.question.iter().chain(&evidence.steps);
        self.correct += rollouts.map(|rollouts| rollouts.successes()).sum::<usize>();
    }

    /// Writes the counts to standard error.
    pub(crate) fn summarize(&self) {
        let found: usize = self.pits.iter().sum();
        let seconds = self.start.elapsed().as_secs_f64();
        eprintln!("{} solutions: {} right, {} wrong", self.right + self.wrong, self.right, self.wrong);
        eprintln!("  {:>8}  rollouts, {} of them correct", self.cost.draws, self.correct);
        let steps: Vec<String> = self.pits.iter().map(usize::to_string).collect();
        eprintln!("  {found:>8}  first pits, by step: {}", steps.join(" "));
        eprintln!(
            "  {:>8}  wrong solutions without a pit, {} of them without rollouts",
            self.wrong - found,
            self.bare
        );
        eprintln!("  in {seconds:.2} s, {:.0} rollouts a second", self.cost.draws as f64 / seconds.max(1e-9));
    }
}
