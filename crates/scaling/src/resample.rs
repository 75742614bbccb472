//! Which seeds a bootstrap draws.

use crate::error::ScalingError;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How an interval over resamples is made.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Bootstrap {
    /// The level of intervals, in (0, 1); 0.95 is customary.
    pub level: f64,
    /// The most resamples. Where fewer exhaust all there are, all are used and nothing is random.
    pub resamples: usize,
    /// The seed of the resampling.
    pub seed: u64,
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self { level: 0.95, resamples: 2000, seed: 0 }
    }
}

impl Bootstrap {
    pub(crate) fn check(&self) -> Result<(), ScalingError> {
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(ScalingError::Setting { name: "level", value: self.level, must: "between 0 and 1" });
        }
        if self.resamples == 0 {
            return Err(ScalingError::Setting { name: "resamples", value: 0.0, must: "at least 1" });
        }
        Ok(())
    }

    /// A generator for resample `i` that does not depend on the others.
    pub(crate) fn rng(&self, i: usize) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(i as u64);
        rng
    }
}

/// How often each cluster was drawn, and the probability of such a draw.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draw {
    pub(crate) counts: Vec<f64>,
    pub(crate) probability: f64,
}

/// The draws of clusters with replacement. There are C(2c-1, c) different ones: 10 of 3, 126 of 5; where these
/// are no more than the resamples asked for, each is used once, with its exact probability.
pub(crate) struct Draws<'a> {
    clusters: usize,
    bootstrap: &'a Bootstrap,
    every: Option<Vec<Draw>>,
}

impl<'a> Draws<'a> {
    pub(crate) fn new(clusters: usize, bootstrap: &'a Bootstrap) -> Self {
        let few = different(clusters).is_some_and(|count| count <= bootstrap.resamples);
        Self { clusters, bootstrap, every: few.then(|| every(clusters)) }
    }

    pub(crate) fn len(&self) -> usize {
        self.every.as_ref().map_or(self.bootstrap.resamples, Vec::len)
    }

    /// Draw `i`, whatever was drawn before.
    pub(crate) fn get(&self, i: usize) -> Draw {
        if let Some(every) = &self.every {
            return every[i].clone();
        }
        let mut rng = self.bootstrap.rng(i);
        let mut counts = vec![0.0; self.clusters];
        (0..self.clusters).for_each(|_| counts[rng.random_range(0..self.clusters)] += 1.0);
        Draw { counts, probability: 1.0 / self.bootstrap.resamples as f64 }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Draw> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// C(2c-1, c), or nothing where it is beyond counting.
fn different(clusters: usize) -> Option<usize> {
    (1..clusters).try_fold(1usize, |product, i| Some(product.checked_mul(clusters + i)? / i))
}

fn every(clusters: usize) -> Vec<Draw> {
    let mut all = vec![];
    compose(clusters, clusters, &mut vec![], &mut all);
    let factorial = |n: f64| (1..=n as usize).map(|i| i as f64).product::<f64>();
    let ways = factorial(clusters as f64) / (clusters as f64).powi(clusters as i32);
    let probability = |counts: &[f64]| ways / counts.iter().map(|c| factorial(*c)).product::<f64>();
    all.into_iter().map(|counts| Draw { probability: probability(&counts), counts }).collect()
}

/// Every way to write `left` as a sum of `places` counts, after those in `head`.
fn compose(places: usize, left: usize, head: &mut Vec<f64>, all: &mut Vec<Vec<f64>>) {
    if places == 1 {
        head.push(left as f64);
        all.push(head.clone());
        head.pop();
        return;
    }
    for count in 0..=left {
        head.push(count as f64);
        compose(places - 1, left - count, head, all);
        head.pop();
    }
}

/// The interval that holds the middle `level` of weighted values: the smallest value with a cumulated weight
/// of at least (1 - level)/2, to the largest with as much at or above it. Infinite values are values.
pub(crate) fn percentile(values: &mut [(f64, f64)], level: f64) -> (f64, f64) {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: f64 = values.iter().map(|(_, weight)| weight).sum();
    let tail = 0.5 * (1.0 - level) * total * (1.0 - 1e-12);
    (first_beyond(values.iter(), tail), first_beyond(values.iter().rev(), tail))
}

/// The smallest sorted value with a cumulated share of at least `probability`.
pub(crate) fn quantile(sorted: &[(f64, f64)], probability: f64) -> f64 {
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    first_beyond(sorted.iter(), probability * total * (1.0 - 1e-12))
}

fn first_beyond<'a>(values: impl Iterator<Item = &'a (f64, f64)>, tail: f64) -> f64 {
    let mut cumulated = 0.0;
    let mut last = f64::NAN;
    for (value, weight) in values {
        cumulated += weight;
        last = *value;
        if cumulated >= tail && *weight > 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(clusters: usize, bootstrap: &Bootstrap) -> Vec<Draw> {
        Draws::new(clusters, bootstrap).iter().collect()
    }

    #[test]
    fn few_clusters_are_drawn_in_every_way() {
        for (clusters, ways) in [(1, 1), (2, 3), (3, 10), (4, 35), (5, 126), (6, 462)] {
            let all = draws(clusters, &Bootstrap::default());
            assert_eq!(all.len(), ways);
            assert!((all.iter().map(|d| d.probability).sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(all.iter().all(|d| d.counts.iter().sum::<f64>() == clusters as f64));
        }
    }

    #[test]
    fn drawn_ways_agree_with_their_probability() {
        let exact = draws(3, &Bootstrap::default());
        let bootstrap = Bootstrap { resamples: 9, ..Bootstrap::default() };
        let count = 20_000;
        let random = (0..count).flat_map(|seed| draws(3, &Bootstrap { seed, resamples: 1, ..bootstrap }));
        let all_different = random.filter(|draw| draw.counts == [1.0, 1.0, 1.0]).count() as f64;
        let p = exact.iter().find(|draw| draw.counts == [1.0, 1.0, 1.0]).unwrap().probability;
        assert!((p - 6.0 / 27.0).abs() < 1e-12);
        let sd = (p * (1.0 - p) * count as f64).sqrt();
        assert!((all_different - p * count as f64).abs() < 5.0 * sd);
    }

    #[test]
    fn the_number_of_draws_does_not_overflow() {
        assert_eq!(draws(500, &Bootstrap { resamples: 3, ..Bootstrap::default() }).len(), 3);
    }

    #[test]
    fn percentiles_of_even_weights() {
        let mut values: Vec<(f64, f64)> = (1..=100).map(|i| (i as f64, 1.0)).collect();
        assert_eq!(percentile(&mut values, 0.9), (5.0, 96.0));
        assert_eq!(percentile(&mut [(f64::INFINITY, 1.0), (2.0, 1.0)], 0.95), (2.0, f64::INFINITY));
    }
}
