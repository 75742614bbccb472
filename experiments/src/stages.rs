//! What several cells share: the base, the SFT checkpoint, the rollout store. Computed once and kept in the
//! cache, where a killed run finds them again.

use crate::base::{self, BaseRecipe};
use crate::cell::{Cell, RECIPE, Sampling, digest};
use crate::doing::{Doing, Watch};
use crate::lease::{self, Lease};
use crate::metrics::StageCost;
use crate::shared::Stages;
use crate::store::write_whole;
use anyhow::{Context as _, Result, bail};
use burn::tensor::Device;
use eightfold_gpt::{Checkpoint, Engine, Progress, Sampler, SamplerConfig, TrainReport, supervised};
use eightfold_segment::Lines;
use eightfold_synth::{RolloutStore, Trace, draw_samples};
use eightfold_task::{Example, Key, Problem};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where runs happen: folders, device, and locks on the stages being computed.
pub struct Workplace {
    /// Root of the repository.
    pub root: PathBuf,
    /// Folder of checkpoints and rollouts.
    pub cache: PathBuf,
    /// The device.
    pub device: Device,
    /// Which implementation of the network.
    pub engine: Engine,
    stages: Stages,
}

/// A trained stage.
pub struct SftStage {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// Its training.
    pub report: TrainReport,
    /// What it took when it was computed.
    pub cost: StageCost,
}

/// A rollout store and what it took.
pub struct RolloutStage {
    /// The store.
    pub store: RolloutStore,
    /// Seconds of sampling and searching together.
    pub seconds: f64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SftSummary {
    report: TrainReport,
    cost: StageCost,
}

impl Workplace {
    /// A workplace with no stage in progress.
    pub fn new(root: PathBuf, cache: PathBuf, device: Device, engine: Engine) -> Self {
        let stages = Stages::new(&cache);
        Self { root, cache, device, engine, stages }
    }

    /// [`Stages::alone`].
    pub(crate) fn alone<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        self.stages.alone(name, work)
    }

    /// Pretrains the bases of cells that are neither committed nor in the cache.
    ///
    /// # Errors
    /// If a base cannot be read, trained or kept.
    pub fn make_bases(&self, cells: &[Cell]) -> Result<()> {
        let mut recipes: Vec<BaseRecipe> = Vec::new();
        for cell in cells {
            let recipe = BaseRecipe::new(&cell.world, &cell.base);
            if !recipes.contains(&recipe) {
                recipes.push(recipe);
            }
        }
        recipes.iter().try_for_each(|recipe| self.make_base(recipe))
    }

    /// Pretrains one base, or waits for another run that does.
    fn make_base(&self, recipe: &BaseRecipe) -> Result<()> {
        let lease = self.cache.join("bases").join(format!("{}.lease", digest(recipe)));
        let mut told = false;
        while base::find(recipe, &self.root, &self.cache, &self.device, self.engine)?.is_none() {
            let Some(_lease) = Lease::take(&lease, lease::LIFE)? else {
                if !std::mem::replace(&mut told, true) {
                    eprintln!("waiting for the base model that another run is pretraining");
                }
                std::thread::sleep(Duration::from_secs(1));
                continue;
            };
            eprintln!(
                "there is no base model for this world yet: pretraining one (minutes; kept in the cache)"
            );
            let lines = Some(Box::new(crate::pretraining::Lines::new()) as Box<_>);
            let (_, acceptance) = base::train(recipe, &self.cache, &self.device, self.engine, lines)?;
            eprintln!("base: {} of {} fresh stories without a slip", acceptance.clean, acceptance.stories);
            if !acceptance.is_reached() {
                eprintln!(
                    "warning: this base lacks skills that post-training takes for granted; --set base.pretraining.rounds=N"
                );
            }
        }
        Ok(())
    }

    /// The base model of a cell.
    ///
    /// # Errors
    /// If it was not made yet ([`Workplace::make_bases`] does) or cannot be read.
    pub fn base(&self, cell: &Cell) -> Result<Checkpoint> {
        let recipe = BaseRecipe::new(&cell.world, &cell.base);
        match base::find(&recipe, &self.root, &self.cache, &self.device, self.engine)? {
            Some(checkpoint) => Ok(checkpoint),
            None => bail!("there is no base model for this world; `just base` makes it"),
        }
    }

