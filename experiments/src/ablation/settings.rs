//! What an ablation runs: arms of figure 7 under a few settings of one field.

use crate::arm::Arm;
use crate::figure::Preset;
use crate::learners::base::BaseRecipe;
use crate::pipeline::BaseConfig;
use crate::pipeline::Cell;
use crate::plan::{Line, Planned};
use crate::settings::{World, at_preset};
use eightfold_harness::{Seeds, Side};
use eightfold_plot::Scale;

/// One field, changed.
pub struct Ablation {
    /// Its name on the command line.
    pub name: &'static str,
    /// The question, as the title of its picture.
    pub title: &'static str,
    /// How many seeds it has.
    pub seeds: Seeds,
    /// Whose cells are changed.
    pub arms: &'static [Arm],
    /// What is compared; the first is the reference: the cells of figure 7.
    pub settings: &'static [Setting],
    /// Synthetic problems, of the quick and the full preset.
    pub sizes: &'static [usize],
    /// Further sizes of SFT, where ratios to it are asked for.
    pub farther: &'static [usize],
    /// How it is drawn.
    pub view: View,
    /// What was expected, fixed before the runs.
    pub expects: &'static [Expectation],
}

/// One setting of the field.
pub struct Setting {
    /// Its name in tables and legends; without a comma.
    pub label: &'static str,
    /// Which dial it turns, and to what; nothing where the view is by sizes.
    pub dial: Option<(usize, f64)>,
    /// The change.
    pub change: fn(&mut Cell),
}

impl Setting {
    /// A setting that is a kind and not an amount.
    pub const fn kind(label: &'static str, change: fn(&mut Cell)) -> Self {
        Self { label, dial: None, change }
    }

    /// A dial turned to a value.
    pub const fn at(dial: usize, value: f64, label: &'static str, change: fn(&mut Cell)) -> Self {
        Self { label, dial: Some((dial, value)), change }
    }

    /// The cells of figure 7.
    pub const fn reference(label: &'static str) -> Self {
        Self { label, dial: None, change: |_| {} }
    }
}

/// How an ablation is drawn.
pub enum View {
    /// Error against problems: a panel for each arm, a series for each setting.
    Sizes,
    /// Error, averaged over the sizes, against an amount: a panel for each dial, a series for each arm.
    Dials(&'static [Dial]),
}

/// An amount that is turned.
pub struct Dial {
    /// Title of its panel.
    pub title: &'static str,
    /// What is turned, with its unit.
    pub label: &'static str,
    /// How its values are spread.
    pub scale: Scale,
    /// Its value in figure 7.
    pub own: f64,
}

/// An arm and a setting.
pub type Case = (Arm, &'static str);

/// An inequality between two cases: the error of the first over that of the second, as a geometric mean over the
/// sizes, paired by seed.
pub struct Expectation {
    /// The inequality in words.
    pub says: &'static str,
    /// Whose error is on top.
    pub of: Case,
    /// Whose is below.
    pub over: Case,
    /// On which side of what the ratio lies.
    pub side: Side,
}

impl Expectation {
    /// That the first case errs less than the second.
    pub const fn less(says: &'static str, of: Case, over: Case) -> Self {
        Self { says, of, over, side: Side::Below(1.0) }
    }
}

impl Ablation {
    /// The cells with their lines.
    pub fn plan(&self, preset: Preset, seeds: u64) -> Vec<Planned> {
        let (sizes, farther): (&[usize], &[usize]) = match (preset, &self.view) {
            (Preset::Smoke, View::Sizes) => (&[8, 16], if self.farther.is_empty() { &[] } else { &[32] }),
            (Preset::Smoke, View::Dials(_)) => (&[16], &[]),
            (Preset::Quick | Preset::Standard | Preset::Full, _) => (self.sizes, self.farther),
        };
        let mut plan = Vec::new();
        for seed in 0..seeds {
            for &arm in self.arms {
                let more = if arm == Arm::Sft { farther } else { &[] };
                for setting in self.settings {
                    for &n in sizes.iter().chain(more) {
                        let mut cell = at_preset(arm.cell(World::Hard, n, seed), preset);
                        (setting.change)(&mut cell);
                        if preset == Preset::Smoke {
                            hurry_base(&mut cell);
                        }
                        plan.push(Planned { line: Line::Setting { arm, setting: setting.label }, cell });
                    }
                }
            }
        }
        plan
    }
}

/// Pretrains a base that figures do not have for an instant: smoke has no minutes.
fn hurry_base(cell: &mut Cell) {
    let figures = BaseRecipe::new(&World::Hard.config(), &BaseConfig::default());
    let (Some(world), Some(network)) = (cell.world.lexicon(), cell.learner.network_mut()) else { return };
    if BaseRecipe::new(world, &network.base) != figures {
        let own = &mut network.base.pretraining;
        (own.round, own.rounds, own.batch, own.warmup) = (64, 1, 32, 1);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The reference changes nothing; every other setting changes every cell of an arm, or of an arm that has no such
    /// field none; all labels are names, and what is expected is of cases that are run.
    pub(in crate::ablation) fn one_field(ablation: &Ablation) {
        let plan = ablation.plan(Preset::Quick, 1);
        let of = |arm: Arm, setting: &'static str| -> Vec<&Cell> {
            let line = Line::Setting { arm, setting };
            plan.iter().filter(|p| p.line == line).map(|p| &p.cell).collect()
        };
        let labels: Vec<&'static str> = ablation.settings.iter().map(|setting| setting.label).collect();
        let changes = |arm: Arm| of(arm, labels[1]) != of(arm, labels[0]);
        assert!(ablation.arms.iter().any(|arm| changes(*arm)), "{}", ablation.name);
        for (at, label) in labels.iter().enumerate() {
            assert!(!label.contains(',') && !labels[..at].contains(label), "{label}");
            for &arm in ablation.arms {
                for (cell, own) in of(arm, label).iter().zip(of(arm, labels[0])) {
                    let reference = arm.cell(World::Hard, own.problems, own.seed);
                    assert_eq!(*own, reference, "the reference is figure 7's cell");
                    assert_eq!(*cell == own, at == 0 || !changes(arm), "{arm:?}, {label}");
                }
            }
        }
        for Expectation { says, of: (arm, label), over, .. } in ablation.expects {
            for (arm, label) in [(arm, label), (&over.0, &over.1)] {
                assert!(ablation.arms.contains(arm) && labels.contains(label), "{says}: {arm:?}, {label}");
            }
        }
        if let View::Dials(dials) = &ablation.view {
            assert!(
                ablation.settings[1..].iter().all(|s| s.dial.is_some_and(|(dial, _)| dial < dials.len()))
            );
        }
    }
}
