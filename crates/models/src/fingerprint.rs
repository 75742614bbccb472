//! The name of a model folder by what is in it.

use crate::ModelError;
use crate::tensors::file;
use eightfold_journal::ContentId;
use std::fs::File;
use std::path::Path;

/// The files that a model is made of, where they exist, beside its weights.
const SMALL: &[&str] = &[
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors.index.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

/// Names a model folder by the contents of the files that [`crate::Model::open`] reads: a copy has the same name, and
/// other weights, another tokenizer or another template has another.
///
/// # Errors
/// If the folder or one of the files cannot be read.
pub fn fingerprint(folder: &Path) -> Result<ContentId, ModelError> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|source| file(folder, source))? {
        let name = entry.map_err(|source| file(folder, source))?.file_name();
        names
            .extend(name.into_string().ok().filter(|n| n.ends_with(".safetensors") || SMALL.contains(&&**n)));
    }
    names.sort_unstable();
    let mut parts = Vec::with_capacity(2 * names.len());
    for name in names {
        let path = folder.join(&name);
        let mut hasher = blake3::Hasher::new();
        File::open(&path)
            .and_then(|file| hasher.update_reader(file).map(drop))
            .map_err(|source| file(&path, source))?;
        parts.extend([name.into_bytes(), hasher.finalize().as_bytes().to_vec()]);
    }
    Ok(ContentId::of(parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_same_name_and_another_tokenizer_another() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/llama-yarn");
        let copy = tempfile::tempdir().unwrap();
        for entry in std::fs::read_dir(&fixture).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
        }
        let name = fingerprint(&fixture).unwrap();
        std::fs::write(copy.path().join("README.md"), "no part of it").unwrap();
        assert_eq!(fingerprint(copy.path()).unwrap(), name);
        for changed in ["tokenizer.json", "model-00002-of-00003.safetensors"] {
            let path = copy.path().join(changed);
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, [&bytes[..], b" "].concat()).unwrap();
            assert_ne!(fingerprint(copy.path()).unwrap(), name, "{changed}");
            std::fs::write(&path, bytes).unwrap();
        }
        assert!(fingerprint(Path::new("nowhere")).unwrap_err().to_string().starts_with("nowhere: "));
    }
}
