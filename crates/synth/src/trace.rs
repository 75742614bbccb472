//! A policy's own solutions, with their verdicts.

use eightfold_advantage::Cost;
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError, Problem};
use eightfold_verifier::{Verdict, Verifier};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// One solution drawn from a policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// The solution.
    pub completion: Completion,
    /// What the verifier says of it.
    pub verdict: Verdict,
}

impl Sample {
    /// Whether the sample may be imitated: its answer is right, and the policy ended it.
    pub fn is_positive(&self) -> bool {
        self.verdict.is_correct() && self.completion.finished
    }

    /// Whether the sample is wrong: another answer, or none.
    pub fn is_negative(&self) -> bool {
        !self.verdict.is_correct()
    }
}

/// The solutions drawn for one problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trace {
    /// The problem.
    pub problem: Problem,
    /// Its samples, in the order drawn.
    pub samples: Vec<Sample>,
}

impl Trace {
    /// The positives, in the order drawn, repeated ones included.
    pub fn positives(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(|sample| sample.is_positive())
    }

    /// Indices into [`Trace::samples`] of all samples, each text once.
    pub fn distinct(&self) -> Vec<usize> {
        self.distinct_where(|_| true)
    }

    /// Indices into [`Trace::samples`] of the positives, each text once.
    pub fn distinct_positives(&self) -> Vec<usize> {
        self.distinct_where(Sample::is_positive)
    }

    /// Indices into [`Trace::samples`] of the negatives, each text once.
    pub fn distinct_negatives(&self) -> Vec<usize> {
        self.distinct_where(Sample::is_negative)
    }

    /// What the samples cost.
    pub fn cost(&self) -> Cost {
        let tokens = self.samples.iter().map(|sample| sample.completion.tokens as u64).sum();
        Cost { draws: self.samples.len() as u64, tokens }
    }

    fn distinct_where(&self, keep: fn(&Sample) -> bool) -> Vec<usize> {
        let mut seen = HashSet::new();
        let fresh = |&i: &usize| {
            let sample = &self.samples[i];
            keep(sample) && seen.insert(&sample.completion.text)
        };
        (0..self.samples.len()).filter(fresh).collect()
    }
}

/// The draws of `m` solutions of a problem. A sample is named by the seed, its question and its number.
pub fn sample_draws(problem: &Problem, m: usize, seed: u64) -> impl Iterator<Item = Draw> + use<> {
    let (prompt, key) = (problem.prompt(), Key::new(seed, "sample").with_text(&problem.question));
    (0..m).map(move |i| Draw { prompt: prompt.clone(), key: key.with(i as u64) })
}

/// Draws `m` solutions of each problem in one call of the policy and verifies them. A sample is named by the
/// seed, its question and its number, so a problem's first samples do not depend on `m` or on the other
/// problems.
///
/// # Errors
/// If the policy fails.
pub fn draw_samples(
    policy: &dyn Policy,
    verifier: &dyn Verifier,
    problems: &[Problem],
    m: usize,
    seed: u64,
) -> Result<Vec<Trace>, PolicyError> {
    let draws: Vec<Draw> = problems.iter().flat_map(|problem| sample_draws(problem, m, seed)).collect();
    let mut completions = policy.complete(&draws)?.into_iter();
    let trace = |problem: &Problem| {
        let sample = |completion: Completion| Sample {
            verdict: verifier.verify(problem, &completion.text),
            completion,
        };
        Trace { problem: problem.clone(), samples: completions.by_ref().take(m).map(sample).collect() }
    };
    Ok(problems.iter().map(trace).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn samples_do_not_depend_on_how_many_are_drawn() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(5, 0, "train");
        let draw = |problems, m, seed| draw_samples(&policy, &LexiconAnswer, problems, m, seed).unwrap();
        let all = draw(&problems, 8, 1);
        let few = draw(&problems[2..4], 3, 1);
        for (few, all) in few.iter().zip(&all[2..4]) {
            assert_eq!((&few.problem, &few.samples[..]), (&all.problem, &all.samples[..3]));
        }
        assert_ne!(draw(&problems, 8, 2), all);
        assert_eq!(all[0].cost().draws, 8);
    }

    #[test]
    fn cut_samples_are_neither_positive_nor_negative() {
        let sample = |text: &str, finished, verdict| Sample {
            completion: Completion { finished, ..Completion::finished(text) },
            verdict,
        };
        let trace = Trace {
            problem: Problem::new("?", "1"),
            samples: vec![
                sample("a", true, Verdict::Correct),
                sample("b", false, Verdict::Correct),
                sample("c", false, Verdict::NoAnswer),
                sample("a", true, Verdict::Correct),
                sample("d", true, Verdict::Incorrect),
                sample("c", false, Verdict::NoAnswer),
            ],
        };
        assert_eq!(trace.positives().count(), 2);
        assert_eq!(trace.distinct_positives(), [0]);
        assert_eq!(trace.distinct_negatives(), [2, 4]);
    }
}
