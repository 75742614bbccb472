//! A callable of the user's as a policy, and one as a verifier.

use crate::numbers::items;
use crate::text::text;
use eightfold_task::{Completion, Draw, Key, Policy, PolicyError, Problem};
use eightfold_verifier::{Verdict, Verifier};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Seeds lie below this: the program sends the same to servers.
const SEEDS: usize = 1 << 31;

/// The first exception that Python code raised where an interface has no place for it.
#[derive(Default)]
pub(crate) struct Raised(Mutex<Option<PyErr>>);

impl Raised {
    fn set(&self, error: PyErr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    fn is_set(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The exception, if there was one.
    pub(crate) fn take(&self) -> Option<PyErr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// `generate(prompts, seeds)` as a policy.
pub(crate) struct Generator<'a> {
    pub(crate) generate: Py<PyAny>,
    /// What the model is given for each question, which is a text here.
    pub(crate) prompts: HashMap<String, String>,
    pub(crate) raised: &'a Raised,
}

impl Generator<'_> {
    /// The model's prompt and the steps so far. Of several questions that begin the text the longest counts.
    fn prompt(&self, text: &str) -> Option<String> {
        let ends = text.match_indices('\n').map(|(place, _)| place + 1).rev();
        ends.map(|end| text.split_at(end))
            .find_map(|(question, steps)| Some(format!("{}{steps}", self.prompts.get(question)?)))
    }

    fn call(&self, py: Python<'_>, draws: &[Draw]) -> PyResult<Vec<Completion>> {
        let unknown = || PyValueError::new_err("a prompt that belongs to no sample");
        let prompts: Vec<String> = draws
            .iter()
            .map(|draw| self.prompt(&draw.prompt).ok_or_else(unknown))
            .collect::<PyResult<_>>()?;
        let seeds: Vec<usize> = draws.iter().map(|draw| seed(draw.key)).collect();
        let returned = self.generate.bind(py).call1((prompts, seeds))?;
        let found = items("generate", &returned, "completions")?;
        if found.len() != draws.len() {
            let message =
                format!("generate: it returned {} completions for {} prompts", found.len(), draws.len());
            return Err(PyValueError::new_err(message));
        }
        found.iter().enumerate().map(|(i, value)| completion(i, value)).collect()
    }
}

fn seed(key: Key) -> usize {
    key.with_text("seed").below(SEEDS)
}

/// A str, or an object with `text`, `finished` and `tokens`.
fn completion(i: usize, value: &Bound<'_, PyAny>) -> PyResult<Completion> {
    if value.is_instance_of::<PyString>() {
        return Ok(Completion::finished(text(&format!("generate: completion {i}"), value)?));
    }
    let (Ok(written), Ok(finished), Ok(tokens)) =
        (value.getattr("text"), value.getattr("finished"), value.getattr("tokens"))
    else {
        let found = value.get_type().name()?;
        let message = format!("generate: completion {i}: expected str or Completion, found {found}");
        return Err(PyTypeError::new_err(message));
    };
    let part = |name: &str| format!("generate: completion {i}: {name}");
    let unfit = |name: &str, what: &str| PyTypeError::new_err(format!("{}: expected {what}", part(name)));
    Ok(Completion {
        text: text(&part("text"), &written)?.to_owned(),
        finished: finished.extract().map_err(|_| unfit("finished", "bool"))?,
        tokens: tokens.extract().map_err(|_| unfit("tokens", "an int from 0"))?,
    })
}

impl Policy for Generator<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let failed = || PolicyError { message: "Python raised".to_owned() };
        if self.raised.is_set() {
            return Err(failed());
        }
        Python::attach(|py| self.call(py, draws)).map_err(|error| {
            self.raised.set(error);
            failed()
        })
    }
}

/// `verify(answer, text)` as a verifier.
pub(crate) struct Judge<'a> {
    pub(crate) verify: Py<PyAny>,
    pub(crate) raised: &'a Raised,
}

impl Verifier for Judge<'_> {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        // After an exception nothing that is found is used.
        if self.raised.is_set() {
            return Verdict::Incorrect;
        }
        let judged =
            Python::attach(|py| self.verify.bind(py).call1((&problem.answer.0, solution))?.is_truthy());
        match judged {
            Ok(true) => Verdict::Correct,
            Ok(false) => Verdict::Incorrect,
            Err(error) => {
                self.raised.set(error);
                Verdict::Incorrect
            }
        }
    }
}
