//! What figures that look inside a policy measure of it beside its errors.

mod gains;
mod likelihood;
mod pass_at_k;
mod pit_agreement;
mod pits;
mod readings;
mod table;
mod worked;

pub use gains::{Gain, GainSettings, Gains, PROGRESS};
pub use likelihood::{BINS, Likelihood, Source};
pub use pass_at_k::PassAtK;
pub use pit_agreement::PitAgreement;
pub use pits::{Pits, Places};
pub use readings::table;
pub use table::{KINDS, gains_csv, likelihood_csv, pits_csv};
pub use worked::{Worked, WorkedStep, explain};

use crate::cell::{Cell, Sampling};
use crate::doing::{Doing, Watch};
use crate::stages::Workplace;
use anyhow::{Context, Result};
use eightfold_gpt::Checkpoint;
use eightfold_synth::RolloutStore;
use eightfold_task::lexicon::Lexicon;
use eightfold_task::{Example, Problem};
use serde::{Deserialize, Serialize};

/// What is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Probe {
    /// How likely the base finds the teacher's solutions and the policy's own (figure 4).
    Likelihood {},
    /// Where the pits of wrong solutions fall, against where the law puts them (figure 6).
    Pits {
        /// Rollouts from each prefix of the worked example.
        rollouts: usize,
    },
    /// What each step of the policy is worth to the SFT policy as completer (figure 8).
    Gains(GainSettings),
    /// Whether the cell's search finds the pits of one that asks every prefix in full (ablation `pit-search`).
    PitAgreement {},
    /// How many held-out problems k samples solve (ablation `pass-k`).
    PassAtK {
        /// Problems, at most.
        problems: usize,
        /// Samples of each.
        samples: usize,
    },
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Probed {
    /// By [`Probe::Likelihood`].
    Likelihood(Likelihood),
    /// By [`Probe::Pits`].
    Pits(Box<Pits>),
    /// By [`Probe::Gains`].
    Gains(Gains),
    /// By [`Probe::PitAgreement`].
    PitAgreement(PitAgreement),
    /// By [`Probe::PassAtK`].
    PassAtK(PassAtK),
}

/// What a probe may look at.
pub struct Subject<'a> {
    /// The cell.
    pub cell: &'a Cell,
    /// Where stages are found.
    pub place: &'a Workplace,
    /// Hears what is being done.
    pub watch: &'a Watch<'a>,
    /// The world.
    pub lexicon: &'a Lexicon,
    /// The synthetic problems.
    pub problems: &'a [Problem],
    /// The teacher's solutions of them.
    pub taught: &'a [Example],
    /// The SFT checkpoint.
    pub sft: &'a Checkpoint,
    /// The cell's own policy, which is the SFT checkpoint where the method is SFT.
    pub policy: &'a Checkpoint,
}

impl Probe {
    /// Measures it.
    ///
    /// # Errors
    /// If the cell lacks a key that the probe needs, or a policy fails.
    pub fn measure(&self, subject: &Subject) -> Result<Probed> {
        (subject.watch)(Doing::stage("probe"));
        Ok(match self {
            Self::Likelihood {} => Probed::Likelihood(likelihood::measure(subject)?),
            Self::Pits { rollouts } => Probed::Pits(Box::new(pits::measure(subject, *rollouts)?)),
            Self::Gains(settings) => Probed::Gains(gains::measure(subject, settings)?),
            Self::PitAgreement {} => Probed::PitAgreement(pit_agreement::measure(subject)?),
            Self::PassAtK { problems, samples } => {
                Probed::PassAtK(pass_at_k::measure(subject, *problems, *samples)?)
            }
        })
    }
}

impl Subject<'_> {
    /// The cell's sampling and the rollout store that it asks for.
    fn rollouts(&self) -> Result<(&Sampling, RolloutStore)> {
        let sampling = self.cell.sampling.as_ref().context("this probe needs the key `sampling`")?;
        let stage = self.place.rollouts(self.cell, sampling, self.sft, self.problems, self.watch)?;
        Ok((sampling, stage.store))
    }
}
