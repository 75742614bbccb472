//! The real binary on a tiny random model and made-up labelled solutions.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A folder with two problems, their answers, and three solutions: one right, two wrong and labelled.
fn data(label: i64) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let test = "{\"question\": \"Two and two?\", \"answer\": \"2+2=4\\n#### 4\"}\n\
                {\"question\": \"Two and three?\", \"answer\": \"2+3=5\\n#### 5\"}\n";
    std::fs::write(folder.path().join("test.jsonl"), test).unwrap();
    let row = |id: &str, problem: &str, correct: bool, label: i64| {
        format!(
            "{{\"id\": \"{id}\", \"problem\": \"{problem}\", \"steps\": [\"First.\", \"Then 7.\", \"The answer is 7.\"], \
             \"final_answer_correct\": {correct}, \"label\": {label}}}\n"
        )
    };
    let rows = [row("a", "Two and two?", false, 1), row("b", "Two and two?", true, -1)].concat();
    let rows = rows + &row("c", "Two and three?", false, label);
    std::fs::write(folder.path().join("processbench_gsm8k.jsonl"), rows).unwrap();
    folder
}

/// A tiny model that does not chat: its context is too short for an instruction.
fn without_chat(folder: &Path) {
    std::fs::create_dir(folder).unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/models/tests/fixtures/qwen2");
    for name in ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(fixture.join(name), folder.join(name)).unwrap();
    }
    let path = folder.join("tokenizer_config.json");
    let mut config: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    config.as_object_mut().unwrap().remove("chat_template").expect("the fixture has a template");
    std::fs::write(path, config.to_string()).unwrap();
}

fn run(data: &Path, place: &Path, more: &[&str]) -> Output {
    let model = place.join("model");
    if !model.exists() {
        without_chat(&model);
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_processbench"));
    command.arg("--model").arg(model).arg("--data").arg(data).args(["--rollouts", "4", "--max-tokens", "8"]);
    command.arg("--cache").arg(place.join("cache")).arg("--out").arg(place.join("out")).args(more);
    command.stdin(Stdio::null()).output().expect("the binary starts")
}

#[test]
fn rows_are_searched_and_what_was_drawn_is_not_drawn_again() {
    let (data, place) = (data(0), tempfile::tempdir().unwrap());
    let output = run(data.path(), place.path(), &["--rows", "1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let journal = place.path().join("cache/stages/processbench.journal.jsonl");
    let lines = || std::fs::read_to_string(&journal).unwrap().lines().count();
    // Four from the question and from after each step but the last.
    assert_eq!(lines(), 12);
    let output = run(data.path(), place.path(), &[]);
    assert!(output.status.success());
    assert_eq!(lines(), 24);
    let table = String::from_utf8(output.stdout).unwrap();
    assert_eq!(table.lines().count(), 5, "a line for 1, 2 and 4 rollouts: {table}");
    let csv = std::fs::read_to_string(place.path().join("out/processbench.csv")).unwrap();
    let rows: Vec<&str> = csv.lines().skip(1).collect();
    assert!(rows[0].starts_with("a,1,") && rows[1].starts_with("c,0,"), "{csv}");
    assert!(rows.iter().all(|row| row.split(',').next_back().unwrap().split(' ').count() == 3));
    let page = std::fs::read_to_string(place.path().join("out/processbench.md")).unwrap();
    assert!(page.contains("the first 2 of 2 GSM8K solutions"), "{page}");
}

#[test]
fn a_label_without_a_step_is_an_error_with_its_line() {
    let (data, place) = (data(3), tempfile::tempdir().unwrap());
    let output = run(data.path(), place.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(said.contains("processbench_gsm8k.jsonl:3: key `label`: there is no step 3"), "{said}");
}
