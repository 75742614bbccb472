//! One method's runs: sizes, seeds and errors.

use crate::data::Row;
use crate::error::ScalingError;

/// One training run.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Run {
    /// Training problems; above 0.
    pub n: f64,
    /// The seed that the run shares with other methods' runs.
    pub seed: u64,
    /// Test error; 0 or more.
    pub error: f64,
}

/// The runs of one method, sorted by size and seed, every error above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    runs: Vec<Run>,
    raised: usize,
}

impl Curve {
    /// Checks runs and raises errors below `floor` to it.
    ///
    /// An error of 0 has no logarithm, and an error of 0 among m test problems is not 0: half a problem,
    /// 0.5 / m, is the customary stand-in. The floor biases a ratio *down* where it acts on the method and
    /// *up* where it acts on the baseline; [`Curve::raised`] counts how often it acted.
    ///
    /// # Errors
    /// A size or an error that is no number of its range, a size and seed given twice, a floor not above 0.
    pub fn new(runs: &[Run], floor: f64) -> Result<Self, ScalingError> {
        if !(floor.is_finite() && floor > 0.0) {
            let name = "floor of the error";
            return Err(ScalingError::Setting { name, value: floor, must: "finite and above 0" });
        }
        for (row, run) in runs.iter().enumerate() {
            if !(run.n.is_finite() && run.n > 0.0) {
                return Err(ScalingError::Input { row, input: "n".into(), value: run.n });
            }
            if !(run.error.is_finite() && run.error >= 0.0) {
                return Err(ScalingError::Measured { row, value: run.error });
            }
            if runs[..row].iter().any(|before| before.n == run.n && before.seed == run.seed) {
                return Err(ScalingError::Repeated { row, n: run.n, seed: run.seed });
            }
        }
        let raised = runs.iter().filter(|run| run.error < floor).count();
        let mut runs: Vec<Run> = runs.iter().map(|run| Run { error: run.error.max(floor), ..*run }).collect();
        runs.sort_by(|a, b| a.n.total_cmp(&b.n).then(a.seed.cmp(&b.seed)));
        Ok(Self { runs, raised })
    }

    /// The runs, by size and then by seed.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// How many errors were raised to the floor.
    pub fn raised(&self) -> usize {
        self.raised
    }

    /// The different seeds, ascending.
    pub fn seeds(&self) -> Vec<u64> {
        let mut seeds: Vec<u64> = self.runs.iter().map(|run| run.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        seeds
    }

    /// The different sizes, ascending.
    pub fn sizes(&self) -> Vec<f64> {
        let mut sizes: Vec<f64> = self.runs.iter().map(|run| run.n).collect();
        sizes.dedup();
        sizes
    }

    /// The runs of these seeds alone.
    pub fn of_seeds(&self, seeds: &[u64]) -> Self {
        let runs = self.runs.iter().copied().filter(|run| seeds.contains(&run.seed)).collect();
        Self { runs, raised: 0 }
    }

    /// The runs of these sizes alone.
    pub fn of_sizes(&self, sizes: &[f64]) -> Self {
        let runs = self.runs.iter().copied().filter(|run| sizes.contains(&run.n)).collect();
        Self { runs, raised: 0 }
    }

    /// The same runs against what they cost instead of their problems: data ratios between such curves are
    /// compute ratios. The runs of one size share the geometric mean of their costs, so that seeds stay
    /// paired at one place; `cost` is in any unit (operations, seconds), the same for all curves compared.
    ///
    /// # Errors
    /// A cost that is not finite or not above 0.
    pub fn against_cost(&self, cost: impl Fn(&Run) -> f64) -> Result<Self, ScalingError> {
        let costs: Vec<f64> = self.runs.iter().map(&cost).collect();
        if let Some(row) = costs.iter().position(|cost| !(cost.is_finite() && *cost > 0.0)) {
            return Err(ScalingError::Input { row, input: "cost".into(), value: costs[row] });
        }
        let mean = |n: f64| {
            let logs: Vec<f64> = self
                .runs
                .iter()
                .zip(&costs)
                .filter(|(run, _)| run.n == n)
                .map(|(_, cost)| cost.ln())
                .collect();
            (logs.iter().sum::<f64>() / logs.len() as f64).exp()
        };
        let mut runs: Vec<Run> = self.runs.iter().map(|run| Run { n: mean(run.n), ..*run }).collect();
        runs.sort_by(|a, b| a.n.total_cmp(&b.n).then(a.seed.cmp(&b.seed)));
        Ok(Self { runs, raised: self.raised })
    }

    /// The rows of a fit in which every run is one point.
    pub fn rows(&self) -> Vec<Row> {
        self.runs.iter().map(|run| Row { x: vec![run.n], y: run.error, weight: 1.0 }).collect()
    }

    /// At each size with weight, ln n, the weighted mean of ln error, and the weight; `weight` is that of a
    /// seed.
    pub(crate) fn means(&self, weight: impl Fn(u64) -> f64) -> Vec<Mean> {
        let mut means: Vec<Mean> = vec![];
        for run in &self.runs {
            let weight = weight(run.seed);
            if weight == 0.0 {
                continue;
            }
            let log_n = run.n.ln();
            match means.last_mut() {
                Some(mean) if mean.log_n == log_n => {
                    mean.weight += weight;
                    mean.log_error += (run.error.ln() - mean.log_error) * weight / mean.weight;
                }
                _ => means.push(Mean { log_n, log_error: run.error.ln(), weight }),
            }
        }
        means
    }
}

/// The mean over seeds at one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    pub(crate) log_n: f64,
    pub(crate) log_error: f64,
    pub(crate) weight: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(n: f64, seed: u64, error: f64) -> Run {
        Run { n, seed, error }
    }

