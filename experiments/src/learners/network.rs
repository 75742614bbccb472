//! The small decoder, from its committed base.

use super::base::{self, BaseRecipe};
use crate::pipeline::{
    Distributions, Drawing, Impossible, Kept, Learner, Meter, NetworkConfig, Objective, Observer, Operations,
    Plain, Spans, Trained, Training,
};
use anyhow::{Result, bail};
use burn::tensor::Device;
use eightfold_gpt::{
    Checkpoint, Engine, Progress as Update, Sampler, SamplerConfig, next_logps, preference, supervised,
    supervised_steps, token_logps,
};
use eightfold_harness::Progress;
use eightfold_task::lexicon::LexiconConfig;
use eightfold_task::{Policy, Target};
use std::path::{Path, PathBuf};

/// The small decoder.
pub struct NetworkLearner {
    config: NetworkConfig,
    recipe: BaseRecipe,
    root: PathBuf,
    cache: PathBuf,
    device: Device,
    engine: Engine,
}

impl NetworkLearner {
    /// The learner of a world, whose base is looked for under the root of the repository and in the cache.
    pub fn new(
        world: &LexiconConfig,
        config: &NetworkConfig,
        (root, cache): (&Path, &Path),
        (device, engine): (&Device, Engine),
    ) -> Self {
        let recipe = BaseRecipe::new(world, &config.base);
        let (root, cache) = (root.to_owned(), cache.to_owned());
        Self { config: config.clone(), recipe, root, cache, device: device.clone(), engine }
    }
}

impl Learner for NetworkLearner {
    type State = Checkpoint;

    fn name(&self) -> &'static str {
        "network"
    }

    fn base(&self) -> Result<Checkpoint> {
        match base::find(&self.recipe, &self.root, &self.cache, &self.device, self.engine)? {
            Some(checkpoint) => Ok(checkpoint),
            None => bail!("there is no base model for this world; `just base` makes it"),
        }
    }

    fn policy<'a>(&'a self, state: &'a Checkpoint, drawing: &Drawing<'a>) -> Result<Box<dyn Policy + 'a>> {
        if drawing.chat {
            bail!(Impossible::Probe { what: "a chat template", holder: self.name() });
        }
        let max_tokens = state.gpt.config().context;
        let config = SamplerConfig { temperature: drawing.temperature, max_tokens };
        Ok(Box::new(Sampler::new(state, config)))
    }

    fn train(
        &self,
        from: &Checkpoint,
        objective: &Objective<'_, Checkpoint>,
        training: &Training<'_>,
        _observer: &mut Observer<'_, Checkpoint>,
    ) -> Result<Trained<Checkpoint>> {
        let NetworkConfig { sft, train, .. } = &self.config;
        let named = (self.name(), "learner.network.train");
        let (schedule, key) = (training.phase.schedule(named, sft, train.as_ref())?, training.key);
        let Checkpoint { gpt, tokenizer } = from;
        let mut hear = |at: Update| {
            (training.on_progress)(Progress::training(training.name, at.update, at.updates, at.loss));
        };
        let trained = match objective.plain(self.name())? {
            Plain::Likelihood(Spans::Whole(examples)) => {
                supervised(gpt, tokenizer, examples, schedule, key, &mut hear)?
            }
            Plain::Likelihood(Spans::Steps(examples)) => {
                supervised_steps(gpt, tokenizer, examples, schedule, key, &mut hear)?
            }
            Plain::Preference(pairs, loss) => {
                preference(gpt, tokenizer, pairs, &loss, schedule, key, &mut hear)?
            }
        };
        let state = Checkpoint { gpt: trained.gpt, tokenizer: tokenizer.clone() };
        Ok(Trained { state, report: trained.report })
    }

    fn meter<'a>(&'a self, state: &'a Checkpoint) -> Result<Box<dyn Meter + 'a>> {
        Ok(Box::new(DecoderMeter(state)))
    }

    fn distributions(&self) -> Option<&dyn Distributions<Checkpoint>> {
        Some(self)
    }

    fn kept(&self) -> Option<&dyn Kept<Checkpoint>> {
        Some(self)
    }
}

impl Distributions<Checkpoint> for NetworkLearner {
    fn token_logps(&self, state: &Checkpoint, texts: &[(String, Target)]) -> Result<Vec<Vec<f64>>> {
        Ok(token_logps(state, texts)?)
    }

    fn next_logps(&self, state: &Checkpoint, prompts: &[String], words: &[&str]) -> Result<Vec<Vec<f64>>> {
        Ok(next_logps(state, prompts, words)?)
    }
}

impl Kept<Checkpoint> for NetworkLearner {
    fn everything(&self) -> bool {
        false
    }

    fn save(&self, state: &Checkpoint, folder: &Path, made_by: serde_json::Value) -> Result<()> {
        Ok(state.save(folder, made_by)?)
    }

    fn load(&self, folder: &Path) -> Result<Checkpoint> {
        Ok(Checkpoint::load(folder, &self.device, self.engine)?)
    }

    fn release(&self, _folder: &Path) {}
}

/// Counts for the decoder.
struct DecoderMeter<'a>(&'a Checkpoint);

impl Meter for DecoderMeter<'_> {
    fn tokens(&self, text: &str) -> Result<usize> {
        Ok(self.0.tokenizer.encode(text)?.len())
    }

    fn operations(&self) -> Operations {
        let config = self.0.gpt.config();
        let [width, layers, vocab] = [config.width, config.layers, config.vocab].map(|n| n as f64);
        // Queries, keys, values and output: four squares of the width; a feed-forward part of four times it: eight.
        Operations { block: 12.0 * width * width, queries: width, layers, head: width * vocab }
    }
}
