//! The program `eightfold`, as the wheel carries it.

use pyo3::prelude::*;

/// Carries out a command line, the program's name first, and returns the status that a process ends with. Ends the process,
/// with help or an error, where the command line is none.
#[pyfunction]
pub(crate) fn run(py: Python<'_>, args: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| eightfold_cli::run(args).code())
}
