//! Where cells run: folders, a device, what cells share; and which world and learner a cell is of.

use crate::learners::base::{self, BaseRecipe};
use crate::learners::star::base::{Folders, find_or_train, paths};
use crate::learners::star::{StarNetLearner, pretraining::skills};
use crate::learners::{NetworkLearner, TableLearner, pretraining};
use crate::pipeline::{
    Cell, Impossible, Learner, LearnerConfig, Metrics, NetworkConfig, Places, Stages, StarLearner, Trial,
    World, WorldConfig, digest, run,
};
use crate::probe;
use crate::worlds::{LexiconWorld, StarWorld};
use anyhow::Result;
#[cfg(feature = "models")]
use anyhow::{Context, bail};
use burn::tensor::Device;
use eightfold_gpt::{Engine, device};
use eightfold_harness::OnProgress;
use eightfold_harness::{LIFE, Lease};
use eightfold_task::lexicon::LexiconConfig;
use eightfold_task::stargraph::StarConfig;
use std::path::PathBuf;
use std::time::Duration;

/// Where cells run.
pub struct Place {
    /// Root of the repository.
    pub root: PathBuf,
    /// Folder of checkpoints and rollouts.
    pub cache: PathBuf,
    /// The device.
    pub device: Device,
    /// Its name.
    pub device_name: String,
    /// Which implementation of the small decoder.
    pub engine: Engine,
    /// What cells share.
    pub stages: Stages,
    /// A language model and problems of the user's, where there are some.
    #[cfg(feature = "models")]
    pub outside: Option<crate::outside::Outside>,
}

impl Place {
    /// A place with a device of this name and no stage in progress.
    ///
    /// # Errors
    /// If this build or this machine does not have the device.
    pub fn new(root: PathBuf, cache: PathBuf, device_name: &str) -> Result<Self> {
        let engine = if device_name == "flex" { Engine::Fused } else { Engine::Plain };
        let (device, stages) = (device(device_name)?, Stages::new(&cache));
        Ok(Self {
            root,
            cache,
            device,
            device_name: device_name.to_owned(),
            engine,
            stages,
            #[cfg(feature = "models")]
            outside: None,
        })
    }

    /// What a drawing from here has to say of it; nothing where it is the figures' own.
    pub fn note(&self) -> String {
        #[cfg(feature = "models")]
        if let Some(outside) = &self.outside {
            return outside.note();
        }
        String::new()
    }

