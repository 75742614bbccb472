//! The base model: committed for the default worlds, pretrained once for any other.

use crate::pipeline::{BaseConfig, digest};
use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use eightfold_gpt::{Checkpoint, Engine, GptConfig, Sampler, SamplerConfig, Tokenizer, pretrain};
use eightfold_task::lexicon::{Crowd, Lexicon, LexiconConfig, Story, replay};
use eightfold_task::{Draw, Key, Policy};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that a base depends on: its configuration, and the world with what only problems and teacher
/// see set to the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseRecipe {
    world: LexiconConfig,
    base: BaseConfig,
}

impl BaseRecipe {
    /// The recipe of the base for this world.
    pub fn new(world: &LexiconConfig, base: &BaseConfig) -> Self {
        let default = LexiconConfig::default();
        // The crowd tells stories of its own shape, and learns nothing of the teacher's phrasing, truthfulness or
        // side readings. Whom a question is about is a look-up that it learns in any case (a test says so); its
        // stories are at least as long as the world's.
        let longest = world.people[1].max(Crowd::PEOPLE[1]);
        let people = if longest > Crowd::PEOPLE[1] { world.people } else { default.people };
        let world = LexiconConfig {
            people,
            chain: default.chain,
            asked: default.asked,
            phrasing: default.phrasing,
            side_readings: default.side_readings,
            truthful: default.truthful,
            ..world.clone()
        };
        Self { world, base: base.clone() }
    }

    /// The size of the network for a vocabulary.
    fn size(&self, vocab: usize) -> GptConfig {
        let BaseConfig { width, layers, heads, context, .. } = self.base;
        GptConfig { vocab, context, width, heads, layers }
    }

    /// The folder of the committed base of this recipe, under the root of the repository.
    pub fn committed(&self, root: &Path) -> PathBuf {
        root.join("experiments/base").join(digest(&("base", self)))
    }
}

/// The committed base of the recipe, or the one in the cache; `None` if there is neither.
///
/// # Errors
/// If there is one and it cannot be read, or its vocabulary is not that of the world.
pub fn find(
    recipe: &BaseRecipe,
    root: &Path,
    cache: &Path,
    device: &Device,
    engine: Engine,
) -> Result<Option<Checkpoint>> {
    let cached = cache.join("bases").join(digest(&("base", recipe)));
    let Some(dir) = [recipe.committed(root), cached].into_iter().find(|dir| dir.exists()) else {
        return Ok(None);
    };
    let checkpoint = Checkpoint::load(&dir, device, engine).context("the base checkpoint cannot be used")?;
    let expected = Tokenizer::of_words(&Lexicon::new(recipe.world.clone())?.vocabulary());
    for id in 0..expected.vocab().max(checkpoint.tokenizer.vocab()) as u32 {
        let (want, found) = (expected.word(id), checkpoint.tokenizer.word(id));
        if want != found {
            bail!(
                "{}: token {id} is {found:?}, but the world `world.relations={}` has {want:?}",
                dir.join("tokenizer.json").display(),
                recipe.world.relations
            );
        }
    }
    Ok(Some(checkpoint))
}

/// Pretrains the base of a recipe in the cache and returns it. A run that was killed goes on, and ends with the
/// weights of one that was not.
///
/// # Errors
/// If pretraining fails, or the base makes slips on too many fresh stories.
pub fn train(
    recipe: &BaseRecipe,
    cache: &Path,
    device: &Device,
    engine: Engine,
    renderer: Option<Box<dyn burn::train::renderer::MetricsRenderer>>,
) -> Result<(Checkpoint, Acceptance)> {
    let name = digest(&("base", recipe));
    let lexicon = Arc::new(Lexicon::new(recipe.world.clone())?);
    let tokenizer = Tokenizer::of_words(&lexicon.vocabulary());
    device.seed(recipe.base.pretraining.seed);
    let gpt = recipe.size(tokenizer.vocab()).init(device, engine);
    let teller = lexicon.clone();
    let stories: eightfold_gpt::Stories =
        Arc::new(move |key: Key| Crowd::new(&teller).example(&mut key.rng()));
    let work = cache.join("pretraining").join(&name);
    let resume = last_round(&work.join("checkpoint"));
    let gpt = pretrain(gpt, &tokenizer, &stories, &recipe.base.pretraining, &work, resume, renderer)?;
    let checkpoint = Checkpoint { gpt, tokenizer };
    let acceptance = accept(&checkpoint, &lexicon)?;
    let dir = cache.join("bases").join(&name);
    std::fs::create_dir_all(cache.join("bases"))
        .with_context(|| format!("cannot create {}", dir.display()))?;
    checkpoint.save(&dir, serde_json::to_value(recipe)?)?;
    Ok((checkpoint, acceptance))
}

/// The round to go on after: the last but one with a checkpoint, since a kill may have cut the last one short.
fn last_round(checkpoints: &Path) -> Option<usize> {
    let round = |entry: std::io::Result<std::fs::DirEntry>| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        name.strip_prefix("model-")?.strip_suffix(".bpk")?.parse::<usize>().ok()
    };
    let mut rounds: Vec<usize> = std::fs::read_dir(checkpoints).ok()?.filter_map(round).collect();
    rounds.sort_unstable();
    let (before, last) = (rounds.iter().rev().nth(1)?, rounds.last()?);
    // Checkpoints of older rounds are kept for their loss, without what training needs to go on.
    (before + 1 == *last).then_some(*before)
}

