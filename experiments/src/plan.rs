//! The plan of a figure: its cells, each with its place in the figure.

use crate::figure::{Preset, Results};
use crate::pipeline::{Author, Cell};
use crate::settings::{self, Recipe, World};
use crate::store::Record;
use eightfold_gpt::Budget;

/// A cell, and the panel and series that its result is a point of.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Name of the panel.
    pub panel: &'static str,
    /// Name of the series.
    pub arm: &'static str,
    /// The cell.
    pub cell: Cell,
}

/// The cells of a plan, in its order.
pub fn cells(plan: Vec<Planned>) -> Vec<Cell> {
    plan.into_iter().map(|planned| planned.cell).collect()
}

/// Sizes of a sweep: those of every arm, and those that SFT goes on to, for ratios up to there.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Of every arm.
    pub all: &'static [usize],
    /// Of SFT alone.
    pub farther: &'static [usize],
}

/// The sizes at which a world is swept. The farthest is 8 (quick, standard) or 32 (full) times the largest of every arm,
/// or more.
/// The branching world is for comparisons at equal size.
pub fn sizes(world: World, preset: Preset) -> Sizes {
    let (all, farther): (&[usize], &[usize]) = match (preset, world) {
        (Preset::Smoke, World::Hard) => (&[8, 16], &[32]),
        (Preset::Smoke, World::Easy) => (&[16], &[]),
        (Preset::Smoke, World::Branching) => (&[8, 16], &[]),
        (Preset::Quick, World::Hard) => (&[64, 128, 256], &[512, 1024, 2048]),
        (Preset::Quick, World::Easy) => (&[256], &[512, 1024, 2048]),
        (Preset::Quick, World::Branching) => (&[256], &[]),
        (Preset::Standard, World::Hard) => (&[64, 128, 256, 512], &[1024, 2048, 4096]),
        (Preset::Standard, World::Easy) => (&[128, 256, 512], &[1024, 2048, 4096]),
        (Preset::Standard, World::Branching) => (&[128, 256, 512], &[]),
        (Preset::Full, World::Branching) => (&[64, 128, 256, 512, 1024], &[]),
        (Preset::Full, _) => (&[64, 128, 256, 512, 1024], &[2048, 4096, 8192, 16384, 32768]),
    };
    Sizes { all, farther }
}

/// Test problems of a sweep at the quick preset; the others have those of the settings.
const QUICK_TEST_PROBLEMS: usize = 500;

/// The size at which claims are decided, fixed before the runs.
pub fn decisive(preset: Preset) -> usize {
    match preset {
        Preset::Smoke => 16,
        Preset::Quick | Preset::Standard | Preset::Full => 256,
    }
}

/// A sweep of some arms over the sizes of a world, in the panel of the world's name.
pub fn sweep(world: World, arms: &[&'static str], preset: Preset, seeds: u64) -> Vec<Planned> {
    let Sizes { all, farther } = sizes(world, preset);
    let mut plan = Vec::new();
    for seed in 0..seeds {
        let mut add = |arm: &'static str, sizes: &[usize]| {
            for &n in sizes {
                let mut cell = settings::at_preset(arm_cell(world, arm, n, seed), preset);
                if preset == Preset::Quick {
                    cell.evaluation.problems = QUICK_TEST_PROBLEMS;
                }
                plan.push(Planned { panel: world.name(), arm, cell });
            }
        };
        for arm in arms {
            add(arm, all);
        }
        if arms.contains(&"sft") {
            add("sft", farther);
        }
        if arms.contains(&"sft-epochs") && preset == Preset::Full {
            // More data are more training here: the farthest would take an hour each.
            add("sft-epochs", &farther[..farther.len().min(3)]);
        }
    }
    plan
}

/// Passes over the data of the arms at equal epochs.
pub const EPOCHS: usize = 6;

/// The cell of an arm at a size.
///
/// # Panics
/// If there is no arm of this name.
pub fn arm_cell(world: World, arm: &str, n: usize, seed: u64) -> Cell {
    let cell = |recipe| settings::cell_in(world, recipe, n, seed);
    let equal_epochs = |mut cell: Cell| {
        if let Some(train) = cell.learner.train_mut() {
            train.budget = Budget::Epochs(EPOCHS);
        } else if let Some(sft) = cell.learner.sft_mut() {
            sft.budget = Budget::Epochs(EPOCHS);
        }
        cell
    };
    match arm {
        "sft" => cell(Recipe::sft()),
        "sft-epochs" => equal_epochs(cell(Recipe::sft())),
        "rft" => cell(settings::rft(n)),
        "rft-epochs" => equal_epochs(cell(settings::rft(n))),
        "dpo" => cell(settings::dpo(n)),
        "dpo-edit" => cell(settings::dpo_edit(n)),
        "step-dpo" => cell(settings::step_dpo(n)),
        "chosen-only" => cell(settings::chosen_only(n)),
        "rft-budget" => cell(settings::rft_budget(n)),
        "sft-continued" => cell(settings::sft_continued(n)),
        "single-teacher" => cell(settings::single_solution(Author::Teacher, n)),
        "single-policy" => cell(settings::single_solution(Author::Policy, n)),
        _ => panic!("there is no arm `{arm}`"),
    }
}

/// Records by panel and arm.
pub struct Groups<'a>(Vec<(&'static str, &'static str, &'a Record)>);

impl<'a> Groups<'a> {
    /// The records of a plan: the one that the figure's cells were made from.
    pub fn new(plan: &[Planned], results: &'a Results) -> Self {
        let placed = plan.iter().zip(&results.slots);
        let found = placed
            .filter_map(|(planned, slot)| Some((planned.panel, planned.arm, results.records.get((*slot)?)?)));
        Self(found.collect())
    }

    /// The records of an arm in a panel.
    pub fn records(&self, panel: &str, arm: &str) -> Vec<&'a Record> {
        self.0.iter().filter(|(p, a, _)| *p == panel && *a == arm).map(|(.., record)| *record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PAIRS;

    #[test]
    fn seeds_of_the_full_preset_are_spread_over_lexicons_with_their_bases() {
        let plan = sweep(World::Easy, &["sft", "rft"], Preset::Full, 9);
        for Planned { cell, .. } in &plan {
            let base = cell.learner.network().unwrap().base.pretraining.seed;
            assert_eq!((cell.world.seed(), base), (cell.seed % PAIRS, cell.seed % PAIRS));
        }
        assert!((0..PAIRS).all(|pair| plan.iter().filter(|p| p.cell.world.seed() == pair).count() == 45));
        let quick = sweep(World::Easy, &["sft", "rft"], Preset::Quick, 3);
        assert!(quick.iter().all(|planned| planned.cell.world.seed() == 0));
    }

    #[test]
    fn sft_goes_on_to_32_times_the_largest_size_of_the_others() {
        let plan = sweep(World::Hard, &["sft", "step-dpo"], Preset::Full, 1);
        let largest = |arm| plan.iter().filter(|p| p.arm == arm).map(|p| p.cell.problems).max();
        assert_eq!(largest("sft"), largest("step-dpo").map(|n| 32 * n));
    }
}
