//! A second round of per-step DPO, on the first round's pairs or on new ones.

use crate::cell::SecondRound;
use crate::doing::Doing;
use crate::metrics::{Data, Ledger};
use crate::run::{Learned, Learner, Preference, accepted};
use crate::stages::{policy, sampling_cost};
use anyhow::Result;
use eightfold_gpt::Checkpoint;
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, RolloutStore};
use eightfold_task::{Key, Pair};
use std::time::Instant;

impl Learner<'_> {
    /// Trains the policy of the first round once more. Its costs are those of both rounds.
    pub(crate) fn second_round(
        &self,
        second: SecondRound,
        rule: PairRule,
        first_preference: &Preference,
        first_pairs: &[Pair],
        first: &Learned,
    ) -> Result<Learned> {
        let drawn;
        let (pairs, data, mut cost) = match second {
            SecondRound::Same => (first_pairs, first.data.clone(), Ledger::default()),
            SecondRound::Redrawn | SecondRound::Fresh => {
                let (pairs, data, cost) = self.drawn_again(second, rule, &first.checkpoint)?;
                drawn = pairs;
                (&drawn[..], data, cost)
            }
        };
        cost.sampling = cost.sampling + first.cost.sampling;
        cost.rollouts = cost.rollouts + first.cost.rollouts;
        let preference = Preference {
            from: &first.checkpoint,
            loss: first_preference.loss,
            train: first_preference.train,
            key: first_preference.key.with(1),
        };
        let mut learned = self.prefer(&preference, pairs, data, cost)?;
        learned.cost.training = learned.cost.training + first.cost.training;
        Ok(learned)
    }

    /// Step pairs of a policy, from its own samples or from those of the SFT policy, and what they cost.
    fn drawn_again(
        &self,
        second: SecondRound,
        rule: PairRule,
        from: &Checkpoint,
    ) -> Result<(Vec<Pair>, Data, Ledger)> {
        let (sampling, old) = self.rollouts()?;
        (self.watch)(Doing::stage("samples and rollouts of the second round"));
        let start = Instant::now();
        let (policy, verifier) = (policy(from, sampling.temperature), sampling.verifier(self.cell.seed));
        // Not the first round's draws: those of a policy close to the first would hardly differ.
        let seed = Key::new(self.cell.seed, "second round").below(1 << 31) as u64;
        let (settings, fresh) = (&sampling.store, second == SecondRound::Fresh);
        let store = if fresh {
            RolloutStore::build(settings, &policy, &*verifier, &Lines, self.problems, seed)?
        } else {
            let traces = old.store.traces().cloned().collect();
            RolloutStore::search(settings, &policy, &*verifier, &Lines, traces, seed)?
        };
        let set = rule.pairs(&store, &Lines, &Fallback::new(self.taught), seed);
        let data = Data { accepted: accepted(store.traces()), pits: Some(set.statistics), ..Data::default() };
        let mut cost = Ledger {
            rollouts: sampling_cost(from, store.search_cost(), start.elapsed().as_secs_f64()),
            ..Ledger::default()
        };
        if fresh {
            // The seconds of both are counted with the rollouts.
            cost.sampling = sampling_cost(from, store.sampling_cost(), 0.0);
        }
        Ok((set.pairs, data, cost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Method;
    use crate::figure::Preset;
    use crate::metrics::Metrics;
    use crate::plan::arm_cell;
    use crate::settings::{World, at_preset};
    use crate::stages::Workplace;
    use eightfold_gpt::{Engine, device};

    #[test]
    fn each_kind_of_second_round_pays_for_what_it_draws() {
        let cache = tempfile::tempdir().unwrap();
        let device = device("flex").unwrap();
        let place = Workplace::new(crate::root(), cache.path().into(), device, Engine::Fused);
        let run = |kind| -> Metrics {
            let mut cell = at_preset(arm_cell(World::Hard, "step-dpo", 16, 0), Preset::Smoke);
            if let Method::StepDpo { second, .. } = &mut cell.method {
                *second = kind;
            }
            crate::run::run(&cell, &place, &|_| ()).unwrap()
        };
        let one = run(None);
        let [same, redrawn, fresh] =
            [SecondRound::Same, SecondRound::Redrawn, SecondRound::Fresh].map(|kind| run(Some(kind)));
        let drawn = |m: &Metrics| (m.cost.sampling.verified, m.cost.rollouts.verified);
        assert_eq!(drawn(&same), drawn(&one));
        assert_eq!(same.data.items, one.data.items);
        assert_eq!(redrawn.cost.sampling.verified, one.cost.sampling.verified);
        assert_eq!(fresh.cost.sampling.verified, 2 * one.cost.sampling.verified);
        for second in [&same, &redrawn, &fresh] {
            assert!(second.cost.training.trained > one.cost.training.trained);
            assert_eq!(second.cost.sft.trained, one.cost.sft.trained);
        }
        for asked in [&redrawn, &fresh] {
            assert!(asked.cost.rollouts.verified > one.cost.rollouts.verified);
            assert_ne!(asked.data.pits, one.data.pits, "pits of another policy, or of other samples");
        }
    }
}
