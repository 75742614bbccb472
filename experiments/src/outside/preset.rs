//! The cells of a run on a language model: which sizes, seeds and methods, and with which settings.

use super::Outside;
use crate::arm::Arm;
use crate::pipeline::{
    Author, Cell, Evaluation, FolderConfig, LearnerConfig, Length, Method, PairState, Probe, Sampling, Sides,
    Source, Split, WorldConfig,
};
use crate::settings::{self, Recipe, World};
use anyhow::{Result, bail};
use eightfold_advantage::{Completer, MonteCarlo, PitRule};
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_harness::Preset;
use eightfold_models::Tuning;
use eightfold_synth::{Rejection, ResponsePairs, StoreSettings};

/// All methods of figure 7, in the order in which they are drawn.
pub(super) fn methods() -> [Method; 9] {
    let (beta, nll, train, rejection) = (0.1, 0.1, TrainConfig::default(), Rejection::default());
    let untrained = |chat| Recipe { method: Method::Untrained { chat }, train: None };
    let recipes = [
        untrained(false),
        untrained(true),
        Recipe::sft(),
        settings::rft_of(rejection, train.clone()),
        Recipe::dpo_of(Sides::solutions(ResponsePairs::default()), beta, nll, train.clone()),
        Recipe::dpo_of(Sides::at_pit(), beta, nll, train.clone()),
        settings::chosen_only_of(train.clone()),
        settings::rft_budget_of(rejection, train.clone()),
        settings::sft_continued_of(train),
    ];
    recipes.map(|recipe| recipe.method)
}

/// The arms that they are.
pub(super) fn arms() -> impl Iterator<Item = Arm> {
    methods().into_iter().filter_map(|method| method.name().parse().ok())
}

/// Their names.
pub(super) fn names() -> [&'static str; 9] {
    methods().map(|method| method.name())
}

/// What the command line says of a run beside its preset.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Training problems.
    pub sizes: Option<Vec<usize>>,
    /// Names of methods.
    pub methods: Option<Vec<String>>,
    /// Seeds, from 0.
    pub seeds: Option<u64>,
}

/// What a preset runs, as far as the command line does not say otherwise.
struct Defaults {
    sizes: &'static [usize],
    seeds: u64,
    samples: usize,
    rollouts: usize,
    max_tokens: usize,
    /// Longest answer of a model asked by its chat, which was not taught to be brief.
    chat_tokens: usize,
    evaluation: Evaluation,
    /// How long SFT and RFT train, and on how many examples at a time.
    imitation: (Budget, usize),
    /// The same of both kinds of DPO, and of the control on their chosen sides.
    preference: (Budget, usize),
    rates: Rates,
}

/// Highest learning rates.
struct Rates {
    sft: f64,
    rft: f64,
    dpo: f64,
    step_dpo: f64,
    chosen_only: f64,
}

impl Rates {
    /// One for imitation, one for preference.
    fn two(imitation: f64, preference: f64) -> Self {
        let [sft, rft] = [imitation; 2];
        let [dpo, step_dpo, chosen_only] = [preference; 3];
        Self { sft, rft, dpo, step_dpo, chosen_only }
    }
}

fn defaults(preset: Preset) -> Defaults {
    let evaluation = |problems, samples| Evaluation { split: Split::Test, problems, samples };
    match preset {
        // Seconds with a tiny model: whether everything works.
        Preset::Smoke => Defaults {
            sizes: &[4],
            seeds: 1,
            samples: 2,
            rollouts: 2,
            max_tokens: 12,
            chat_tokens: 16,
            evaluation: evaluation(4, 2),
            imitation: (Budget::Epochs(2), 4),
            preference: (Budget::Epochs(1), 4),
            rates: Rates::two(1e-3, 1e-3),
        },
        // Hours with 135 million weights on two cores.
        Preset::Quick | Preset::Standard => Defaults {
            sizes: &[64, 256],
            seeds: 3,
            samples: 4,
            rollouts: 4,
            max_tokens: 96,
            chat_tokens: 256,
            evaluation: evaluation(200, 4),
            imitation: (Budget::Epochs(3), 8),
            preference: (Budget::Updates(24), 16),
            // The best of three each on SVAMP's validation problems, with SmolLM2-135M-Instruct (LOG.md).
            rates: Rates { sft: 3e-5, rft: 3e-5, dpo: 1e-6, step_dpo: 1e-6, chosen_only: 1e-5 },
        },
        // For a device.
        Preset::Full => Defaults {
            sizes: &[512, 1024, 2048, 4096],
            seeds: 3,
            samples: 8,
            rollouts: 5,
            max_tokens: 320,
            chat_tokens: 512,
            evaluation: evaluation(1319, 8),
            imitation: (Budget::Epochs(3), 32),
            preference: (Budget::Epochs(1), 32),
            rates: Rates::two(2e-5, 1e-6),
        },
    }
}

