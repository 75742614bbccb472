//! How well a model answers problems that it was not trained on.

use super::cell::{RealCell, RealMethod};
use super::place::RealPlace;
use super::policy::{KeptPolicy, ask};
use super::stages::{add, sampled};
use crate::cell::digest;
use crate::configuration::Configuration;
use crate::doing::Watch;
use crate::metrics::StageCost;
use anyhow::Result;
use eightfold_advantage::pass_at_k;
use eightfold_journal::Journal;
use eightfold_models::{Model, Remote, fingerprint};
use eightfold_synth::{Record, Trace, draw_samples};
use eightfold_verifier::FinalAnswer;
use std::path::Path;
use std::time::Instant;

/// Answers to held-out problems.
pub(super) struct Scores {
    pub(super) greedy: Vec<bool>,
    pub(super) sampled: Vec<usize>,
    pub(super) cut: f64,
    pub(super) pass_k: Vec<(usize, f64)>,
    pub(super) cost: StageCost,
}

/// Evaluates the model in a folder, greedily and at temperature 1.
pub(super) fn evaluate(place: &RealPlace, cell: &RealCell, folder: &Path, watch: &Watch) -> Result<Scores> {
    let start = Instant::now();
    let (model, id) = (Model::open(folder)?, fingerprint(folder)?);
    let remote = Remote::new(&model, &place.device)?;
    let problems = place.pool.held(&cell.evaluation);
    let path = place.journal(&format!("evaluation-{}", digest(&cell.id())));
    let traces = {
        let journal = Journal::open(&path)?;
        let draw = |temperature: f64, samples: usize| {
            let policy = (&model, id, remote.as_ref());
            let policy = KeptPolicy::new(policy, temperature, &cell.length, &journal, ("evaluation", watch));
            let policy = match cell.method {
                RealMethod::UntrainedChat {} => policy.asked(|prompt| ask(&model, prompt, prompt)),
                _ => policy,
            };
            draw_samples(&policy, &FinalAnswer, &problems, samples, 0)
        };
        [draw(0.0, 1)?, draw(1.0, cell.evaluation.samples)?]
    };
    drop(std::fs::remove_file(path));
    let mut cost = StageCost::default();
    for trace in traces.iter().flatten() {
        add(&mut cost, sampled(&model, &Record { trace: trace.clone(), searches: Vec::new() })?);
    }
    cost.seconds = start.elapsed().as_secs_f64();
    let [greedy, sampled] = traces;
    Ok(Scores::new(cell.evaluation.samples, &greedy, &sampled, cost))
}

impl Scores {
    fn new(samples: usize, greedy: &[Trace], sampled: &[Trace], cost: StageCost) -> Self {
        let right = |trace: &Trace| trace.positives().count();
        let sampled: Vec<usize> = sampled.iter().map(right).collect();
        let cut = greedy.iter().filter(|trace| !trace.samples[0].completion.finished).count();
        let ks = std::iter::successors(Some(1), |k| Some(2 * k)).take_while(|k| *k <= samples);
        let mean = |k: usize| {
            let sum: f64 = sampled.iter().map(|right| pass_at_k(samples, *right, k)).sum();
            (k, sum / sampled.len() as f64)
        };
        let pass_k = ks.map(mean).collect();
        let cut = cut as f64 / greedy.len() as f64;
        Self { greedy: greedy.iter().map(|trace| right(trace) > 0).collect(), sampled, cut, pass_k, cost }
    }
}
