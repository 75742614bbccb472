//! A cell: world x learner x method x size x seed, as plain data. Everything that can change a result is in it, and
//! nothing else: not the device, threads or paths.

use super::configs::{LearnerConfig, WorldConfig};
use super::method::Method;
use super::probing::Probe;
use super::world::Split;
use eightfold_synth::StoreSettings;
use eightfold_verifier::{Noise, Noisy, Verifier};
use serde::{Deserialize, Serialize};

/// Raised by hand when the same cell would mean another computation; every record and stage is then void.
pub const RECIPE: u32 = 3;

/// One configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The world that problems come from.
    pub world: WorldConfig,
    /// Who learns, and how it is trained.
    pub learner: LearnerConfig,
    /// The method.
    pub method: Method,
    /// Training problems, each with a given solution.
    pub problems: usize,
    /// Seed of problems, solutions, samples and training order.
    pub seed: u64,
    /// What the sampler draws; absent where nothing is drawn, as for SFT itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// Evaluation.
    pub evaluation: Evaluation,
    /// What is measured beside errors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
}

/// What a policy draws for the methods that learn from samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampling {
    /// Temperature of samples and rollouts, at least 0.
    pub temperature: f64,
    /// Samples a problem, and how pits are searched.
    pub store: StoreSettings,
    /// How often the verifier of samples and rollouts errs; absent where it does not. Evaluation never errs, nor are
    /// the given solutions judged anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { temperature: 1.0, store: StoreSettings::default(), noise: None }
    }
}

impl Sampling {
    /// Who judges samples and rollouts: a world's verifier, with this noise; `seed` is that of the cell.
    pub fn verifier<'a>(&self, exact: &'a dyn Verifier, seed: u64) -> Box<dyn Verifier + 'a> {
        match self.noise {
            None => Box::new(exact),
            Some(noise) => Box::new(Noisy { verifier: exact, noise, seed }),
        }
    }
}

/// How a cell is evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// On which problems: [`Split::Validation`] for choosing settings, [`Split::Test`] for results.
    pub split: Split,
    /// How many, at most.
    pub problems: usize,
    /// Samples of each at temperature 1. A learner whose errors are exact draws none.
    pub samples: usize,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self { split: Split::Test, problems: 1000, samples: 4 }
    }
}

impl Cell {
    /// The name of this cell's record: readable, and unique by the hash of the whole cell.
    pub fn id(&self) -> String {
        let hash = digest(&("cell", RECIPE, self));
        let (world, method) = (self.world.name(), self.method.name());
        format!("{world}-{method}-n{}-s{}-{}", self.problems, self.seed, &hash[..8])
    }
}

/// The first 16 hexadecimal digits of the hash of a value's JSON.
pub fn digest(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("configurations are plain data");
    blake3::hash(json.as_bytes()).to_hex()[..16].to_owned()
}