impl Outside {
    /// The cells of figure 7 here, those of one seed and size together, the untrained model first.
    ///
    /// # Errors
    /// If a method is unknown, or there is nothing to run.
    pub fn cells(&self, asked: &Asked, preset: Preset) -> Result<Vec<Cell>> {
        let defaults = defaults(preset);
        let sizes = asked.sizes.clone().unwrap_or_else(|| defaults.sizes.to_vec());
        let seeds = asked.seeds.unwrap_or(defaults.seeds);
        if sizes.is_empty()
            || sizes.contains(&0)
            || seeds == 0
            || asked.methods.as_ref().is_some_and(Vec::is_empty)
        {
            bail!("--sizes and --seeds are at least 1, and --methods names one at least");
        }
        let unknown = |name: &&String| !names().contains(&name.as_str());
        if let Some(unknown) = asked.methods.iter().flatten().find(unknown) {
            bail!("--methods: there is no method `{unknown}`; there are {}", names().join(", "));
        }
        let wanted = |method: &Method| match &asked.methods {
            Some(methods) => methods.iter().any(|name| name == method.name()),
            None => self.chat || *method != Method::Untrained { chat: true },
        };
        let (trained, untrained): (Vec<Method>, Vec<Method>) =
            methods().into_iter().filter(wanted).partition(Method::trains);
        let cell = |method: &Method, size, seed| self.own_cell(method.clone(), size, seed, &defaults);
        let mut cells: Vec<Cell> = untrained.iter().map(|method| cell(method, 0, 0)).collect();
        for seed in 0..seeds {
            for &size in &sizes {
                cells.extend(trained.iter().map(|method| cell(method, size, seed)));
            }
        }
        Ok(cells)
    }

    /// A cell of a figure on these problems: one of the hard world, with a method that any world has, at a size of the
    /// preset. `None` for all others.
    pub fn cell(&self, cell: &Cell, asked: &Asked, preset: Preset) -> Option<Cell> {
        let defaults = defaults(preset);
        let hard = World::Hard.config();
        let world = cell.world.lexicon().filter(|world| {
            eightfold_task::lexicon::LexiconConfig { seed: hard.seed, ..(*world).clone() } == hard
        });
        let sizes = asked.sizes.clone().unwrap_or_else(|| defaults.sizes.to_vec());
        let wanted = |methods: &Vec<String>| methods.iter().any(|name| name == cell.method.name());
        let needs_lexicon = match &cell.method {
            Method::Imitate(imitation) => matches!(imitation.source, Source::Injected { .. }),
            Method::Untrained { .. } | Method::Sft {} | Method::Prefer(_) | Method::Online(_) => false,
        };
        let probed = match cell.probe {
            None | Some(Probe::PassAtK { .. } | Probe::PitAgreement {}) => false,
            Some(Probe::Likelihood {} | Probe::Pits { .. } | Probe::Gains(_)) => true,
        };
        let here = world.is_some() && sizes.contains(&cell.problems) && !needs_lexicon && !probed;
        if !here || !asked.methods.as_ref().is_none_or(wanted) {
            return None;
        }
        let own = self.own_cell(cell.method.clone(), cell.problems, cell.seed, &defaults);
        Some(Cell { probe: cell.probe.clone(), ..own })
    }

    fn own_cell(&self, method: Method, problems: usize, seed: u64, defaults: &Defaults) -> Cell {
        let search = MonteCarlo {
            rollouts: defaults.rollouts,
            completer: Completer::BestOf { k: defaults.rollouts },
            pit: PitRule::LowestQ,
            // Every prefix is asked in one call, which reads a solution once, and Q is known of every step.
            early_stop: false,
            ..MonteCarlo::default()
        };
        let samples = defaults.samples;
        let store = StoreSettings { samples, negatives: samples, search };
        let length = match method {
            Method::Untrained { chat: true } => Length { max_tokens: defaults.chat_tokens, stop: Vec::new() },
            Method::Untrained { chat: false }
            | Method::Sft {}
            | Method::Imitate(_)
            | Method::Prefer(_)
            | Method::Online(_) => Length { max_tokens: defaults.max_tokens, stop: vec!["\n\n".into()] },
        };
        let learner = FolderConfig {
            model: self.model(),
            length,
            micro: 8,
            recompute: false,
            lora: None,
            sft: schedule(defaults.imitation, defaults.rates.sft),
            train: train(&method, defaults),
        };
        Cell {
            world: WorldConfig::Problems(self.problems()),
            learner: LearnerConfig::Folder(learner),
            sampling: method.samples().then_some(Sampling { temperature: 1.0, store, noise: None }),
            method,
            problems,
            seed,
            evaluation: defaults.evaluation.clone(),
            probe: None,
        }
    }
}

/// How a method trains.
fn train(method: &Method, defaults: &Defaults) -> Option<TrainConfig> {
    let rates = &defaults.rates;
    let (budget, rate) = match method {
        Method::Untrained { .. } | Method::Sft {} => return None,
        Method::Imitate(imitation) => match imitation.source {
            Source::Given {} | Source::OneEach { by: Author::Teacher } => (defaults.imitation, rates.sft),
            Source::Samples { .. }
            | Source::SamplesAtBudget { .. }
            | Source::OneEach { by: Author::Policy }
            | Source::Injected { .. } => (defaults.imitation, rates.rft),
            Source::AllSamples {} | Source::Chosen(_) => (defaults.preference, rates.chosen_only),
        },
        Method::Prefer(preferring) => match preferring.sides.state {
            PairState::Question(_) => (defaults.preference, rates.dpo),
            PairState::Pit {} | PairState::EveryFirstStep {} => (defaults.preference, rates.step_dpo),
        },
        Method::Online(_) => (defaults.preference, rates.chosen_only),
    };
    Some(schedule(budget, rate))
}

fn schedule((budget, batch): (Budget, usize), rate: f64) -> TrainConfig {
    TrainConfig { budget, batch, rate, warmup: 5, ..Tuning::default().schedule }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_an_arm() {
        assert!(arms().map(Arm::name).eq(names()));
    }
}
