//! Why training could not begin, or stopped.

use std::path::PathBuf;

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// There is nothing to train on.
    #[error("nothing to train on: the set of {what} is empty")]
    Empty {
        /// Examples or pairs.
        what: &'static str,
    },
    /// A setting is out of its range.
    #[error("{setting}: {message}")]
    Setting {
        /// Its name.
        setting: &'static str,
        /// What is wrong with it.
        message: String,
    },
    /// There is no device of that name.
    #[error(transparent)]
    Device(#[from] eightfold_gpt::DeviceError),
    /// A text cannot be trained on.
    #[error("{what} {number}: {message}")]
    Text {
        /// Example or pair.
        what: &'static str,
        /// Which, from 0.
        number: usize,
        /// What is wrong with it.
        message: String,
    },
    /// The loss, or the gradient, is not a number.
    #[error("the {what} of update {update} is {value}; lower the learning rate ({rate})")]
    Diverged {
        /// Loss, or norm of the gradient.
        what: &'static str,
        /// The update, from 0.
        update: usize,
        /// The loss or the norm.
        value: f64,
        /// The highest learning rate of the run.
        rate: f64,
    },
    /// Log-probabilities of the reference cannot be kept.
    #[error("{}: {source}", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
}
