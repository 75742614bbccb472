//! Measured points, checked at the door.

use crate::error::ScalingError;
use crate::law::{Law, Link};
use crate::objective::Objective;

/// One measured point.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The inputs: sizes, tokens, parameters. Each above 0.
    pub x: Vec<f64>,
    /// What was measured: a loss or an error rate, 0 or more.
    pub y: f64,
    /// How much it counts; 1 for an ordinary point.
    pub weight: f64,
}

/// Points with the logarithms that fits need, all finite.
#[derive(Clone, Debug)]
pub struct Data {
    inputs: usize,
    log_x: Vec<f64>,
    y: Vec<f64>,
    log_y: Vec<f64>,
    weight: Vec<f64>,
}

impl Data {
    /// Checks rows for a law and an objective.
    ///
    /// # Errors
    /// Names the first row with another number of inputs, an input not above 0, a value that is negative, not
    /// finite, 0 under an objective on logarithms, or at least 1 where a rate is needed, or a bad weight.
    pub fn new(rows: &[Row], law: &dyn Law, objective: Objective) -> Result<Self, ScalingError> {
        objective.check()?;
        let inputs = law.inputs().len();
        let mut data = Self { inputs, log_x: vec![], y: vec![], log_y: vec![], weight: vec![] };
        for (row, point) in rows.iter().enumerate() {
            check(row, point, law, objective)?;
            data.log_x.extend(point.x.iter().map(|x| x.ln()));
            data.y.push(point.y);
            data.log_y.push(point.y.ln());
            data.weight.push(point.weight);
        }
        Ok(data)
    }

    /// The same points with other measured values.
    pub(crate) fn with_measured(&self, mut measured: impl FnMut(usize) -> f64) -> Self {
        let y: Vec<f64> = (0..self.len()).map(&mut measured).collect();
        let log_y = y.iter().map(|y| y.ln()).collect();
        Self { y, log_y, ..self.clone() }
    }

    /// The number of points.
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.y.is_empty()
    }

    /// Logarithms of the inputs of point `i`.
    pub fn log_x(&self, i: usize) -> &[f64] {
        &self.log_x[i * self.inputs..(i + 1) * self.inputs]
    }

    /// The measured value of point `i`.
    pub fn y(&self, i: usize) -> f64 {
        self.y[i]
    }

    /// Its logarithm (minus infinity for 0, which only a deviance admits).
    pub fn log_y(&self, i: usize) -> f64 {
        self.log_y[i]
    }

    /// The weights of all points.
    pub fn weights(&self) -> &[f64] {
        &self.weight
    }

    /// The smallest and the largest logarithm of an input.
    pub fn log_range(&self, input: usize) -> (f64, f64) {
        let column = (0..self.len()).map(|i| self.log_x(i)[input]);
        column.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
    }

    /// The smallest and the largest value above 0; (1, 1) if there is none.
    pub(crate) fn y_range(&self) -> (f64, f64) {
        let positive = self.y.iter().copied().filter(|y| *y > 0.0);
        let range = positive.fold((f64::INFINITY, 0.0f64), |(low, high), y| (low.min(y), high.max(y)));
        if range.1 > 0.0 { range } else { (1.0, 1.0) }
    }

    /// How many different inputs carry weight, under these weights.
    pub(crate) fn distinct(&self, weight: &[f64]) -> usize {
        let mut seen: Vec<&[f64]> =
            (0..self.len()).filter(|&i| weight[i] > 0.0).map(|i| self.log_x(i)).collect();
        seen.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        seen.dedup();
        seen.len()
    }
}

fn check(row: usize, point: &Row, law: &dyn Law, objective: Objective) -> Result<(), ScalingError> {
    let (found, expected) = (point.x.len(), law.inputs().len());
    if found != expected {
        return Err(ScalingError::Inputs { row, law: law.name(), found, expected });
    }
    for (name, &value) in law.inputs().iter().zip(&point.x) {
        if !(value.is_finite() && value > 0.0) {
            return Err(ScalingError::Input { row, input: (*name).to_owned(), value });
        }
    }
    let value = point.y;
    if !(value.is_finite() && value >= 0.0) {
        return Err(ScalingError::Measured { row, value });
    }
    if value == 0.0 && objective.on_logs() {
        return Err(ScalingError::Zero { row });
    }
    if value >= 1.0 && law.link() == Link::Logit {
        return Err(ScalingError::Rate { row, value, needs: law.name() });
    }
    if value >= 1.0 && objective.on_rates() {
        return Err(ScalingError::Rate { row, value, needs: "a binomial deviance" });
    }
    if !(point.weight.is_finite() && point.weight >= 0.0) {
        return Err(ScalingError::Weight { row, value: point.weight });
    }
    Ok(())
}
