//! A model behind a mock server: what it says is a function of the request, and what goes wrong is scripted.

use crate::http::{Reply, Server};
use eightfold_exchange::Prompt;
use eightfold_server::{Answer, Ask, BackOff, Client, Connection, Event, Sampling};
use eightfold_task::Key;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the model says to a body: as many choices as asked for, each its own.
pub(crate) fn say(body: &Value) -> Value {
    let n = body["n"].as_u64().unwrap_or(1);
    let choice = |i: u64| {
        let key =
            Key::new(i, "mock").with_text(&body["prompt"].to_string()).with_text(&body["seed"].to_string());
        json!({"index": i, "text": format!("step {}\n#### {}", key.below(1000), key.below(10)),
               "finish_reason": "stop"})
    };
    let choices: Vec<Value> = (0..n).map(choice).collect();
    json!({"choices": choices, "usage": {"completion_tokens": 5}})
}

/// What a server has seen.
#[derive(Default)]
pub(crate) struct Seen {
    arrived: AtomicUsize,
    /// How often each body was answered as it should be.
    pub(crate) answered: Mutex<BTreeMap<String, usize>>,
}

impl Seen {
    pub(crate) fn arrived(&self) -> usize {
        self.arrived.load(Ordering::SeqCst)
    }
}

/// A mock server.
pub(crate) struct Served {
    pub(crate) url: String,
    pub(crate) seen: Arc<Seen>,
    _server: Server,
}

pub(crate) fn serve(plan: impl Fn(usize, &Value) -> Option<Reply> + Send + Sync + 'static) -> Served {
    let seen = Arc::new(Seen::default());
    let log = seen.clone();
    let server = Server::start(move |body| {
        let number = log.arrived.fetch_add(1, Ordering::SeqCst);
        plan(number, body).unwrap_or_else(|| {
            *log.answered.lock().unwrap().entry(body.to_string()).or_default() += 1;
            Reply::new(200).json(&say(body))
        })
    });
    Served { url: server.url(), seen, _server: server }
}

/// `n` asks for each of `prompts` prompts.
pub(crate) fn asks(prompts: u64, n: u64) -> Vec<Ask> {
    let root = Key::new(0, "ask");
    let ask = |p: u64, i: u64| Ask {
        prompt: Prompt::Text(format!("Question {p}?\n")).into(),
        prefix: String::new(),
        key: root.with(p).with(i),
    };
    (0..prompts).flat_map(|p| (0..n).map(move |i| ask(p, i))).collect()
}

/// What an undisturbed server says to them, one choice a request.
pub(crate) fn undisturbed(asks: &[Ask]) -> Vec<String> {
    let text = |ask: &Ask| {
        let Prompt::Text(prompt) = &*ask.prompt else { unreachable!() };
        let body = json!({"prompt": format!("{prompt}{}", ask.prefix), "seed": Sampling::seed(ask.key)});
        say(&body)["choices"][0]["text"].as_str().unwrap().to_owned()
    };
    asks.iter().map(text).collect()
}

/// A connection whose times suit a test.
pub(crate) fn quick(url: &str) -> Connection {
    let back_off = BackOff { first: Duration::from_millis(5), longest: Duration::from_millis(50) };
    // Faults go by the order of arrival, so one request may meet any number of them in a row.
    Connection { concurrency: 6, attempts: 1000, back_off, ..Connection::new(url) }
}

/// A client and everything that happened to it.
pub(crate) fn watched(connection: Connection, journal: &Path) -> (Client, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let log = events.clone();
    let watch = move |event: &Event| log.lock().unwrap().push(event.clone());
    let client = Client::open(connection, Sampling::new("mock"), journal, Box::new(watch)).unwrap();
    (client, events)
}

pub(crate) fn draw(client: &Client, asks: &[Ask]) -> Result<Vec<Answer>, eightfold_server::ServerError> {
    let mut answers = Vec::new();
    client.draw(asks, &mut |number, answer| {
        assert_eq!(number, answers.len(), "answers come in order");
        answers.push(answer);
        Ok(())
    })?;
    Ok(answers)
}

pub(crate) fn texts(answers: &[Answer]) -> Vec<String> {
    answers.iter().map(|answer| answer.text.clone()).collect()
}

/// Requests in a journal whose last response is JSON with choices, and all lines of it.
pub(crate) fn usable(journal: &Path) -> (usize, usize) {
    let (mut last, mut lines) = (BTreeMap::new(), 0);
    for line in std::fs::read_to_string(journal).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let response: Result<Value, _> = serde_json::from_str(line["response"].as_str().unwrap());
        let good = response.is_ok_and(|response| {
            response["choices"]
                .as_array()
                .is_some_and(|c| !c.is_empty() && c.iter().all(|choice| choice["finish_reason"] != "abort"))
        });
        let before = last.insert(line["request"].to_string(), good);
        assert_ne!(before, Some(true), "a request with a response was sent again");
        lines += 1;
    }
    (last.values().filter(|good| **good).count(), lines)
}
