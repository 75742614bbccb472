//! Language models from folders in the form of Hugging Face. Every state is a folder that `transformers` loads.

mod policy;
mod training;

use crate::pipeline::{
    Drawing, FolderConfig, Kept, Learner, Meter, Objective, Observer, Operations, Phase, Plain, Stages,
    Trained, Training, digest,
};
use anyhow::{Context, Result, bail};
use eightfold_models::{Config, Model, Outline, Tuning};
use eightfold_task::Policy;
pub use policy::{KeptPolicy, ask};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A language model from a folder.
pub struct FolderLearner<'a> {
    folder: PathBuf,
    config: FolderConfig,
    stages: &'a Stages,
    device: String,
    stays: bool,
}

/// Tells the unfinished folders of one process apart.
static UNFINISHED: AtomicUsize = AtomicUsize::new(0);

impl<'a> FolderLearner<'a> {
    /// The model of a folder, trained and sampled on a device of this name. `stays` keeps the states of finished cells.
    ///
    /// # Errors
    /// If completions could have no token, or would end at an empty text.
    pub fn new(
        folder: &Path,
        config: &FolderConfig,
        stages: &'a Stages,
        device: &str,
        stays: bool,
    ) -> Result<Self> {
        if config.length.max_tokens == 0 {
            bail!("`learner.folder.length.max_tokens` is 0, but must be at least 1");
        }
        if config.length.stop.iter().any(String::is_empty) {
            bail!("`learner.folder.length.stop` has an empty text");
        }
        let (folder, device) = (folder.to_owned(), device.to_owned());
        Ok(Self { folder, config: config.clone(), stages, device, stays })
    }

    fn tuning(&self, phase: Phase) -> Result<Tuning> {
        let FolderConfig { sft, train, .. } = &self.config;
        let named = (self.name(), "learner.folder.train");
        let schedule = phase.schedule(named, sft, train.as_ref())?;
        let FolderConfig { micro, recompute, lora, .. } = self.config.clone();
        Ok(Tuning { schedule: schedule.clone(), micro, recompute, lora, device: self.device.clone() })
    }

    fn journal(&self, name: &str) -> PathBuf {
        self.stages.path(&format!("{name}.journal.jsonl"))
    }

    /// Where a state is written before it has a name.
    fn unfinished(&self) -> PathBuf {
        let number = UNFINISHED.fetch_add(1, Ordering::Relaxed);
        self.stages.path(&format!("unfinished-{}-{number}", std::process::id()))
    }
}

impl Learner for FolderLearner<'_> {
    type State = PathBuf;

    fn name(&self) -> &'static str {
        "folder"
    }

    fn base(&self) -> Result<PathBuf> {
        Ok(self.folder.clone())
    }

    fn policy<'b>(&'b self, state: &'b PathBuf, drawing: &Drawing<'b>) -> Result<Box<dyn Policy + 'b>> {
        let (length, journal) = (&self.config.length, self.journal(drawing.name));
        Ok(Box::new(policy::FolderPolicy::open(state, &self.device, length, &journal, drawing)?))
    }

    fn train(
        &self,
        from: &PathBuf,
        objective: &Objective<'_, PathBuf>,
        training: &Training<'_>,
        _observer: &mut Observer<'_, PathBuf>,
    ) -> Result<Trained<PathBuf>> {
        let (tuning, mut model) = (self.tuning(training.phase)?, Model::open(from)?);
        let report = match objective.plain(self.name())? {
            Plain::Likelihood(spans) => training::imitate(&mut model, spans, &tuning, training)?,
            Plain::Preference(pairs, loss) => {
                // The base may be any folder of that name.
                let start = from.file_name().map(|name| name.to_string_lossy());
                let name = format!("logps-{}", digest(&(&self.config.model, start)));
                let logps = self.stages.path(&name);
                // Another cell of the same start may be computing its own.
                self.stages
                    .alone(&name, || training::prefer(&mut model, pairs, &loss, &tuning, &logps, training))?
            }
        };
        let state = self.unfinished();
        let stages = self.stages.path("");
        std::fs::create_dir_all(&stages).with_context(|| format!("cannot create {}", stages.display()))?;
        model.save(&state)?;
        Ok(Trained { state, report })
    }

    fn meter<'b>(&'b self, state: &'b PathBuf) -> Result<Box<dyn Meter + 'b>> {
        Ok(Box::new(ModelMeter(Outline::open(state)?)))
    }

    fn passes(&self) -> f64 {
        // A backward pass has one product for the inputs and one for the weights; adapters need nearly none of the latter.
        let passes = if self.config.lora.is_some() { 2.0 } else { 3.0 };
        passes + f64::from(u8::from(self.config.recompute))
    }

    fn forget_draws(&self, name: &str) {
        drop(std::fs::remove_file(self.journal(name)));
    }

    fn kept(&self) -> Option<&dyn Kept<PathBuf>> {
        Some(self)
    }
}

impl Kept<PathBuf> for FolderLearner<'_> {
    fn everything(&self) -> bool {
        true
    }

    fn save(&self, state: &PathBuf, folder: &Path, _made_by: serde_json::Value) -> Result<()> {
        std::fs::rename(state, folder)
            .with_context(|| format!("cannot move {} to {}", state.display(), folder.display()))
    }

    fn load(&self, folder: &Path) -> Result<PathBuf> {
        Ok(folder.to_owned())
    }

    fn release(&self, folder: &Path) {
        if !self.stays {
            drop(std::fs::remove_dir_all(folder));
            drop(std::fs::remove_file(folder.with_extension("json")));
        }
    }
}

/// Counts for a language model.
struct ModelMeter(Outline);

impl Meter for ModelMeter {
    fn tokens(&self, text: &str) -> Result<usize> {
        Ok(self.0.text.encode(text, false)?.len())
    }

    fn prompt_tokens(&self, text: &str) -> Result<usize> {
        Ok(self.0.text.encode(text, true)?.len())
    }

    fn operations(&self) -> Operations {
        let Config { width, inner, layers, heads, kv_heads, head, vocab, .. } = &self.0.config;
        let [width, inner, queries, layers, vocab] =
            [*width, *inner, heads * head, *layers, *vocab].map(|n| n as f64);
        let keys = (kv_heads * head) as f64;
        let block = 2.0 * width * queries + 2.0 * width * keys + 3.0 * width * inner;
        Operations { block, queries, layers, head: width * vocab }
    }
}
