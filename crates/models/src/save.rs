//! Writing a model folder that `transformers` loads.

use crate::tensors::{SINGLE, file};
use crate::{Model, ModelError};
use safetensors::Dtype;
use safetensors::tensor::{View, serialize_to_file};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

const CONFIG: &str = "config.json";

/// What a folder has besides weights, where it has it.
const FILES: [&str; 10] = [
    CONFIG,
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tokenizer.model",
];

/// The small files of a folder, as they are, by name.
pub(crate) struct Files(Vec<(&'static str, Vec<u8>)>);

impl Files {
    /// Reads those that are there.
    pub(crate) fn open(folder: &Path) -> Result<Self, ModelError> {
        let paths = FILES.iter().map(|name| (*name, folder.join(name))).filter(|(_, path)| path.exists());
        let read = |(name, path): (&'static str, PathBuf)| {
            Ok((name, std::fs::read(&path).map_err(|source| file(&path, source))?))
        };
        paths.map(read).collect::<Result<_, _>>().map(Self)
    }
}

impl Model {
    /// Writes a folder in the form of Hugging Face: the weights as they are now in one `model.safetensors` (f32, but
    /// for matrices that were bfloat16 and have not been trained), and the files that stood beside them when the model
    /// was read. `config.json` says the type of the weights, and is otherwise as it was.
    ///
    /// The folder appears whole: it is written beside its place as `.NAME.partial`, which a killed run leaves and the
    /// next one removes.
    ///
    /// # Errors
    /// If something is in its place already, or cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), ModelError> {
        let occupied =
            std::fs::read_dir(folder).map_or(folder.exists(), |mut entries| entries.next().is_some());
        let name = folder.file_name().filter(|_| !occupied);
        let Some(name) = name else {
            let source =
                std::io::Error::new(std::io::ErrorKind::AlreadyExists, "there is something here already");
            return Err(file(folder, source));
        };
        let partial = folder.with_file_name(format!(".{}.partial", name.to_string_lossy()));
        if partial.exists() {
            std::fs::remove_dir_all(&partial).map_err(|source| file(&partial, source))?;
        }
        std::fs::create_dir_all(&partial).map_err(|source| file(&partial, source))?;
        self.write(&partial)?;
        std::fs::rename(&partial, folder).map_err(|source| file(folder, source))
    }

    fn write(&self, folder: &Path) -> Result<(), ModelError> {
        let tensors = self.network.weights.tensors(&self.config);
        // Gains are kept as f32 always, and hold what bfloat16 can where they were not trained.
        let narrow = tensors.iter().any(|tensor| tensor.dtype() == Dtype::BF16)
            && tensors.iter().all(|tensor| tensor.dtype() == Dtype::BF16 || tensor.shape().len() == 1);
        for (name, bytes) in &self.files.0 {
            let path = folder.join(name);
            let config = if *name == CONFIG { Some(typed(bytes, narrow, &path)?) } else { None };
            let bytes = config.as_deref().unwrap_or(bytes);
            std::fs::write(&path, bytes).map_err(|source| file(&path, source))?;
        }
        let path = folder.join(SINGLE);
        let tensors = tensors.iter().map(|tensor| (&tensor.name, tensor));
        // `transformers` wants to be told that the layout is PyTorch's.
        let format = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        serialize_to_file(tensors, Some(format), &path)
            .map_err(|error| file(&path, std::io::Error::other(error)))
    }
}

/// `config.json` with the type of the weights.
fn typed(config: &[u8], narrow: bool, path: &Path) -> Result<Vec<u8>, ModelError> {
    let json =
        |error: serde_json::Error| ModelError::Json { path: path.to_owned(), message: error.to_string() };
    let mut config: Value = serde_json::from_slice(config).map_err(json)?;
    if let Some(keys) = config.as_object_mut() {
        // The older name of the key.
        keys.remove("torch_dtype");
        keys.insert("dtype".to_owned(), if narrow { "bfloat16" } else { "float32" }.into());
    }
    serde_json::to_vec_pretty(&config).map_err(json)
}
