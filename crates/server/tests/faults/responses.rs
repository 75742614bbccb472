//! What a well-behaved connection carries: statuses, broken JSON, wrong choices, keys, and a search over it
//! all.

use crate::http::Reply;
use crate::mock::{asks, draw, quick, say, serve, texts, undisturbed, usable, watched};
use eightfold_advantage::{Completer, Episode, MonteCarlo, PitRule};
use eightfold_exchange::Prompt;
use eightfold_segment::Lines;
use eightfold_server::{
    Api, ApiKey, Client, Connection, Continuation, Event, Fault, Outcome, Prompts, Sampling, ServerPolicy,
};
use eightfold_task::{Completion, Draw, Policy, PolicyError, Problem};
use eightfold_verifier::FinalAnswer;
use serde_json::{Value, json};
use std::time::Duration;

fn status(code: u16) -> Reply {
    Reply::new(code).text("not now")
}

/// Runs 24 asks against a server with a plan; checks the result, the journal, and that a second run sends
/// nothing.
fn survives(name: &str, fault: Fault, plan: impl Fn(usize, &Value) -> Option<Reply> + Send + Sync + 'static) {
    let (dir, asks) = (tempfile::tempdir().unwrap(), asks(8, 3));
    let (journal, server) = (dir.path().join("journal.jsonl"), serve(plan));
    let mut connection = quick(&server.url);
    if fault == Fault::Timeout {
        connection.timeout = Duration::from_secs(1);
    }
    let (client, events) = watched(connection.clone(), &journal);
    assert_eq!(texts(&draw(&client, &asks).unwrap()), undisturbed(&asks), "{name}");
    drop(client);
    let seen = events
        .lock()
        .unwrap()
        .iter()
        .filter(|e| matches!(e, Event::Failed { fault: f, .. } if *f == fault))
        .count();
    assert!(seen > 0, "{name}: the fault was met");
    let answered = server.seen.answered.lock().unwrap().clone();
    assert_eq!(answered.len(), 24, "{name}: no request is lost");
    // What was given up as too slow may have been answered all the same.
    assert!(
        fault == Fault::Timeout || answered.values().all(|&times| times == 1),
        "{name}: none is sent twice"
    );
    let (good, lines) = usable(&journal);
    assert_eq!(good, 24, "{name}");
    assert_eq!(
        lines,
        24 + if fault == Fault::Broken { seen } else { 0 },
        "{name}: every whole response is kept"
    );

    let before = server.seen.arrived();
    let (client, events) = watched(connection, &journal);
    assert_eq!(texts(&draw(&client, &asks).unwrap()), undisturbed(&asks), "{name}: from the journal");
    assert_eq!(server.seen.arrived(), before, "{name}: nothing is sent again");
    assert!(
        events
            .lock()
            .unwrap()
            .iter()
            .all(|event| !matches!(event, Event::Answered { .. } | Event::Failed { .. }))
    );
}

#[test]
fn storms_of_429_are_waited_out() {
    survives("429", Fault::Busy, |i, _| {
        let wait = if i % 2 == 0 { "0.02" } else { "0" };
        (i % 3 != 2).then(|| status(429).header("retry-after", wait))
    });
}

#[test]
fn server_errors_pass() {
    survives("500", Fault::Server, |i, _| (i % 3 == 1).then(|| status([500, 502, 503, 408][i / 3 % 4])));
}

