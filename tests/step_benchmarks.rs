//! Paragraphs give back the steps of ProcessBench, found through `EIGHTFOLD_DATA`.

use eightfold_segment::{Paragraphs, Segmenter};
use serde_json::Value;
use std::path::PathBuf;

#[test]
fn paragraphs_give_back_joined_steps() {
    let Some(folder) = std::env::var_os("EIGHTFOLD_DATA") else {
        println!("skipped: EIGHTFOLD_DATA is not set");
        return;
    };
    let path = PathBuf::from(folder).join("processbench_gsm8k_200.jsonl");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (mut rows, mut same) = (0, 0);
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let steps: Vec<&str> = row["steps"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
        let cut = Paragraphs.segment(&steps.join("\n\n"));
        rows += 1;
        // White space at the end of a step cannot be told from the blank line.
        same += usize::from(cut.iter().map(str::trim_end).eq(steps.iter().map(|step| step.trim_end())));
    }
    println!("{same} of {rows} rows");
    assert!(rows == 200 && same * 100 >= rows * 99, "{same} of {rows}");
}
