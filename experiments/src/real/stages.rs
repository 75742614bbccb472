//! What cells share, computed once and kept: checkpoints as model folders, samples and rollouts as a store.

use super::cell::RealCell;
use super::cost::Operations;
use super::place::RealPlace;
use super::policy::KeptPolicy;
use crate::cell::Sampling;
use crate::doing::Watch;
use crate::metrics::StageCost;
use crate::stages::read_json;
use crate::store::write_whole;
use anyhow::{Context, Result};
use eightfold_advantage::Rollouts;
use eightfold_gpt::TrainReport;
use eightfold_journal::Journal;
use eightfold_models::{Model, Remote, fingerprint};
use eightfold_segment::Lines;
use eightfold_synth::{Record, RolloutStore};
use eightfold_task::Problem;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A trained model in a folder.
pub(super) struct Checkpoint {
    /// In the form of Hugging Face.
    pub(super) folder: PathBuf,
    pub(super) report: TrainReport,
    /// What it took when it was computed.
    pub(super) cost: StageCost,
}

/// How training went and what it took.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Summary {
    pub(super) report: TrainReport,
    pub(super) cost: StageCost,
}

/// Samples and rollouts, and what they took.
pub(super) struct Drawn {
    pub(super) store: RolloutStore,
    pub(super) sampling: StageCost,
    pub(super) rollouts: StageCost,
}

impl RealPlace {
    /// The checkpoint of this name: that of the cache, or what `train` makes of the model in `start`.
    pub(super) fn checkpoint(
        &self,
        name: &str,
        start: &Path,
        train: impl FnOnce(&mut Model) -> Result<Summary>,
    ) -> Result<Checkpoint> {
        let folder = self.stages.path(name);
        self.stages.alone(name, || {
            let path = self.stages.path(&format!("{name}.json"));
            if !folder.exists() {
                let mut model = Model::open(start)?;
                let summary = train(&mut model)?;
                write_whole(&path, serde_json::to_string_pretty(&summary)?.as_bytes())?;
                // Last, since a folder appears whole.
                model.save(&folder)?;
            }
            let Summary { report, cost } = read_json(&path)?;
            Ok(Checkpoint { folder: folder.clone(), report, cost })
        })
    }

    /// Samples and pit searches of the SFT policy of a cell on its problems.
    pub(super) fn rollouts(
        &self,
        cell: &RealCell,
        sft: &Checkpoint,
        problems: &[Problem],
        watch: &Watch,
    ) -> Result<Drawn> {
        let sampling = cell
            .sampling
            .as_ref()
            .with_context(|| format!("a cell of method `{}` needs the key `sampling`", cell.method.name()))?;
        let name = format!("rollouts-{}", cell.rollouts_name());
        let path = self.stages.path(&format!("{name}.jsonl"));
        let seconds_path = path.with_extension("seconds.json");
        let model = Model::open(&sft.folder)?;
        self.stages.alone(&name, || {
            if !path.exists() {
                let start = Instant::now();
                let store = self.draw(cell, sampling, (&model, &sft.folder), problems, &name, watch)?;
                let seconds = start.elapsed().as_secs_f64();
                write_whole(&seconds_path, serde_json::to_string(&seconds)?.as_bytes())?;
                store.save(&path)?;
                drop(std::fs::remove_file(self.journal(&name)));
            }
            Drawn::new(&model, RolloutStore::load(&path)?, read_json(&seconds_path)?)
        })
    }

    fn draw(
        &self,
        cell: &RealCell,
        Sampling { temperature, store, .. }: &Sampling,
        (model, folder): (&Model, &Path),
        problems: &[Problem],
        name: &str,
        watch: &Watch,
    ) -> Result<RolloutStore> {
        let journal = Journal::open(&self.journal(name))?;
        let watch = ("samples and rollouts", watch);
        let remote = Remote::new(model, &self.device)?;
        let policy = (model, fingerprint(folder)?, remote.as_ref());
        let policy = KeptPolicy::new(policy, *temperature, &cell.length, &journal, watch);
        let verifier = cell.sampling.as_ref().expect("it was found").verifier(cell.seed);
        Ok(RolloutStore::build(store, &policy, &*verifier, &Lines, problems, cell.seed)?)
    }

    /// Removes a checkpoint that no other cell needs.
    pub(super) fn forget(&self, checkpoint: &Path) {
        drop(std::fs::remove_dir_all(checkpoint));
        drop(std::fs::remove_file(checkpoint.with_extension("json")));
    }

    /// Where the completions of a stage are kept until it is whole.
    pub(super) fn journal(&self, name: &str) -> PathBuf {
        self.stages.path(&format!("{name}.journal.jsonl"))
    }
}

impl Drawn {
    fn new(model: &Model, store: RolloutStore, seconds: f64) -> Result<Self> {
        let (mut sampling, mut rollouts) = (StageCost::default(), StageCost::default());
        for record in &store.records {
            add(&mut sampling, sampled(model, record)?);
            add(&mut rollouts, searched(model, record)?);
        }
        let share = seconds / (sampling.sampled + rollouts.sampled).max(1) as f64;
        sampling.seconds = share * sampling.sampled as f64;
        rollouts.seconds = share * rollouts.sampled as f64;
        Ok(Self { store, sampling, rollouts })
    }
}

/// What the samples of a problem took.
pub(super) fn sampled(model: &Model, record: &Record) -> Result<StageCost> {
    let prompt = model.text().encode(&record.trace.problem.prompt(), true)?.len();
    let cost = record.trace.cost();
    let flops = Operations(model.config()).draw(prompt, cost.draws as usize, cost.tokens);
    Ok(StageCost { sampled: cost.tokens, verified: cost.draws, flops, ..StageCost::default() })
}

/// What the rollouts from the prefixes of a problem's wrong samples took.
fn searched(model: &Model, record: &Record) -> Result<StageCost> {
    let (operations, mut sum) = (Operations(model.config()), StageCost::default());
    for search in &record.searches {
        let steps = record.steps(search);
        for (at, Rollouts { draws, tokens }) in search.evidence.steps.iter().enumerate() {
            let prompt = record.trace.problem.prompt() + steps.prefix(at + 1);
            let prompt = model.text().encode(&prompt, true)?.len();
            let flops = operations.draw(prompt, draws.len(), *tokens);
            let verified = draws.len() as u64;
            add(&mut sum, StageCost { sampled: *tokens, verified, flops, ..StageCost::default() });
        }
    }
    Ok(sum)
}

/// Adds what another part of a stage took.
pub(super) fn add(sum: &mut StageCost, part: StageCost) {
    sum.sampled += part.sampled;
    sum.trained += part.trained;
    sum.verified += part.verified;
    sum.flops += part.flops;
    sum.seconds += part.seconds;
}