    /// The SFT checkpoint of a cell: the base trained on the teacher's solutions.
    ///
    /// # Errors
    /// If training fails, or the cache cannot be read or written.
    pub fn sft(&self, cell: &Cell, taught: &[Example], watch: &Watch) -> Result<SftStage> {
        let name = format!("sft-{}", digest(&sft_key(cell)));
        let dir = self.cache.join("stages").join(&name);
        self.alone(&name, || {
            let summary = dir.join("summary.json");
            if summary.exists() {
                let SftSummary { report, cost } = read_json(&summary)?;
                let checkpoint = Checkpoint::load(&dir, &self.device, self.engine)?;
                return Ok(SftStage { checkpoint, report, cost });
            }
            let base = self.base(cell)?;
            let start = Instant::now();
            let key = Key::new(cell.seed, "sft");
            let mut tell = |at: Progress| watch(Doing::training("sft", at));
            let trained = supervised(&base.gpt, &base.tokenizer, taught, &cell.sft, key, &mut tell)?;
            let checkpoint = Checkpoint { gpt: trained.gpt, tokenizer: base.tokenizer };
            let cost = training_cost(&checkpoint, &trained.report, start);
            std::fs::create_dir_all(self.cache.join("stages"))
                .with_context(|| format!("cannot create {}", dir.display()))?;
            checkpoint.save(&dir, serde_json::to_value(sft_key(cell))?)?;
            // Last, so that a folder with a summary is complete.
            let text = serde_json::to_string_pretty(&SftSummary { report: trained.report.clone(), cost })?;
            write_whole(&summary, text.as_bytes())?;
            Ok(SftStage { checkpoint, report: trained.report, cost })
        })
    }

    /// Samples and pit searches of the SFT policy of a cell on its problems.
    ///
    /// # Errors
    /// If the policy fails, or the cache cannot be read or written.
    pub fn rollouts(
        &self,
        cell: &Cell,
        sampling: &Sampling,
        sft: &Checkpoint,
        problems: &[Problem],
        watch: &Watch,
    ) -> Result<RolloutStage> {
        let name = format!("rollouts-{}", digest(&(sft_key(cell), sampling)));
        let path = self.cache.join("stages").join(format!("{name}.jsonl"));
        let seconds_path = path.with_extension("seconds.json");
        self.alone(&name, || {
            if path.exists() {
                return Ok(RolloutStage {
                    store: RolloutStore::load(&path)?,
                    seconds: read_json(&seconds_path)?,
                });
            }
            watch(Doing::stage("samples and rollouts"));
            let start = Instant::now();
            let (policy, verifier) = (policy(sft, sampling.temperature), sampling.verifier(cell.seed));
            let store =
                RolloutStore::build(&sampling.store, &policy, &*verifier, &Lines, problems, cell.seed)?;
            let seconds = start.elapsed().as_secs_f64();
            write_whole(&seconds_path, serde_json::to_string(&seconds)?.as_bytes())?;
            store.save(&path)?;
            Ok(RolloutStage { store, seconds })
        })
    }

    /// Solutions of the SFT policy alone, more than the rollout store has: for the control with its budget.
    ///
    /// # Errors
    /// If the policy fails.
    pub fn samples(
        &self,
        cell: &Cell,
        sampling: &Sampling,
        sft: &Checkpoint,
        problems: &[Problem],
        count: usize,
    ) -> Result<Vec<Trace>> {
        let (policy, verifier) = (policy(sft, sampling.temperature), sampling.verifier(cell.seed));
        Ok(draw_samples(&policy, &*verifier, problems, count, cell.seed)?)
    }
}

/// A network as the policy that is sampled from.
pub(crate) fn policy(checkpoint: &Checkpoint, temperature: f64) -> Sampler {
    let max_tokens = checkpoint.gpt.config().context;
    Sampler::new(checkpoint, SamplerConfig { temperature, max_tokens })
}

/// All that the SFT checkpoint of a cell depends on.
pub(crate) fn sft_key(cell: &Cell) -> impl Serialize {
    ("sft", RECIPE, &cell.world, &cell.base, cell.problems, cell.seed, &cell.sft)
}

/// What training took.
pub fn training_cost(checkpoint: &Checkpoint, report: &TrainReport, start: Instant) -> StageCost {
    let config = checkpoint.gpt.config();
    // A token attends to half of its text on average, and a text fills about two thirds of the context.
    let forward = config.flops(config.context as f64 / 3.0);
    StageCost {
        trained: report.tokens,
        flops: forward * (3.0 * report.tokens as f64 + report.reference_tokens as f64),
        seconds: start.elapsed().as_secs_f64(),
        ..StageCost::default()
    }
}

/// What drawing completions took.
pub fn sampling_cost(checkpoint: &Checkpoint, cost: eightfold_advantage::Cost, seconds: f64) -> StageCost {
    let config = checkpoint.gpt.config();
    let flops = config.flops(config.context as f64 / 3.0) * cost.tokens as f64;
    StageCost { sampled: cost.tokens, verified: cost.draws, flops, seconds, trained: 0 }
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not parse; delete it", path.display()))
}
