//! What was measured for one row on one number of threads.

use crate::data::Flops;
use crate::side::Measured;
use serde::{Deserialize, Serialize};

/// The measurements of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// Name of the row.
    pub(crate) row: String,
    /// Threads of each side.
    pub(crate) threads: usize,
    /// Updates or calls in a measurement.
    pub(crate) steps: usize,
    /// Tokens of the texts in a measurement, 0 where they are drawn.
    pub(crate) tokens: u64,
    /// What a measurement has to compute.
    pub(crate) flops: Flops,
    /// The engine, round by round.
    pub(crate) engine: Vec<Measured>,
    /// PyTorch eager, in the same rounds; empty where the engine ran alone.
    pub(crate) eager: Vec<Measured>,
    /// PyTorch compiled: its rounds, or why there are none.
    pub(crate) compiled: Option<Compiled>,
    /// Whether the two sides compute the same; `None` where the engine ran alone.
    pub(crate) agreement: Option<Agreement>,
    /// Where the engine spends its time: parts of its code and their shares, largest first.
    pub(crate) profile: Vec<(String, f64)>,
}

/// `torch.compile` on a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Compiled {
    /// It ran.
    Ran {
        /// Seconds until the first update was done.
        first: f64,
        /// Round by round.
        rounds: Vec<Measured>,
    },
    /// It did not, for this reason.
    Failed(String),
}

/// How far the results of the two sides are apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Agreement {
    /// Largest relative difference of the numbers that must agree.
    pub(crate) relative: f64,
    /// Completions at temperature 0 that are the same, of how many.
    pub(crate) texts: (usize, usize),
}

/// Largest relative difference with which a row counts.
pub(crate) const TOLERANCE: f64 = 1e-4;

impl Agreement {
    /// Compares what both sides report.
    pub(crate) fn new(ours: &crate::protocol::Reply, theirs: &crate::protocol::Reply) -> Self {
        let apart = |(a, b): (&f64, &f64)| (a - b).abs() / b.abs().max(f64::MIN_POSITIVE);
        let comparable = ours.values.len() == theirs.values.len() && ours.texts.len() == theirs.texts.len();
        let relative = ours.values.iter().zip(&theirs.values).map(apart).fold(0.0, nan_max);
        let same = ours.texts.iter().zip(&theirs.texts).filter(|(a, b)| a == b).count();
        Self {
            relative: if comparable { relative } else { f64::INFINITY },
            texts: (same, theirs.texts.len()),
        }
    }

    /// Whether the row counts. Two likeliest words may be as likely as each other, to rounding; of hundreds of
    /// texts few hold such a place.
    pub(crate) fn holds(&self) -> bool {
        self.relative <= TOLERANCE && 20 * self.texts.0 >= 19 * self.texts.1
    }
}

/// The larger number, or NaN if either is.
fn nan_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

/// The middle of some numbers, the mean of the middle two of an even count.
///
/// # Panics
/// If there are none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { 0.5 * (values[half - 1] + values[half]) }
}

/// How many times as fast, by the work of a round over its seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    /// Ratio of the medians.
    pub(crate) median: f64,
    /// Smallest ratio of a round.
    pub(crate) lowest: f64,
    /// Largest.
    pub(crate) highest: f64,
}

