//! Every input that fuzzing kept, through the checks that fuzzing makes.

#[path = "../fuzz/src/checks.rs"]
pub mod checks;

use std::path::Path;

/// The inputs of one fuzz target, as texts, with their names.
fn corpus(target: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned())
    };
    paths.iter().map(|path| read(path)).collect()
}

/// Runs a check on every input and names those that fail it.
fn hold(target: &str, check: impl Fn(&str) + std::panic::RefUnwindSafe) {
    let inputs = corpus(target);
    assert!(inputs.len() >= 20, "only {} inputs", inputs.len());
    let fails = |input: &str| std::panic::catch_unwind(|| check(input)).is_err();
    let failed: Vec<_> = inputs.iter().filter(|(_, input)| fails(input)).collect();
    assert!(failed.is_empty(), "{target}: {failed:?}");
}

#[test]
fn grades_agree_on_every_input() {
    hold("grade", |input| {
        let (gold, pred) = checks::pair(input);
        checks::grades_agree(gold, pred);
    });
}

#[test]
fn steps_tile_every_input() {
    hold("segment", checks::steps_tile);
    hold("grade", checks::steps_tile);
}
