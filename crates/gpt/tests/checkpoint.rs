//! Checkpoints: what is written is what is read, and what is wrong is named with its file.

mod device;

use device::device;
use eightfold_gpt::{Batch, Checkpoint, Engine, GptConfig, Sequence, Tokenizer};
use std::fs;
use std::path::Path;
use std::sync::Arc;

fn checkpoint() -> Checkpoint {
    let tokenizer = Tokenizer::of_words(&["a", "b", "c", "d", "e"].map(String::from));
    let config = GptConfig { vocab: tokenizer.vocab(), context: 16, width: 8, heads: 2, layers: 2 };
    Checkpoint { gpt: config.init(&device(), Engine::Fused), tokenizer }
}

fn load(dir: &Path) -> Result<Checkpoint, eightfold_gpt::CheckpointError> {
    Checkpoint::load(dir, &device(), Engine::Fused)
}

fn logps(checkpoint: &Checkpoint) -> Vec<f32> {
    let sequence = |i: u32| Sequence { prompt: vec![i % 7, 3], target: vec![2, (i * i) % 7, 1] };
    let batch = Arc::new(Batch::new((0..9).map(sequence).collect()));
    checkpoint.gpt.logps(&batch).sums.into_data().iter::<f32>().collect()
}

#[test]
fn what_is_read_is_what_was_written() {
    let temp = tempfile::tempdir().unwrap();
    // A folder that does not exist yet, in one that does not, with a dot in its name.
    let dir = temp.path().join("bases/0.5");
    let saved = checkpoint();
    saved.save(&dir, serde_json::json!({"seed": 3})).unwrap();
    let loaded = load(&dir).unwrap();
    assert_eq!(loaded.fingerprint(), saved.fingerprint());
    assert_eq!(logps(&loaded), logps(&saved));
    assert_eq!(loaded.tokenizer.encode("a e").unwrap(), saved.tokenizer.encode("a e").unwrap());
    let config = fs::read_to_string(dir.join("config.json")).unwrap();
    assert!(config.contains("\"seed\": 3"), "{config}");
    // Another one in its place, and nothing left beside it.
    let other = checkpoint();
    assert_ne!(other.fingerprint(), saved.fingerprint(), "fresh weights differ");
    other.save(&dir, serde_json::Value::Null).unwrap();
    assert_eq!(load(&dir).unwrap().fingerprint(), other.fingerprint());
    assert_eq!(fs::read_dir(temp.path().join("bases")).unwrap().count(), 1);
}

#[test]
fn the_fingerprint_is_of_weights_and_words() {
    let one = checkpoint();
    let plain = Checkpoint { gpt: one.gpt.clone().with_engine(Engine::Plain), ..one.clone() };
    assert_eq!(one.fingerprint(), plain.fingerprint());
    let tokenizer = Tokenizer::of_words(&["a", "b", "c", "e", "d"].map(String::from));
    assert_ne!(one.fingerprint(), Checkpoint { tokenizer, ..one.clone() }.fingerprint());
    assert_eq!(one.fingerprint().len(), 16);
}

/// The error of a checkpoint after `spoil` did something to its folder.
fn error(spoil: impl FnOnce(&Path)) -> String {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().join("spoiled");
    checkpoint().save(&dir, serde_json::Value::Null).unwrap();
    spoil(&dir);
    let error = load(&dir).unwrap_err().to_string();
    assert!(!error.contains('\n'), "one line: {error}");
    error
}

/// Replaces text in a file of the folder.
fn edit(file: &str, from: &str, to: &str) -> impl FnOnce(&Path) {
    move |dir| {
        let text = fs::read_to_string(dir.join(file)).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        fs::write(dir.join(file), text.replacen(from, to, 1)).unwrap();
    }
}

#[test]
fn a_missing_file_is_named() {
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let error = error(|dir| fs::remove_file(dir.join(file)).unwrap());
        assert!(error.contains(&format!("spoiled/{file}: ")), "{error}");
    }
    let error = load(Path::new("no/such/folder")).unwrap_err();
    assert!(error.to_string().starts_with("no/such/folder/config.json: "), "{error}");
}

#[test]
fn cut_weights_are_refused() {
    for share in [0, 1, 4, 9] {
        let error = error(|dir| {
            let path = dir.join("model.safetensors");
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() * share / 10]).unwrap();
        });
        assert!(error.contains("spoiled/model.safetensors: "), "{error}");
    }
}

#[test]
fn weights_that_are_not_those_saved_are_refused() {
    let flipped = error(|dir| {
        let path = dir.join("model.safetensors");
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
    });
    assert!(flipped.contains("spoiled/model.safetensors: weights and vocabulary hash to "), "{flipped}");
    let other = error(|dir| {
        let beside = dir.with_file_name("other");
        checkpoint().save(&beside, serde_json::Value::Null).unwrap();
        fs::copy(beside.join("model.safetensors"), dir.join("model.safetensors")).unwrap();
    });
    assert!(other.contains("config.json says "), "{other}");
    let word = error(edit("tokenizer.json", "\"e\": 6", "\"z\": 6"));
    assert!(word.contains("weights and vocabulary hash to "), "{word}");
    let wide = error(edit("config.json", "\"width\": 8", "\"width\": 16"));
    assert!(wide.contains("spoiled/model.safetensors: "), "{wide}");
    let deep = error(edit("config.json", "\"layers\": 2", "\"layers\": 3"));
    assert!(deep.contains("spoiled/model.safetensors: "), "{deep}");
    let shallow = error(edit("config.json", "\"layers\": 2", "\"layers\": 1"));
    assert!(shallow.contains("spoiled/model.safetensors: "), "{shallow}");
}

#[test]
fn a_vocabulary_of_another_size_is_refused() {
    let error = error(edit("config.json", "\"vocab\": 7", "\"vocab\": 9"));
    assert!(error.contains("spoiled/tokenizer.json: 7 tokens, but the network has 9"), "{error}");
}

#[test]
fn a_malformed_config_is_refused() {
    let broken = error(edit("config.json", "{", "{{"));
    assert!(broken.contains("spoiled/config.json: ") && broken.contains("line 1"), "{broken}");
    let unknown = error(edit("config.json", "\"heads\"", "\"head\""));
    assert!(unknown.contains("spoiled/config.json: unknown field `head`"), "{unknown}");
    let extra = error(edit("config.json", "{", "{\"note\": 1,"));
    assert!(extra.contains("spoiled/config.json: unknown field `note`"), "{extra}");
    for (from, to) in
        [("\"heads\": 2", "\"heads\": 3"), ("\"heads\": 2", "\"heads\": 8"), ("\"heads\": 2", "\"heads\": 0")]
    {
        let size = error(edit("config.json", from, to));
        assert!(size.contains("spoiled/config.json: ") && size.contains("head"), "{size}");
    }
}

#[test]
fn a_malformed_tokenizer_is_refused() {
    let broken = error(edit("tokenizer.json", "{", "["));
    assert!(broken.contains("spoiled/tokenizer.json: "), "{broken}");
    let endless = error(|dir| {
        let path = dir.join("tokenizer.json");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("<eos>", "<stop>")).unwrap();
    });
    assert!(endless.contains("spoiled/tokenizer.json: no token <eos>"), "{endless}");
}
