//! What a prefix of a solution is worth, as Python sees it.

use eightfold_advantage::PrefixValue;
use pyo3::prelude::*;

/// What a prefix of a solution is worth.
#[pyclass(frozen, eq, get_all, module = "eightfold")]
#[derive(Clone, PartialEq)]
pub(crate) struct StepValue {
    /// How many steps are written: 0 for the bare question.
    step: usize,
    /// The estimated chance, from 0 to 1, that the best of `best_of` continuations is right.
    q: f64,
    /// Lower end of its interval (Clopper and Pearson).
    low: f64,
    /// Upper end of its interval.
    high: f64,
    /// Rollouts from this prefix.
    rollouts: usize,
    /// How many of them were right.
    correct: usize,
    /// The change of `q` over the last step written; None where the value before it is not known.
    advantage: Option<f64>,
}

impl From<&PrefixValue> for StepValue {
    fn from(value: &PrefixValue) -> Self {
        Self {
            step: value.steps,
            q: value.q,
            low: value.interval.0,
            high: value.interval.1,
            rollouts: value.rollouts,
            correct: value.correct,
            advantage: value.advantage,
        }
    }
}

#[pymethods]
impl StepValue {
    #[new]
    #[pyo3(signature = (step, q, low, high, rollouts, correct, advantage=None))]
    fn make(
        step: usize,
        q: f64,
        low: f64,
        high: f64,
        rollouts: usize,
        correct: usize,
        advantage: Option<f64>,
    ) -> Self {
        Self { step, q, low, high, rollouts, correct, advantage }
    }

    fn __repr__(&self) -> String {
        let advantage =
            self.advantage.map_or_else(|| "None".to_owned(), |advantage| format!("{advantage:?}"));
        format!(
            "StepValue(step={}, q={:?}, low={:?}, high={:?}, rollouts={}, correct={}, advantage={advantage})",
            self.step, self.q, self.low, self.high, self.rollouts, self.correct
        )
    }

    fn __getnewargs__(&self) -> (usize, f64, f64, f64, usize, usize, Option<f64>) {
        (self.step, self.q, self.low, self.high, self.rollouts, self.correct, self.advantage)
    }
}