/// How a base does on fresh stories.
#[derive(Clone, Copy, Debug)]
pub struct Acceptance {
    /// Stories tried.
    pub stories: usize,
    /// Stories solved without a slip in copying, looking up or calculating, whatever the readings.
    pub clean: usize,
}

impl Acceptance {
    /// Share of fresh stories that a base should solve without a slip: post-training is to change readings, not
    /// to repair skills.
    pub const GOAL: f64 = 0.995;

    /// Whether the goal is reached.
    pub fn is_reached(&self) -> bool {
        self.clean as f64 >= Self::GOAL * self.stories as f64
    }
}

/// Solves 1,000 fresh problems of the world greedily and replays the operations that were written.
///
/// # Errors
/// If the sampler fails.
pub fn accept(checkpoint: &Checkpoint, lexicon: &Lexicon) -> Result<Acceptance> {
    let problems = lexicon.problems(1000, 0, "base acceptance");
    let max_tokens = checkpoint.gpt.config().context;
    let sampler = Sampler::new(checkpoint, SamplerConfig { temperature: 0.0, max_tokens });
    let key = Key::new(0, "greedy");
    let draws: Vec<Draw> = problems.iter().map(|p| Draw { prompt: p.prompt(), key }).collect();
    let mut clean = 0;
    for (problem, completion) in problems.iter().zip(sampler.complete(&draws)?) {
        let story = Story::parse(lexicon, &problem.question)?;
        clean += usize::from(completion.finished && replay(lexicon, &story, &completion.text).is_clean());
    }
    Ok(Acceptance { stories: problems.len(), clean })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipe() -> BaseRecipe {
        BaseRecipe::new(&LexiconConfig::default(), &BaseConfig::default())
    }

    fn load(root: &Path) -> Result<Option<Checkpoint>> {
        find(&recipe(), root, &root.join("cache"), &Device::flex(), Engine::Fused)
    }

    #[test]
    fn the_committed_base_makes_no_slips() {
        let checkpoint = load(&crate::root()).unwrap().expect("the base of the default world is committed");
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let acceptance = accept(&checkpoint, &lexicon).unwrap();
        assert!(acceptance.stories == 1000 && acceptance.is_reached(), "{acceptance:?}");
    }

    #[test]
    fn the_committed_base_covers_side_branches() {
        let world = LexiconConfig::branching();
        assert_eq!(BaseRecipe::new(&world, &BaseConfig::default()), recipe());
        let checkpoint = load(&crate::root()).unwrap().unwrap();
        let acceptance = accept(&checkpoint, &Lexicon::new(world).unwrap()).unwrap();
        assert!(acceptance.is_reached(), "{acceptance:?}");
    }

    #[test]
    fn a_killed_pretraining_goes_on_after_the_last_whole_round() {
        let dir = tempfile::tempdir().unwrap();
        let rounds = |rounds: &[usize]| {
            let dir = dir.path().join(format!("{rounds:?}"));
            std::fs::create_dir(&dir).unwrap();
            rounds.iter().for_each(|n| std::fs::write(dir.join(format!("model-{n}.bpk")), "").unwrap());
            last_round(&dir)
        };
        assert_eq!([rounds(&[]), rounds(&[1]), rounds(&[1, 5])], [None; 3]);
        assert_eq!([rounds(&[1, 2]), rounds(&[4, 9, 10])], [Some(1), Some(9)]);
        assert_eq!(last_round(&dir.path().join("none")), None);
    }

    #[test]
    fn a_broken_base_is_named() {
        let root = tempfile::tempdir().unwrap();
        assert!(load(root.path()).unwrap().is_none());
        let (from, to) = (recipe().committed(&crate::root()), recipe().committed(root.path()));
        std::fs::create_dir_all(&to).unwrap();
        for file in ["model.safetensors", "config.json", "tokenizer.json"] {
            std::fs::copy(from.join(file), to.join(file)).unwrap();
        }
        assert!(load(root.path()).unwrap().is_some());
        let breaks = |file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, says: &[&str]| {
            let path = to.join(file);
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, change(whole.clone())).unwrap();
            let error = format!("{:#}", load(root.path()).unwrap_err());
            std::fs::write(&path, whole).unwrap();
            assert!(says.iter().all(|says| error.contains(says)), "{error}");
        };
        let edit = |from: &'static str, to: &'static str| {
            move |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replacen(from, to, 1).into_bytes()
        };
        breaks("model.safetensors", &|bytes| bytes[..bytes.len() / 2].to_vec(), &["model.safetensors"]);
        breaks(
            "config.json",
            &edit("\"fingerprint\": \"", "\"fingerprint\": \"0"),
            &["model.safetensors", "hash"],
        );
        breaks("config.json", &edit("\"vocab\": 120", "\"vocab\": 121"), &["tokenizer.json", "120 tokens"]);
        breaks("config.json", &edit("\"width\"", "\"wide\""), &["config.json", "wide"]);
        breaks("tokenizer.json", &edit("\"Ann\"", "\"Anne\""), &["hash"]);
    }

    #[test]
    fn what_only_the_teacher_sees_needs_no_other_base() {
        let same = |world: LexiconConfig| BaseRecipe::new(&world, &BaseConfig::default()) == recipe();
        let hard = LexiconConfig::default;
        assert!(same(LexiconConfig { truthful: true, ..hard() }));
        assert!(same(LexiconConfig { chain: 0.1, phrasing: 0.5, side_readings: 0.5, ..hard() }));
        assert!(same(LexiconConfig::branching()));
        assert!(!same(LexiconConfig { relations: 128, ..hard() }));
        assert!(!same(LexiconConfig::easy()));
    }
}
