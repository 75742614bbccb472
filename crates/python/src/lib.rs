//! The Python package `eightfold`: a thin border over the data crates. `python/eightfold` is what users import, and
//! `_core.pyi` the types of what is here.

use pyo3::prelude::*;

mod grade;
mod grader;
mod names;
mod numbers;
mod options;
mod pairs;
mod policy;
mod program;
mod rows;
mod scaling;
mod search;
mod steps;
mod text;
mod value;

/// What is written in Rust; `eightfold` exports it.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::grade::{Grade, Grades};
    #[pymodule_export]
    use super::grader::{Extracted, Grader, extract, normal_form, verify, verify_batch};
    #[pymodule_export]
    use super::pairs::{pair_rows, trl_rows};
    #[pymodule_export]
    use super::program::run;
    #[pymodule_export]
    use super::scaling::{LawFit, data_ratio, fit_law, law_names};
    #[pymodule_export]
    use super::search::value_rows;
    #[pymodule_export]
    use super::steps::{first_pit, pass_at_k, segment, step_values, token_spans};
    #[pymodule_export]
    use super::value::StepValue;
}
