//! What PyTorch made of the tiny models, for tests.

use super::adapters::Adapters;
use super::parameters::Parameters;
use super::step::{Gradient, accumulate};
use crate::Model;
use crate::network::Network;
use burn::tensor::Device;
use eightfold_gpt::{Batch, Sequence};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;

pub(crate) const ALL: [&str; 5] = ["llama-linear", "llama-llama3", "llama-yarn", "qwen2", "qwen3"];

/// `learned.json`, as far as it counts here.
#[derive(Deserialize)]
pub(crate) struct Learned {
    pub(crate) sequences: Vec<Sloped>,
    pub(crate) logps: Vec<f64>,
    /// Norm of the gradient, and its product with the cosine of the place of each number.
    pub(crate) gradients: BTreeMap<String, [f64; 2]>,
}

#[derive(Deserialize)]
pub(crate) struct Sloped {
    prompt: Vec<u32>,
    completion: Vec<u32>,
    slope: f32,
}

impl Learned {
    pub(crate) fn batch(&self) -> Batch {
        let sequence = |s: &Sloped| Sequence { prompt: s.prompt.clone(), target: s.completion.clone() };
        Batch::new(self.sequences.iter().map(sequence).collect())
    }

    pub(crate) fn slopes(&self) -> Vec<f32> {
        self.sequences.iter().map(|s| s.slope).collect()
    }
}

/// The device of `EIGHTFOLD_DEVICE`, `flex` without it.
pub(crate) fn device() -> Device {
    let name = std::env::var("EIGHTFOLD_DEVICE").unwrap_or_else(|_| "flex".into());
    eightfold_gpt::device(&name).unwrap_or_else(|error| panic!("EIGHTFOLD_DEVICE: {error}"))
}

pub(crate) fn open(name: &str) -> (Network, Learned) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let learned = std::fs::read_to_string(folder.join("learned.json")).unwrap();
    (Model::open(&folder).unwrap().network, serde_json::from_str(&learned).unwrap())
}

pub(crate) fn gradient(
    network: &Network,
    adapters: Option<&Adapters>,
    learned: &Learned,
    recompute: bool,
) -> Gradient {
    let mut gradient = Gradient::zeros(network, adapters);
    let slopes = |_| Ok::<_, Infallible>(learned.slopes());
    let learner = (network, adapters);
    let Ok(()) = accumulate(learner, &learned.batch(), recompute, &mut gradient, None, slopes);
    gradient
}

/// All numbers behind one another.
pub(crate) fn flat(parameters: &mut dyn Parameters) -> Vec<f32> {
    parameters.slices().concat()
}
