//! The step values of samples as weights of their steps.

use eightfold_advantage::Completer;
use eightfold_loss::AdvantageWeighting;
use eightfold_synth::{Rejection, Trace, Valued};
use eightfold_task::StepExample;
use std::collections::HashMap;

/// Samples with each step weighted by its advantage: those that rejection sampling keeps, in its order, or all of them.
pub(super) fn weighted(
    traces: &[&Trace],
    valued: &[Valued],
    kept: Option<Rejection>,
    completer: Completer,
    weighting: AdvantageWeighting,
    seed: u64,
) -> Vec<StepExample> {
    let example =
        |valued: &Valued| valued.example(traces, completer, |advantage| weighting.weight(advantage));
    let Some(rejection) = kept else { return valued.iter().map(example).collect() };
    let mut by_text: HashMap<(String, &str), &Valued> = HashMap::new();
    for valued in valued {
        let trace = traces[valued.trace];
        by_text.insert((trace.problem.prompt(), &trace.samples[valued.sample].completion.text), valued);
    }
    let kept = rejection.examples(traces.iter().copied(), seed).into_iter();
    kept.filter_map(|example| by_text.get(&(example.prompt, example.target.text.as_str())).copied())
        .map(example)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_segment::Lines;
    use eightfold_synth::{RolloutStore, StoreSettings, value_samples};
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::LexiconAnswer;

    #[test]
    fn a_filter_masks_steps_of_the_examples_of_rft_and_nothing_else() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(60, 0, "train");
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0).unwrap();
        let traces: Vec<&Trace> = store.traces().collect();
        let (valued, _) =
            value_samples(&traces, &settings.search, &policy, &LexiconAnswer, &Lines, 0).unwrap();
        let (rejection, five) = (Rejection::default(), Completer::BestOf { k: 5 });
        let whole = rejection.examples(traces.iter().copied(), 0);
        let filter = |threshold| AdvantageWeighting::Filtered { threshold };
        let masked = |threshold| weighted(&traces, &valued, Some(rejection), five, filter(threshold), 0);
        let steps = |examples: &[StepExample]| -> (usize, f64) {
            let steps: Vec<f64> = examples.iter().flat_map(|e| &e.steps).map(|s| s.weight).collect();
            (steps.len(), steps.iter().sum())
        };
        for (whole, masked) in whole.iter().zip(&masked(0.0)) {
            let text: String = masked.steps.iter().map(|step| step.text.as_str()).collect();
            assert_eq!(
                (&whole.prompt, &whole.target.text, whole.target.ends),
                (&masked.prompt, &text, masked.ends)
            );
        }
        let ((all, kept), (_, every)) = (steps(&masked(0.0)), steps(&masked(-2.0)));
        assert!(every == all as f64 && kept > 0.0 && kept < every, "{kept} of {all}");
        let weighting = AdvantageWeighting::Clipped { beta: 1.0, max: 20.0 };
        assert_eq!(weighted(&traces, &valued, None, five, weighting, 0).len(), valued.len());
    }
}
