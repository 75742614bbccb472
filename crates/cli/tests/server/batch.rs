//! Batches: requests in a file, answers in another, and the rows that a server would have given.

use super::{QUICK, folder, run, sample, serve, text};
use crate::http::{Reply, Server};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn write(path: &Path, lines: &[Value]) {
    fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

/// What a server would answer to a request of a batch, with the status that its line has.
fn answered(request: &Value) -> Value {
    let body = super::said(&request["body"]);
    json!({"id": "batch_req_1", "custom_id": request["custom_id"],
           "response": {"status_code": 200, "request_id": "r", "body": body}, "error": null})
}

fn refused(request: &Value) -> Value {
    let error = json!({"error": {"message": "the prompt is too long", "code": 400}});
    json!({"custom_id": request["custom_id"], "response": {"status_code": 400, "body": error}, "error": null})
}

fn expired(request: &Value) -> Value {
    let error = json!({"code": "batch_expired", "message": "not done in time"});
    json!({"custom_id": request["custom_id"], "response": null, "error": error})
}

/// `sample` without a server.
fn offline<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["sample", "problems.jsonl", "--n", "4"][..], &QUICK, more].concat()
}

#[test]
fn a_batch_gives_the_rows_of_a_server_without_a_request() {
    for more in [&[][..], &["--api", "chat"]] {
        let (dir, _) = folder();
        let at = dir.path();
        let server = serve(Duration::ZERO, |_| None);
        let journal = ["--journal", "live"];
        let (live, _) = run(at, &sample(&server.url, &[more, &journal].concat()), "live.jsonl");
        assert_eq!(live.lines().count(), 40);
        let sent = server.arrived.load(Ordering::SeqCst);

        // A server that is named is not called either.
        let named = ["--server", &server.url];
        for named in [&[][..], &named] {
            let out = [more, named, &["--batch-out", "requests.jsonl"]].concat();
            let (drawn, output) = run(at, &offline(&out), "none.jsonl");
            let errors = text(&output.stderr);
            assert!(output.status.success() && drawn.is_empty(), "{errors}");
            assert!(errors.contains("40 of 40 requests are in requests.jsonl"), "{errors}");
        }
        let requests = lines(&at.join("requests.jsonl"));
        let url = if more.is_empty() { "/v1/completions" } else { "/v1/chat/completions" };
        assert_eq!(requests.len(), 40);
        assert!(
            requests.iter().all(|r| r["method"] == "POST" && r["url"] == url && r["body"]["model"] == "mock")
        );
        // In any order, in two files.
        let mut answers: Vec<Value> = requests.iter().map(answered).collect();
        answers.reverse();
        write(&at.join("a.jsonl"), &answers[..13]);
        write(&at.join("b.jsonl"), &answers[13..]);
        let read = [more, &["--batch-in", "a.jsonl", "--batch-in", "b.jsonl"]].concat();
        let (drawn, output) = run(at, &offline(&read), "batch.jsonl");
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(drawn, live);
        assert_eq!(server.arrived.load(Ordering::SeqCst), sent, "no request was sent");
        // Once more: every answer is there.
        let (again, output) = run(at, &offline(&read), "again.jsonl");
        assert!(again == live && text(&output.stderr).contains("0 answers stored, 27 already there"));
    }
}