#[test]
fn broken_responses_are_kept_and_asked_for_again() {
    survives("truncated JSON", Fault::Broken, |i, body| {
        let text = say(body).to_string();
        (i % 3 == 0).then(|| Reply::new(200).text(&text[..text.len() / 2]))
    });
    survives("no choices", Fault::Broken, |i, _| {
        (i % 4 == 0).then(|| Reply::new(200).text(r#"{"choices": []}"#))
    });
    survives("a page", Fault::Broken, |i, _| {
        (i % 4 == 0).then(|| Reply::new(200).text("<html>loading</html>"))
    });
}

#[test]
fn answers_that_take_too_long_are_asked_for_again() {
    survives("slow", Fault::Timeout, |i, body| {
        let late = Reply::new(200).json(&say(body)).delay(Duration::from_secs(5));
        (i == 3).then_some(late)
    });
}

#[test]
fn choices_that_are_missing_are_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    for (name, given) in [("one", 1), ("two", 2), ("seven", 7)] {
        let server = serve(move |_, body| {
            let body = json!({"prompt": body["prompt"], "seed": body["seed"], "n": given});
            Some(Reply::new(200).json(&say(&body)))
        });
        let journal = dir.path().join(name);
        let connection = Connection { choices: 4, ..quick(&server.url) };
        let (client, events) = watched(connection.clone(), &journal);
        let first = texts(&draw(&client, &asks(3, 4)).unwrap());
        assert_eq!(first.len(), 12);
        let wrong = events.lock().unwrap().iter().filter(|e| matches!(e, Event::Choices { .. })).count();
        assert_eq!(
            wrong,
            [(1, 9), (2, 3), (7, 3)].into_iter().find(|(g, _)| *g == given).unwrap().1,
            "{name}"
        );
        let sent = server.seen.arrived();
        drop(client);
        let (client, _) = watched(connection, &journal);
        assert_eq!(texts(&draw(&client, &asks(3, 4)).unwrap()), first, "{name}: the same from the journal");
        assert_eq!(server.seen.arrived(), sent);
    }
}

#[test]
fn refusals_are_one_error_and_nothing_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal.jsonl");
    let server = serve(|i, _| (i >= 10).then(|| Reply::new(404).text("no such model")));
    let (client, _) = watched(Connection { concurrency: 2, ..quick(&server.url) }, &journal);
    let error = draw(&client, &asks(8, 3)).unwrap_err().to_string();
    assert!(
        error.contains(&server.url) && error.contains("404") && error.contains("no such model"),
        "{error}"
    );
    assert_eq!(client.stored(), 10);
    drop(client);
    let well = serve(|_, _| None);
    let (client, _) = watched(quick(&well.url), &journal);
    assert_eq!(texts(&draw(&client, &asks(8, 3)).unwrap()), undisturbed(&asks(8, 3)));
    assert_eq!(well.seen.arrived(), 14, "through another endpoint, only what was missing");
}

#[test]
fn a_refused_prompt_is_passed_over_and_the_others_go_on() {
    let (dir, asks) = (tempfile::tempdir().unwrap(), asks(4, 2));
    let refuse = |_, body: &Value| (body["prompt"] == "Question 2?\n").then(|| status(400));
    let server = serve(refuse);
    let (client, _) = watched(quick(&server.url), &dir.path().join("journal.jsonl"));
    let mut drawn = Vec::new();
    let mut take = |_, answer| {
        drawn.push(answer);
        Ok(())
    };
    client.draw_each(&asks, &mut take).unwrap();
    let refused: Vec<bool> = drawn.iter().map(Result::is_err).collect();
    assert_eq!(refused, [false, false, false, false, true, true, false, false]);
    assert_eq!(drawn[4].as_ref().unwrap_err().status, 400);
    let texts: Vec<String> = drawn.into_iter().flatten().map(|answer| answer.text).collect();
    let mut whole = undisturbed(&asks);
    whole.drain(4..6);
    assert_eq!(texts, whole);
    assert!(draw(&client, &asks).is_err(), "a search needs every answer");

    // Many requests of one prompt are one refusal: that they come first says nothing of the others.
    let server = serve(|_, body| (body["prompt"] == "Question 0?\n").then(|| status(400)));
    let few = Connection { attempts: 3, concurrency: 1, ..quick(&server.url) };
    let (client, _) = watched(few, &dir.path().join("many.jsonl"));
    let (asks_of_many, mut refused) = (self::asks(3, 16), 0);
    let mut take = |_, answer: Result<_, _>| {
        refused += usize::from(answer.is_err());
        Ok(())
    };
    client.draw_each(&asks_of_many, &mut take).unwrap();
    assert_eq!(refused, 16);

    for code in [400, 401, 404] {
        let ill = serve(move |_, _| Some(status(code)));
        let (client, _) = watched(quick(&ill.url), &dir.path().join(format!("{code}.jsonl")));
        let error = client.draw_each(&asks, &mut |_, _| Ok(())).unwrap_err();
        assert!(error.to_string().contains(&code.to_string()), "{error}");
    }
}

