//! The Python package `eightfold`: a thin border over the data crates. `python/eightfold` is what users import, and
//! `_core.pyi` the types of what is here.

use pyo3::prelude::*;

mod grade;
mod grader;
mod names;
mod options;
mod text;

/// What is written in Rust; `eightfold` exports it.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::grade::{Grade, Grades};
    #[pymodule_export]
    use super::grader::{Extracted, Grader, extract, normal_form, verify, verify_batch};
}
