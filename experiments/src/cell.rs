//! A cell: one configuration, as plain data. Everything that can change a result is in it, and nothing else.

use crate::base::BaseConfig;
pub use crate::method::{Author, Method, SecondRound, Start};
use crate::probe::Probe;
use eightfold_gpt::TrainConfig;
use eightfold_synth::StoreSettings;
use eightfold_task::lexicon::LexiconConfig;
use eightfold_verifier::{FinalAnswer, Noise, Noisy, Verifier};
use serde::{Deserialize, Serialize};

/// Raised by hand when the same cell would mean another computation; every record and stage is then void.
pub const RECIPE: u32 = 2;

/// What the SFT policy draws for the methods that learn from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Temperature of samples and rollouts.
    pub temperature: f64,
    /// Samples a problem, and how pits are searched.
    pub store: StoreSettings,
    /// How often the verifier of samples and rollouts errs; absent where it does not. Evaluation never errs, nor is
    /// the teacher's data judged anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, store: StoreSettings::default(), noise: None }
    }
}

impl Sampling {
    /// Who judges samples and rollouts; `seed` is that of the cell.
    pub fn verifier(&self, seed: u64) -> Box<dyn Verifier> {
        match self.noise {
            None => Box::new(FinalAnswer),
            Some(noise) => Box::new(Noisy { verifier: FinalAnswer, noise, seed }),
        }
    }
}

/// Which problems a cell is evaluated on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// For choosing settings.
    Validation,
    /// For results; used once.
    Test,
}

/// How a cell is evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// Which problems.
    pub held: Held,
    /// How many.
    pub problems: usize,
    /// Samples of each at temperature 1.
    pub samples: usize,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self { held: Held::Test, problems: 1000, samples: 4 }
    }
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The world that problems come from.
    pub world: LexiconConfig,
    /// The base model.
    pub base: BaseConfig,
    /// The method.
    pub method: Method,
    /// Synthetic problems: the size of the teacher's data set.
    pub problems: usize,
    /// Seed of problems, solutions, samples and training order.
    pub seed: u64,
    /// Supervised training on the teacher's solutions.
    pub sft: TrainConfig,
    /// What the SFT policy draws; absent where nothing is drawn, as for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Evaluation.
    pub evaluation: Evaluation,
    /// What is measured beside errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

impl Cell {
    /// The name of this cell's record: readable, and unique by the hash of the whole cell.
    pub fn id(&self) -> String {
        let hash = digest(&("cell", RECIPE, self));
        format!("lexicon-{}-n{}-s{}-{}", self.method.name(), self.problems, self.seed, &hash[..8])
    }

    /// What the cell costs beside others, roughly, in examples read: for the estimate of the time left.
    pub fn weight(&self) -> f64 {
        let problems = self.problems as f64;
        let evaluation = (self.evaluation.problems * (1 + self.evaluation.samples)) as f64;
        let training = |train: &TrainConfig, items: f64| (train.updates(items as usize) * train.batch) as f64;
        let work = match &self.method {
            Method::Sft {} => training(&self.sft, problems),
            Method::Rft { train, rejection, .. }
            | Method::RftBudget { train, rejection }
            | Method::RftInjected { train, rejection, .. } => {
                training(train, problems * rejection.cap.unwrap_or(8) as f64)
            }
            Method::Dpo { train, .. } | Method::StepDpo { train, .. } => {
                2.0 * training(train, problems * 3.0)
            }
            Method::ChosenOnly { train, .. } => training(train, problems * 3.0),
            Method::SftContinued { train } | Method::SingleSolution { train, .. } => {
                training(train, problems)
            }
            Method::RftFiltered { train, .. } | Method::Weighted { train, .. } => {
                training(train, problems * 4.0)
            }
        };
        work + 0.3 * evaluation
    }
}

/// The first 16 hexadecimal digits of the hash of a value's JSON.
pub fn digest(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("configurations are plain data");
    blake3::hash(json.as_bytes()).to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;
    use crate::stages::sft_key;

    #[test]
    fn names_of_cells_and_stages_are_those_of_their_records() {
        // Golden: a change here voids every committed record. New fields are left out where they are off.
        let cell = |method| settings::cell(method, 256, 0);
        let step = cell(settings::step_dpo(256));
        assert_eq!(step.id(), "lexicon-step-dpo-n256-s0-051c0ea1");
        assert_eq!(cell(settings::chosen_only(256)).id(), "lexicon-chosen-only-n256-s0-1a1b078a");
        assert_eq!(digest(&(sft_key(&step), step.sampling.as_ref().unwrap())), "5183cebb40bc3917");
    }
}
