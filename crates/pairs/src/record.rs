//! The rows of one problem as the record that pair rules read.

use eightfold_advantage::{Evidence, Rollouts};
use eightfold_exchange::{RowError, SampleRow};
use eightfold_synth::{Record, Sample, Search, Trace};
use eightfold_task::{Completion, Problem};
use eightfold_verifier::Verdict;

/// The record of rows that `Rule::check` has let through; `steps` says whether pits are wanted.
pub(crate) fn record(rows: &[SampleRow], steps: bool) -> Result<Record, RowError> {
    let answer = rows.iter().find_map(|row| row.answer.clone()).unwrap_or_default();
    let question = rows.first().map(|row| row.question.clone()).unwrap_or_default();
    let samples = rows.iter().map(sample).collect::<Result<_, _>>()?;
    let trace = Trace { problem: Problem::new(question, answer), samples };
    let mut searches = Vec::new();
    if steps {
        for index in trace.distinct_negatives() {
            searches.push(search(index, &rows[index])?);
        }
    }
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
    // `Rule::check` has seen that it is a step of the solution.
    let pit = row.first_pit.and_then(|pit| usize::try_from(pit).ok());
    let verified = |step: usize| {
        let found = row.rollouts.iter().flatten().find(|rollouts| rollouts.step == step as u64)?;
        let mut draws: Vec<Option<String>> = found.verified.iter().cloned().map(Some).collect();
        let value = row.values.iter().flatten().find(|value| value.step == step as u64);
        let failed = value.map_or(0, |value| value.rollouts.saturating_sub(value.correct));
        draws.resize(draws.len() + usize::try_from(failed).unwrap_or(0), None);
        Some(Rollouts { draws, tokens: 0 })
    };
    let mut evidence = Evidence::new(steps.len(), Verdict::Incorrect);
    evidence.question = verified(0);
    // Rules look up the prefix before the pit alone; a file may lack others.
    let last = steps.len().saturating_sub(1).min(pit.unwrap_or(0));
    evidence.steps = (1..=last).map(|step| verified(step).unwrap_or_default()).collect();
    Ok(Search { sample, cuts, pit, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_exchange::{StepValue, VerifiedRollouts};
    use eightfold_verifier::Judgment;

    #[test]
    fn rollouts_before_the_pit_are_the_evidence() {
        let value = |step, rollouts, correct| StepValue {
            step,
            q: 0.0,
            low: 0.0,
            high: 1.0,
            rollouts,
            correct,
            advantage: None,
        };
        let row = SampleRow {
            id: "a".into(),
            question: "q".into(),
            completion: "x\ny\nz".into(),
            verdict: Some(Judgment::Different),
            steps: Some(vec![[0, 2], [2, 4], [4, 5]]),
            values: Some(vec![value(1, 3, 1), value(2, 3, 0), value(3, 0, 0)]),
            first_pit: Some(1),
            rollouts: Some(vec![VerifiedRollouts { step: 1, verified: vec!["w".into()] }]),
            ..SampleRow::default()
        };
        let right = SampleRow { sample: 1, verdict: Some(Judgment::Equal), ..row.clone() };
        let again = SampleRow { sample: 2, ..row.clone() };
        let record = record(&[row, right, again], true).unwrap();
        let [search] = &record.searches[..] else { panic!("one distinct negative") };
        assert_eq!((search.sample, search.pit, &search.cuts[..]), (0, Some(1), &[2, 4][..]));
        let draws = &search.evidence.steps[0].draws;
        assert_eq!((draws.len(), search.evidence.steps.len()), (3, 1));
        assert_eq!(search.evidence.steps[0].verified().collect::<Vec<_>>(), ["w"]);
    }
}
