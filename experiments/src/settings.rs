//! The settings that figures share, chosen on validation problems with as many configurations for each method
//! (`just tune`; LOG.md has the tables). Budgets count updates of 32 examples or pairs.

use crate::figure::Preset;
use crate::pipeline::{
    Anchor, Author, BaseConfig, Cell, Credit, Evaluation, Imitation, LearnerConfig, Method, NetworkConfig,
    Online, PairLoss, Point, Preferring, Sampling, Sides, Sign, Source, Weights, WorldConfig,
};
use eightfold_advantage::Completer;
use eightfold_gpt::{Budget, TrainConfig};
use eightfold_synth::{Choice, Rejection, ResponsePairs};
use eightfold_task::lexicon::{Injection, LexiconConfig};

/// The worlds of the figures. Settings were tuned in the hard one and are used in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum World {
    /// Some words are misread 9 times in 10.
    Hard,
    /// None is misread more often than 7 times in 10.
    Easy,
    /// The hard one with many side branches: most steps do not lead to the answer.
    Branching,
}

impl World {
    /// Its name in the plan of a figure.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Easy => "easy",
            Self::Branching => "branching",
        }
    }

    /// Its dials.
    pub fn config(self) -> LexiconConfig {
        match self {
            Self::Hard => LexiconConfig::default(),
            Self::Easy => LexiconConfig::easy(),
            Self::Branching => LexiconConfig::branching(),
        }
    }
}

/// A method with its own training's schedule: a point that `just tune` chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// The method.
    pub method: Method,
    /// How it trains; `None` for SFT, which is trained as the learner says.
    pub train: Option<TrainConfig>,
}

impl Recipe {
    /// SFT itself.
    pub fn sft() -> Self {
        Self { method: Method::Sft {}, train: None }
    }

    /// Imitation from a start, with samples of the SFT policy.
    fn imitate(source: Source, weights: Weights, start: Point, train: TrainConfig) -> Self {
        let method = Method::Imitate(Imitation { source, weights, sampler: Point::Sft, start });
        Self { method, train: Some(train) }
    }

    /// DPO from the SFT policy, which is sampler and reference too.
    pub fn dpo_of(sides: Sides, beta: f64, nll: f64, train: TrainConfig) -> Self {
        let method = Method::Prefer(Preferring {
            sides,
            limit: None,
            loss: PairLoss::Dpo { beta },
            anchor: Anchor::Chosen { weight: nll },
            sampler: Point::Sft,
            start: Point::Sft,
            reference: Point::Sft,
            second: None,
        });
        Self { method, train: Some(train) }
    }
}

/// A cell of the hard world with the tuned settings of its method at its size.
pub fn cell(recipe: Recipe, problems: usize, seed: u64) -> Cell {
    cell_in(World::Hard, recipe, problems, seed)
}

/// A cell of a world with the tuned settings of its method at its size.
pub fn cell_in(world: World, recipe: Recipe, problems: usize, seed: u64) -> Cell {
    let Recipe { method, train } = recipe;
    let sft = if method == (Method::Sft {}) { sft(problems) } else { start(problems) };
    Cell {
        world: WorldConfig::Lexicon(world.config()),
        learner: LearnerConfig::Network(NetworkConfig { base: BaseConfig::default(), sft, train }),
        sampling: method.samples().then(Sampling::default),
        method,
        problems,
        seed,
        evaluation: Evaluation::default(),
        probe: None,
    }
}

/// The same cell with another SFT.
pub fn with_sft(mut cell: Cell, sft: TrainConfig) -> Cell {
    if let Some(own) = cell.learner.sft_mut() {
        *own = sft;
    }
    cell
}

/// Pairs of lexicon and base over which the seeds of the full preset are spread.
pub const PAIRS: u64 = 3;

/// The cell as a preset runs it: the evidence is spread over several lexicons, each with a base of its own, so
/// that it is not about one of them; smoke takes a second or less.
pub fn at_preset(mut cell: Cell, preset: Preset) -> Cell {
    match preset {
        Preset::Smoke => smoke(&mut cell),
        Preset::Quick | Preset::Standard => {}
        Preset::Full => {
            let lexicon = cell.seed % PAIRS;
            if let (Some(world), Some(network)) = (cell.world.lexicon_mut(), cell.learner.network_mut()) {
                (world.seed, network.base.pretraining.seed) = (lexicon, lexicon);
            }
        }
    }
    cell
}

