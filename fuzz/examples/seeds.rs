//! Writes seeds, one file for each: the rows of the verifier's case tables, or the lines of a corpus.
//! Usage: `seeds TABLES OUT` or `seeds CORPUS.jsonl OUT`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(tables), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: seeds TABLES OUT, or seeds CORPUS.jsonl OUT".into());
    };
    fs::create_dir_all(&out)?;
    if tables.is_file() {
        let text = fs::read_to_string(&tables)?;
        for line in text.lines() {
            let input: serde_json::Value = serde_json::from_str(line)?;
            let (Some(name), Some(text)) = (input["name"].as_str(), input["text"].as_str()) else { continue };
            fs::write(out.join(name), text)?;
        }
        println!("{} seeds", text.lines().count());
        return Ok(());
    }
    let mut rows = 0;
    for entry in fs::read_dir(tables)? {
        let table: toml::Table = fs::read_to_string(entry?.path())?.parse()?;
        for pair in ["equal", "different", "undecided"]
            .iter()
            .filter_map(|kind| table.get(*kind)?.as_array())
            .flatten()
        {
            let (Some(gold), Some(pred)) = (pair[0].as_str(), pair[1].as_str()) else { continue };
            fs::write(out.join(format!("row-{rows:04}")), format!("{gold}\t{pred}"))?;
            rows += 1;
        }
    }
    println!("{rows} seeds");
    Ok(())
}
