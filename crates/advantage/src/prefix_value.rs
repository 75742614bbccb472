//! What evidence says of each prefix of a solution, with intervals.

use crate::{Completer, Evidence, Rollouts};

/// What a prefix of a solution is worth, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrefixValue {
    /// How many steps are written: 0 for the bare question, and as many as the solution has for all of it.
    pub steps: usize,
    /// The estimated value, in [0, 1].
    pub q: f64,
    /// The interval of the value; only a point for the whole solution, whose value is its verdict.
    pub interval: (f64, f64),
    /// Rollouts drawn from here.
    pub rollouts: usize,
    /// How many of them succeeded.
    pub correct: usize,
    /// The value less that of one step before, in [-1, 1]; `None` where that is not known.
    pub advantage: Option<f64>,
}

impl Evidence {
    /// The values of all prefixes that the evidence speaks of, by length. `level` is that of the intervals,
    /// between 0 and 1.
    ///
    /// # Panics
    /// If a prefix has fewer draws than the completer needs, or `level` is no level.
    pub fn prefix_values(&self, completer: Completer, level: f64) -> Vec<PrefixValue> {
        let estimate = |steps: usize, rollouts: &Rollouts| {
            let (correct, draws) = (rollouts.successes(), rollouts.draws.len());
            let interval = completer.interval(correct, draws, level);
            let q = completer.estimate(correct, draws);
            PrefixValue { steps, q, interval, rollouts: draws, correct, advantage: None }
        };
        let mut values: Vec<PrefixValue> =
            self.question.iter().map(|rollouts| estimate(0, rollouts)).collect();
        values.extend(self.steps.iter().enumerate().map(|(i, rollouts)| estimate(i + 1, rollouts)));
        if self.is_complete() && self.len > 0 {
            let q = self.verdict.reward();
            let (rollouts, correct) = (0, 0);
            values.push(PrefixValue {
                steps: self.len,
                q,
                interval: (q, q),
                rollouts,
                correct,
                advantage: None,
            });
        }
        for i in 1..values.len() {
            values[i].advantage = Some(values[i].q - values[i - 1].q);
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_verifier::Verdict;
    use proptest::prelude::*;

    fn rollouts(outcomes: &[bool]) -> Rollouts {
        Rollouts { draws: outcomes.iter().map(|ok| ok.then(String::new)).collect(), tokens: 0 }
    }

    proptest! {
        #[test]
        fn values_are_those_of_the_evidence(
            question in proptest::option::of(proptest::collection::vec(any::<bool>(), 5)),
            steps in proptest::collection::vec(proptest::collection::vec(any::<bool>(), 5..9), 0..5),
            more in 1..3usize, k in 1..6usize, correct: bool,
        ) {
            let evidence = Evidence {
                question: question.as_deref().map(rollouts),
                steps: steps.iter().map(|row| rollouts(row)).collect(),
                len: steps.len() + more,
                verdict: if correct { Verdict::Correct } else { Verdict::Incorrect },
            };
            let completer = Completer::BestOf { k };
            let (found, expected) = (evidence.prefix_values(completer, 0.9), evidence.values(completer));
            let offset = usize::from(question.is_some());
            prop_assert_eq!(found.len(), expected.len() + offset);
            prop_assert_eq!(found.first().filter(|_| offset == 1).map(|value| value.q), expected.question());
            for (i, value) in found[offset..].iter().enumerate() {
                prop_assert_eq!((value.steps, value.q), (i + 1, expected.q(i)));
                prop_assert_eq!(value.advantage, expected.advantage(i));
                prop_assert!(value.interval.0 <= value.q && value.q <= value.interval.1);
                prop_assert!(value.correct <= value.rollouts);
            }
        }
    }
}
