//! Filtering and weighting by advantage: the step values of samples as weights of their steps.

use crate::metrics::{Data, Ledger};
use crate::run::{Learned, Learner, accepted};
use crate::stages::sampling_cost;
use crate::values::ValueStage;
use anyhow::Result;
use eightfold_advantage::Completer;
use eightfold_gpt::{Checkpoint, TrainConfig, supervised_steps};
use eightfold_loss::AdvantageWeighting;
use eightfold_synth::{Rejection, Trace, Valued};
use eightfold_task::StepExample;
use std::collections::HashMap;
use std::time::Instant;

impl Learner<'_> {
    /// RFT from the base on the same solutions as without a filter; of these, steps whose advantage is not above
    /// the threshold are read and not learned.
    pub(crate) fn rft_filtered(
        &self,
        rejection: &Rejection,
        completer: Completer,
        threshold: f64,
        train: &TrainConfig,
    ) -> Result<Learned> {
        let (traces, values, data, cost) = self.valued()?;
        let traces: Vec<&Trace> = traces.iter().collect();
        let examples = filtered(&traces, &values.valued, rejection, completer, threshold, self.cell.seed);
        self.imitate_steps(&self.place.base(self.cell)?, &examples, train, data, cost)
    }

    /// Advantage-weighted RL from the SFT policy on all of its distinct samples, wrong ones included.
    pub(crate) fn weighted(
        &self,
        completer: Completer,
        weighting: AdvantageWeighting,
        train: &TrainConfig,
    ) -> Result<Learned> {
        let (traces, values, data, cost) = self.valued()?;
        let traces: Vec<&Trace> = traces.iter().collect();
        let examples = weighted(&traces, &values.valued, completer, weighting);
        self.imitate_steps(&self.sft.checkpoint, &examples, train, data, cost)
    }

    /// The samples of the rollout store with values for all of their steps, and what both cost.
    fn valued(&self) -> Result<(Vec<Trace>, ValueStage, Data, Ledger)> {
        let (sampling, drawn) = self.rollouts()?;
        let traces: Vec<Trace> = drawn.store.traces().cloned().collect();
        let sft = &self.sft.checkpoint;
        let values = self.place.values(self.cell, sampling, sft, &traces, self.watch)?;
        let data = Data { accepted: accepted(&traces), ..Data::default() };
        // The values take the place of the pit search, whose rollouts are among theirs.
        let cost = Ledger {
            sampling: self.sampling_share(&drawn).0,
            rollouts: sampling_cost(sft, values.cost, values.seconds),
            ..Ledger::default()
        };
        Ok((traces, values, data, cost))
    }

    fn imitate_steps(
        &self,
        from: &Checkpoint,
        examples: &[StepExample],
        train: &TrainConfig,
        data: Data,
        cost: Ledger,
    ) -> Result<Learned> {
        let start = Instant::now();
        let mut tell = self.tell();
        let trained = supervised_steps(&from.gpt, &from.tokenizer, examples, train, self.key(), &mut tell)?;
        Ok(self.learned(trained, examples.len(), data, cost, start))
    }
}

/// The examples of rejection sampling, with the steps of low advantage masked.
pub(crate) fn filtered(
    traces: &[&Trace],
    valued: &[Valued],
    rejection: &Rejection,
    completer: Completer,
    threshold: f64,
    seed: u64,
) -> Vec<StepExample> {
    let filter = AdvantageWeighting::Filtered { threshold };
    let mut by_text: HashMap<(String, &str), &Valued> = HashMap::new();
    for valued in valued {
        let trace = traces[valued.trace];
        by_text.insert((trace.problem.prompt(), &trace.samples[valued.sample].completion.text), valued);
    }
    let kept = rejection.examples(traces.iter().copied(), seed).into_iter();
    kept.filter_map(|example| by_text.get(&(example.prompt, example.target.text.as_str())).copied())
        .map(|valued| valued.example(traces, completer, |advantage| filter.weight(advantage)))
        .collect()
}

/// All samples, each step weighted by its advantage.
pub(crate) fn weighted(
    traces: &[&Trace],
    valued: &[Valued],
    completer: Completer,
    weighting: AdvantageWeighting,
) -> Vec<StepExample> {
    valued.iter().map(|v| v.example(traces, completer, |advantage| weighting.weight(advantage))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_segment::Lines;
    use eightfold_synth::{RolloutStore, StoreSettings, value_samples};
    use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
    use eightfold_verifier::FinalAnswer;

    #[test]
    fn a_filter_masks_steps_of_the_examples_of_rft_and_nothing_else() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let policy = Tabular::crowd(&lexicon);
        let problems = lexicon.problems(60, 0, "train");
        let settings = StoreSettings::default();
        let store = RolloutStore::build(&settings, &policy, &FinalAnswer, &Lines, &problems, 0).unwrap();
        let traces: Vec<&Trace> = store.traces().collect();
        let (valued, _) = value_samples(&traces, &settings.search, &policy, &FinalAnswer, &Lines, 0).unwrap();
        let (rejection, five) = (Rejection::default(), Completer::BestOf { k: 5 });
        let whole = rejection.examples(traces.iter().copied(), 0);
        let masked = |threshold| filtered(&traces, &valued, &rejection, five, threshold, 0);
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
        assert_eq!(weighted(&traces, &valued, five, weighting).len(), valued.len());
    }
}
