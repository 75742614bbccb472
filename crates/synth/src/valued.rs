//! Samples with what each of their steps was worth: what filtering and weighting by advantage train on.

use crate::Trace;
use eightfold_advantage::{Completer, Cost, Episode, EstimateError, MonteCarlo, StepValues};
use eightfold_segment::{Segmenter, Steps};
use eightfold_task::{Policy, StepExample, WeightedStep};
use eightfold_verifier::Verifier;
use serde::{Deserialize, Serialize};

/// A sample of a trace with the outcomes of rollouts from all of its prefixes. Their texts are not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Valued {
    /// Which trace of the set.
    pub trace: usize,
    /// Which sample of the trace.
    pub sample: usize,
    /// Byte offsets at which its steps begin, the first apart.
    pub cuts: Vec<usize>,
    /// Rollouts from each prefix.
    pub rollouts: usize,
    /// How many of them succeeded, from the bare question and after each step but the last.
    pub successes: Vec<usize>,
    /// Whether the verifier accepts the sample.
    pub correct: bool,
}

impl Valued {
    /// The values of the sample's steps, the question's included.
    ///
    /// # Panics
    /// If there are fewer rollouts than the completer needs.
    pub fn values(&self, completer: Completer) -> StepValues {
        let mut values = self.successes.iter().map(|&s| completer.estimate(s, self.rollouts));
        let question = values.next();
        StepValues::new(question, values.chain([f64::from(u8::from(self.correct))]).collect())
    }

    /// The sample as an example whose steps are weighted by `weight` of their advantages.
    ///
    /// # Panics
    /// If the traces are not those that were valued.
    pub fn example(
        &self,
        traces: &[&Trace],
        completer: Completer,
        weight: impl Fn(f64) -> f64,
    ) -> StepExample {
        let Trace { problem, samples } = traces[self.trace];
        let completion = &samples[self.sample].completion;
        let steps = Steps::cut(completion.text.clone(), self.cuts.iter().copied());
        let values = self.values(completer);
        let step = |i: usize| WeightedStep {
            text: steps.step(i).to_owned(),
            weight: weight(values.advantage(i).expect("the question has a value")),
        };
        StepExample {
            prompt: problem.prompt(),
            steps: (0..steps.len()).map(step).collect(),
            ends: completion.finished,
        }
    }
}

/// Values every distinct sample of the traces, right or wrong, by rollouts from all of its prefixes, and says
/// what that cost. Empty samples have no step and are left out. Rollouts are named as those of a pit search, so
/// a sample that was searched has the same outcomes here.
///
/// # Errors
/// If the settings do not fit each other, or the policy fails.
pub fn value_samples(
    traces: &[&Trace],
    settings: &MonteCarlo,
    policy: &dyn Policy,
    verifier: &dyn Verifier,
    segmenter: &dyn Segmenter,
    seed: u64,
) -> Result<(Vec<Valued>, Cost), EstimateError> {
    let settings = MonteCarlo { question: true, ..settings.in_full() };
    let (mut owners, mut episodes) = (Vec::new(), Vec::new());
    for (index, trace) in traces.iter().enumerate() {
        for sample in trace.distinct() {
            let text = &trace.samples[sample].completion.text;
            if !text.is_empty() {
                episodes.push(Episode::new(trace.problem.clone(), text, segmenter));
                owners.push((index, sample));
            }
        }
    }
    let evidence = settings.search(policy, verifier, &episodes, seed)?;
    let cost = evidence.iter().map(|evidence| evidence.cost()).sum();
    let valued =
        owners.into_iter().zip(&episodes).zip(evidence).map(|(((trace, sample), episode), evidence)| {
            Valued {
                trace,
                sample,
                cuts: episode.steps.spans().iter().skip(1).map(|span| span.start).collect(),
                rollouts: settings.rollouts,
                successes: evidence.question.iter().chain(&evidence.steps).map(|r| r.successes()).collect(),
                // As a rollout: a text that was cut off has not succeeded.
                correct: traces[trace].samples[sample].is_positive(),
            }
        });
    Ok((valued.collect(), cost))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RolloutStore, StoreSettings};
    use eightfold_segment::Lines;
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    fn fixture() -> (RolloutStore, Vec<Valued>) {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(20, 0, "train");
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap();
        let traces: Vec<&Trace> = store.traces().collect();
        let (valued, cost) =
            value_samples(&traces, &settings.search, &policy, &LexiconAnswer, &Lines, 0).unwrap();
        let prefixes: usize = valued.iter().map(|v| v.successes.len()).sum();
        assert_eq!(cost.draws, 5 * prefixes as u64);
        (store, valued)
    }

    #[test]
    fn searched_samples_have_the_outcomes_of_their_search() {
        let (store, valued) = fixture();
        let (mut searched, mut positives) = (0, 0);
        for valued in &valued {
            positives += usize::from(valued.correct);
            let searches = &store.records[valued.trace].searches;
            let Some(search) = searches.iter().find(|s| s.sample == valued.sample) else { continue };
            searched += 1;
            assert_eq!(search.cuts, valued.cuts);
            let after: Vec<usize> = search.evidence.steps.iter().map(|r| r.successes()).collect();
            assert_eq!(valued.successes[1..][..after.len()], after);
        }
        assert!(searched > 50 && positives > 20, "{searched} {positives}");
    }

    #[test]
    fn weights_are_those_of_the_advantages() {
        let (store, valued) = fixture();
        let traces: Vec<&Trace> = store.traces().collect();
        for valued in &valued {
            for completer in [Completer::BestOf { k: 1 }, Completer::BestOf { k: 5 }] {
                let example = valued.example(&traces, completer, |a| 2.0 + a);
                let text: String = example.steps.iter().map(|step| step.text.as_str()).collect();
                assert_eq!(text, traces[valued.trace].samples[valued.sample].completion.text);
                // Advantages add up to the verdict less the value of the question.
                let sum: f64 = example.steps.iter().map(|step| step.weight - 2.0).sum();
                let values = valued.values(completer);
                let whole = f64::from(u8::from(valued.correct)) - values.question().unwrap();
                assert!((sum - whole).abs() < 1e-9);
            }
        }
    }
}
