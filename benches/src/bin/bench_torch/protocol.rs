//! What the driver and a side say to each other: a line of JSON each way.

use serde::{Deserialize, Serialize};

/// The driver's side. A row is prepared, measured any number of times, checked, and finished.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub(crate) enum Request {
    /// Say which versions run.
    Hello,
    /// Read the row of this folder and warm up.
    Prepare {
        /// The folder.
        dir: String,
    },
    /// Do the work of one measurement.
    Measure,
    /// Report what must agree between the sides.
    Check,
    /// Forget the row.
    Finish,
}

/// The answer: the fields that the request asks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Reply {
    /// Versions.
    pub(crate) versions: String,
    /// Wall seconds of the measurement.
    pub(crate) seconds: f64,
    /// Tokens drawn.
    pub(crate) tokens: u64,
    /// Numbers that must agree: a loss after training, or summed log-probabilities.
    pub(crate) values: Vec<f64>,
    /// Completions at temperature 0, in tokens.
    pub(crate) texts: Vec<Vec<u32>>,
}
