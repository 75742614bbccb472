//! The one rollout store: samples, verdicts, rollouts and pits of a policy on a problem set.

use crate::pick::shuffled;
use crate::{Trace, draw_samples};
use eightfold_advantage::{Cost, Episode, EstimateError, Evidence, MonteCarlo};
use eightfold_segment::{Segmenter, Steps};
use eightfold_task::{Key, Policy, Problem};
use eightfold_verifier::Verifier;
use serde::{Deserialize, Serialize};

/// How a rollout store is filled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Solutions drawn for each problem.
    pub samples: usize,
    /// Distinct negatives searched for their pit, at most, for each problem.
    pub negatives: usize,
    /// How pits are searched.
    pub search: MonteCarlo,
}

impl Default for StoreSettings {
    /// 8 samples a problem, and all of their negatives, as the paper has 8 negatives a question.
    fn default() -> Self {
        Self { samples: 8, negatives: 8, search: MonteCarlo::default() }
    }
}

/// The search for the pit of one negative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// Which sample of the trace.
    pub sample: usize,
    /// Byte offsets at which its steps begin, the first apart.
    pub cuts: Vec<usize>,
    /// Its first pit: a step, from 0.
    pub pit: Option<usize>,
    /// The rollouts that say so.
    pub evidence: Evidence,
}

/// Everything drawn for one problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The problem and its samples.
    pub trace: Trace,
    /// The searches of its negatives.
    pub searches: Vec<Search>,
}

impl Record {
    /// The steps of the sample that a search is about.
    ///
    /// # Panics
    /// If the search belongs to another record.
    pub fn steps(&self, search: &Search) -> Steps {
        let text = &self.trace.samples[search.sample].completion.text;
        Steps::cut(text.clone(), search.cuts.iter().copied())
    }
}

/// Samples and pit searches of one policy on one problem set, computed once. Rejection sampling, response
/// pairs and step pairs are all made from it, so that methods differ in what they use and not in what was
/// drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RolloutStore {
    /// One record for each problem, in the order of the set.
    pub records: Vec<Record>,
}

impl RolloutStore {
    /// Samples solutions of every problem, verifies them, and searches the pits of negatives. Everything
    /// drawn for a problem is a function of the policy, the problem, the settings and the seed: a larger
    /// problem set adds records and changes none.
    ///
    /// # Errors
    /// If the settings do not fit each other, or the policy fails.
    pub fn build(
        settings: &StoreSettings,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        segmenter: &dyn Segmenter,
        problems: &[Problem],
        seed: u64,
    ) -> Result<Self, EstimateError> {
        settings.search.check()?;
        let traces = draw_samples(policy, verifier, problems, settings.samples, seed)?;
        Self::search(settings, policy, verifier, segmenter, traces, seed)
    }

    /// The same on solutions that were drawn before, by whatever policy: its pits are those of `policy`, which
    /// completes the prefixes. `settings.samples` is not used.
    ///
    /// # Errors
    /// If the settings do not fit each other, or the policy fails.
    pub fn search(
        settings: &StoreSettings,
        policy: &dyn Policy,
        verifier: &dyn Verifier,
        segmenter: &dyn Segmenter,
        traces: Vec<Trace>,
        seed: u64,
    ) -> Result<Self, EstimateError> {
        settings.search.check()?;
        let (mut owners, mut episodes) = (Vec::new(), Vec::new());
        for (record, trace) in traces.iter().enumerate() {
            let key = Key::new(seed, "negatives").with_text(&trace.problem.question);
            for sample in shuffled(trace.distinct_negatives(), key).into_iter().take(settings.negatives) {
                let text = &trace.samples[sample].completion.text;
                episodes.push(Episode::new(trace.problem.clone(), text, segmenter));
                owners.push((record, sample));
            }
        }
        let evidence = settings.search.search(policy, verifier, &episodes, seed)?;
        let mut records: Vec<Record> =
            traces.into_iter().map(|trace| Record { trace, searches: Vec::new() }).collect();
        for (((record, sample), episode), evidence) in owners.into_iter().zip(episodes).zip(evidence) {
            let pit = settings.search.first_pit(&evidence);
            let cuts = episode.steps.spans().iter().skip(1).map(|span| span.start).collect();
            records[record].searches.push(Search { sample, cuts, pit, evidence });
        }
        Ok(Self { records })
    }

    /// The problems with their samples, in order.
    pub fn traces(&self) -> impl ExactSizeIterator<Item = &Trace> {
        self.records.iter().map(|record| &record.trace)
    }

    /// What sampling the solutions cost.
    pub fn sampling_cost(&self) -> Cost {
        self.traces().map(Trace::cost).sum()
    }

    /// What the rollouts of the pit searches cost.
    pub fn search_cost(&self) -> Cost {
        self.records.iter().flat_map(|record| &record.searches).map(|search| search.evidence.cost()).sum()
    }

    /// Completions drawn for each problem, samples and rollouts together, rounded up: so many samples a
    /// problem call the verifier as often as this store did. 0 for an empty store.
    pub fn draws_per_problem(&self) -> usize {
        let draws = self.sampling_cost().draws + self.search_cost().draws;
        (draws as usize).div_ceil(self.records.len().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_segment::Lines;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn a_larger_problem_set_adds_records_and_changes_none() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(12, 0, "train");
        let build = |problems: &[Problem], seed| {
            let settings = StoreSettings { samples: 6, negatives: 3, ..Default::default() };
            RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, problems, seed).unwrap()
        };
        let all = build(&problems, 3);
        assert_eq!(build(&problems[..5], 3).records, all.records[..5]);
        assert_ne!(build(&problems, 4), all);
        assert_eq!(all.sampling_cost().draws, 12 * 6);
        for record in &all.records {
            let negatives = record.trace.distinct_negatives();
            assert_eq!(record.searches.len(), negatives.len().min(3));
            for search in &record.searches {
                assert!(negatives.contains(&search.sample));
                assert_eq!(record.steps(search).len(), search.evidence.len);
                assert!(search.pit.is_some(), "a wrong solution has a pit");
            }
        }
        let traces: Vec<Trace> = all.traces().cloned().collect();
        let settings = StoreSettings { samples: 0, negatives: 3, ..Default::default() };
        let again = RolloutStore::search(&settings, &policy, &LexiconAnswer, &Lines, traces, 3).unwrap();
        assert_eq!(again, all, "the search of given samples is that of drawn ones");
        assert!(all.search_cost().draws > 0);
        let draws = (all.sampling_cost().draws + all.search_cost().draws) as f64;
        assert_eq!(all.draws_per_problem(), (draws / all.records.len() as f64).ceil() as usize);
        assert_eq!(RolloutStore::default().draws_per_problem(), 0);
    }
}
