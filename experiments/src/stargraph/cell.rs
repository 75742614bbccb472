//! A cell of the star graph experiment: one run of one method, as plain data.

use super::net::NetConfig;
use super::training::Schedule;
use crate::cell::{Held, digest};
use anyhow::{Result, bail};
use eightfold_synth::StoreSettings;
use eightfold_task::stargraph::StarConfig;
use serde::{Deserialize, Serialize};

/// Raised by hand when the same cell would mean another computation; every record is then void.
pub const RECIPE: u32 = 1;

/// Size and pretraining of a base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarBase {
    /// The network.
    pub net: NetConfig,
    /// Walks and look-ups on fresh graphs; a batch counts graphs, each with one of both.
    pub training: Schedule,
    /// Seed of weights and graphs.
    pub seed: u64,
}

/// Where the pairs of per-step DPO come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Pairs {
    /// Samples of the checkpoint, their first pits found by rollouts.
    Sampled {
        /// How many, and how pits are searched.
        store: StoreSettings,
        /// At most this many pairs are kept, drawn at random; all without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<usize>,
    },
    /// Control: every wrong neighbor of the start against the solution, for every graph. No coverage is needed.
    Enumerated {},
}

/// How the network is trained after the base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StarMethod {
    /// Supervised training on the solutions.
    Sft {},
    /// DPO at the first pits of an SFT checkpoint's samples.
    StepDpo {
        /// SFT updates of the checkpoint.
        from: usize,
        /// The pairs.
        pairs: Pairs,
        /// Strength of the pull towards the checkpoint.
        beta: f64,
        /// Weight of the likelihood of the nodes after the chosen one.
        nll: f64,
        /// How.
        train: Schedule,
    },
    /// Control: supervised training from an SFT checkpoint with the critical node's logits scaled down.
    Tempered {
        /// SFT updates of the checkpoint.
        from: usize,
        /// Factor of the critical node's logits.
        scale: f64,
        /// Weight of the likelihood of the nodes after it.
        nll: f64,
        /// How.
        train: Schedule,
    },
}

impl StarMethod {
    /// The name of its curve in tables and files.
    pub fn name(&self) -> String {
        match self {
            Self::Sft {} => "sft".into(),
            Self::StepDpo { from, pairs: Pairs::Sampled { limit: None, .. }, .. } => {
                format!("step-dpo-{from}")
            }
            Self::StepDpo { from, pairs: Pairs::Sampled { .. }, .. } => format!("step-dpo-few-{from}"),
            Self::StepDpo { from, pairs: Pairs::Enumerated {}, .. } => format!("enumerated-{from}"),
            Self::Tempered { from, .. } => format!("tempered-{from}"),
        }
    }

    /// SFT updates before the method itself, and its own.
    pub fn updates(&self) -> (usize, usize) {
        match self {
            Self::Sft {} => (0, 0),
            Self::StepDpo { from, train, .. } | Self::Tempered { from, train, .. } => (*from, train.updates),
        }
    }
}

/// What is measured along the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watching {
    /// Which graphs.
    pub held: Held,
    /// How many.
    pub graphs: usize,
    /// Updates between two measurements.
    pub every: usize,
}

/// One configuration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StarCell {
    /// The world.
    pub world: StarConfig,
    /// The base.
    pub base: StarBase,
    /// Training graphs.
    pub graphs: usize,
    /// Seed of graphs, samples and order.
    pub seed: u64,
    /// Supervised training.
    pub sft: Schedule,
    /// The method.
    pub method: StarMethod,
    /// Measurements.
    pub watching: Watching,
}

impl StarCell {
    /// The name of this cell's record: readable, and unique by the hash of the whole cell.
    pub fn id(&self) -> String {
        let hash = digest(&("star cell", RECIPE, self));
        let Self { base, method, graphs, seed, .. } = self;
        format!("star-{}-b{}-n{graphs}-s{seed}-{}", method.name(), base.seed, &hash[..8])
    }

    /// Whether it can be run.
    ///
    /// # Errors
    /// The first field that is out of its range.
    pub fn check(&self) -> Result<()> {
        self.world.check()?;
        let NetConfig { width, heads, .. } = self.base.net;
        if heads == 0 || width == 0 || !width.is_multiple_of(2) || !width.is_multiple_of(heads) {
            bail!("`base.net.width` is {width}, but must be even and a multiple of the {heads} heads");
        }
        let batch = match &self.method {
            StarMethod::Sft {} => self.sft.batch,
            StarMethod::StepDpo { train, .. } | StarMethod::Tempered { train, .. } => train.batch,
        };
        let counts = [
            ("graphs", self.graphs),
            ("base.training.batch", self.base.training.batch),
            ("sft.batch", self.sft.batch),
            ("method.train.batch", batch),
            ("watching.graphs", self.watching.graphs),
            ("watching.every", self.watching.every),
        ];
        match counts.into_iter().find(|(_, count)| *count == 0) {
            Some((field, _)) => bail!("`{field}` is 0, but must be at least 1"),
            None => Ok(()),
        }
    }
}
