//! Responses of status 200 that are no answer, and answers beside which something else is said.

use super::{QUICK, folder, run, sample, serve, text};
use crate::http::{Reply, Server};
use serde_json::{Value, json};
use std::time::Duration;

/// What a server says to the request that arrives with this number; `None` for what it should.
type Odd = fn(usize) -> Option<Reply>;

/// 40 samples on a server whose every third response is `odd`; the rows, and what was said.
fn survive(odd: Odd) -> (String, String) {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, odd);
    let (drawn, output) = run(dir.path(), &sample(&server.url, &[]), "samples.jsonl");
    let errors = text(&output.stderr).to_owned();
    assert!(output.status.success(), "{errors}");
    (drawn, errors)
}

#[test]
fn what_is_no_answer_is_shown_as_what_it_is_and_asked_for_again() {
    let (undisturbed, _) = survive(|_| None);
    assert_eq!(undisturbed.lines().count(), 40);
    let cases: [(Odd, &str); 5] = [
        (
            |i| {
                let event = "data: {\"choices\": [{\"delta\": {\"content\": \"4\"}}]}\n\ndata: [DONE]\n\n";
                (i % 3 == 1).then(|| Reply::new(200).header("content-type", "text/event-stream").text(event))
            },
            "a stream of events in place of one response, as with `stream`: data: ",
        ),
        (
            |i| (i % 3 == 1).then(|| Reply::new(200).text("<!doctype html><p>Please sign in</p>")),
            "HTML in place of JSON: <!doctype html>",
        ),
        (
            |i| {
                let error = json!({"error": {"message": "the queue is full", "code": 1}});
                (i % 3 == 1).then(|| Reply::new(200).json(&error))
            },
            "the queue is full",
        ),
        (
            |i| {
                let choice = json!({"index": 0, "text": "half", "finish_reason": "abort"});
                (i % 3 == 1).then(|| Reply::new(200).json(&json!({"choices": [choice]})))
            },
            "choice 0 was broken off by the server (`abort`)",
        ),
        (|i| (i % 3 == 1).then(|| Reply::new(200).text("")), "no JSON"),
    ];
    for (odd, shown) in cases {
        let (drawn, errors) = survive(odd);
        assert_eq!(drawn, undisturbed, "{shown}");
        assert!(errors.contains("attempts repeated, broken response") && errors.contains(shown), "{errors}");
    }
}

#[test]
fn a_server_that_answers_nothing_else_is_one_error() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, |_| Some(Reply::new(200).text("data: {}\n\ndata: [DONE]")));
    let attempts = ["--attempts", "3", "--no-seed-check"];
    let (drawn, output) = run(
        dir.path(),
        &[
            &["sample", "problems.jsonl", "--server", &server.url, "--model", "m", "--back-off", "0.005"][..],
            &attempts,
        ]
        .concat(),
        "samples.jsonl",
    );
    let errors = text(&output.stderr);
    assert!(drawn.is_empty() && output.status.code() == Some(1), "{errors}");
    assert!(errors.contains("no answer in 3 attempts") && errors.contains("a stream of events"), "{errors}");
}

#[test]
fn thinking_is_kept_apart_in_rows_and_a_missing_content_is_said() {
    for key in ["reasoning", "reasoning_content"] {
        let (dir, _) = folder();
        let server = Server::start(move |body| {
            let cut = body["messages"][0]["content"].as_str().unwrap().contains("What is 3?");
            let (content, reason) =
                if cut { (Value::Null, "length") } else { (json!("two\n#### 1"), "stop") };
            let message = json!({"content": content, key: "hm"});
            Reply::new(200).json(&json!({"choices": [{"message": message, "finish_reason": reason}]}))
        });
        let url = server.url();
        let chat = ["--api", "chat", "--no-seed-check"];
        let (drawn, output) = run(dir.path(), &sample(&url, &chat), "samples.jsonl");
        let errors = text(&output.stderr);
        let rows: Vec<Value> = drawn.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rows.len() == 40 && rows.iter().all(|row| row["reasoning"] == "hm"), "{errors}");
        assert_eq!((&rows[0]["completion"], &rows[12]["completion"]), (&json!("two\n#### 1"), &json!("")));
        assert!(errors.contains("warning: 4 of 40 messages had no content"), "{errors}");

        let solution = json!({"id": "a", "sample": 0, "question": "q", "answer": "1", "prompt": "q\n",
            "completion": "one\n#### 2"});
        std::fs::write(dir.path().join("solutions.jsonl"), format!("{solution}\n")).unwrap();
        let texts = Server::start(move |_| {
            let choice = json!({"message": {"content": "#### 1", key: "hm"}, "finish_reason": "stop"});
            Reply::new(200).json(&json!({"choices": [choice]}))
        });
        let url = texts.url();
        let draw = ["rollouts", "solutions.jsonl", "--rollouts", "2", "--no-seed-check", "--server", &url];
        let (drawn, _) = run(dir.path(), &[&draw[..], &QUICK].concat(), "rollouts.jsonl");
        let rows: Vec<Value> = drawn.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(rows.len() == 2 && rows.iter().all(|row| row["reasoning"] == "hm"), "{drawn}");
    }
}
