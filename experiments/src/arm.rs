//! The arms that figures compare. This file alone knows what each is called, how it looks, and which cell it is.

use crate::pipeline::{Author, Cell, Method};
use crate::settings::{self, Recipe, World};
use anyhow::{Context, Result};
use clap::ValueEnum;
use eightfold_gpt::Budget;
use eightfold_plot::{Color, Marker, Series};
use std::str::FromStr;

/// Passes over the data of the arms at equal epochs.
pub const EPOCHS: usize = 6;

/// Draws of the completer whose advantages the arms by advantage use; figure 9 has those of one draw too.
const DRAWS: usize = 5;

/// A way to train that figures compare with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Arm {
    /// Supervised training on the given solutions.
    Sft,
    /// The same for as many passes over the data at every size.
    SftEpochs,
    /// Training on verified samples.
    Rft,
    /// The same for as many passes over the data at every size.
    RftEpochs,
    /// RFT on more and more samples of a fixed set of problems.
    Copies,
    /// The same for as many passes over the data at every number.
    CopiesEpochs,
    /// DPO on pairs of whole solutions.
    Dpo,
    /// DPO on the pairs of whole solutions that differ most.
    DpoEdit,
    /// DPO on pairs at the first pit.
    StepDpo,
    /// Control: the chosen sides of those pairs alone.
    ChosenOnly,
    /// Control: RFT with the verifier calls of per-step DPO.
    RftBudget,
    /// Control: SFT continued for as many updates as per-step DPO makes.
    SftContinued,
    /// The teacher's solution of each problem with a verified sample.
    SingleTeacher,
    /// One verified sample of the same problems.
    SinglePolicy,
    /// RFT with the steps of low advantage masked.
    RftFiltered,
    /// All samples, weighted by advantage.
    Weighted,
    /// The model as it is, asked by the bare problem.
    Untrained,
    /// The model as it is, asked by its chat template.
    UntrainedChat,
}

/// How a series looks.
#[derive(Clone, Copy)]
pub struct Look {
    /// Its name in the legend.
    pub label: &'static str,
    /// Its color.
    pub color: Color,
    /// Its marker.
    pub marker: Marker,
    /// Whether it is a control.
    pub control: bool,
}

impl Look {
    /// The look of what is studied.
    pub const fn of(label: &'static str, color: Color, marker: Marker) -> Self {
        Self { label, color, marker, control: false }
    }

    /// The look of what it is held against.
    pub const fn control(label: &'static str, color: Color, marker: Marker) -> Self {
        Self { label, color, marker, control: true }
    }

    /// A series of this look, without points yet.
    pub fn series(&self) -> Series {
        Series {
            name: self.label.into(),
            color: self.color,
            marker: self.marker,
            secondary: self.control,
            ..Series::default()
        }
    }
}

impl Arm {
    fn shown(self) -> (&'static str, Look) {
        use {Color::*, Marker::*};
        let (own, control) = (Look::of, Look::control);
        match self {
            Self::Sft => ("sft", own("SFT", Black, Circle)),
            Self::SftEpochs => ("sft-epochs", control("SFT, equal epochs", Gray, Circle)),
            Self::Rft => ("rft", own("RFT", Orange, Square)),
            Self::RftEpochs => ("rft-epochs", control("RFT, equal epochs", Vermillion, Square)),
            Self::Copies => ("copies", own("RFT", Orange, Square)),
            Self::CopiesEpochs => ("copies-epochs", control("RFT, equal epochs", Vermillion, Square)),
            Self::Dpo => ("dpo", own("DPO, whole responses", Purple, Triangle)),
            Self::DpoEdit => ("dpo-edit", own("DPO, most different pairs", SkyBlue, TriangleDown)),
            Self::StepDpo => ("step-dpo", own("DPO, per step", Blue, Diamond)),
            Self::ChosenOnly => ("chosen-only", control("control: chosen sides alone", Green, Circle)),
            Self::RftBudget => {
                ("rft-budget", control("control: RFT, same verifier calls", Vermillion, Square))
            }
            Self::SftContinued => ("sft-continued", control("control: SFT continued", Gray, Circle)),
            Self::SingleTeacher => {
                ("single-teacher", own("one solution of the teacher's", Black, TriangleDown))
            }
            Self::SinglePolicy => ("single-policy", own("one solution of the policy's own", Orange, Square)),
            Self::RftFiltered => {
                ("rft-filtered", own("RFT, low-advantage steps masked", SkyBlue, TriangleDown))
            }
            Self::Weighted => ("weighted", own("advantage-weighted RL", Purple, Triangle)),
            Self::Untrained => ("untrained", control("untrained, bare problem", Gray, Circle)),
            Self::UntrainedChat => ("untrained-chat", control("untrained, by its chat", Gray, Square)),
        }
    }

