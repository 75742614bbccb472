//! Rows cross the border as JSON, so that a row is read here as the program reads it from a file.

use crate::text::{strings, utf8};
use eightfold_exchange::{RowError, SampleRow};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::{Map, Value};

/// An error about row `number` of an argument.
pub(crate) fn at(argument: &str, number: usize, error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(format!("{argument}[{number}]: {error}"))
}

/// The objects of a list of JSON texts. `first` is the number of the first, for errors.
pub(crate) fn objects(
    argument: &str,
    rows: &Bound<'_, PyAny>,
    first: usize,
) -> PyResult<Vec<Map<String, Value>>> {
    let texts = strings(argument, rows)?;
    let one = |(i, json): (usize, &str)| {
        // What `json.dumps` writes is JSON, but for surrogates without their partner.
        let faulty = |error: serde_json::Error| at(argument, first + i, format!("not a row: {error}"));
        serde_json::from_str(json).map_err(faulty)
    };
    utf8(argument, &texts)?.into_iter().enumerate().map(one).collect()
}

/// The rows as samples.
pub(crate) fn samples(argument: &str, rows: &Bound<'_, PyAny>, first: usize) -> PyResult<Vec<SampleRow>> {
    let read =
        |(i, fields)| SampleRow::read(fields).map_err(|error: RowError| at(argument, first + i, error));
    objects(argument, rows, first)?.into_iter().enumerate().map(read).collect()
}
