//! What tests that cross crates share: laws and how they are counted, losses written a second time in plain
//! f64, and finite worlds in which every expectation is a sum.

pub mod law;
pub mod scalar;
pub mod tabular;
pub mod tree;