    #[test]
    fn an_error_of_zero_is_half_a_test_problem() {
        let curve = Curve::new(&[run(2.0, 0, 0.0), run(1.0, 0, 0.5)], 0.5 / 1000.0).unwrap();
        assert_eq!(curve.runs()[1].error, 0.0005);
        assert_eq!((curve.raised(), curve.sizes()), (1, vec![1.0, 2.0]));
    }

    #[test]
    fn bad_rows_are_named() {
        let bad = |rows: &[Run]| Curve::new(rows, 1e-3).unwrap_err();
        assert!(matches!(bad(&[run(1.0, 0, 0.5), run(0.0, 1, 0.5)]), ScalingError::Input { row: 1, .. }));
        assert!(matches!(bad(&[run(1.0, 0, f64::NAN)]), ScalingError::Measured { row: 0, .. }));
        assert!(matches!(bad(&[run(1.0, 0, 0.5), run(1.0, 0, 0.4)]), ScalingError::Repeated { row: 1, .. }));
        assert!(Curve::new(&[], 0.0).is_err());
    }

    #[test]
    fn a_size_costs_the_mean_of_its_seeds() {
        let runs = [run(4.0, 0, 0.1), run(4.0, 1, 0.4), run(8.0, 0, 0.2)];
        let curve = Curve::new(&runs, 1e-3).unwrap();
        let cost = curve.against_cost(|run| if run.seed == 0 { run.n } else { 4.0 * run.n }).unwrap();
        assert!((cost.sizes()[0] - 8.0).abs() < 1e-12 && cost.runs().len() == 3);
        assert!(curve.against_cost(|_| 0.0).is_err());
    }

    #[test]
    fn means_are_geometric_and_weighted() {
        let curve = Curve::new(&[run(4.0, 0, 0.1), run(4.0, 1, 0.4), run(8.0, 1, 0.2)], 1e-3).unwrap();
        let even = curve.means(|_| 1.0);
        assert!((even[0].log_error.exp() - 0.2).abs() < 1e-12 && even[0].weight == 2.0);
        let first = curve.means(|seed| if seed == 0 { 2.0 } else { 0.0 });
        assert_eq!(first.len(), 1);
        assert!((first[0].log_error.exp() - 0.1).abs() < 1e-12);
    }
}
