//! Texts that come from Python, with errors that name the argument.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

/// A text argument as it is: not copied where Python holds it as UTF-8 already.
pub(crate) fn text<'a>(argument: &str, value: &'a Bound<'_, PyAny>) -> PyResult<&'a str> {
    string(argument, value)?.to_str().map_err(|_| surrogate(argument))
}

/// A text object. Nothing is turned into a text: `None`, numbers and bytes are errors.
fn string<'a, 'py>(argument: &str, value: &'a Bound<'py, PyAny>) -> PyResult<&'a Bound<'py, PyString>> {
    value.cast::<PyString>().map_err(|_| {
        let found = value.get_type().name();
        let found = found.map_or_else(|_| "another type".to_owned(), |name| name.to_string());
        PyTypeError::new_err(format!("{argument}: expected str, found {found}"))
    })
}

fn surrogate(argument: &str) -> PyErr {
    PyValueError::new_err(format!("{argument}: a lone surrogate, which no text in UTF-8 has"))
}

/// All texts of an iterable that is not itself a text. What the iterable raises is raised.
pub(crate) fn strings<'py>(
    argument: &str,
    values: &Bound<'py, PyAny>,
) -> PyResult<Vec<Bound<'py, PyString>>> {
    let unfit = values.is_instance_of::<PyString>();
    let Some(items) = (!unfit).then(|| values.try_iter().ok()).flatten() else {
        let found = values.get_type().name()?;
        return Err(PyTypeError::new_err(format!("{argument}: expected a sequence of str, found {found}")));
    };
    let mut texts = Vec::new();
    for item in items {
        let item = item?;
        match item.cast::<PyString>() {
            Ok(text) => texts.push(text.clone()),
            Err(_) => texts.push(string(&format!("{argument}[{}]", texts.len()), &item)?.clone()),
        }
    }
    Ok(texts)
}

/// The texts of these objects, in UTF-8.
pub(crate) fn utf8<'a>(argument: &str, values: &'a [Bound<'_, PyString>]) -> PyResult<Vec<&'a str>> {
    let one = |(i, item): (usize, &'a Bound<'_, PyString>)| {
        item.to_str().map_err(|_| surrogate(&format!("{argument}[{i}]")))
    };
    values.iter().enumerate().map(one).collect()
}
