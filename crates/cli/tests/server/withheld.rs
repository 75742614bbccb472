//! Prompts that a server refuses, and completions that its filter withholds: the row's fault, and the others go on.

use super::{QUICK, folder, run, sample, serve, text};
use crate::http::{Reply, Server};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// What happens to those that are about a word of the prompt.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Refused,
    Filtered,
}

/// A server that says `said` to a prompt, but withholds what is asked about `word`.
fn withholding(way: Way, word: &'static str, said: fn(&str) -> String) -> Server {
    Server::start(move |body| {
        let prompt = body.get("messages").unwrap_or(&body["prompt"]).to_string();
        if prompt.contains(word) && way == Way::Refused {
            return Reply::new(400).text("the prompt is too long");
        }
        let reason = if prompt.contains(word) { "content_filter" } else { "stop" };
        let text = said(&prompt);
        let choice = match body.get("messages") {
            Some(_) => json!({"message": {"content": text}, "finish_reason": reason}),
            None => json!({"text": text, "finish_reason": reason}),
        };
        Reply::new(200).json(&json!({"choices": [choice]}))
    })
}

/// Solutions of three steps, three problems, the second about a dog.
fn solutions(folder: &Path) {
    let row = |thing: &str| {
        let question = format!("How many has the {thing}?");
        json!({"id": thing, "sample": 0, "question": question, "answer": "1", "prompt": format!("{question}\n"),
               "completion": "one\ntwo\n#### 2"})
    };
    let rows: String = ["cat", "dog", "hen"].map(|thing| format!("{}\n", row(thing))).concat();
    std::fs::write(folder.join("solutions.jsonl"), rows).unwrap();
}

