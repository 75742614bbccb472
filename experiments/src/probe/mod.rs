//! What figures that look inside a policy measure of it beside its errors.

mod gains;
mod likelihood;
mod pass_at_k;
mod pit_agreement;
mod pits;
mod readings;
mod worked;
mod wrong;

pub use gains::PROGRESS;
pub use likelihood::BINS;
pub use pits::exact_places;
pub use readings::table;
pub use worked::explain;

use crate::pipeline::{Distributions, Impossible, Learner, Places, Point, Probe, Probed, Trial};
use anyhow::Result;
use eightfold_harness::Progress;
use eightfold_task::lexicon::Lexicon;

/// Measures a trained policy, and the tabular learner beside it where a probe asks for that. What the policy was trained
/// from is the trial's SFT state.
///
/// # Errors
/// If the cell, its world or its learner lacks what the probe needs, or a policy fails.
pub fn measure<L: Learner>(
    probe: &Probe,
    trial: &Trial<'_, L>,
    policy: &L::State,
    tabular: &Twin<'_>,
) -> Result<Probed> {
    (trial.on_progress)(Progress::stage("probe"));
    let subject = Subject { trial, sft: trial.state(Point::Sft)?, policy };
    Ok(match probe {
        Probe::Likelihood {} => Probed::Likelihood(likelihood::measure(&subject)?),
        Probe::Pits { rollouts } => Probed::Pits(Box::new(pits::measure(&subject, tabular, *rollouts)?)),
        Probe::Gains(settings) => Probed::Gains(gains::measure(&subject, settings)?),
        Probe::PitAgreement {} => Probed::PitAgreement(pit_agreement::measure(&subject)?),
        Probe::PassAtK { problems, samples } => {
            Probed::PassAtK(pass_at_k::measure(&subject, *problems, *samples)?)
        }
    })
}

/// Where the pits of the tabular learner fall that goes the same way as the cell.
pub type Twin<'a> = dyn Fn() -> Result<Places> + 'a;

/// What a probe looks at.
struct Subject<'a, L: Learner> {
    trial: &'a Trial<'a, L>,
    /// The state that the methods sample from.
    sft: L::State,
    /// The cell's own policy, which is the SFT state where the method is SFT.
    policy: &'a L::State,
}

impl<'a, L: Learner> Subject<'a, L> {
    /// The world's lexicon.
    fn lexicon(&self) -> Result<&'a Lexicon> {
        let holder = self.trial.cell.world.name();
        Ok(self
            .trial
            .world
            .lexicon()
            .ok_or(Impossible::Probe { what: "the stories of a lexicon", holder })?)
    }

    /// Probabilities of the learner's tokens.
    fn distributions(&self) -> Result<&'a dyn Distributions<L::State>> {
        let holder = self.trial.learner.name();
        Ok(self
            .trial
            .learner
            .distributions()
            .ok_or(Impossible::Probe { what: "probabilities of tokens", holder })?)
    }
}
