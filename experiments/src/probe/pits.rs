//! Where the first pits of wrong solutions fall, against where the exact values put them.

use super::readings::table;
use super::wrong::{Wrong, clean};
use super::{Subject, Twin, worked};
use crate::pipeline::{Impossible, Learner, Pits, Places, Point, Trial};
use anyhow::{Context, Result};
use eightfold_advantage::{AdvantageEstimator, Completer, Episode, Exact as Estimator, StepValues, pit_law};
use eightfold_segment::Steps;
use eightfold_task::Problem;

impl Places {
    /// Total variation between observed and expected places, in [0, 1].
    pub fn total_variation(&self) -> f64 {
        let n = (self.solutions as f64).max(1.0);
        let apart = |(o, e): (&usize, &f64)| (*o as f64 - e).abs();
        0.5 * self.observed.iter().zip(&self.expected).map(apart).sum::<f64>() / n
    }

    /// Mean place observed less mean place expected, in steps.
    pub fn shift(&self) -> f64 {
        let n = (self.solutions as f64).max(1.0);
        let moment = |(i, (o, e)): (usize, (&usize, &f64))| i as f64 * (*o as f64 - e);
        self.observed.iter().zip(&self.expected).enumerate().map(moment).sum::<f64>() / n
    }

    /// Pearson's statistic of the places with at least five pits expected, and its degrees of freedom. With
    /// probabilities of its own for each solution it is at most as large as a chi-square variable is.
    pub fn chi_square(&self) -> (f64, usize) {
        let places = || self.observed.iter().zip(&self.expected).filter(|(_, e)| **e >= 5.0);
        let sum = places().map(|(o, e)| (*o as f64 - e).powi(2) / e).sum();
        (sum, places().count().saturating_sub(1))
    }

    fn add(&mut self, pit: usize, law: &[f64], critical: Option<usize>) {
        let places = self.observed.len().max(law.len());
        self.observed.resize(places, 0);
        self.expected.resize(places, 0.0);
        self.variance.resize(places, 0.0);
        self.solutions += 1;
        self.observed[pit] += 1;
        for (i, p) in law.iter().enumerate() {
            self.expected[i] += p;
            self.variance[i] += p * (1.0 - p);
            if let Some(critical) = critical {
                self.first_critical_expected[side(i, critical)] += p;
            }
        }
        if let Some(critical) = critical {
            self.first_critical[side(pit, critical)] += 1;
        }
    }
}

/// 0 at the first critical misreading, 1 before it, 2 after it.
fn side(step: usize, critical: usize) -> usize {
    match step.cmp(&critical) {
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Greater => 2,
    }
}

pub(super) fn measure<L: Learner>(
    subject: &Subject<'_, L>,
    tabular: &Twin<'_>,
    rollouts: usize,
) -> Result<Pits> {
    let (trial, lexicon) = (subject.trial, subject.lexicon()?);
    let k = trial.sampling()?.store.search.completer.draws();
    let drawn = trial.rollouts(Point::Sft)?;
    let (wrong, slipped) = clean(lexicon, &drawn.store)?;
    let solutions: Vec<(&Problem, &Steps)> =
        wrong.iter().map(|w| (&w.record.trace.problem, &w.steps)).collect();
    let tables = table(lexicon, subject.distributions()?, &subject.sft, &solutions)?;
    let one = Completer::BestOf { k: 1 };
    let network = places(&wrong, slipped, k, |index, episode| {
        let exact = Estimator { policy: &tables[index], completer: one };
        exact.estimate(&[episode])?.pop().context("one value for one solution")
    })?;
    let tabular = tabular()?;
    let worked = match worked::pick(lexicon, &wrong)? {
        Some(index) => Some(worked::work(subject, &wrong[index], &tables[index], rollouts)?),
        None => None,
    };
    Ok(Pits { network, tabular, worked })
}

/// Where the pits of a learner's own wrong solutions fall, against its own exact values.
///
/// # Errors
/// If the learner has no exact values, the world is no lexicon, or the cell has no sampling.
pub fn exact_places<L: Learner>(trial: &Trial<'_, L>) -> Result<Places> {
    let holder = trial.learner.name();
    let exact = trial.learner.exact().ok_or(Impossible::Probe { what: "exact values", holder })?;
    let sft = trial.state(Point::Sft)?;
    let subject = Subject { trial, policy: &sft, sft: sft.clone() };
    let (sampling, drawn) = (trial.sampling()?, trial.rollouts(Point::Sft)?);
    let (wrong, slipped) = clean(subject.lexicon()?, &drawn.store)?;
    let k = sampling.store.search.completer.draws();
    places(&wrong, slipped, k, |_, episode| exact.values(&sft, sampling.temperature, &episode))
}

fn places(
    wrong: &[Wrong],
    slipped: usize,
    k: usize,
    exact: impl Fn(usize, Episode) -> Result<StepValues>,
) -> Result<Places> {
    let mut places = Places { slipped, ..Places::default() };
    for (index, wrong) in wrong.iter().enumerate() {
        let episode = Episode { problem: wrong.record.trace.problem.clone(), steps: wrong.steps.clone() };
        places.add(wrong.pit, &pit_law(exact(index, episode)?.steps(), k), wrong.critical);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_segment::Lines;
    use eightfold_synth::{RolloutStore, StoreSettings};
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn pits_of_the_tabular_policy_follow_the_law() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(300, 0, "train");
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap();
        let (wrong, slipped) = clean(&lexicon, &store).unwrap();
        let exact = |_: usize, episode: Episode| {
            let exact = Estimator { policy: &policy, completer: Completer::BestOf { k: 1 } };
            Ok(exact.estimate(&[episode])?.remove(0))
        };
        let places = places(&wrong, slipped, 5, exact).unwrap();
        assert!(places.solutions > 1000 && slipped == 0);
        let total: f64 = places.expected.iter().sum();
        assert!((total - places.solutions as f64).abs() < 1e-6);
        // The 99.9 % point of chi-square with 6 degrees of freedom is 22.5.
        let (chi_square, freedom) = places.chi_square();
        assert!(chi_square < 22.5 && freedom <= 6, "{places:?}");
        assert!(places.total_variation() < 0.05 && places.shift().abs() < 0.1);
        // Read with one draw in place of five, the law is far off.
        let wrong_law = super::places(&wrong, 0, 1, exact).unwrap();
        assert!(wrong_law.chi_square().0 > 100.0);
    }

    #[test]
    fn sides_of_the_first_critical_misreading() {
        let mut places = Places::default();
        places.add(1, &[0.0, 0.5, 0.5], Some(2));
        places.add(2, &[0.0, 0.0, 1.0], Some(2));
        places.add(0, &[1.0], None);
        assert_eq!(places.first_critical, [1, 1, 0]);
        assert_eq!(places.first_critical_expected, [1.5, 0.5, 0.0]);
        assert_eq!(places.observed, [1, 1, 1]);
    }
}
