//! What each step of a solution was worth.

use serde::{Deserialize, Serialize};

/// Values of the prefixes of one solution, each a success probability in [0, 1] under a completer. The value
/// of the whole solution is its verdict, so the advantages of its steps add up to the verdict less the value
/// of the question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepValues {
    question: Option<f64>,
    steps: Vec<f64>,
}

impl StepValues {
    /// Values from the question's, if known, and those after each step.
    ///
    /// # Panics
    /// If a value lies outside [0, 1].
    pub fn new(question: Option<f64>, steps: Vec<f64>) -> Self {
        let wrong = question.iter().chain(&steps).find(|q| !(0.0..=1.0).contains(*q));
        assert!(wrong.is_none(), "a value lies in [0, 1], not at {wrong:?}");
        Self { question, steps }
    }

    /// The value of the bare question, if it is known.
    pub fn question(&self) -> Option<f64> {
        self.question
    }

    /// The values after each step, in order.
    pub fn steps(&self) -> &[f64] {
        &self.steps
    }

    /// The number of steps with a value.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether no step has a value.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Q(x, y_{<i}; y_i), the value after step `i`, from 0 (paper Eq. 2).
    ///
    /// # Panics
    /// If step `i` has no value.
    pub fn q(&self, i: usize) -> f64 {
        self.steps[i]
    }

    /// The advantage of step `i`, in [-1, 1]: the value after it less the value before it (paper Eq. 3).
    /// `None` for the first step where the question's value is not known.
    ///
    /// # Panics
    /// If step `i` has no value.
    pub fn advantage(&self, i: usize) -> Option<f64> {
        let before = if i == 0 { self.question } else { Some(self.steps[i - 1]) };
        before.map(|before| self.steps[i] - before)
    }

    /// The first step with the lowest value: the paper's first pit. `None` without steps.
    pub fn first_pit(&self) -> Option<usize> {
        let lowest = self.steps.iter().copied().fold(f64::INFINITY, f64::min);
        self.steps.iter().position(|q| *q == lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn advantages_telescope(question in 0.0..=1.0f64, steps in proptest::collection::vec(0.0..=1.0f64, 1..9)) {
            let values = StepValues::new(Some(question), steps.clone());
            let sum: f64 = (0..values.len()).map(|i| values.advantage(i).unwrap()).sum();
            prop_assert!((sum - (steps[steps.len() - 1] - question)).abs() < 1e-12);
            prop_assert!((0..values.len()).all(|i| values.advantage(i).unwrap().abs() <= 1.0));
        }
    }

    #[test]
    fn the_first_pit_is_the_first_of_the_lowest() {
        assert_eq!(StepValues::new(None, vec![0.5, 0.2, 0.7, 0.2]).first_pit(), Some(1));
        assert_eq!(StepValues::new(None, vec![]).first_pit(), None);
        let values = StepValues::new(None, vec![0.5, 0.25]);
        assert_eq!((values.advantage(0), values.advantage(1)), (None, Some(-0.25)));
    }
}
