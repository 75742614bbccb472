//! `eightfold audit` and the flags of `eightfold verify`.

mod program;

use serde_json::{Value, json};
use std::path::Path;

/// The rows that a command writes, what it says, and its exit status.
fn run(arguments: &[&str], rows: &[Value]) -> (Vec<Value>, String, Option<i32>) {
    let lines: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let output = program::run(Path::new("."), arguments, &lines);
    let out = String::from_utf8(output.stdout).unwrap();
    let rows = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (rows, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

#[test]
fn disagreements_are_written_and_counted_by_reason() {
    let rows = [
        json!({"gold": "1/2", "pred": "#### 0.5", "other": true}),
        json!({"gold": "1/2", "pred": "#### 0.5", "other": false}),
        json!({"gold": "7", "pred": "<think>7", "other": 1}),
        json!({"gold": "7", "pred": "#### 8", "other": null}),
    ];
    let (out, said, status) = run(&["audit", "--against", "other"], &rows);
    assert_eq!((out.len(), status), (2, Some(0)), "{said}");
    assert_eq!((&out[0]["verdict"], &out[0]["against"]), (&json!("equal"), &json!(false)));
    assert_eq!((&out[1]["reason"], &out[1]["against"]), (&json!("no_answer"), &json!(true)));
    assert!(said.contains("2 of 4 agree") && said.contains("line 2: 1/2 / 0.5"), "{said}");
    let (_, said, status) =
        run(&["audit", "--against", "other"], &[json!({"gold": "1", "pred": "1", "other": "?"})]);
    assert!(status == Some(2) && said.contains("`other` is no verdict"), "{said}");
}

#[test]
fn verify_says_where_an_answer_stands_and_what_was_not_read() {
    let verdict = |arguments: &[&str], gold: &str, pred: &str| {
        let (mut rows, said, _) =
            run(&[&["verify"], arguments].concat(), &[json!({"gold": gold, "pred": pred})]);
        assert_eq!(rows.len(), 1, "{said}");
        rows.remove(0)
    };
    let row = verdict(&["--extract", "flexible,marked"], "18", "So she has 18 left.");
    assert_eq!((&row["verdict"], &row["verdict_marked"]), (&json!("equal"), &json!("different")));
    assert_eq!(
        (&row["reason"], &row["marker"], &row["spans"]),
        (&json!("guessed"), &json!("last_number"), &json!([[11, 13]]))
    );
    assert_eq!(verdict(&[], r"\unknown{3}", "#### 3")["unread"], json!("gold"));
    assert_eq!(verdict(&[], "3", r"#### \unknown{3}")["unread"], json!("prediction"));
    assert_eq!(verdict(&[], "7", "<think>#### 7</think>")["verdict"], json!("different"));
    assert_eq!(verdict(&["--thinking", "keep"], "7", "<think>#### 7")["verdict"], json!("equal"));
    assert_eq!(verdict(&[], "12 cm", "#### 120 mm")["verdict"], json!("different"));
    assert_eq!(verdict(&["--units", "convert"], "12 cm", "#### 120 mm")["verdict"], json!("equal"));
    assert_eq!(verdict(&["--units", "convert"], "12 cm", "#### 12 mm")["verdict"], json!("different"));
    assert_eq!(verdict(&["--choices", "yes,no"], "yes", "#### Yes.")["verdict"], json!("equal"));
    assert_eq!(verdict(&["--choices", "yes,no"], "yes", "#### no")["verdict"], json!("different"));
    assert_eq!(verdict(&["--choices", "yes,no"], "yes", "#### maybe")["reason"], json!("no_choice"));
    assert_eq!(
        verdict(&["--preset", "math-verify"], "0.333333", r"\boxed{\frac13}")["verdict"],
        json!("equal")
    );
}
