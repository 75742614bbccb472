//! A checkpoint is a folder: `model.safetensors`, `config.json`, `tokenizer.json`.

use crate::model::{Engine, Gpt, GptConfig};
use crate::tokenizer::Tokenizer;
use burn::store::{ModuleSnapshot, SafetensorsStore};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", path.display())]
pub struct CheckpointError {
    /// The file at fault.
    pub path: PathBuf,
    /// What is wrong with it, in one line.
    pub message: String,
}

impl CheckpointError {
    pub(crate) fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }
}

/// A network and its tokenizer.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The network.
    pub gpt: Gpt,
    /// The tokenizer.
    pub tokenizer: Tokenizer,
}

/// `config.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    model: GptConfig,
    /// Hash of size, weights and vocabulary.
    fingerprint: String,
    /// Where the checkpoint comes from; free for the writer.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    made_by: serde_json::Value,
}

const WEIGHTS: &str = "model.safetensors";
const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";

impl Checkpoint {
    /// Hash of size, weights and vocabulary, 16 hexadecimal digits: equal where all of them are equal, however
    /// they are stored and whichever engine runs them.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        hasher.update(serde_json::to_string(self.gpt.config()).expect("plain numbers").as_bytes());
        for id in 0..self.tokenizer.vocab() as u32 {
            hasher.update(self.tokenizer.word(id).unwrap_or_default().as_bytes());
            hasher.update(b"\n");
        }
        let weights = self.gpt.weights();
        let ends = [&weights.token, &weights.previous, &weights.gain, &weights.bias];
        for tensor in ends.into_iter().chain(weights.blocks.iter().flatten()) {
            tensor.iter().for_each(|x| {
                hasher.update(&x.to_le_bytes());
            });
        }
        hasher.finalize().to_hex()[..16].to_owned()
    }

    /// Writes the folder anew. It appears under its name only when it is complete.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn save(&self, dir: &Path, made_by: serde_json::Value) -> Result<(), CheckpointError> {
        let mut part = dir.as_os_str().to_owned();
        part.push(format!(".part-{}", std::process::id()));
        let part = PathBuf::from(part);
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |e: std::io::Error| CheckpointError::new(&path, e.to_string())
        };
        if part.exists() {
            std::fs::remove_dir_all(&part).map_err(fail(&part))?;
        }
        std::fs::create_dir_all(&part).map_err(fail(&part))?;
        let config = Config { model: self.gpt.config().clone(), fingerprint: self.fingerprint(), made_by };
        let config = serde_json::to_string_pretty(&config).expect("plain data") + "\n";
        std::fs::write(part.join(CONFIG), config).map_err(fail(&part.join(CONFIG)))?;
        std::fs::write(part.join(TOKENIZER), self.tokenizer.to_json() + "\n")
            .map_err(fail(&part.join(TOKENIZER)))?;
        let weights = part.join(WEIGHTS);
        self.gpt
            .save_into(&mut SafetensorsStore::from_file(&weights))
            .map_err(|e| CheckpointError::new(&weights, first_line(&e)))?;
        if dir.exists() {
            std::fs::remove_dir_all(dir).map_err(fail(dir))?;
        }
        std::fs::rename(&part, dir).map_err(fail(dir))
    }

    /// Reads the folder onto a device without gradients.
    ///
    /// # Errors
    /// If a file is missing or malformed, the vocabulary is not of the network's size, or the weights are not
    /// those that were saved.
    pub fn load(dir: &Path, device: &Device, engine: Engine) -> Result<Self, CheckpointError> {
        let path = dir.join(CONFIG);
        let text = std::fs::read_to_string(&path).map_err(|e| CheckpointError::new(&path, e.to_string()))?;
        let config: Config =
            serde_json::from_str(&text).map_err(|e| CheckpointError::new(&path, e.to_string()))?;
        if let Some(flaw) = config.model.flaw() {
            return Err(CheckpointError::new(&path, flaw));
        }
        let tokenizer = Tokenizer::from_file(&dir.join(TOKENIZER))?;
        if tokenizer.vocab() != config.model.vocab {
            let message = format!("{} tokens, but the network has {}", tokenizer.vocab(), config.model.vocab);
            return Err(CheckpointError::new(&dir.join(TOKENIZER), message));
        }
        let weights = dir.join(WEIGHTS);
        let mut gpt = config.model.init(device, engine);
        gpt.load_from(&mut SafetensorsStore::from_file(&weights))
            .map_err(|e| CheckpointError::new(&weights, first_line(&e)))?;
        let checkpoint = Self { gpt, tokenizer };
        let found = checkpoint.fingerprint();
        if found != config.fingerprint {
            let message =
                format!("weights and vocabulary hash to {found}, {CONFIG} says {}", config.fingerprint);
            return Err(CheckpointError::new(&weights, message));
        }
        Ok(checkpoint)
    }
}

/// What burn's store says, without the lists that follow.
fn first_line(error: &impl std::fmt::Display) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}
