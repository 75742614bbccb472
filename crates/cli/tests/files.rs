//! Files as other programs write them: nothing is lost, and what cannot be read is named.

mod program;

use serde_json::{Value, json};
use std::path::Path;

/// The lines that a command writes, what it says, and its exit status.
fn run(arguments: &[&str], input: &str) -> (Vec<Value>, String, Option<i32>) {
    let output = program::run(Path::new("."), arguments, input);
    let out = String::from_utf8(output.stdout).unwrap();
    let rows = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (rows, String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// The same, with what is written as it stands.
fn text(arguments: &[&str], input: &str) -> String {
    String::from_utf8(program::run(Path::new("."), arguments, input).stdout).unwrap()
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_row() {
    let input =
        "\u{feff}{\"gold\": \"1\", \"pred\": \"#### 1\"}\n\u{feff}{\"gold\": \"2\", \"pred\": \"#### 2\"}\n";
    let (rows, said, status) = run(&["verify"], input);
    assert_eq!((rows.len(), status), (2, Some(0)), "{said}");
}

#[test]
fn whole_numbers_keep_every_digit() {
    let big = "1234567890123456789012345678901";
    let line = format!("{{\"gold\": {big}, \"pred\": \"#### {big}\", \"id\": {big}}}\n");
    let (rows, said, _) = run(&["verify"], &line);
    assert_eq!(rows[0]["verdict"], "equal", "{said}");
    assert!(text(&["verify"], &line).contains(&format!("\"id\": {big}")));
    let near = line.replacen("8901,", "8902,", 1);
    assert_eq!(run(&["verify"], &near).0[0]["verdict"], "different");
    let problem =
        format!("{{\"question\": \"q\", \"answer\": {big}, \"seen\": [-{big}, 18446744073709551615]}}\n");
    let (rows, _, _) = run(&["problems"], &problem);
    assert_eq!(rows[0]["answer"], big);
    assert_eq!(rows[0]["seen"], json!([format!("-{big}"), u64::MAX]));
}

#[test]
fn what_json_does_not_know_is_read_and_said() {
    let input = r#####"{"gold": "1", "pred": "\ud83d #### 1", "score": NaN}
{"gold": "2", "pred": "#### 2", "score": -Infinity}
{"gold": NaN, "pred": "3", "score": NaN}
"#####;
    let (rows, said, status) = run(&["verify"], input);
    assert_eq!((rows.len(), status), (2, Some(2)), "{said}");
    assert_eq!(rows[0]["pred"], "\u{fffd} #### 1");
    assert_eq!((&rows[0]["score"], &rows[1]["score"]), (&Value::Null, &json!("-Infinity")));
    for part in [
        "-:1: `NaN` is no JSON and is read as null",
        "-:1: half of a surrogate pair",
        "-:2: `Infinity` is no JSON",
        "-:3: key `gold` is null",
        "read as null on 2 lines",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn a_prediction_that_is_null_is_counted() {
    let input = "{\"gold\": \"1\", \"pred\": null}\n{\"gold\": \"1\", \"pred\": \"#### 1\"}\n";
    for form in ["response", "answer"] {
        let (rows, said, status) = run(&["verify", "--form", form], input);
        assert_eq!((rows.len(), status), (2, Some(0)), "{said}");
        assert_ne!(rows[0]["verdict"], "equal");
        assert_eq!(rows[0]["pred"], Value::Null);
    }
    let (_, said, _) = run(&["verify"], input);
    assert!(said.contains("50.00 %"), "{said}");
    let (rows, said, _) =
        run(&["audit", "--against", "ok"], "{\"gold\": \"1\", \"pred\": null, \"ok\": true}\n");
    assert_eq!(rows[0]["reason"], "no_answer", "{said}");
}

#[test]
fn keys_may_lead_inside_and_values_may_be_messages() {
    let row = json!({
        "prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "What is 1 + 1?"}],
        "reward_model": {"ground_truth": "2", "style": "rule"},
        "answers": [2], "scores": {"other": 1},
        "response": [{"role": "assistant", "content": [{"type": "text", "text": "So \\boxed{2}."}]}],
    });
    let line = format!("{row}\n");
    let keys = ["--gold-key", "reward_model.ground_truth", "--pred-key", "response"];
    assert_eq!(run(&[&["verify"], &keys[..]].concat(), &line).0[0]["verdict"], "equal");
    let (rows, said, _) = run(&[&["audit", "--against", "scores.other"], &keys[..]].concat(), &line);
    assert!(rows.is_empty() && said.contains("1 of 1 agree"), "{said}");
    for answer in ["reward_model.ground_truth", "answers", "answers[0]", "answers.0"] {
        let (rows, said, _) = run(&["problems", "--question-key", "prompt", "--answer-key", answer], &line);
        assert_eq!(
            (&rows[0]["question"], &rows[0]["answer"]),
            (&json!("What is 1 + 1?"), &json!("2")),
            "{said}"
        );
        assert_eq!(rows[0]["reward_model"], row["reward_model"], "what lies inside stays");
    }
    let (rows, said, _) = run(&["segment", "--by", "lines", "--text-key", "response[0].content"], &line);
    assert_eq!(rows[0]["steps"], json!([[0, 13]]), "{said}");
    let (_, said, status) = run(&["verify", "--gold-key", "reward_model", "--pred-key", "response"], &line);
    assert!(status == Some(2) && said.contains("`reward_model.ground_truth` names what is inside"), "{said}");
}

#[test]
fn no_key_is_written_twice() {
    let rows = [
        json!({"id": "a", "task": "1 + 1?", "answer": "2", "question": "other", "split": "dev"}),
        json!({"id": "a", "task": "1 - 1?", "answer": "0"}),
        json!({"id": 7, "task": "1 + 1 ?", "answer": "2"}),
        json!({"task": "2 * 2?", "answer": "4"}),
    ];
    let input: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let written = text(&["problems", "--question-key", "task", "--name", "n"], &input);
    let lines: Vec<&str> = written.lines().collect();
    assert_eq!(lines.len(), 3, "one copy, and other operators are no copies: {written}");
    for key in ["id", "question", "answer", "split"] {
        assert!(
            lines.iter().all(|line| line.matches(&format!("\"{key}\":")).count() == 1),
            "{key}: {written}"
        );
    }
    let (rows, said, status) = run(&["problems", "--question-key", "task", "--name", "n"], &input);
    assert_eq!((&rows[0]["given_question"], &rows[0]["given_split"]), (&json!("other"), &json!("dev")));
    assert_eq!((&rows[0]["id"], &rows[1]["id"], &rows[2]["id"]), (&json!("a"), &json!("n-1"), &json!("n-3")));
    assert!(rows[1]["given_id"] == "a" && said.contains("1 rows have an `id` that was there"), "{said}");
    assert_eq!(status, Some(0));
    let (_, said, status) = run(&["problems", "--question-key", "task", "--id-key", "id"], &input);
    assert!(status == Some(2) && said.contains("-:2: key `id`: `a` was on line 1"), "{said}");
}

#[test]
fn files_of_another_kind_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let cases: [(&[u8], &str); 5] = [
        (b"\x1f\x8b\x08\0", "compressed by gzip"),
        (b"\x28\xb5\x2f\xfd\0", "compressed by zstd"),
        (b"gold,pred\n1,2\n", "a table, as CSV"),
        (b"[\n{\"gold\": \"1\"}\n]\n", "a JSON array"),
        (b"PAR1\x15\0", "Parquet"),
    ];
    for (bytes, expected) in cases {
        std::fs::write(dir.path().join("data"), bytes).unwrap();
        for command in [&["verify", "data"][..], &["import", "--from", "gsm8k", "data"]] {
            let output = program::run(dir.path(), command, "");
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(
                said.contains(expected) && said.starts_with("error: data: ") && said.lines().count() == 1,
                "{said}"
            );
        }
    }
}
