//! The `eightfold` program.
fn main() {}
