//! The plan of a figure: its cells, each with its place in the figure.

use crate::arm::Arm;
use crate::figure::{Preset, Results};
use crate::pipeline::Cell;
use crate::settings::{self, World};
use crate::store::Record;

/// What a panel has a line of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// An arm.
    Arm {
        /// Name of the panel.
        panel: &'static str,
        /// Which arm.
        arm: Arm,
    },
    /// An arm under a setting of an ablation; the panel is the arm's.
    Setting {
        /// Whose cells are changed.
        arm: Arm,
        /// Name of the setting.
        setting: &'static str,
    },
    /// RFT with a share of its steps replaced.
    Dose {
        /// Name of the panel.
        panel: &'static str,
        /// The share, as it is written.
        dose: &'static str,
    },
}

impl Line {
    /// Name of the panel.
    pub fn panel(self) -> &'static str {
        match self {
            Self::Arm { panel, .. } | Self::Dose { panel, .. } => panel,
            Self::Setting { arm, .. } => arm.name(),
        }
    }

    /// Its own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Arm { arm, .. } => arm.name(),
            Self::Setting { setting: name, .. } | Self::Dose { dose: name, .. } => name,
        }
    }
}

/// A cell, and the line that its result is a point of.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// The line.
    pub line: Line,
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
pub fn sweep(world: World, arms: &[Arm], preset: Preset, seeds: u64) -> Vec<Planned> {
    let Sizes { all, farther } = sizes(world, preset);
    let mut plan = Vec::new();
    for seed in 0..seeds {
        let mut add = |arm: Arm, sizes: &[usize]| {
            for &n in sizes {
                let mut cell = settings::at_preset(arm.cell(world, n, seed), preset);
                if preset == Preset::Quick {
                    cell.evaluation.problems = QUICK_TEST_PROBLEMS;
                }
                plan.push(Planned { line: Line::Arm { panel: world.name(), arm }, cell });
            }
        };
        for &arm in arms {
            add(arm, all);
        }
        if arms.contains(&Arm::Sft) {
            add(Arm::Sft, farther);
        }
        if arms.contains(&Arm::SftEpochs) && preset == Preset::Full {
            // More data are more training here: the farthest would take an hour each.
            add(Arm::SftEpochs, &farther[..farther.len().min(3)]);
        }
    }
    plan
}

/// Records by line.
pub struct Groups<'a>(Vec<(Line, &'a Record)>);

impl<'a> Groups<'a> {
    /// The records of a plan: the one that the figure's cells were made from.
    pub fn new(plan: &[Planned], results: &'a Results) -> Self {
        let placed = plan.iter().zip(&results.slots);
        let found = placed.filter_map(|(planned, slot)| Some((planned.line, results.records.get((*slot)?)?)));
        Self(found.collect())
    }

    /// The records of a line.
    pub fn records(&self, line: Line) -> Vec<&'a Record> {
        self.0.iter().filter(|(of, _)| *of == line).map(|(_, record)| *record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::PAIRS;

    #[test]
    fn seeds_of_the_full_preset_are_spread_over_lexicons_with_their_bases() {
        let plan = sweep(World::Easy, &[Arm::Sft, Arm::Rft], Preset::Full, 9);
        for Planned { cell, .. } in &plan {
            let base = cell.learner.network().unwrap().base.pretraining.seed;
            assert_eq!((cell.world.seed(), base), (cell.seed % PAIRS, cell.seed % PAIRS));
        }
        assert!((0..PAIRS).all(|pair| plan.iter().filter(|p| p.cell.world.seed() == pair).count() == 45));
        let quick = sweep(World::Easy, &[Arm::Sft, Arm::Rft], Preset::Quick, 3);
        assert!(quick.iter().all(|planned| planned.cell.world.seed() == 0));
    }

    #[test]
    fn sft_goes_on_to_32_times_the_largest_size_of_the_others() {
        let plan = sweep(World::Hard, &[Arm::Sft, Arm::StepDpo], Preset::Full, 1);
        let largest = |arm| {
            let line = Line::Arm { panel: World::Hard.name(), arm };
            plan.iter().filter(|p| p.line == line).map(|p| p.cell.problems).max()
        };
        assert_eq!(largest(Arm::Sft), largest(Arm::StepDpo).map(|n| 32 * n));
    }
}
