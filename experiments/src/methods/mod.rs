//! Methods that are more than a few lines, each in its own file.

pub(crate) mod advantage;