#[test]
fn lines_of_errors_are_what_they_would_be_live() {
    let (dir, _) = folder();
    let at = dir.path();
    let (_, output) = run(at, &offline(&["--batch-out", "requests.jsonl"]), "none.jsonl");
    assert!(output.status.success());
    let requests = lines(&at.join("requests.jsonl"));
    let line = |(i, request): (usize, &Value)| match i {
        3 => refused(request),
        5 => expired(request),
        6 => {
            json!({"custom_id": request["custom_id"], "response": {"status_code": 500, "body": null}, "error": "down"})
        }
        // Status 200, but no answer; the form of vLLM's errors; no line at all.
        7 => {
            json!({"custom_id": request["custom_id"], "response": {"status_code": 200, "body": {"choices": []}}})
        }
        8 => json!({"custom_id": request["custom_id"], "response": {"status_code": 400, "body": null},
                    "error": {"message": "the prompt is too long", "code": 400}}),
        _ => answered(request),
    };
    let mut answers: Vec<Value> = requests.iter().enumerate().filter(|(i, _)| *i != 9).map(line).collect();
    answers.push(json!({"custom_id": "somebody-else", "response": {"status_code": 200, "body": {}}}));
    answers.push(json!({"response": {"status_code": 200, "body": {}}}));
    write(&at.join("answers.jsonl"), &answers);
    let mut text_in = fs::read_to_string(at.join("answers.jsonl")).unwrap();
    text_in.push_str("{\"custom_id\": ");
    fs::write(at.join("answers.jsonl"), text_in).unwrap();

    // Without a server the run ends, but what was answered is kept.
    let (drawn, output) = run(at, &offline(&["--batch-in", "answers.jsonl"]), "none.jsonl");
    let errors = text(&output.stderr);
    assert!(drawn.is_empty() && output.status.code() == Some(1), "{errors}");
    for said in [
        "34 answers stored, 0 already there, 2 prompts refused, 3 without an answer",
        "4 of 40 requests have no answer",
        "answers.jsonl:6: no answer: not done in time",
        "answers.jsonl:7: no answer: status 500",
        "answers.jsonl:8: no answer: no choices",
        "answers.jsonl:40: its `custom_id` is no request of this command",
        "answers.jsonl:41: its `custom_id`",
        "answers.jsonl:42: ",
    ] {
        assert!(errors.contains(said), "{said}: {errors}");
    }

    // What is missing goes into the next batch, or to a server; refused prompts go nowhere.
    let more = ["--batch-in", "answers.jsonl", "--batch-out", "rest.jsonl"];
    let (_, output) = run(at, &offline(&more), "none.jsonl");
    assert_eq!(output.status.code(), Some(2), "lines were malformed");
    let ids = |lines: &[Value]| lines.iter().map(|line| line["custom_id"].clone()).collect::<Vec<_>>();
    let missing: Vec<Value> = [5, 6, 7, 9].map(|i: usize| requests[i].clone()).to_vec();
    assert_eq!(ids(&lines(&at.join("rest.jsonl"))), ids(&missing));
    let server = serve(Duration::ZERO, |_| None);
    let named = sample(&server.url, &["--no-seed-check", "--batch-in", "answers.jsonl"]);
    let (drawn, output) = run(at, &named, "samples.jsonl");
    let errors = text(&output.stderr);
    assert_eq!((drawn.lines().count(), output.status.code()), (38, Some(2)), "{errors}");
    assert_eq!(server.arrived.load(Ordering::SeqCst), 4);
    for (name, line) in [("problem toy-0, sample 3", 4), ("problem toy-2, sample 0", 9)] {
        let said = format!("{name}: passed over: answers.jsonl:{line}: status 400: the prompt is too long");
        assert!(errors.contains(&said), "{errors}");
    }
}

#[test]
fn answers_of_other_settings_are_told_from_ours() {
    let (dir, _) = folder();
    let at = dir.path();
    run(at, &offline(&["--batch-out", "requests.jsonl"]), "none.jsonl");
    let answers: Vec<Value> = lines(&at.join("requests.jsonl")).iter().map(answered).collect();
    write(&at.join("answers.jsonl"), &answers);
    let hotter = ["--temperature", "0.5", "--batch-in", "answers.jsonl"];
    let (drawn, output) = run(at, &offline(&hotter), "none.jsonl");
    let errors = text(&output.stderr);
    assert!(drawn.is_empty() && output.status.code() == Some(1), "{errors}");
    assert!(errors.contains("answers.jsonl:1: its `custom_id` is no request of this command"), "{errors}");
    assert!(errors.contains("40 of 40 requests have no answer"), "{errors}");
}

