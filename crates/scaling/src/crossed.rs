//! Seeds crossed with test problems: both were drawn, and both are shared.

use crate::bootstrap::refit_weighted;
use crate::data::{Data, Row};
use crate::error::ScalingError;
use crate::fit::Fit;
use crate::resample::Bootstrap;
use crate::resampled::{Refit, Resampled};
use rand::RngExt;
use rayon::prelude::*;

/// A run with the outcome of each test problem, in an order that all runs share.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// Training problems; above 0.
    pub n: f64,
    /// The seed.
    pub seed: u64,
    /// Whether each test problem was answered wrongly.
    pub wrong: Vec<bool>,
}

impl Outcomes {
    /// The rows of a fit to these runs, with errors of less than half a problem raised to that.
    pub fn rows(runs: &[Self]) -> Vec<Row> {
        let every: Vec<u32> = vec![1; runs.first().map_or(0, |run| run.wrong.len())];
        runs.iter().map(|run| Row { x: vec![run.n], y: run.error(&every), weight: 1.0 }).collect()
    }

    /// The error with each problem counted this often, at least half a problem.
    fn error(&self, counts: &[u32]) -> f64 {
        let wrong: u32 = self.wrong.iter().zip(counts).map(|(wrong, count)| u32::from(*wrong) * count).sum();
        f64::from(wrong).max(0.5) / counts.iter().map(|count| f64::from(*count)).sum::<f64>()
    }
}

/// Refits `fit` to resamples of seeds and, independently, of test problems, the same problems in every run
/// (the pigeonhole bootstrap of Owen 2007; conservative, since both draws add their variance).
///
/// [`bootstrap_seeds`](crate::bootstrap_seeds) answers for these test problems; this answers for problems
/// like these.
///
/// # Errors
/// Runs with different numbers of test problems or none; fewer than two seeds; what [`fit`](crate::fit())
/// refuses; settings out of range.
pub fn bootstrap_crossed(
    fit: &Fit,
    runs: &[Outcomes],
    settings: &Bootstrap,
) -> Result<Resampled, ScalingError> {
    settings.check()?;
    let problems = runs.first().map_or(0, |run| run.wrong.len());
    if let Some(run) = runs.iter().find(|run| run.wrong.len() != problems || problems == 0) {
        return Err(ScalingError::Problems { first: problems, other: run.wrong.len() });
    }
    let mut seeds: Vec<u64> = runs.iter().map(|run| run.seed).collect();
    seeds.sort_unstable();
    seeds.dedup();
    if seeds.len() < 2 {
        return Err(ScalingError::TooFewSeeds { seeds: seeds.len() });
    }
    let data = Data::new(&Outcomes::rows(runs), fit.law, fit.objective)?;
    let redraw = |i: usize| {
        let mut rng = settings.rng(i);
        let mut count = |among: usize| {
            let mut counts = vec![0u32; among];
            (0..among).for_each(|_| counts[rng.random_range(0..among)] += 1);
            counts
        };
        let (of_seed, of_problem) = (count(seeds.len()), count(problems));
        let weight = |run: &Outcomes| f64::from(of_seed[seeds.partition_point(|seed| *seed < run.seed)]);
        let weight: Vec<f64> = runs.iter().map(weight).collect();
        let redrawn = data.with_measured(|i| runs[i].error(&of_problem));
        let end = refit_weighted(fit, &redrawn, &weight)?;
        Ok(Refit { theta: end.theta, covariance: None, probability: 1.0 / settings.resamples as f64 })
    };
    let outcomes = (0..settings.resamples).into_par_iter().map(redraw).collect();
    Resampled::new(fit, settings.level, outcomes, None, vec![])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Objective, PowerLaw, bootstrap, fit};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Problems of very different difficulty, the same for all seeds.
    fn runs(seeds: u64) -> Vec<Outcomes> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let easy: Vec<f64> = (0..200).map(|_| rng.random_range(0.0..1.0)).collect();
        let mut all = vec![];
        for n in [64.0, 256.0, 1024.0f64] {
            for seed in 0..seeds {
                let error = n.powf(-0.2);
                let wrong = easy.iter().map(|e| e + 0.05 * rng.random_range(-1.0..1.0) < error).collect();
                all.push(Outcomes { n, seed, wrong });
            }
        }
        all
    }

    #[test]
    fn drawing_problems_too_widens_the_interval_of_a_level_that_they_set() {
        let runs = runs(6);
        let rows = Outcomes::rows(&runs);
        let fit = fit(&PowerLaw, &rows, Objective::LogSquares).unwrap();
        let settings = Bootstrap { resamples: 400, ..Bootstrap::default() };
        let labels = crate::Scheme::Clusters(runs.iter().map(|run| run.seed).collect());
        let seeds = bootstrap(&fit, &rows, &labels, &settings).unwrap().band(&[256.0])[0];
        let crossed = bootstrap_crossed(&fit, &runs, &settings).unwrap().band(&[256.0])[0];
        // 200 problems at an error of .33: a standard error of a tenth, mostly theirs.
        assert!(crossed.high - crossed.low > 2.0 * (seeds.high - seeds.low), "{crossed:?} {seeds:?}");
    }

    #[test]
    fn runs_share_their_problems() {
        let mut two = runs(2);
        let fit = fit(&PowerLaw, &Outcomes::rows(&two), Objective::LogSquares).unwrap();
        two[1].wrong.pop();
        let refused = bootstrap_crossed(&fit, &two, &Bootstrap::default());
        assert_eq!(refused.unwrap_err(), ScalingError::Problems { first: 200, other: 199 });
    }
}
