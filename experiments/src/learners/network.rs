//! The small decoder, from its committed base.

use super::base::{self, BaseRecipe};
use crate::pipeline::{
    Anchor, Distributions, Drawing, Impossible, Kept, Learner, Likelihood, Meter, NetworkConfig, Objective,
    Observer, Operations, PairLoss, Phase, Preference, Reference, Spans, Trained, Training,
};
use anyhow::{Result, bail};
use burn::tensor::Device;
use eightfold_gpt::{
    Checkpoint, Engine, Progress as Update, Sampler, SamplerConfig, TrainConfig, next_logps, preference,
    supervised, supervised_steps, token_logps,
};
use eightfold_harness::Progress;
use eightfold_loss::DpoNll;
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

    fn schedule(&self, phase: Phase) -> Result<&TrainConfig> {
        match phase {
            Phase::Sft => Ok(&self.config.sft),
            Phase::SftUntil(_) => bail!(Impossible::Objective {
                learner: self.name(),
                what: "a part of supervised training: its rate falls over the whole"
            }),
            Phase::Method => Ok(self
                .config
                .train
                .as_ref()
                .ok_or(Impossible::Key { method: "that trains", key: "learner.network.train" })?),
        }
    }

    fn impossible(&self, what: &'static str) -> Impossible {
        Impossible::Objective { learner: self.name(), what }
    }
}

/// Whether a text counts against itself.
fn is_negative(spans: Spans<'_>) -> bool {
    match spans {
        Spans::Whole(examples) => examples.iter().any(|example| example.weight < 0.0),
        Spans::Steps(examples) => examples.iter().flat_map(|e| &e.steps).any(|step| step.weight < 0.0),
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
        let (schedule, key) = (self.schedule(training.phase)?, training.key);
        let Checkpoint { gpt, tokenizer } = from;
        let mut hear = |at: Update| {
            (training.on_progress)(Progress::training(training.name, at.update, at.updates, at.loss));
        };
        let trained = match objective {
            Objective::Likelihood(Likelihood {
                spans,
                tempered: None,
                clip: None,
                anchor: Anchor::None {},
            }) => {
                if is_negative(*spans) {
                    bail!(self.impossible("texts of negative weight"));
                }
                match spans {
                    Spans::Whole(examples) => supervised(gpt, tokenizer, examples, schedule, key, &mut hear)?,
                    Spans::Steps(examples) => {
                        supervised_steps(gpt, tokenizer, examples, schedule, key, &mut hear)?
                    }
                }
            }
            Objective::Preference(Preference { pairs, loss, anchor, reference: Reference::Start }) => {
                let PairLoss::Dpo { beta } = *loss;
                let nll = match *anchor {
                    Anchor::None {} => 0.0,
                    Anchor::Chosen { weight } => weight,
                    Anchor::Masked { .. } | Anchor::Kl { .. } => bail!(self.impossible("this anchor")),
                };
                preference(gpt, tokenizer, pairs, &DpoNll { beta, nll }, schedule, key, &mut hear)?
            }
            Objective::Preference(Preference { reference: Reference::Other(_), .. }) => {
                bail!(self.impossible("pairs whose reference is another state than the start"))
            }
            Objective::Likelihood(_) => bail!(self.impossible("scaled logits, clipped ratios or an anchor")),
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