#[test]
fn choices_that_a_batch_lacks_are_asked_for_under_their_own_names() {
    let (dir, _) = folder();
    let at = dir.path();
    let four = ["--choices", "4"];
    let out = |more: &[&'static str]| offline(&[&four[..], more].concat());
    run(at, &out(&["--batch-out", "one.jsonl"]), "none.jsonl");
    let requests = lines(&at.join("one.jsonl"));
    assert!(requests.len() == 10 && requests.iter().all(|request| request["body"]["n"] == 4));
    // One choice where four were asked for.
    write(&at.join("1.jsonl"), &requests.iter().map(answered).collect::<Vec<_>>());
    run(at, &out(&["--batch-in", "1.jsonl", "--batch-out", "two.jsonl"]), "none.jsonl");
    let rest = lines(&at.join("two.jsonl"));
    assert!(rest.len() == 10 && rest.iter().all(|request| request["body"]["n"] == 3));
}

#[test]
fn rollouts_go_by_batch_too_and_value_reads_them() {
    let (dir, _) = folder();
    let at = dir.path();
    let row = json!({"id": "a", "sample": 0, "question": "q", "answer": "1", "prompt": "q\n",
        "completion": "one\ntwo\n#### 2"});
    fs::write(at.join("solutions.jsonl"), format!("{row}\n")).unwrap();
    let rollouts = |more: &[&'static str]| {
        [&["rollouts", "solutions.jsonl", "--rollouts", "3"][..], &QUICK, more].concat()
    };
    run(at, &rollouts(&["--batch-out", "requests.jsonl"]), "none.jsonl");
    let requests = lines(&at.join("requests.jsonl"));
    assert_eq!(requests.len(), 6);
    assert!(requests[5]["body"]["prompt"].as_str().unwrap().ends_with("one\ntwo\n"));
    write(&at.join("answers.jsonl"), &requests.iter().map(answered).collect::<Vec<_>>());
    let (drawn, output) = run(at, &rollouts(&["--batch-in", "answers.jsonl"]), "rollouts.jsonl");
    assert!(output.status.success() && drawn.lines().count() == 6, "{}", text(&output.stderr));
    let server = serve(Duration::ZERO, |_| None);
    let live = [
        &["rollouts", "solutions.jsonl", "--rollouts", "3", "--journal", "live"][..],
        &["--server", &server.url],
        &QUICK,
    ]
    .concat();
    assert_eq!(run(at, &live, "live.jsonl").0, drawn);
    let value = ["value", "solutions.jsonl", "--rollouts", "rollouts.jsonl"];
    let (valued, output) = run(at, &value, "valued.jsonl");
    assert!(output.status.success() && valued.lines().count() == 1);
}

#[test]
fn no_file_of_requests_stands_half_written() {
    let (dir, _) = folder();
    let (_, output) = run(dir.path(), &offline(&["--batch-out", "no/such/folder.jsonl"]), "none.jsonl");
    let errors = text(&output.stderr);
    assert!(output.status.code() == Some(1) && errors.contains("no/such/folder.jsonl"), "{errors}");
    let (_, output) = run(dir.path(), &offline(&["--batch-in", "no.jsonl"]), "none.jsonl");
    assert!(output.status.code() == Some(1) && text(&output.stderr).contains("no.jsonl"));
}

#[test]
fn synthesize_takes_a_batch_for_each_stage() {
    let (dir, _) = folder();
    let at = dir.path();
    let reply = |body: &Value| {
        let said = body["messages"][0]["content"].as_str().unwrap();
        let number = (0..10).find(|i| said.contains(&format!(" {i}?"))).unwrap();
        let text = match () {
            () if said.contains("Can it be solved") => if number == 3 { "No." } else { "Yes." }.to_owned(),
            () if said.contains("Solve this") => "#### 7".to_owned(),
            () => format!("New {number}?"),
        };
        json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]})
    };
    let server = Server::start(move |body| Reply::new(200).json(&reply(body)));
    let url = server.url();
    let options = ["synthesize", "problems.jsonl", "--api", "chat", "--solutions", "2"];
    let live = [&options[..], &QUICK, &["--server", &url, "--no-seed-check", "--journal", "live"]].concat();
    let (live, output) = run(at, &live, "live.jsonl");
    assert!(output.status.success() && live.lines().count() == 9, "{}", text(&output.stderr));

    // All answers so far are in one file: those of other stages are passed over.
    let mut answers = Vec::new();
    for expected in [10, 10, 18] {
        write(&at.join("answers.jsonl"), &answers);
        let files = ["--batch-in", "answers.jsonl", "--batch-out", "requests.jsonl"];
        let (made, output) = run(at, &[&options[..], &QUICK, &files].concat(), "none.jsonl");
        assert!(made.is_empty() && output.status.success(), "{}", text(&output.stderr));
        let requests = lines(&at.join("requests.jsonl"));
        assert_eq!(requests.len(), expected);
        answers.extend(requests.iter().map(|request| {
            json!({"custom_id": request["custom_id"],
                   "response": {"status_code": 200, "body": reply(&request["body"])}})
        }));
    }
    write(&at.join("answers.jsonl"), &answers);
    let last = [&options[..], &QUICK, &["--batch-in", "answers.jsonl"]].concat();
    let (made, output) = run(at, &last, "made.jsonl");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(made, live);
}