    /// Its name in tables and on the command line.
    pub fn name(self) -> &'static str {
        self.shown().0
    }

    /// How it looks in every figure.
    pub fn look(self) -> Look {
        self.shown().1
    }

    /// Its name in legends.
    pub fn label(self) -> &'static str {
        self.look().label
    }

    /// Its cell in a world at a size, with the tuned settings there.
    pub fn cell(self, world: World, n: usize, seed: u64) -> Cell {
        let cell = |recipe| settings::cell_in(world, recipe, n, seed);
        let equal_epochs = |recipe| {
            let mut cell = cell(recipe);
            if let Some(train) = cell.learner.train_mut() {
                train.budget = Budget::Epochs(EPOCHS);
            } else if let Some(sft) = cell.learner.sft_mut() {
                sft.budget = Budget::Epochs(EPOCHS);
            }
            cell
        };
        let untrained = |chat| Recipe { method: Method::Untrained { chat }, train: None };
        match self {
            Self::Sft => cell(Recipe::sft()),
            Self::SftEpochs => equal_epochs(Recipe::sft()),
            Self::Rft | Self::Copies => cell(settings::rft(n)),
            Self::RftEpochs | Self::CopiesEpochs => equal_epochs(settings::rft(n)),
            Self::Dpo => cell(settings::dpo(n)),
            Self::DpoEdit => cell(settings::dpo_edit(n)),
            Self::StepDpo => cell(settings::step_dpo(n)),
            Self::ChosenOnly => cell(settings::chosen_only(n)),
            Self::RftBudget => cell(settings::rft_budget(n)),
            Self::SftContinued => cell(settings::sft_continued(n)),
            Self::SingleTeacher => cell(settings::single_solution(Author::Teacher, n)),
            Self::SinglePolicy => cell(settings::single_solution(Author::Policy, n)),
            Self::RftFiltered => cell(settings::rft_filtered(n, DRAWS)),
            Self::Weighted => cell(settings::weighted(n, DRAWS)),
            Self::Untrained => cell(untrained(false)),
            Self::UntrainedChat => cell(untrained(true)),
        }
    }

    /// Whether a cell's method has the name of this arm.
    pub fn is_method_of(self, cell: &Cell) -> bool {
        cell.method.name() == self.name()
    }
}

impl FromStr for Arm {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self> {
        let arm = Self::value_variants().iter().find(|arm| arm.name() == name);
        arm.copied().with_context(|| format!("there is no arm `{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_those_of_the_command_line() {
        for arm in Arm::value_variants() {
            assert_eq!(arm.name().parse::<Arm>().unwrap(), *arm);
            assert_eq!(arm.to_possible_value().unwrap().get_name(), arm.name());
        }
        assert_eq!("sfd".parse::<Arm>().unwrap_err().to_string(), "there is no arm `sfd`");
    }

    #[test]
    fn the_cell_of_an_arm_has_its_method() {
        let of_other = [
            (Arm::SftEpochs, Arm::Sft),
            (Arm::RftEpochs, Arm::Rft),
            (Arm::Copies, Arm::Rft),
            (Arm::CopiesEpochs, Arm::Rft),
            (Arm::DpoEdit, Arm::Dpo),
        ];
        for arm in Arm::value_variants() {
            let other = of_other.iter().find(|(own, _)| own == arm).map_or(arm, |(_, other)| other);
            assert!(other.is_method_of(&arm.cell(World::Hard, 256, 0)), "{arm:?}");
        }
    }
}
