//! Writes the inputs of folders as one corpus, a line of JSON for each, sorted by name.
//! Usage: `pack FOLDER... > CORPUS.jsonl`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let mut inputs = BTreeMap::new();
    for folder in std::env::args_os().skip(1) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            inputs.insert(name, String::from_utf8_lossy(&fs::read(&path)?).into_owned());
        }
    }
    for (name, text) in inputs {
        println!("{}", serde_json::json!({ "name": name, "text": text }));
    }
    Ok(())
}
