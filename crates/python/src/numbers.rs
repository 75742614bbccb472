//! Numbers and truth values that come from Python, with errors that name the argument.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyString};

/// A whole number of at least `least`.
pub(crate) fn count(argument: &str, value: &Bound<'_, PyAny>, least: usize) -> PyResult<usize> {
    let unfit = || PyValueError::new_err(format!("{argument}: expected an int of at least {least}"));
    if value.is_instance_of::<PyBool>() {
        return Err(unfit());
    }
    value.extract::<usize>().ok().filter(|count| *count >= least).ok_or_else(unfit)
}

/// A level of confidence, between 0 and 1; 0.95 where none is given.
pub(crate) fn level(value: Option<&Bound<'_, PyAny>>) -> PyResult<f64> {
    let Some(value) = value else { return Ok(0.95) };
    let level = value.extract::<f64>().ok().filter(|level| 0.0 < *level && *level < 1.0);
    level.ok_or_else(|| PyValueError::new_err("level: expected a number between 0 and 1, as 0.95"))
}

/// The items of an iterable that is not a text. What the iterable raises is raised.
pub(crate) fn items<'py>(
    argument: &str,
    values: &Bound<'py, PyAny>,
    what: &str,
) -> PyResult<Vec<Bound<'py, PyAny>>> {
    let unfit = values.is_instance_of::<PyString>();
    match (!unfit).then(|| values.try_iter().ok()).flatten() {
        Some(items) => items.collect(),
        None => {
            let found = values.get_type().name()?;
            Err(PyTypeError::new_err(format!("{argument}: expected a sequence of {what}, found {found}")))
        }
    }
}

/// Truth values; 0 and 1 count as such.
pub(crate) fn truths(argument: &str, values: &Bound<'_, PyAny>) -> PyResult<Vec<bool>> {
    let one = |(i, value): (usize, Bound<'_, PyAny>)| {
        let number = || value.extract::<f64>().ok().filter(|number| *number == 0.0 || *number == 1.0);
        let truth = value.extract::<bool>().ok().or_else(|| number().map(|number| number == 1.0));
        truth.ok_or_else(|| PyTypeError::new_err(format!("{argument}[{i}]: expected bool")))
    };
    items(argument, values, "bool")?.into_iter().enumerate().map(one).collect()
}

/// Pairs of whole numbers from 0.
pub(crate) fn spans(argument: &str, values: &Bound<'_, PyAny>) -> PyResult<Vec<(usize, usize)>> {
    let one = |(i, value): (usize, Bound<'_, PyAny>)| {
        let unfit =
            || PyTypeError::new_err(format!("{argument}[{i}]: expected a start and an end, as ints from 0"));
        let ends: Vec<usize> = value.extract().map_err(|_| unfit())?;
        match ends[..] {
            [start, end] => Ok((start, end)),
            _ => Err(unfit()),
        }
    };
    items(argument, values, "(start, end)")?.into_iter().enumerate().map(one).collect()
}
