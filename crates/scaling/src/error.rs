//! What can be wrong with the data of a fit or of a ratio.

use thiserror::Error;

/// Why no number came back. Rows count from 0, in the order in which they were given.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ScalingError {
    /// An input (a size, a token count) is not finite or not above 0, so it has no logarithm.
    #[error("row {row}: input `{input}` is {value}; it must be finite and above 0")]
    Input {
        /// The row.
        row: usize,
        /// The name of the input.
        input: String,
        /// Its value.
        value: f64,
    },
    /// A measured value is not finite, or is negative.
    #[error("row {row}: measured value is {value}; it must be finite and not negative")]
    Measured {
        /// The row.
        row: usize,
        /// Its value.
        value: f64,
    },
    /// A measured value of 0 under an objective on logarithms.
    #[error("row {row}: measured value is 0, which has no logarithm; give a floor or use a deviance")]
    Zero {
        /// The row.
        row: usize,
    },
    /// A measured value that is no error rate under a law or an objective for rates.
    #[error("row {row}: measured value is {value}, but {needs} needs rates below 1")]
    Rate {
        /// The row.
        row: usize,
        /// Its value.
        value: f64,
        /// The law or objective that asked.
        needs: &'static str,
    },
    /// A weight is not finite or is negative.
    #[error("row {row}: weight is {value}; it must be finite and not negative")]
    Weight {
        /// The row.
        row: usize,
        /// Its value.
        value: f64,
    },
    /// A row with another number of inputs than the law has.
    #[error("row {row}: {found} inputs where the law `{law}` has {expected}")]
    Inputs {
        /// The row.
        row: usize,
        /// The law's name.
        law: &'static str,
        /// Inputs found.
        found: usize,
        /// Inputs expected.
        expected: usize,
    },
    /// Fewer points than parameters and one more.
    #[error("{points} points cannot hold the {free} free parameters of `{law}`: at least {} are needed", free + 1)]
    TooFewPoints {
        /// The law's name.
        law: &'static str,
        /// Points with a weight above 0.
        points: usize,
        /// Free parameters.
        free: usize,
    },
    /// Fewer different inputs than free parameters: repeats measure noise, not shape.
    #[error(
        "only {distinct} different sizes for the {free} free parameters of `{law}`: repeats add no shape"
    )]
    RepeatedSizes {
        /// The law's name.
        law: &'static str,
        /// Different inputs.
        distinct: usize,
        /// Free parameters.
        free: usize,
    },
    /// Every start ended without a finite objective.
    #[error("no start of `{law}` has a finite objective")]
    NoFiniteStart {
        /// The law's name.
        law: &'static str,
    },
    /// A setting out of its range.
    #[error("{name} is {value}; it must be {must}")]
    Setting {
        /// Which setting.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// An interval over seeds of fewer than two seeds.
    #[error("{seeds} seed(s): an interval over seeds needs at least two")]
    TooFewSeeds {
        /// Different seeds found.
        seeds: usize,
    },
    /// Cluster labels of another number than rows.
    #[error("{labels} cluster labels for {rows} rows")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Rows given.
        rows: usize,
    },
    /// Runs that were not tested on the same problems.
    #[error("runs must share their test problems: {first} of one, {other} of another")]
    Problems {
        /// Test problems of the first run.
        first: usize,
        /// Test problems of the other.
        other: usize,
    },
    /// A deviance has no residuals that could be redrawn.
    #[error("residuals of a deviance cannot be redrawn; resample points or seeds")]
    NoResiduals,
    /// Two curves that do not share their seeds cannot be paired.
    #[error("the curves cannot be paired: seeds {baseline:?} against {method:?}")]
    SeedsDiffer {
        /// Seeds of the baseline.
        baseline: Vec<u64>,
        /// Seeds of the method.
        method: Vec<u64>,
    },
    /// The same size and seed twice in one curve.
    #[error("row {row}: size {n} with seed {seed} was given before")]
    Repeated {
        /// The row.
        row: usize,
        /// The size.
        n: f64,
        /// The seed.
        seed: u64,
    },
    /// A size at which the curve was not measured.
    #[error("size {n} was not measured")]
    NotMeasured {
        /// The size.
        n: f64,
    },
    /// An interval asked of a fit whose resamples all failed.
    #[error("all {tried} resampled fits failed; the first: {first}")]
    AllResamplesFailed {
        /// How many were tried.
        tried: usize,
        /// The first failure.
        first: Box<ScalingError>,
    },
}

impl ScalingError {
    /// The row at fault, where it is one row's.
    pub fn row(&self) -> Option<usize> {
        match *self {
            Self::Input { row, .. }
            | Self::Measured { row, .. }
            | Self::Zero { row }
            | Self::Rate { row, .. }
            | Self::Weight { row, .. }
            | Self::Inputs { row, .. }
            | Self::Repeated { row, .. } => Some(row),
            _ => None,
        }
    }
}
