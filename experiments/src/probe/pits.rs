//! Where the first pits of wrong solutions fall, against where the exact values put them.

use super::Subject;
use super::readings::table;
use super::worked::{self, Worked};
use anyhow::{Context, Result};
use eightfold_advantage::{AdvantageEstimator, Completer, Episode, Exact, pit_law};
use eightfold_segment::{Lines, Steps};
use eightfold_synth::{Record, RolloutStore, Search};
use eightfold_task::lexicon::tabular::PRIOR_WEIGHT;
use eightfold_task::lexicon::{Lexicon, Story, Tabular, replay};
use eightfold_task::{Policy, Problem};
use eightfold_verifier::FinalAnswer;
use serde::{Deserialize, Serialize};

/// Pits of the wrong solutions of two learners on the same problems.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pits {
    /// Of the network; the exact values are those of its readings as a table.
    pub network: Places,
    /// Of the tabular learner, whose exact values are its own.
    pub tabular: Places,
    /// One wrong solution of the network, step by step.
    pub worked: Option<Worked>,
}

/// Where pits fall.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Places {
    /// Wrong solutions looked at: those without a slip.
    pub solutions: usize,
    /// Wrong solutions with a slip, which are left out.
    pub slipped: usize,
    /// Pits found at step 0, 1, ...
    pub observed: Vec<usize>,
    /// Their expected number by the law, and its variance.
    pub expected: Vec<f64>,
    /// See `expected`.
    pub variance: Vec<f64>,
    /// Pits found at the first critical misreading, before it, and after it.
    pub first_critical: [usize; 3],
    /// The same by the law.
    pub first_critical_expected: [f64; 3],
}

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

/// A wrong solution whose pit was found.
pub(super) struct Wrong<'a> {
    pub(super) record: &'a Record,
    pub(super) search: &'a Search,
    pub(super) pit: usize,
    pub(super) steps: Steps,
    /// Its first misreading of a word on which the answer depends.
    pub(super) critical: Option<usize>,
}

pub(super) fn measure(subject: &Subject, rollouts: usize) -> Result<Pits> {
    let (sampling, store) = subject.rollouts()?;
    let search = &sampling.store.search;
    let k = search.completer.draws();
    let (wrong, slipped) = clean(subject.lexicon, &store)?;
    let solutions: Vec<(&Problem, &Steps)> =
        wrong.iter().map(|w| (&w.record.trace.problem, &w.steps)).collect();
    let tables = table(subject.lexicon, subject.sft, &solutions)?;
    let network = places(&wrong, slipped, k, |index| &tables[index])?;

    // The tabular learner goes the same way: SFT by counting, then samples and pit searches of its own.
    let base = Tabular::crowd(subject.lexicon);
    let learner = base.learn_examples(subject.taught, PRIOR_WEIGHT)?.at_temperature(sampling.temperature);
    let store_of = |policy: &dyn Policy| {
        let (settings, seed) = (&sampling.store, subject.cell.seed);
        RolloutStore::build(settings, policy, &FinalAnswer, &Lines, subject.problems, seed)
    };
    let tabular_store = store_of(&learner)?;
    let (tabular_wrong, tabular_slipped) = clean(subject.lexicon, &tabular_store)?;
    let tabular = places(&tabular_wrong, tabular_slipped, k, |_| &learner)?;

    let worked = match worked::pick(subject.lexicon, &wrong)? {
        Some(index) => Some(worked::work(subject, &wrong[index], &tables[index], rollouts)?),
        None => None,
    };
    Ok(Pits { network, tabular, worked })
}

/// The wrong solutions without a slip whose pit was found, and how many have slips.
pub(super) fn clean<'a>(lexicon: &Lexicon, store: &'a RolloutStore) -> Result<(Vec<Wrong<'a>>, usize)> {
    let (mut wrong, mut slipped) = (Vec::new(), 0);
    for record in &store.records {
        let story = Story::parse(lexicon, &record.trace.problem.question)?;
        for search in &record.searches {
            let steps = record.steps(search);
            let replay = replay(lexicon, &story, steps.text());
            match search.pit {
                Some(pit) if replay.is_clean() => {
                    let critical = replay.readings.iter().find(|r| r.needed && !r.right).map(|r| r.step);
                    wrong.push(Wrong { record, search, pit, steps, critical });
                }
                _ => slipped += 1,
            }
        }
    }
    Ok((wrong, slipped))
}

fn places<'a>(
    wrong: &[Wrong],
    slipped: usize,
    k: usize,
    policy: impl Fn(usize) -> &'a Tabular<'a>,
) -> Result<Places> {
    let mut places = Places { slipped, ..Places::default() };
    for (index, wrong) in wrong.iter().enumerate() {
        let exact = Exact { policy: policy(index), completer: Completer::BestOf { k: 1 } };
        let episode = Episode { problem: wrong.record.trace.problem.clone(), steps: wrong.steps.clone() };
        let values = exact.estimate(&[episode])?.pop().context("one value for one solution")?;
        places.add(wrong.pit, &pit_law(values.steps(), k), wrong.critical);
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_synth::StoreSettings;
    use eightfold_task::lexicon::LexiconConfig;

    #[test]
    fn pits_of_the_tabular_policy_follow_the_law() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(300, 0, "train");
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &FinalAnswer, &Lines, &problems, 0).unwrap();
        let (wrong, slipped) = clean(&lexicon, &store).unwrap();
        let places = places(&wrong, slipped, 5, |_| &policy).unwrap();
        assert!(places.solutions > 1000 && slipped == 0);
        let total: f64 = places.expected.iter().sum();
        assert!((total - places.solutions as f64).abs() < 1e-6);
        // The 99.9 % point of chi-square with 6 degrees of freedom is 22.5.
        let (chi_square, freedom) = places.chi_square();
        assert!(chi_square < 22.5 && freedom <= 6, "{places:?}");
        assert!(places.total_variation() < 0.05 && places.shift().abs() < 0.1);
        // Read with one draw in place of five, the law is far off.
        let wrong_law = super::places(&wrong, 0, 1, |_| &policy).unwrap();
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