fn rows(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ids(lines: &str) -> Vec<String> {
    rows(lines).iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn sample_names_them_and_goes_on() {
    for (way, why) in
        [(Way::Refused, "status 400: the prompt is too long"), (Way::Filtered, "content_filter")]
    {
        let (dir, _) = folder();
        let server = withholding(way, "What is 7?", |_| "#### 1".to_owned());
        let url = server.url();
        let (drawn, output) = run(dir.path(), &sample(&url, &["--no-seed-check"]), "samples.jsonl");
        let errors = text(&output.stderr);
        assert_eq!((drawn.lines().count(), output.status.code()), (36, Some(2)), "{errors}");
        assert!(!ids(&drawn).contains(&"toy-7".to_owned()));
        assert!(
            errors.contains("problem toy-7, sample 3: passed over: ") && errors.contains(why),
            "{errors}"
        );
        assert!(errors.contains("warning: 4 of 40 completions were "), "{errors}");
    }
}

#[test]
fn rollouts_and_value_pass_over_what_they_concern_and_keep_the_others() {
    for (way, why) in
        [(Way::Refused, "status 400: the prompt is too long"), (Way::Filtered, "content_filter")]
    {
        let (dir, _) = folder();
        solutions(dir.path());
        let options = |url| [&["--server", url][..], &QUICK, &["--no-seed-check"]].concat();
        let well = serve(Duration::ZERO, |_| None);
        let wrong = withholding(way, "dog?\\none\\ntwo", |_| "two\n#### 2".to_owned());
        let url = wrong.url();

        let draw = ["rollouts", "solutions.jsonl", "--rollouts", "2"];
        let (drawn, output) = run(dir.path(), &[&draw[..], &options(&url)].concat(), "rollouts.jsonl");
        let errors = text(&output.stderr);
        assert_eq!((drawn.lines().count(), output.status.code()), (10, Some(2)), "{errors}");
        assert!(errors.contains("problem dog, sample 0, step 2, rollout 1: passed over: "), "{errors}");
        assert!(errors.contains(why) && errors.contains("2 of 12 completions"), "{errors}");

        for until_pit in [&[][..], &["--until-pit"]] {
            let value = [&["value", "solutions.jsonl", "--draws", "2"][..], until_pit].concat();
            let (valued, output) = run(dir.path(), &[value.clone(), options(&url)].concat(), "valued.jsonl");
            let errors = text(&output.stderr);
            if until_pit.is_empty() {
                assert_eq!((ids(&valued), output.status.code()), (vec!["cat".into(), "hen".into()], Some(2)));
                let named = "solutions.jsonl:2: problem dog, sample 0, step 2, rollout 0: passed over: ";
                assert!(errors.contains(named) && errors.contains(why), "{errors}");
            } else {
                // Every pit is settled after one step, so nothing that is withheld is asked for.
                assert_eq!((ids(&valued).len(), output.status.code()), (3, Some(0)), "{errors}");
            }
        }

        // Nothing is lost: on a server that answers, the same command goes on from what is there.
        let journal = ["--journal", ".eightfold/value.jsonl"];
        let value =
            [&["value", "solutions.jsonl", "--draws", "2"][..], &options(&well.url), &journal].concat();
        let (valued, output) = run(dir.path(), &value, "valued.jsonl");
        assert_eq!(
            (ids(&valued).len(), output.status.code()),
            (if way == Way::Refused { 3 } else { 2 }, Some(if way == Way::Refused { 0 } else { 2 })),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn a_batch_of_rounds_with_a_refusal_alone_in_its_last_round_goes_on() {
    let (dir, _) = folder();
    solutions(dir.path());
    // The cat and the hen fail at once; the dog does not, and is refused after that.
    let server = withholding(Way::Refused, "dog?\\none\\ntwo", |prompt| {
        if prompt.contains("dog") { "#### 1" } else { "#### 2" }.to_owned()
    });
    let url = server.url();
    let options =
        [&["--server", &url][..], &QUICK, &["--no-seed-check", "--until-pit", "--pit", "all-fail:2"]]
            .concat();
    let value = [&["value", "solutions.jsonl", "--draws", "2"][..], &options].concat();
    let (valued, output) = run(dir.path(), &value, "valued.jsonl");
    let errors = text(&output.stderr);
    assert_eq!((ids(&valued), output.status.code()), (vec!["cat".into(), "hen".into()], Some(2)), "{errors}");
}

#[test]
fn synthesize_loses_only_what_they_concern() {
    // The stages ask about `What is 2?` (the question), `New 4?` twice (the check, the solutions).
    for way in [Way::Refused, Way::Filtered] {
        let (dir, _) = folder();
        let said = |prompt: &str| {
            let number = |before: &str| {
                prompt.split(before).last().and_then(|rest| rest.split('?').next().map(str::to_owned))
            };
            match () {
                () if prompt.contains("Can it be solved") => "Yes.".to_owned(),
                () if prompt.contains("Solve this") => "#### 7".to_owned(),
                () => format!("New {}?", number("What is ").unwrap()),
            }
        };
        let no_question = withholding(way, "What is 2?", said);
        let no_check = withholding(way, "New 4?", said);
        let options = ["--api", "chat", "--no-seed-check", "--solutions", "3", "--journal"];
        for (server, lost, name) in
            [(no_question, "toy-2", "seed toy-2, question 0"), (no_check, "toy-4", "toy-4-new-0, check")]
        {
            let url = server.url();
            let arguments =
                [&["synthesize", "problems.jsonl", "--server", &url][..], &QUICK, &options, &[lost]].concat();
            let (made, output) = run(dir.path(), &arguments, "new.jsonl");
            let errors = text(&output.stderr);
            assert_eq!((made.lines().count(), output.status.code()), (9, Some(2)), "{errors}");
            assert!(rows(&made).iter().all(|row| row["from"] != lost));
            assert!(errors.contains(&format!("{name}: passed over: ")), "{errors}");
            assert!(errors.contains("1  completions of any stage refused or withheld"), "{errors}");
        }
        // Without the check the solutions are refused: none of them has a vote.
        let server = withholding(way, "New 4?", said);
        let url = server.url();
        let options = [&options[..], &["unchecked", "--no-check"]].concat();
        let arguments = [&["synthesize", "problems.jsonl", "--server", &url][..], &QUICK, &options].concat();
        let (made, output) = run(dir.path(), &arguments, "new.jsonl");
        let errors = text(&output.stderr);
        assert_eq!((made.lines().count(), output.status.code()), (9, Some(2)), "{errors}");
        assert!(
            errors.contains("toy-4-new-0, solution 2: passed over")
                && errors.contains("3  completions of any"),
            "{errors}"
        );
    }
}

#[test]
fn a_solution_without_its_prompt_is_that_rows_fault() {
    let (dir, _) = folder();
    solutions(dir.path());
    let path = dir.path().join("solutions.jsonl");
    let mut all = rows(&std::fs::read_to_string(&path).unwrap());
    all[0].as_object_mut().unwrap().remove("prompt");
    let mut again = all[1].clone();
    (again["sample"], again["prompt"]) = (json!(1), json!("Another prompt\n"));
    all.push(again);
    std::fs::write(&path, all.iter().map(|row| format!("{row}\n")).collect::<String>()).unwrap();
    let server = serve(Duration::ZERO, |_| None);
    let value = [&["value", "solutions.jsonl", "--draws", "2", "--server", &server.url][..], &QUICK].concat();
    let (valued, output) = run(dir.path(), &value, "valued.jsonl");
    let errors = text(&output.stderr);
    assert_eq!((ids(&valued), output.status.code()), (vec!["dog".into(), "hen".into()], Some(2)), "{errors}");
    assert!(errors.contains("solutions.jsonl:1: no key `prompt`"), "{errors}");
    assert!(
        errors.contains("solutions.jsonl:4: problem dog, sample 1: the same question has another"),
        "{errors}"
    );
}
