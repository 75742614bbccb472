//! The theory curve: the same pipeline with the tabular learner in place of the network. Its errors are exact, so it shows
//! what the data of each method are worth to a learner that never slips.

use crate::learners::TableLearner;
use crate::pipeline::{Cell, LearnerConfig, RECIPE, Stages, Trial, World, digest, run};
use crate::worlds::LexiconWorld;
use anyhow::{Context, Result};
use eightfold_harness::write_whole;
use std::path::Path;

/// Greedy error of the tabular learner for a cell, exact on the cell's held-out problems; `None` where the world is no
/// lexicon. Cached.
///
/// # Errors
/// If the cell contradicts itself or the cache cannot be used.
pub fn tabular_error(cell: &Cell, cache: &Path) -> Result<Option<f64>> {
    let Some(config) = cell.world.lexicon() else { return Ok(None) };
    let cell = Cell { learner: LearnerConfig::Table {}, probe: None, ..cell.clone() };
    let path = cache.join("theory").join(digest(&("theory", RECIPE, &cell)) + ".json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        let error = serde_json::from_str(&text);
        return error.with_context(|| format!("{} does not parse; delete it", path.display())).map(Some);
    }
    let world = LexiconWorld::new(config)?;
    let learner = TableLearner::new(world.words());
    let (stages, quiet) = (Stages::new(cache), |_: eightfold_harness::Progress| ());
    let trial = Trial::new(&cell, &world as &dyn World, &learner, &stages, &quiet)?;
    let (metrics, _) = run(&trial)?;
    write_whole(&path, serde_json::to_string(&metrics.error)?.as_bytes())?;
    Ok(Some(metrics.error))
}
