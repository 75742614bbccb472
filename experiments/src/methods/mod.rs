//! Training data of methods that belong to one figure: examples made of samples and of the teacher's solutions,
//! without a tensor, so that the network and the tabular learner are given the same.

pub(crate) mod advantage;
mod injected;
mod second_round;
mod single_solution;

pub use injected::{InjectedExamples, inject};
pub use single_solution::single_solution;
