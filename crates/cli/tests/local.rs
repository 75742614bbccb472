//! The commands that draw completions, from a model in a folder.
#![cfg(feature = "models")]

mod program;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

/// The folder of a tiny random model.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../models/tests/fixtures/qwen2")
}

/// A run in a folder of its own, where its journal lies.
fn run(arguments: &[&str], input: &str) -> Output {
    program::run(tempfile::tempdir().unwrap().path(), arguments, input)
}

/// What a run that ends well writes.
fn lines(arguments: &[&str], input: &str) -> String {
    let output = run(arguments, input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn problems(n: usize) -> String {
    let problem = |i: usize| json!({"id": format!("p{i}"), "question": format!("{i} + 1?"), "answer": (i + 1).to_string()});
    (0..n).map(|i| problem(i).to_string() + "\n").collect()
}

#[test]
fn samples_are_functions_of_their_problem_and_number() {
    let folder = folder();
    let sample = |n: &str, problems: &str, more: &[&str]| {
        let model = ["sample", "--model", folder.to_str().unwrap(), "--n", n, "--max-tokens", "12"];
        lines(&[&model[..], more].concat(), problems)
    };
    let all = rows(&sample("3", &problems(4), &[]));
    assert_eq!(all.len(), 12);
    for (i, row) in all.iter().enumerate() {
        assert_eq!(
            (row["id"].as_str(), row["sample"].as_u64()),
            (Some(&*format!("p{}", i / 3)), Some(i as u64 % 3))
        );
        assert_eq!(row["model"], "qwen2");
        assert!(row["tokens"].as_u64().unwrap() <= 12);
        assert!(["stop", "length"].contains(&row["finish_reason"].as_str().unwrap()));
    }
    // Fewer samples of fewer problems are the first ones.
    let few = rows(&sample("2", &problems(2), &[]));
    assert_eq!(few[..2], all[..2]);
    assert_eq!(few[2..], all[3..5]);
    let chat = rows(&sample("1", &problems(2), &["--api", "chat", "--temperature", "0"]));
    assert!(chat[0]["prompt"].is_array() && chat[0]["completion"].is_string());
}

#[test]
fn rollouts_and_values_draw_the_same_continuations() {
    let folder = folder();
    let model = ["--model", folder.to_str().unwrap(), "--max-tokens", "8"];
    let solution = |form: Value| {
        json!({"id": "a", "sample": 0, "question": "1 + 1?", "answer": "2", "prompt": form,
               "completion": "First, 1.\nThen 3.\n#### 3"})
        .to_string()
            + "\n"
    };
    for form in [json!("1 + 1?\n"), json!([{"role": "user", "content": "1 + 1?"}])] {
        let solutions = solution(form);
        let drawn = lines(&[&["rollouts", "--rollouts", "2"], &model[..]].concat(), &solutions);
        let steps: Vec<_> = rows(&drawn).iter().map(|row| row["step"].as_u64().unwrap()).collect();
        assert_eq!(steps, [1, 1, 2, 2]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &drawn).unwrap();
        let recorded = lines(&["value", "--rollouts", file.path().to_str().unwrap()], &solutions);
        let live = lines(&[&["value", "--draws", "2"], &model[..]].concat(), &solutions);
        assert_eq!(rows(&live)[0]["values"], rows(&recorded)[0]["values"]);
        assert_eq!(rows(&live)[0]["first_pit"], rows(&recorded)[0]["first_pit"]);
    }
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let folder = folder();
    let fails = |arguments: &[&str]| {
        let output = run(&[&["sample"], arguments].concat(), &problems(1));
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = fails(&["--model", "nowhere"]);
    assert!(missing.contains("nowhere/config.json: No such file"), "{missing}");
    let journal = fails(&["--model", folder.to_str().unwrap(), "--logprobs"]);
    assert!(journal.contains("--logprobs needs --server"), "{journal}");
    let wide = fails(&["--model", folder.to_str().unwrap(), "--top-p", "2"]);
    assert!(wide.contains("--top-p 2 is not in (0, 1]"), "{wide}");
}

#[test]
fn a_run_goes_on_from_its_journal_wherever_it_was_cut() {
    let (folder, place) = (folder(), tempfile::tempdir().unwrap());
    let sample = |journal: &Path, n: &str| {
        let arguments = ["sample", "--model", folder.to_str().unwrap(), "--max-tokens", "12", "--n", n];
        let journal = ["--journal", journal.to_str().unwrap()];
        let output = program::run(place.path(), &[&arguments[..], &journal].concat(), &problems(4));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        (String::from_utf8(output.stdout).unwrap(), said)
    };
    let journal = place.path().join("whole.jsonl");
    let (whole, said) = sample(&journal, "3");
    assert!(said.contains("0 completions in"), "{said}");
    let bytes = std::fs::read(&journal).unwrap();
    let ends: Vec<usize> = (0..bytes.len()).filter(|&at| bytes[at] == b'\n').collect();
    assert_eq!(ends.len(), 12);
    // A killed process leaves whole lines and perhaps a part of one.
    for (cut, stored) in [(0, 0), (ends[4] + 1, 5), (ends[7] + 9, 8), (bytes.len(), 12)] {
        let journal = place.path().join(format!("{cut}.jsonl"));
        std::fs::write(&journal, &bytes[..cut]).unwrap();
        let (again, said) = sample(&journal, "3");
        assert_eq!(again, whole, "cut at {cut}");
        assert!(said.contains(&format!("{stored} completions in")), "{said}");
        assert!(said.contains(&format!("{stored} from the journal")), "{said}");
    }
    // Fewer samples were all drawn; another model's were not.
    assert!(sample(&journal, "2").1.contains("8 from the journal"));
    let warmer = ["sample", "--model", folder.to_str().unwrap(), "--temperature", "0.5", "--journal"];
    let warmer =
        program::run(place.path(), &[&warmer[..], &[journal.to_str().unwrap()]].concat(), &problems(1));
    assert!(String::from_utf8(warmer.stderr).unwrap().contains("0 from the journal"));
}
