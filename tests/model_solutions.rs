//! Agreement with the labels of GSM8K's published model solutions, found through `EIGHTFOLD_DATA`.

use eightfold_task::Problem;
use eightfold_verifier::{FinalAnswer, Verifier};
use serde_json::Value;
use std::path::PathBuf;

#[test]
fn final_answers_agree_with_every_label() {
    let Some(folder) = std::env::var_os("EIGHTFOLD_DATA") else {
        println!("skipped: EIGHTFOLD_DATA is not set");
        return;
    };
    let path = PathBuf::from(folder).join("gsm8k_model_solutions_1000.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut rows = 0;
    for (i, line) in text.lines().enumerate() {
        let row: Value = serde_json::from_str(line).unwrap();
        let field = |key: &str| row[key].as_str().unwrap();
        let problem = Problem::new(field("question"), field("gold_answer_text"));
        let correct = FinalAnswer.verify(&problem, field("solution")).is_correct();
        assert_eq!(correct, row["is_correct"].as_bool().unwrap(), "row {}: {}", i + 1, field("solution"));
        rows += 1;
    }
    assert_eq!(rows, 1000);
}
