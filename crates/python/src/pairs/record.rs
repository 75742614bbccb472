//! The rows of one problem as the record that pair rules read.

use eightfold_advantage::{Evidence, Rollouts};
use eightfold_exchange::{RowError, SampleRow};
use eightfold_synth::{Record, Sample, Search, Trace};
use eightfold_task::{Completion, Problem};
use eightfold_verifier::Verdict;

/// The record of rows that `Rule::check` has let through; `pits` says whether pits are wanted.
pub(super) fn record(rows: &[SampleRow], pits: bool) -> Result<Record, RowError> {
    let answer = rows.iter().find_map(|row| row.answer.clone()).unwrap_or_default();
    let question = rows.first().map(|row| row.question.clone()).unwrap_or_default();
    let samples = rows.iter().map(sample).collect::<Result<_, _>>()?;
    let trace = Trace { problem: Problem::new(question, answer), samples };
    let negatives = if pits { trace.distinct_negatives() } else { Vec::new() };
    let searches = negatives.into_iter().map(|i| search(i, &rows[i])).collect::<Result<_, _>>()?;
    Ok(Record { trace, searches })
}

fn sample(row: &SampleRow) -> Result<Sample, RowError> {
    let completion = Completion {
        text: row.completion.clone(),
        finished: row.is_finished(),
        tokens: row.tokens.and_then(|tokens| usize::try_from(tokens).ok()).unwrap_or(0),
    };
    let verdict = if row.is_correct()? { Verdict::Correct } else { Verdict::Incorrect };
    Ok(Sample { completion, verdict })
}

fn search(sample: usize, row: &SampleRow) -> Result<Search, RowError> {
    let steps = row.cut()?;
    let cuts = steps.spans().iter().skip(1).map(|span| span.start).collect();
    // Checked to be a step of the solution.
    let pit = row.first_pit.and_then(|pit| usize::try_from(pit).ok());
    let verified = |step: usize| {
        let found = row.rollouts.iter().flatten().find(|rollouts| rollouts.step == step as u64)?;
        Some(Rollouts { draws: found.verified.iter().cloned().map(Some).collect(), tokens: 0 })
    };
    let mut evidence = Evidence::new(steps.len(), Verdict::Incorrect);
    // Rules look up the right rollouts before the pit alone; a file may lack others.
    let last = steps.len().saturating_sub(1).min(pit.unwrap_or(0));
    evidence.steps = (1..=last).map(|step| verified(step).unwrap_or_default()).collect();
    Ok(Search { sample, cuts, pit, evidence })
}
