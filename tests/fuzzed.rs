//! Every input that fuzzing kept, through the checks that fuzzing makes.

#[path = "../fuzz/src/checks.rs"]
pub mod checks;

use std::path::Path;

/// The inputs of one fuzz target, as texts, with their names.
fn corpus(target: &str) -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    struct Input {
        name: String,
        text: String,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../fuzz/corpus/{target}.jsonl"));
    let lines = std::fs::read_to_string(&path).unwrap();
    let input = |line: &str| {
        let Input { name, text } = serde_json::from_str(line).unwrap();
        (name, text)
    };
    lines.lines().map(input).collect()
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