/// Everything as small as it can be.
fn smoke(cell: &mut Cell) {
    cell.evaluation = Evaluation { problems: 30, samples: 1, ..cell.evaluation.clone() };
    if let Some(sft) = cell.learner.sft_mut() {
        (sft.budget, sft.batch) = (Budget::Updates(4), 8);
    }
    if let Some(sampling) = &mut cell.sampling {
        (sampling.store.samples, sampling.store.negatives) = (4, sampling.store.negatives.min(2));
    }
    if let Some(train) = cell.learner.train_mut() {
        (train.budget, train.batch) = (Budget::Updates(3), 8);
    }
}

fn train(updates: usize, rate: f64, warmup: usize) -> TrainConfig {
    TrainConfig { budget: Budget::Updates(updates), rate, warmup, ..TrainConfig::default() }
}

/// The entry of a table by size: that of the largest size not above `problems`, or the first.
fn by_size<T: Copy>(table: &[(usize, T)], problems: usize) -> T {
    table.iter().rev().find(|(size, _)| *size <= problems).unwrap_or(&table[0]).1
}

/// SFT at its best: the base trained on `problems` solutions of the teacher. More updates memorize the
/// teacher's misreadings, also of large sets.
pub fn sft(problems: usize) -> TrainConfig {
    train(by_size(&[(64, 320), (128, 80), (512, 160), (8192, 320)], problems), 3e-3, 20)
}

/// The SFT checkpoint that the other methods sample from and start at: trained less than SFT at its best where
/// data are few, since preference training from a memorized set collapses (LOG.md).
pub fn start(problems: usize) -> TrainConfig {
    train(by_size(&[(64, 40), (128, 60), (256, 80), (512, 100), (1024, 120)], problems), 3e-3, 20)
}

/// RFT on some of the verified samples.
pub fn rft_of(rejection: Rejection, train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::Samples { rejection }, Weights::Equal {}, Point::Base, train)
}

/// RFT, up to four distinct solutions of each problem.
pub fn rft(_: usize) -> Recipe {
    rft_of(Rejection { cap: Some(4), ..Rejection::default() }, train(160, 3e-3, 20))
}

/// RFT with the verifier calls of per-step DPO on some of the verified samples.
pub fn rft_budget_of(rejection: Rejection, train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::SamplesAtBudget { rejection }, Weights::Equal {}, Point::Base, train)
}

/// RFT with the verifier calls of per-step DPO.
pub fn rft_budget(problems: usize) -> Recipe {
    let cap = Some(by_size(&[(64, 8), (128, 4)], problems));
    rft_budget_of(Rejection { cap, ..Rejection::default() }, train(160, 3e-3, 20))
}

/// DPO on pairs of whole solutions.
pub fn dpo(problems: usize) -> Recipe {
    dpo_on(ResponsePairs::default(), problems)
}

fn dpo_on(pairs: ResponsePairs, problems: usize) -> Recipe {
    let table = [(64, (40, 1e-3)), (128, (32, 3e-3)), (256, (64, 3e-3)), (1024, (96, 3e-3))];
    let (updates, rate) = by_size(&table, problems);
    Recipe::dpo_of(Sides::solutions(pairs), 0.1, 1.0, train(updates, rate, 10))
}

/// DPO on pairs at the first pit.
pub fn step_dpo(problems: usize) -> Recipe {
    let nll = by_size(&[(64, 1.0), (128, 0.3), (256, 1.0)], problems);
    Recipe::dpo_of(Sides::at_pit(), 0.1, nll, train(step_updates(problems), 3e-3, 10))
}

/// Updates of per-step DPO.
fn step_updates(problems: usize) -> usize {
    by_size(&[(64, 48), (128, 64), (512, 96), (1024, 128)], problems)
}

/// The chosen sides of the step pairs alone, with this schedule.
pub fn chosen_only_of(train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::Chosen(Sides::at_pit()), Weights::Equal {}, Point::Sft, train)
}