    /// Where the star graph's bases are.
    pub fn star_folders(&self) -> Folders<'_> {
        Folders { root: &self.root, cache: &self.cache, device: &self.device }
    }

    /// The small decoder of a cell.
    pub fn network(&self, world: &LexiconConfig, config: &NetworkConfig) -> NetworkLearner {
        NetworkLearner::new(world, config, (&self.root, &self.cache), (&self.device, self.engine))
    }

    /// Runs a cell.
    ///
    /// # Errors
    /// [`Impossible`] if its world, learner and method do not go together; training that diverges; a cache that cannot be
    /// used.
    pub fn run(&self, cell: &Cell, on_progress: &OnProgress) -> Result<Metrics> {
        match (&cell.world, &cell.learner) {
            (WorldConfig::Lexicon(config), LearnerConfig::Network(network)) => {
                self.carry_out(cell, &LexiconWorld::new(config)?, &self.network(config, network), on_progress)
            }
            (WorldConfig::Lexicon(config), LearnerConfig::Table {}) => {
                let world = LexiconWorld::new(config)?;
                self.carry_out(cell, &world, &TableLearner::new(world.words()), on_progress)
            }
            (WorldConfig::Star(config), LearnerConfig::Star(star)) => {
                let learner = StarNetLearner::new(config, star, self.star_folders())?;
                self.carry_out(cell, &StarWorld::new(config)?, &learner, on_progress)
            }
            #[cfg(feature = "models")]
            (WorldConfig::Problems(set), LearnerConfig::Folder(folder)) => {
                let outside = self.outside(set, folder)?;
                let learner = outside.learner(folder, &self.stages, &self.device_name)?;
                self.carry_out(cell, &outside.world(), &learner, on_progress)
            }
            (WorldConfig::Lexicon(_) | WorldConfig::Star(_) | WorldConfig::Problems(_), learner) => {
                Err(Impossible::Pair { world: cell.world.name(), learner: learner.name() }.into())
            }
        }
    }

    fn carry_out<L: Learner>(
        &self,
        cell: &Cell,
        world: &dyn World,
        learner: &L,
        on_progress: &OnProgress,
    ) -> Result<Metrics> {
        let trial = Trial::new(cell, world, learner, &self.stages, on_progress)?;
        let (mut metrics, policy) = run(&trial)?;
        if let Some(probe) = &cell.probe {
            metrics.probed =
                Some(probe::measure(probe, &trial, &policy, &|| self.tabular_places(cell, on_progress))?);
        }
        trial.release();
        Ok(metrics)
    }

    /// Where the pits of the tabular learner fall that goes the same way as a cell.
    fn tabular_places(&self, cell: &Cell, on_progress: &OnProgress) -> Result<Places> {
        let (world, learner) = (cell.world.name(), "table");
        let config = cell.world.lexicon().ok_or(Impossible::Pair { world, learner })?;
        let cell = Cell { learner: LearnerConfig::Table {}, ..cell.clone() };
        let world = LexiconWorld::new(config)?;
        let learner = TableLearner::new(world.words());
        probe::exact_places(&Trial::new(&cell, &world, &learner, &self.stages, on_progress)?)
    }

    /// The user's model and problems, if a cell is one of them.
    #[cfg(feature = "models")]
    fn outside(
        &self,
        set: &crate::pipeline::ProblemSet,
        folder: &crate::pipeline::FolderConfig,
    ) -> Result<&crate::outside::Outside> {
        let outside =
            self.outside.as_ref().context("this cell needs a model and problems: --model DIR --data DIR")?;
        if (&folder.model, set) != (&outside.model(), &outside.problems()) {
            bail!("this cell is one of another model or of other problems");
        }
        Ok(outside)
    }

    /// Makes the bases of cells that are neither committed nor in the cache.
    ///
    /// # Errors
    /// If a base cannot be read, trained or kept, or a cell cannot be run here.
    pub fn prepare(&self, cells: &[Cell]) -> Result<()> {
        let mut recipes: Vec<BaseRecipe> = Vec::new();
        let mut stars: Vec<(&StarConfig, &StarLearner)> = Vec::new();
        for cell in cells {
            match (&cell.world, &cell.learner) {
                (WorldConfig::Lexicon(world), LearnerConfig::Network(config)) => {
                    let recipe = BaseRecipe::new(world, &config.base);
                    if !recipes.contains(&recipe) {
                        recipes.push(recipe);
                    }
                }
                (WorldConfig::Star(world), LearnerConfig::Star(config)) => {
                    StarNetLearner::new(world, config, self.star_folders())?;
                    StarWorld::new(world)?;
                    if !stars.iter().any(|(known, star)| *known == world && star.base == config.base) {
                        stars.push((world, config));
                    }
                }
                #[cfg(feature = "models")]
                (WorldConfig::Problems(set), LearnerConfig::Folder(folder)) => {
                    self.outside(set, folder)?.check(cell)?;
                }
                (WorldConfig::Lexicon(_) | WorldConfig::Star(_) | WorldConfig::Problems(_), _) => {}
            }
        }
        recipes.iter().try_for_each(|recipe| self.make_base(recipe))?;
        stars.into_iter().try_for_each(|(world, config)| self.make_star_base(world, config))
    }

    /// Pretrains one base, or waits for another run that does.
    fn make_base(&self, recipe: &BaseRecipe) -> Result<()> {
        let lease = self.cache.join("bases").join(format!("{}.lease", digest(recipe)));
        let mut told = false;
        while base::find(recipe, &self.root, &self.cache, &self.device, self.engine)?.is_none() {
            let Some(_lease) = Lease::take(&lease, LIFE)? else {
                if !std::mem::replace(&mut told, true) {
                    eprintln!("waiting for the base model that another run is pretraining");
                }
                std::thread::sleep(Duration::from_secs(1));
                continue;
            };
            eprintln!(
                "there is no base model for this world yet: pretraining one (minutes; kept in the cache)"
            );
            let lines = Some(Box::new(pretraining::Lines::new()) as Box<_>);
            let (_, acceptance) = base::train(recipe, &self.cache, &self.device, self.engine, lines)?;
            eprintln!("base: {} of {} fresh stories without a slip", acceptance.clean, acceptance.stories);
            if !acceptance.is_reached() {
                eprintln!(
                    "warning: this base lacks skills that post-training takes for granted; \
                     --set learner.base.pretraining.rounds=N"
                );
            }
        }
        Ok(())
    }

    fn make_star_base(&self, world: &StarConfig, config: &StarLearner) -> Result<()> {
        let (base, folders) = (&config.base, self.star_folders());
        if paths(world, base, &folders).iter().any(|path| path.exists()) {
            return Ok(());
        }
        eprintln!("there is no base {} for this world yet: pretraining one (kept in the cache)", base.seed);
        let net = find_or_train(world, base, &folders, &mut |_| {})?;
        eprintln!("base {}: {}", base.seed, skills(&net, world));
        Ok(())
    }
}
