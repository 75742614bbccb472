//! What is wrong with a folder is said in one line that names the file.

use eightfold_models::Model;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// A copy of a fixture.
fn copied(name: &str) -> TempDir {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

/// Changes one key of a JSON file, named by a path of keys.
fn set(folder: &TempDir, file: &str, keys: &str, value: Value) {
    let path = folder.path().join(file);
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    *json.pointer_mut(keys).unwrap() = value;
    std::fs::write(path, json.to_string()).unwrap();
}

/// The one line that opening the folder gives.
fn message(folder: &TempDir) -> String {
    let message = Model::open(folder.path()).err().expect("the folder is bad").to_string();
    assert!(!message.contains('\n'), "{message}");
    message.replace(folder.path().to_str().unwrap(), "DIR")
}

#[test]
fn a_missing_shard_is_named() {
    let folder = copied("llama-yarn");
    std::fs::remove_file(folder.path().join("model-00002-of-00003.safetensors")).unwrap();
    let want = "DIR/model.safetensors.index.json: the shard model-00002-of-00003.safetensors is missing";
    assert_eq!(message(&folder), want);
}

#[test]
fn a_truncated_file_is_named() {
    for (fixture, file) in
        [("qwen2", "model.safetensors"), ("llama-yarn", "model-00003-of-00003.safetensors")]
    {
        let folder = copied(fixture);
        let path = folder.path().join(file);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        let (found, promised) = (whole.len() - 1, whole.len());
        let want =
            format!("DIR/{file}: {found} bytes, where its header promises {promised}: the file was cut");
        assert_eq!(message(&folder), want);
    }
}

#[test]
fn configurations_that_do_not_fit_are_named() {
    let cases = [
        (
            "/architectures/0",
            Value::from("GptForMars"),
            "DIR/config.json: unknown architecture \"GptForMars\"",
        ),
        (
            "/rope_parameters/rope_type",
            Value::from("su"),
            "DIR/config.json: rope_parameters: unknown rope type \"su\"",
        ),
        (
            "/hidden_size",
            Value::from(64),
            "DIR/model.safetensors: tensor model.embed_tokens.weight is [320, 32], not",
        ),
        (
            "/num_hidden_layers",
            Value::from(3),
            "DIR/model.safetensors: no tensor model.layers.2.input_layernorm.weight",
        ),
        (
            "/num_key_value_heads",
            Value::from(4),
            "DIR/model.safetensors: tensor model.layers.0.self_attn.k_proj.weight",
        ),
        ("/tie_word_embeddings", Value::from(false), "DIR/model.safetensors: no tensor lm_head.weight"),
        ("/vocab_size", Value::from(319), "DIR/tokenizer.json: token "),
    ];
    for (keys, value, want) in cases {
        let folder = copied("llama-llama3");
        set(&folder, "config.json", keys, value);
        let message = message(&folder);
        assert!(message.starts_with(want), "{message}");
    }
}

#[test]
fn a_tokenizer_with_more_tokens_than_rows_is_named() {
    let folder = copied("qwen3");
    set(&folder, "tokenizer.json", "/model/vocab/z", Value::from(1000));
    let want = "DIR/tokenizer.json: token \"z\" has id 1000, but the embedding has 320 rows";
    assert_eq!(message(&folder), want);
}

#[test]
fn damaged_small_files_are_named() {
    for (file, text) in [
        ("config.json", "{"),
        ("tokenizer.json", "{}"),
        ("tokenizer_config.json", "[]"),
        ("generation_config.json", "{\"eos_token_id\": \"two\"}"),
        ("chat_template.jinja", "{% for %}"),
    ] {
        let folder = copied("qwen2");
        std::fs::write(folder.path().join(file), text).unwrap();
        let message = message(&folder);
        assert!(message.starts_with(&format!("DIR/{file}: ")), "{message}");
    }
    let folder = copied("qwen2");
    std::fs::remove_file(folder.path().join("config.json")).unwrap();
    assert!(message(&folder).starts_with("DIR/config.json: No such file"));
}