/// The chosen sides of the step pairs alone.
pub fn chosen_only(problems: usize) -> Recipe {
    let updates = by_size(&[(64, 48), (256, 64), (512, 96), (1024, 128)], problems);
    chosen_only_of(train(updates, 3e-3, 10))
}

/// RFT on solutions with injected steps, trained as plain RFT.
pub fn rft_injected(injection: Injection) -> Recipe {
    let rejection = Rejection { cap: Some(4), ..Rejection::default() };
    let source = Source::Injected { rejection, injection };
    Recipe::imitate(source, Weights::Equal {}, Point::Base, train(160, 3e-3, 20))
}

/// Control: SFT continued with this schedule.
pub fn sft_continued_of(train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::Given {}, Weights::Equal {}, Point::Sft, train)
}

/// Control: SFT continued for as many updates as per-step DPO makes.
pub fn sft_continued(problems: usize) -> Recipe {
    sft_continued_of(train(step_updates(problems), 3e-3, 10))
}

/// DPO on the pairs of whole solutions that differ most, with the settings of random pairs.
pub fn dpo_edit(problems: usize) -> Recipe {
    dpo_on(ResponsePairs { choice: Choice::HighestEditDistance, ..ResponsePairs::default() }, problems)
}

/// One solution of each problem with a verified sample, by either author, with this schedule.
pub fn single_solution_of(by: Author, train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::OneEach { by }, Weights::Equal {}, Point::Base, train)
}

/// One solution of each problem with a verified sample, by either author, both trained alike: as SFT.
pub fn single_solution(by: Author, problems: usize) -> Recipe {
    single_solution_of(by, sft(problems))
}

/// RFT with the steps masked whose advantage is not above a threshold.
pub fn rft_filtered_of(
    rejection: Rejection,
    completer: Completer,
    threshold: f64,
    train: TrainConfig,
) -> Recipe {
    let weights = Weights::Filtered { completer, threshold };
    Recipe::imitate(Source::Samples { rejection }, weights, Point::Base, train)
}

/// RFT with the steps masked whose advantage, for the best of `k` draws, is not above the threshold: with five rollouts
/// a prefix, those that lost something.
pub fn rft_filtered(problems: usize, k: usize) -> Recipe {
    let table = if k == 1 {
        [(64, (0.0, 4, 80)), (256, (-0.1, 4, 160))]
    } else {
        [(64, (-0.1, 4, 160)), (256, (-0.1, 8, 160))]
    };
    let (threshold, cap, updates) = by_size(&table, problems);
    let rejection = Rejection { cap: Some(cap), ..Rejection::default() };
    rft_filtered_of(rejection, Completer::BestOf { k }, threshold, train(updates, 3e-3, 20))
}

/// Advantage-weighted RL on all samples.
pub fn weighted_of(completer: Completer, beta: f64, max: f64, train: TrainConfig) -> Recipe {
    Recipe::imitate(Source::AllSamples {}, Weights::Advantage { completer, beta, max }, Point::Sft, train)
}

/// Advantage-weighted RL on all samples, with advantages for the best of `k` draws. Those of one draw tell more
/// steps apart and need fewer updates.
pub fn weighted(problems: usize, k: usize) -> Recipe {
    let table: &[(usize, usize)] = if k == 1 {
        &[(64, 64), (512, 96), (1024, 128)]
    } else {
        &[(64, 64), (256, 96), (512, 128), (1024, 160)]
    };
    let train = train(by_size(table, problems), 3e-3, 10);
    weighted_of(Completer::BestOf { k }, 0.1, 20.0, train)
}

/// Rounds of samples of the policy as it is, of which those better than the mean of their problem are learned.
pub fn online(rounds: usize, updates: usize) -> Recipe {
    let method =
        Method::Online(Online { rounds, sign: Sign::Positives, credit: Credit::Outcome, start: Point::Sft });
    Recipe { method, train: Some(train(updates, 3e-3, 10)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_between_two_takes_the_settings_of_the_smaller() {
        let table = [(64, 'a'), (128, 'b')];
        let at = [8, 64, 127, 128, 9999].map(|n| by_size(&table, n));
        assert_eq!(at, ['a', 'a', 'a', 'b', 'b']);
    }
}