impl Outcome {
    /// The engine against others that were measured in the same rounds; `None` without any.
    pub(crate) fn ratio(&self, others: &[Measured], seconds: fn(&Measured) -> Option<f64>) -> Option<Ratio> {
        let ours =
            self.engine.iter().map(|m| Some(seconds(m)? / self.amount(m))).collect::<Option<Vec<_>>>()?;
        let theirs = others.iter().map(|m| Some(seconds(m)? / self.amount(m))).collect::<Option<Vec<_>>>()?;
        if ours.is_empty() || theirs.is_empty() {
            return None;
        }
        let rounds = || theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours);
        Some(Ratio {
            median: median(theirs.iter().copied()) / median(ours.iter().copied()),
            lowest: rounds().fold(f64::INFINITY, f64::min),
            highest: rounds().fold(0.0, f64::max),
        })
    }

    /// How much a measurement did: tokens where both sides draw their own, else the same for both.
    fn amount(&self, measured: &Measured) -> f64 {
        if self.flops.token > 0.0 { measured.tokens as f64 } else { 1.0 }
    }

    /// Seconds of one update or call, the median of the rounds.
    pub(crate) fn step(&self, side: &[Measured], seconds: fn(&Measured) -> Option<f64>) -> Option<f64> {
        let seconds = side.iter().map(seconds).collect::<Option<Vec<_>>>()?;
        (!seconds.is_empty()).then(|| median(seconds) / self.steps as f64)
    }

    /// Tokens a second, the median of the rounds.
    pub(crate) fn rate(&self, side: &[Measured]) -> Option<f64> {
        let tokens = |m: &Measured| if self.tokens > 0 { self.tokens } else { m.tokens } as f64;
        (!side.is_empty()).then(|| median(side.iter().map(|m| tokens(m) / m.wall)))
    }

    /// Necessary floating-point operations a second, the median of the rounds.
    pub(crate) fn flops_rate(&self, side: &[Measured]) -> Option<f64> {
        let work = |m: &Measured| self.flops.fixed + self.flops.token * m.tokens as f64;
        (!side.is_empty()).then(|| median(side.iter().map(|m| work(m) / m.wall)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::protocol::Reply;

    /// A row whose engine takes so long in each round, and PyTorch that.
    pub(crate) fn outcome(engine: &[f64], eager: &[f64]) -> Outcome {
        let measured = |wall: &f64| Measured { wall: *wall, cpu: Some(2.0 * wall), tokens: 0 };
        Outcome {
            row: "train-128".into(),
            threads: 1,
            steps: 4,
            tokens: 1000,
            flops: Flops { fixed: 1e9, token: 0.0 },
            engine: engine.iter().map(measured).collect(),
            eager: eager.iter().map(measured).collect(),
            compiled: None,
            agreement: Some(Agreement { relative: 1e-6, texts: (0, 0) }),
            profile: Vec::new(),
        }
    }

    fn wall(measured: &Measured) -> Option<f64> {
        Some(measured.wall)
    }

    #[test]
    fn medians_and_their_ratio() {
        assert_eq!((median([3.0, 1.0, 2.0]), median([4.0, 1.0])), (2.0, 2.5));
        let outcome = outcome(&[1.0, 2.0, 4.0], &[4.0, 3.0, 8.0]);
        let ratio = outcome.ratio(&outcome.eager, wall).unwrap();
        assert_eq!((ratio.median, ratio.lowest, ratio.highest), (2.0, 1.5, 4.0));
        assert_eq!(outcome.step(&outcome.engine, wall), Some(0.5));
        assert_eq!(
            (outcome.rate(&outcome.engine), outcome.flops_rate(&outcome.engine)),
            (Some(500.0), Some(5e8))
        );
        assert_eq!((outcome.ratio(&[], wall), outcome.rate(&[])), (None, None));
    }

    #[test]
    fn who_draws_more_tokens_has_more_time() {
        let mut outcome = outcome(&[1.0], &[4.0]);
        outcome.flops.token = 1.0;
        outcome.engine[0].tokens = 100;
        outcome.eager[0].tokens = 200;
        assert_eq!(outcome.ratio(&outcome.eager, wall).unwrap().median, 2.0);
    }

    #[test]
    fn a_row_counts_if_both_sides_compute_the_same() {
        let reply = |values: &[f64], texts: &[u32]| Reply {
            values: values.to_vec(),
            texts: texts.iter().map(|t| vec![*t]).collect(),
            ..Reply::default()
        };
        let holds = |a: &Reply, b: &Reply| Agreement::new(a, b).holds();
        assert!(holds(&reply(&[1.0, -2.0], &[]), &reply(&[1.00005, -2.0], &[])));
        assert!(!holds(&reply(&[1.0, -2.0], &[]), &reply(&[1.0, -2.001], &[])));
        assert!(!holds(&reply(&[1.0], &[]), &reply(&[1.0, 1.0], &[])));
        assert!(!holds(&reply(&[f64::NAN, 1.0], &[]), &reply(&[1.0, 1.0], &[])));
        assert!(!holds(&reply(&[1.0, f64::NAN], &[]), &reply(&[1.0, 1.0], &[])));
        assert!(!holds(&reply(&[1.0], &[1, 2, 3]), &reply(&[1.0], &[1, 2, 4])));
        let many: Vec<u32> = (0..40).collect();
        let mut other = many.clone();
        other[7] = 99;
        assert!(holds(&reply(&[1.0], &many), &reply(&[1.0], &other)));
    }
}
