//! Rounds of sampling, judging and training, each from the policy of the last.

use super::drawing::accepted;
use super::error::Impossible;
use super::learner::{Learner, Phase};
use super::ledger::{self, Ledger};
use super::method::{Credit, Online, Sign};
use super::metrics::Data;
use super::objective::{Likelihood, Objective, Spans};
use super::trial::{Learned, Trial};
use anyhow::{Result, bail};
use eightfold_harness::Progress;
use eightfold_synth::{Trace, draw_samples};
use eightfold_task::{Example, Key, Target};
use std::time::Instant;

/// Improves a learner online.
pub(super) fn learn<L: Learner>(trial: &Trial<'_, L>, online: &Online) -> Result<Learned<L::State>> {
    if online.rounds == 0 {
        bail!(Impossible::Method { what: "an online method has one round at least" });
    }
    let mut learned = Learned::unmoved(trial.state(online.start)?);
    for round in 0..online.rounds as u64 {
        let (traces, sampling) = draw(trial, &learned.state, round)?;
        let examples = credited(&traces, online.sign, online.credit);
        let data = Data { accepted: accepted(&traces), ..Data::default() };
        let cost = Ledger { sampling: learned.cost.sampling + sampling, ..Ledger::default() };
        let objective = Objective::Likelihood(Likelihood::of(Spans::Whole(&examples)));
        let key = trial.key().with(round);
        let next = trial.train(&learned.state, &objective, Phase::Method, key, data, cost)?;
        let training = learned.cost.training + next.cost.training;
        learned = Learned { cost: Ledger { training, ..next.cost.clone() }, ..next };
    }
    Ok(learned)
}

/// A round's samples, and what they took.
fn draw<L: Learner>(
    trial: &Trial<'_, L>,
    state: &L::State,
    round: u64,
) -> Result<(Vec<Trace>, super::StageCost)> {
    (trial.on_progress)(Progress::stage("samples of a round"));
    let (start, sampling) = (Instant::now(), trial.sampling()?);
    let policy = trial.policy(state, sampling.temperature)?;
    let seed = Key::new(trial.cell.seed, "online round").with(round).below(1 << 31) as u64;
    let verifier = trial.verifier()?;
    let traces = draw_samples(&*policy, &*verifier, &trial.problems, sampling.store.samples, seed)?;
    let mut cost = ledger::sampling(&*trial.learner.meter(state)?, &traces)?;
    cost.seconds = start.elapsed().as_secs_f64();
    Ok((traces, cost))
}

/// Samples as texts, each weighted by its credit; those without any are left out.
fn credited(traces: &[Trace], sign: Sign, credit: Credit) -> Vec<Example> {
    let mut examples = Vec::new();
    for trace in traces {
        let right = |i: usize| f64::from(u8::from(trace.samples[i].verdict.is_correct()));
        let mean = match credit {
            Credit::Outcome => trace.positives().count() as f64 / trace.samples.len().max(1) as f64,
        };
        for (i, sample) in trace.samples.iter().enumerate() {
            let weight = right(i) - mean;
            let learned = match sign {
                Sign::Positives => weight > 0.0,
                Sign::Negatives => weight < 0.0,
                Sign::Both => weight != 0.0,
            };
            if learned && !sample.completion.text.is_empty() {
                let (prompt, target) = (trace.problem.prompt(), Target::from(&sample.completion));
                examples.push(Example { prompt, target, weight });
            }
        }
    }
    examples
}
