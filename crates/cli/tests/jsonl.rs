//! The program as a user meets it: lines in, lines out, exit status.

mod program;

use std::path::Path;
use std::process::Output;

fn eightfold(arguments: &[&str], input: &str) -> Output {
    program::run(Path::new("."), arguments, input)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn every_line_is_graded_and_further_keys_stay() {
    let input = r#"{"id": 12345678901234567890123, "gold": "So 9 + 9.\n#### 18", "pred": "The answer is $18."}

{"gold": "1/2", "pred": "\\boxed{\\frac{1}{3}}", "note": "é"}
{"gold": 5, "pred": "I do not know how many there are"}
"#;
    let output = eightfold(&["verify"], input);
    assert_eq!(output.status.code(), Some(0));
    let lines: Vec<&str> = text(&output.stdout).lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with(r#"{"id": 12345678901234567890123, "gold""#), "{}", lines[0]);
    let row = |i: usize| -> serde_json::Value { serde_json::from_str(lines[i]).unwrap() };
    assert_eq!(row(0)["verdict"], "equal");
    assert_eq!(row(0)["extracted"], "$18");
    assert_eq!((&row(1)["verdict"], &row(1)["note"]), (&"different".into(), &"é".into()));
    assert_eq!((&row(2)["reason"], &row(2)["extracted"]), (&"no_answer".into(), &serde_json::Value::Null));
    assert!(text(&output.stderr).contains("equal"), "a summary on standard error");
}

#[test]
fn malformed_lines_are_named_and_the_rest_is_graded() {
    let input = "{\"gold\": \"1\", \"pred\": \"1\"}\nnot json\n{\"gold\": \"1\"}\n[1]\n{\"gold\": \"2\", \"pred\": \"2\"}\n";
    let output = eightfold(&["verify", "--form", "answer"], input);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout).lines().count(), 2);
    let errors = text(&output.stderr);
    assert!(
        errors.contains("-:2: ") && errors.contains("-:3: no key `pred`") && errors.contains("-:4: "),
        "{errors}"
    );
    let strict = eightfold(&["verify", "--strict"], input);
    assert_eq!((strict.status.code(), text(&strict.stdout).lines().count()), (Some(2), 1));
}

#[test]
fn one_pair_is_explained() {
    let output = eightfold(&["verify", "--gold", "1/2", "--pred", "0.5"], "");
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("equal: "), "{}", text(&output.stdout));
    let output = eightfold(&["verify", "--gold", "-3", "--pred", "-4"], "");
    assert!(text(&output.stdout).starts_with("different: "), "{}", text(&output.stdout));
}

#[test]
fn tolerance_is_opt_in() {
    let input = "{\"gold\": \"1/3\", \"pred\": \"0.33\"}\n";
    let verdict = |arguments: &[&str]| {
        let output = eightfold(arguments, input);
        let row: serde_json::Value = serde_json::from_str(text(&output.stdout)).unwrap();
        row["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(&["verify"]), "different");
    assert_eq!(verdict(&["verify", "--tolerance", "rounded:2"]), "equal");
    assert_eq!(verdict(&["verify", "--tolerance", "rounded:3"]), "different");
    assert_eq!(verdict(&["verify", "--tolerance", "relative:0.02"]), "equal");
    assert_ne!(eightfold(&["verify", "--tolerance", "loose"], "").status.code(), Some(0));
}

#[test]
fn steps_are_counted_in_characters_or_bytes() {
    let input = "{\"text\": \"é one\\ntwo\\n#### 2\"}\n";
    let steps = |arguments: &[&str]| -> serde_json::Value {
        let output = eightfold(arguments, input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        serde_json::from_str(text(&output.stdout)).unwrap()
    };
    let row = steps(&["segment", "--by", "lines", "--mark-answer"]);
    assert_eq!(row["steps"], serde_json::json!([[0, 6], [6, 10], [10, 16]]));
    assert_eq!(row["answer"], 2);
    assert_eq!(steps(&["segment", "--by", "lines", "--bytes"])["steps"][0], serde_json::json!([0, 7]));
    assert_eq!(
        steps(&["segment", "--by", "sentences", "--most", "1"])["steps"],
        serde_json::json!([[0, 16]])
    );
}

#[test]
fn a_missing_file_is_named() {
    let output = eightfold(&["verify", "nowhere.jsonl"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("nowhere.jsonl"), "{}", text(&output.stderr));
}