#[test]
fn an_aborted_completion_is_asked_for_again() {
    survives("aborted", Fault::Broken, |number, body| {
        let mut said = say(body);
        said["choices"][0]["finish_reason"] = json!("abort");
        (number % 3 == 1).then(|| Reply::new(200).json(&said))
    });
}

#[test]
fn hope_is_lost_after_so_many_attempts() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(|_, _| Some(status(500)));
    let (client, _) = watched(Connection { attempts: 4, ..quick(&server.url) }, &dir.path().join("j"));
    let error = draw(&client, &asks(1, 1)).unwrap_err().to_string();
    assert!(error.contains("4 attempts") && error.contains("status 500: not now"), "{error}");
    assert_eq!(server.seen.arrived(), 4);
}

#[test]
fn a_key_is_sent_and_shown_and_stored_nowhere() {
    const NAME: &str = "EIGHTFOLD_TEST_KEY";
    const SECRET: &str = "sk-very-secret";
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal.jsonl");
    // SAFETY: no other test of this process reads or writes this variable.
    #[expect(unsafe_code, reason = "a process has one environment")]
    unsafe {
        std::env::set_var(NAME, SECRET)
    };
    let echo = |code| {
        move |_: usize, body: &Value| {
            let mut said = say(body);
            said["debug"] = json!(format!("Bearer {SECRET}"));
            Some(Reply::new(code).json(&said))
        }
    };
    let key = || Some(ApiKey::from_env(NAME).unwrap());
    let well = serve(echo(200));
    let (client, _) = watched(Connection { key: key(), ..quick(&well.url) }, &journal);
    draw(&client, &asks(1, 1)).unwrap();
    drop(client);
    let ill = serve(echo(401));
    let connection = Connection { key: key(), ..quick(&ill.url) };
    assert!(!format!("{connection:?}").contains(SECRET));
    let (client, _) = watched(connection, &journal);
    let error = draw(&client, &asks(2, 1)).unwrap_err();
    assert!(error.to_string().contains("401") && !format!("{error} {error:?}").contains(SECRET), "{error}");
    let stored = std::fs::read_to_string(&journal).unwrap();
    assert!(stored.contains("[API key]") && !stored.contains(SECRET));
}

#[test]
fn the_probe_tells_a_server_that_listens_from_one_that_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let find = |name: &str, api, plan: fn(usize, &Value) -> Option<Reply>| {
        let server = serve(plan);
        let (client, _) = watched(quick(&server.url), &dir.path().join(name));
        client.probe(api, 0).unwrap().into_iter().map(|f| (f.feature, f.outcome)).collect::<Vec<_>>()
    };
    let listens = find("listens", Api::Completions, |_, _| None);
    assert_eq!(listens[..3], [("answers", Outcome::Yes), ("n", Outcome::Yes), ("seed", Outcome::Yes)]);
    assert_eq!(listens[3], ("logprobs", Outcome::No));
    let deaf = find("deaf", Api::Completions, |i, _| {
        let body = json!({"prompt": "x", "seed": i});
        Some(Reply::new(200).json(&say(&body)))
    });
    assert_eq!(deaf[1..3], [("n", Outcome::No), ("seed", Outcome::No)]);
    let greedy =
        find("greedy", Api::Completions, |_, _| Some(Reply::new(200).json(&say(&json!({"prompt": "x"})))));
    assert_eq!(greedy[2], ("seed", Outcome::Unclear));
    let chat = find("chat", Api::Chat, |_, body| {
        let goes_on = body["continue_final_message"] == true;
        let text = if goes_on { " nine ten" } else { "One two" };
        let said = json!({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]});
        Some(Reply::new(200).json(&said))
    });
    let by_flags = ("goes on from a prefix, by flags", Outcome::Yes);
    let again = "goes on from a prefix, which it says again";
    assert_eq!(
        chat[5..],
        [by_flags, ("goes on from a prefix, by the last message", Outcome::No), (again, Outcome::No)]
    );
    let repeats = find("repeats", Api::Chat, |_, body| {
        let prefix = body["messages"][1]["content"].as_str().unwrap_or_default();
        let said = json!({"choices": [{"message": {"content": format!("{prefix} nine ten")}}]});
        Some(Reply::new(200).json(&said))
    });
    let outcomes: Vec<Outcome> = repeats[5..].iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, [Outcome::No, Outcome::No, Outcome::Yes]);
    let refuses = find("refuses", Api::Chat, |_, body| {
        let said = json!({"choices": [{"message": {"content": "One"}}]});
        let strange = body.get("continue_final_message").is_some();
        Some(if strange { status(422) } else { Reply::new(200).json(&said) })
    });
    assert_eq!(refuses[5].1, Outcome::No);
}

