//! How long cells take: their work, in examples read by training, and how many of these this processor reads in a
//! second.

use crate::pipeline::{
    Cell, Imitation, Learner, LearnerConfig, Method, NetworkConfig, PairState, Preferring, Sides, Source,
    Split, Weights, World,
};
use crate::place::Place;
use crate::worlds::LexiconWorld;
use anyhow::Result;
use eightfold_gpt::{Budget, TrainConfig, supervised};
use eightfold_harness::{Configuration, Jobs};
use eightfold_task::Key;
use eightfold_task::lexicon::LexiconConfig;
use std::collections::BTreeMap;
use std::time::Instant;

/// Work of one drawn solution, in examples read by training. Measured, as the next two, on figure 7.
const DRAWN: f64 = 0.3;
/// Work of a pit search for each problem.
const SEARCHED: f64 = 9.0;
/// Work, for each problem, of samples that cost as many verifier calls as a pit search.
const AT_BUDGET: f64 = 15.0;
/// Seconds of a calibration, at least.
const CALIBRATION: f64 = 1.0;

/// About how many seconds these cells take, by a calibration on all jobs at once; `None` where they are not all of
/// the small decoder, whose bases are there, or the calibration fails.
pub(crate) fn seconds(cells: &[Cell], place: &Place, jobs: &Jobs) -> Option<f64> {
    let networks: Option<Vec<_>> =
        cells.iter().map(|cell| cell.world.lexicon().zip(cell.learner.network())).collect();
    let (world, config) = *networks?.first()?;
    let calibrate = || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.threads).build().ok()?;
        pool.install(|| examples_a_second(place, world, config)).ok()
    };
    let rate: Option<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.count).map(|_| scope.spawn(calibrate)).collect();
        threads.into_iter().map(|thread| thread.join().ok().flatten()).sum()
    });
    Some(work(cells) / rate?)
}

/// How many examples a job reads in a second of SFT.
fn examples_a_second(place: &Place, world: &LexiconConfig, config: &NetworkConfig) -> Result<f64> {
    let base = place.network(world, config).base()?;
    let world = LexiconWorld::new(world)?;
    let examples = world.given(&world.problems(Split::Validation, 64, 0)?, 0)?;
    let train = TrainConfig { budget: Budget::Updates(4), ..TrainConfig::default() };
    let (start, mut read) = (Instant::now(), 0);
    while start.elapsed().as_secs_f64() < CALIBRATION {
        let key = Key::new(0, "calibration");
        supervised(&base.gpt, &base.tokenizer, &examples, &train, key, &mut |_| {})?;
        read += 4 * train.batch;
    }
    Ok(read as f64 / start.elapsed().as_secs_f64())
}

/// Work of cells that are all run, what they share counted once.
fn work(cells: &[Cell]) -> f64 {
    let mut shared: BTreeMap<String, f64> = BTreeMap::new();
    for cell in cells {
        let most = shared.entry(Configuration::start(cell)).or_default();
        *most = most.max(before(cell));
    }
    cells.iter().map(own).sum::<f64>() + shared.values().sum::<f64>()
}

/// Work that a cell shares with others of the same start: SFT, samples, and the pit search.
fn before(cell: &Cell) -> f64 {
    let Some(sampling) = &cell.sampling else { return 0.0 };
    let sft = cell.learner.sft().map_or(0, |sft| sft.updates(cell.problems) * sft.batch) as f64;
    let samples = DRAWN * (cell.problems * sampling.store.samples) as f64;
    let searched = if searches(&cell.method) { SEARCHED * cell.problems as f64 } else { 0.0 };
    sft + samples + searched
}

/// Whether a method needs the values of steps.
fn searches(method: &Method) -> bool {
    let at_pit = |sides: &Sides| matches!(sides.state, PairState::Pit {});
    match method {
        Method::Untrained { .. } | Method::Sft {} | Method::Online(_) => false,
        Method::Prefer(Preferring { sides, .. }) => at_pit(sides),
        Method::Imitate(Imitation { source: Source::Chosen(sides), .. }) => at_pit(sides),
        Method::Imitate(imitation) => {
            matches!(imitation.weights, Weights::Filtered { .. } | Weights::Advantage { .. })
                || matches!(imitation.source, Source::SamplesAtBudget { .. })
        }
    }
}

/// What a cell does by itself: training and evaluation.
pub(crate) fn own(cell: &Cell) -> f64 {
    let drawn = (cell.evaluation.problems * (1 + cell.evaluation.samples)) as f64;
    let at_budget = match &cell.method {
        Method::Imitate(Imitation { source: Source::SamplesAtBudget { .. }, .. }) => cell.problems as f64,
        Method::Untrained { .. }
        | Method::Sft {}
        | Method::Imitate(_)
        | Method::Prefer(_)
        | Method::Online(_) => 0.0,
    };
    training(cell) + DRAWN * drawn + AT_BUDGET * at_budget
}

/// Examples read by a cell's training.
fn training(cell: &Cell) -> f64 {
    let problems = cell.problems;
    let (sides, items) = match &cell.method {
        Method::Untrained { .. } => (0, 0),
        Method::Sft {} => (1, problems),
        Method::Imitate(imitation) => {
            let kept = imitation.rejection().map_or(4, |rejection| rejection.cap.unwrap_or(8));
            (1, problems * kept)
        }
        Method::Prefer(_) => (2, problems * 3),
        Method::Online(online) => (1, problems * online.rounds),
    };
    let read = match &cell.learner {
        LearnerConfig::Star(star) => {
            let (before, own) = (star.sft.updates, star.train.as_ref().map_or(0, |train| train.updates));
            let measured = (own / star.every + 1) * (cell.evaluation.problems + problems);
            return ((before + own) * star.sft.batch) as f64 + 0.3 * measured as f64;
        }
        learner => learner.train().or(learner.sft()),
    };
    read.map_or(0.0, |train| (sides * train.updates(items) * train.batch) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{self, Recipe};

    #[test]
    fn what_cells_share_is_counted_once() {
        let cell = |recipe| settings::cell(recipe, 256, 0);
        let [step, chosen, sft] =
            [settings::step_dpo(256), settings::chosen_only(256), Recipe::sft()].map(cell);
        let shared = before(&step);
        assert!(shared > 0.0 && shared == before(&chosen) && before(&sft) == 0.0);
        assert_eq!(work(&[step.clone(), chosen.clone()]), own(&step) + own(&chosen) + shared);
        let other = Cell { seed: 1, ..step.clone() };
        assert_eq!(work(&[step.clone(), other.clone()]), work(&[step]) + work(&[other]));
        assert_eq!(work(std::slice::from_ref(&sft)), own(&sft));
    }
}
