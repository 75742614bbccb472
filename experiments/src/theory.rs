//! The theory curve: the same pipeline with a tabular policy, one distribution over operations per word, in
//! place of the network. Its readings are learned by counts and its errors are exact, so it shows what the data
//! of each method are worth to a learner that never slips.

use crate::cell::{Cell, Method, RECIPE, Start, digest};
use crate::evaluate::held_out;
use crate::methods;
use crate::methods::advantage::{filtered, weighted};
use crate::store::write_whole;
use anyhow::{Context, Result};
use eightfold_loss::AdvantageWeighting;
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, RolloutStore, Trace, chosen_only, draw_samples, value_samples};
use eightfold_task::lexicon::tabular::{PRIOR_WEIGHT, PairSettings};
use eightfold_task::lexicon::{Lexicon, Tabular, Teacher};
use eightfold_task::{Example, StepExample};
use std::path::Path;

/// Greedy error of the tabular learner for a cell, exact on the cell's held-out problems. Kept in the cache.
///
/// # Errors
/// If the cell contradicts itself or the cache cannot be used.
pub fn tabular_error(cell: &Cell, cache: &Path) -> Result<f64> {
    let path = cache.join("theory").join(digest(&("theory", RECIPE, cell)) + ".json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return serde_json::from_str(&text)
            .with_context(|| format!("{} does not parse; delete it", path.display()));
    }
    let error = compute(cell)?;
    write_whole(&path, serde_json::to_string(&error)?.as_bytes())?;
    Ok(error)
}

fn compute(cell: &Cell) -> Result<f64> {
    let lexicon = Lexicon::new(cell.world.clone())?;
    let problems = lexicon.problems(cell.problems, cell.seed, "train");
    let taught = Teacher::new(&lexicon).examples(&problems, cell.seed)?;
    let base = Tabular::crowd(&lexicon);
    let sft = base.learn_examples(&taught, PRIOR_WEIGHT)?;
    let seed = cell.seed;
    let store = |sft: &Tabular| {
        let sampling = cell.sampling.as_ref().context("the key `sampling` is missing")?;
        let policy = sft.clone().at_temperature(sampling.temperature);
        Ok::<_, anyhow::Error>(RolloutStore::build(
            &sampling.store,
            &policy,
            &*sampling.verifier(seed),
            &Lines,
            &problems,
            seed,
        )?)
    };
    let step_pairs = |rule: PairRule| {
        Ok::<_, anyhow::Error>(rule.pairs(&store(&sft)?, &Lines, &Fallback::new(&taught), seed).pairs)
    };
    let settings = |beta, nll| PairSettings { beta, nll, ..PairSettings::default() };
    let learned = match &cell.method {
        Method::Sft {} => sft.clone(),
        Method::Rft { rejection, from, .. } => {
            let start = if *from == Start::Sft { &sft } else { &base };
            start.learn_examples(&rejection.examples(store(&sft)?.traces(), seed), PRIOR_WEIGHT)?
        }
        Method::StepDpo { second: Some(_), .. } => anyhow::bail!("there is no theory of a second round"),
        Method::RftBudget { rejection, .. } => {
            let samples = store(&sft)?.draws_per_problem();
            let verifier = cell.sampling.as_ref().context("the key `sampling` is missing")?.verifier(seed);
            let traces = draw_samples(&sft, &*verifier, &problems, samples, seed)?;
            base.learn_examples(&rejection.examples(&traces, seed), PRIOR_WEIGHT)?
        }
        Method::Dpo { pairs, beta, nll, .. } => {
            let pairs = pairs.pairs(store(&sft)?.traces(), &Fallback::new(&taught), seed).pairs;
            sft.learn_pairs(&pairs, &settings(*beta, *nll))?.policy
        }
        Method::StepDpo { rule, beta, nll, .. } => {
            sft.learn_pairs(&step_pairs(*rule)?, &settings(*beta, *nll))?.policy
        }
        Method::ChosenOnly { rule, .. } => {
            let examples: Vec<Example> = chosen_only(&step_pairs(*rule)?);
            sft.learn_examples(&examples, PRIOR_WEIGHT)?
        }
        // A table forgets nothing: reading the same solutions again teaches it nothing new.
        Method::SftContinued { .. } => sft.clone(),
        Method::SingleSolution { by, .. } => {
            let examples = methods::single_solution(*by, &taught, store(&sft)?.traces(), seed);
            base.learn_examples(&examples, PRIOR_WEIGHT)?
        }
        Method::RftInjected { rejection, injection, .. } => {
            let injected = methods::inject(injection, rejection, &lexicon, store(&sft)?.traces(), seed)?;
            base.learn_examples(&injected.examples, PRIOR_WEIGHT)?
        }
        Method::RftFiltered { .. } => {
            base.learn_examples(&by_advantage(cell, &sft, &store(&sft)?)?, PRIOR_WEIGHT)?
        }
        Method::Weighted { .. } => {
            sft.learn_examples(&by_advantage(cell, &sft, &store(&sft)?)?, PRIOR_WEIGHT)?
        }
    };
    Ok(learned.at_temperature(0.0).error(&held_out(&lexicon, &cell.evaluation))?)
}

/// The examples of a method that filters or weights by advantage, one for each step.
fn by_advantage(cell: &Cell, sft: &Tabular, store: &RolloutStore) -> Result<Vec<Example>> {
    let sampling = cell.sampling.as_ref().context("the key `sampling` is missing")?;
    let policy = sft.clone().at_temperature(sampling.temperature);
    let (traces, search) = (store.traces().collect::<Vec<&Trace>>(), &sampling.store.search);
    let verifier = sampling.verifier(cell.seed);
    let (valued, _) = value_samples(&traces, search, &policy, &*verifier, &Lines, cell.seed)?;
    let examples = match &cell.method {
        Method::RftFiltered { rejection, completer, threshold, .. } => {
            filtered(&traces, &valued, rejection, *completer, *threshold, cell.seed)
        }
        Method::Weighted { completer, beta, max, .. } => {
            weighted(&traces, &valued, *completer, AdvantageWeighting::Clipped { beta: *beta, max: *max })
        }
        _ => Vec::new(),
    };
    Ok(examples.iter().flat_map(StepExample::examples).collect())
}