/// The same model in memory.
struct InMemory;

impl Policy for InMemory {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let complete = |draw: &Draw| {
            let body = json!({"prompt": draw.prompt, "seed": Sampling::seed(draw.key)});
            let text = say(&body)["choices"][0]["text"].as_str().unwrap().to_owned();
            Completion { text, finished: true, tokens: 5 }
        };
        Ok(draws.iter().map(complete).collect())
    }
}

#[test]
fn a_search_through_a_faulty_server_finds_what_it_finds_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(|i, _| match i % 5 {
        1 => Some(status(503)),
        3 => Some(Reply::new(200).text("{\"choi")),
        _ => None,
    });
    let (client, _) = watched(quick(&server.url), &dir.path().join("journal.jsonl"));
    let problems: Vec<Problem> = (0..4).map(|i| Problem::new(format!("Q {i}?"), "3")).collect();
    let mut prompts = Prompts::default();
    for problem in &problems {
        prompts.insert(problem, Prompt::Text(problem.prompt()));
    }
    let episode = |p: &Problem| Episode::new(p.clone(), "one\ntwo\nthree\n#### 4", &Lines);
    let episodes: Vec<Episode> = problems.iter().map(episode).collect();
    let search = MonteCarlo {
        rollouts: 3,
        completer: Completer::BestOf { k: 3 },
        pit: PitRule::LowestQ,
        ..MonteCarlo::default()
    };
    let through = search.search(&ServerPolicy::new(&client, &prompts), &FinalAnswer, &episodes, 1).unwrap();
    assert_eq!(through, search.search(&InMemory, &FinalAnswer, &episodes, 1).unwrap());
    assert!(through.iter().flat_map(|e| &e.steps).any(|rollouts| rollouts.successes() > 0), "some succeed");
}

#[test]
fn a_chat_and_a_text_go_to_their_own_endpoints() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(|_, body| {
        let message = body["messages"].as_array().map_or(0, Vec::len);
        let said = json!({"choices": [{"message": {"content": format!("{message} turns")}}]});
        Some(Reply::new(200).json(&said))
    });
    let sampling = Sampling { continuation: Continuation::LastMessage, ..Sampling::new("mock") };
    let path = dir.path().join("journal.jsonl");
    let client = Client::open(quick(&server.url), sampling, &path, Box::new(|_| {})).unwrap();
    let mut asks = asks(1, 2);
    asks.iter_mut().for_each(|ask| ask.prompt = Prompt::Messages(ask.prompt.to_messages()).into());
    asks[1].prefix = "one\n".into();
    assert_eq!(texts(&draw(&client, &asks).unwrap()), ["1 turns", "2 turns"]);
}

#[test]
fn a_prefix_that_is_said_again_is_left_out_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(|_, body| {
        let begun = body["messages"][1]["content"].as_str().unwrap_or_default();
        let said = json!({"choices": [{"message": {"content": format!("{begun}one\ntwo")}}]});
        Some(Reply::new(200).json(&said))
    });
    let mut asks = asks(1, 3);
    asks.iter_mut().for_each(|ask| ask.prompt = Prompt::Messages(ask.prompt.to_messages()).into());
    (asks[1].prefix, asks[2].prefix) = ("one\n".into(), " zero\n".into());
    let found = |way| {
        let sampling = Sampling { continuation: way, ..Sampling::new("mock") };
        let client =
            Client::open(quick(&server.url), sampling, &dir.path().join("j"), Box::new(|_| {})).unwrap();
        texts(&draw(&client, &asks).unwrap())
    };
    // The journal has what came, whatever is left out of it.
    assert_eq!(found(Continuation::Repeated), ["one\ntwo"; 3]);
    assert_eq!(found(Continuation::LastMessage), ["one\ntwo", "one\none\ntwo", " zero\none\ntwo"]);
    assert_eq!(found(Continuation::Repeated), ["one\ntwo"; 3]);
}
