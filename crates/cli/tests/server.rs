//! The commands that call a server, against a mock at fault: a run that is killed goes on, and ends as any
//! other.

#[path = "server/batch.rs"]
mod batch;
#[path = "../../server/tests/faults/http.rs"]
mod http;
#[path = "server/odd.rs"]
mod odd;
#[path = "server/withheld.rs"]
mod withheld;

use http::{Reply, Server};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A model whose text is a function of prompt and seed, on a server at fault.
struct Model {
    /// What happens to the request that arrives with this number; `None` where nothing goes wrong.
    fault: fn(usize) -> Option<Reply>,
    arrived: Arc<AtomicUsize>,
    /// How often each body was answered as it should be.
    answered: Arc<Mutex<BTreeMap<String, usize>>>,
    delay: Duration,
}

impl Model {
    fn reply(&self, body: &Value) -> Reply {
        if let Some(fault) = (self.fault)(self.arrived.fetch_add(1, Ordering::SeqCst)) {
            return fault;
        }
        *self.answered.lock().unwrap().entry(body.to_string()).or_default() += 1;
        Reply::new(200).json(&said(body)).delay(self.delay)
    }
}

/// What the model says to a body.
fn said(body: &Value) -> Value {
    let mut hasher = DefaultHasher::new();
    (body["prompt"].to_string(), body["messages"].to_string(), body["seed"].to_string()).hash(&mut hasher);
    let hash = hasher.finish();
    let text = format!("first {}\nsecond {}\n#### {}", hash % 97, hash % 89, hash % 3);
    let choice = match body.get("messages") {
        Some(_) => json!({"index": 0, "message": {"content": text}, "finish_reason": "stop"}),
        None => json!({"index": 0, "text": text, "finish_reason": "stop"}),
    };
    json!({"choices": [choice], "usage": {"completion_tokens": 9}})
}

struct Served {
    url: String,
    arrived: Arc<AtomicUsize>,
    answered: Arc<Mutex<BTreeMap<String, usize>>>,
    _server: Server,
}

fn serve(delay: Duration, fault: fn(usize) -> Option<Reply>) -> Served {
    let (arrived, answered) = (Arc::default(), Arc::default());
    let model = Model { fault, arrived: Arc::clone(&arrived), answered: Arc::clone(&answered), delay };
    let server = Server::start(move |body| model.reply(body));
    Served { url: server.url(), arrived, answered, _server: server }
}

/// Busy, broken and failing by turns, half of the time.
fn at_fault(number: usize) -> Option<Reply> {
    match number % 8 {
        1 => Some(Reply::new(429).header("retry-after", "0.01")),
        3 => Some(Reply::new(500)),
        4 => Some(Reply::new(200).text("{\"choices\": [{\"te")),
        6 => Some(Reply::new(503)),
        _ => None,
    }
}

/// A folder with ten problems.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("problems.jsonl");
    let row =
        |i: usize| json!({"id": format!("toy-{i}"), "question": format!("What is {i}?"), "answer": "1"});
    std::fs::write(&path, (0..10).map(|i| format!("{}\n", row(i))).collect::<String>()).unwrap();
    (dir, path)
}

/// The program in a folder, its output to a file there.
fn program(folder: &Path, arguments: &[&str], output: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eightfold"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.stdout(File::create(output).unwrap()).stderr(Stdio::piped());
    command
}

fn run(folder: &Path, arguments: &[&str], output: &str) -> (String, Output) {
    let path = folder.join(output);
    let output = program(folder, arguments, &path).output().unwrap();
    (std::fs::read_to_string(path).unwrap(), output)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

const QUICK: [&str; 8] =
    ["--model", "mock", "--back-off", "0.005", "--concurrency", "4", "--attempts", "100"];

fn sample<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["sample", "problems.jsonl", "--n", "4", "--server", url][..], &QUICK, more].concat()
}

#[test]
fn a_run_that_is_killed_ends_as_one_that_was_not() {
    let (undisturbed, _) = {
        let (dir, _) = folder();
        let server = serve(Duration::ZERO, |_| None);
        run(dir.path(), &sample(&server.url, &[]), "samples.jsonl")
    };
    assert_eq!(undisturbed.lines().count(), 40);
    let server = serve(Duration::from_millis(15), at_fault);
    let (dir, _) = folder();
    let arguments = sample(&server.url, &[]);
    // Killed after so many requests, wherever the client is then: starting, waiting, storing, writing.
    let mut alive = 0;
    for stop in [1, 4, 5, 9, 23, 38, 60] {
        let mut child = program(dir.path(), &arguments, &dir.path().join("killed.jsonl")).spawn().unwrap();
        while server.arrived.load(Ordering::SeqCst) < stop && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        alive += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        let killed = std::fs::read_to_string(dir.path().join("killed.jsonl")).unwrap();
        assert!(undisturbed.starts_with(&killed), "what was written before the end is right");
    }
    assert!(alive >= 5, "most deaths are met alive: {alive}");
    let (resumed, output) = run(dir.path(), &arguments, "samples.jsonl");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(resumed, undisturbed);

    // The seed probe, two of whose bodies are equal, and 40 samples. Four requests at most were under way at
    // each of the seven deaths.
    let answered = server.answered.lock().unwrap();
    let again: usize = answered.values().map(|times| times - 1).sum();
    assert!(again <= 4 * 7 + 1, "{again} requests were answered again");
    let mut good = BTreeMap::new();
    for line in std::fs::read_to_string(dir.path().join(".eightfold/sample.jsonl")).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let whole = serde_json::from_str::<Value>(line["response"].as_str().unwrap()).is_ok();
        *good.entry(line["request"].to_string()).or_insert(0) += usize::from(whole);
    }
    assert_eq!(good.len(), 43, "no request is lost");
    assert!(good.values().all(|&times| times == 1), "none is stored twice");
}

#[test]
fn a_run_from_the_journal_sends_nothing() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, |_| None);
    let (first, _) = run(dir.path(), &sample(&server.url, &[]), "a.jsonl");
    let sent = server.arrived.load(Ordering::SeqCst);
    // The server is gone, and its address does not matter.
    let (second, output) = run(dir.path(), &sample("http://127.0.0.1:9", &[]), "b.jsonl");
    assert_eq!((first, sent), (second, 43));
    // Where every answer is there, seeds are not tried.
    assert!(text(&output.stderr).contains("40 answered from the journal"), "{}", text(&output.stderr));
}

#[test]
fn a_full_disk_is_one_error_and_what_was_stored_is_kept() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, |_| None);
    let arguments = sample(&server.url, &[]);
    // A file may not grow beyond 4 kB: as on a full disk, a write fails in the middle of a line.
    let script = format!("trap '' XFSZ; ulimit -f 8; exec {} \"$@\"", env!("CARGO_BIN_EXE_eightfold"));
    let mut shell = Command::new("sh");
    shell.current_dir(dir.path()).args(["-c", &script, "sh"]).args(&arguments);
    let full = shell.output().unwrap();
    let errors = text(&full.stderr);
    assert_eq!(full.status.code(), Some(1), "{errors}");
    assert!(
        errors.contains(".eightfold/sample.jsonl: ") && errors.contains("have their response"),
        "{errors}"
    );
    let before = server.arrived.load(Ordering::SeqCst);
    let (samples, _) = run(dir.path(), &arguments, "samples.jsonl");
    assert_eq!(samples.lines().count(), 40);
    let answered = server.answered.lock().unwrap();
    let again: usize = answered.values().map(|times| times - 1).sum();
    assert!(
        before > 10 && again <= 4 + 1,
        "{before} sent before, {again} again: those under way when it failed"
    );
}

#[test]
fn a_full_disk_under_the_output_is_one_error() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, |_| None);
    let mut command = Command::new(env!("CARGO_BIN_EXE_eightfold"));
    command.current_dir(dir.path()).args(sample(&server.url, &[]));
    let output = command.stdout(File::create("/dev/full").unwrap()).stderr(Stdio::piped()).output().unwrap();
    let errors = text(&output.stderr);
    assert!(errors.contains("error: standard output: ") && output.status.code() == Some(1), "{errors}");
}

#[test]
fn rollouts_follow_samples_and_value_draws_the_same_ones() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, at_fault);
    let at = dir.path();
    let steps = |arguments: &[&str], output| {
        let (text_out, output) = run(at, arguments, output);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text_out
    };
    steps(&sample(&server.url, &[]), "samples.jsonl");
    let keys = ["--gold-key", "answer", "--pred-key", "completion"];
    steps(&[&["verify", "samples.jsonl"][..], &keys].concat(), "graded.jsonl");
    steps(&["segment", "graded.jsonl", "--by", "lines", "--text-key", "completion"], "segmented.jsonl");
    let server_options = [&["--server", server.url.as_str()][..], &QUICK].concat();
    let rollouts = ["rollouts", "segmented.jsonl", "--rollouts", "3", "--question"];
    let drawn = steps(&[&rollouts[..], &server_options].concat(), "rollouts.jsonl");
    // Three steps each: the question, after one and after two.
    assert_eq!(drawn.lines().count(), 40 * 3 * 3);
    let first: Value = serde_json::from_str(drawn.lines().next().unwrap()).unwrap();
    assert_eq!((&first["id"], &first["step"], &first["rollout"]), (&json!("toy-0"), &json!(0), &json!(0)));
    let recorded = steps(
        &["value", "segmented.jsonl", "--rollouts", "rollouts.jsonl", "--best-of", "3"],
        "recorded.jsonl",
    );
    let live = ["value", "segmented.jsonl", "--draws", "3", "--question", "--best-of", "3"];
    let journal = ["--journal", ".eightfold/rollouts.jsonl"];
    let before = server.arrived.load(Ordering::SeqCst);
    let live = steps(&[&live[..], &server_options, &journal].concat(), "live.jsonl");
    assert_eq!(live, recorded);
    assert_eq!(server.arrived.load(Ordering::SeqCst), before, "the same requests, from the same journal");
    // The same in fewer commands: what was not verified and cut before is verified and cut here.
    let short = ["value", "samples.jsonl", "--draws", "3", "--question", "--best-of", "3"];
    let short = steps(&[&short[..], &server_options, &journal].concat(), "short.jsonl");
    let rows =
        |text: &str| -> Vec<Value> { text.lines().map(|l| serde_json::from_str(l).unwrap()).collect() };
    assert_eq!(rows(&short), rows(&live));
    let pairs = steps(&["pairs", "live.jsonl"], "pairs.jsonl");
    assert!(pairs.lines().count() > 0);
}

#[test]
fn a_chat_that_starts_anew_is_said_plainly() {
    let (dir, _) = folder();
    let server = serve(Duration::ZERO, |_| {
        let choice = json!({"message": {"content": "One, two"}, "finish_reason": "stop"});
        Some(Reply::new(200).json(&json!({"choices": [choice]})))
    });
    let row = json!({"id": "a", "sample": 0, "question": "q", "answer": "1", "completion": "x\ny", "verdict": "different",
                     "prompt": [{"role": "user", "content": "q"}], "steps": [[0, 2], [2, 3]]});
    std::fs::write(dir.path().join("steps.jsonl"), format!("{row}\n")).unwrap();
    let arguments = [&["rollouts", "steps.jsonl", "--server", &server.url][..], &QUICK].concat();
    let (drawn, output) = run(dir.path(), &arguments, "rollouts.jsonl");
    let errors = text(&output.stderr);
    assert!(output.status.code() == Some(1) && drawn.is_empty(), "{errors}");
    assert!(
        errors.contains("does not go on from a prefix") && errors.contains("--api completions"),
        "{errors}"
    );
}

#[test]
fn bad_input_is_named_and_servers_are_not_called() {
    let (dir, problems) = folder();
    let mut text_in = std::fs::read_to_string(&problems).unwrap();
    text_in.push_str("{\"id\": \"x\", \"question\": \"q\"}\n{\"id\": \n");
    std::fs::write(&problems, text_in).unwrap();
    let server = serve(Duration::ZERO, |_| None);
    let (samples, output) = run(dir.path(), &sample(&server.url, &[]), "samples.jsonl");
    let errors = text(&output.stderr);
    assert_eq!((samples.lines().count(), output.status.code()), (40, Some(2)));
    assert!(
        errors.contains("problems.jsonl:11: no key `answer`") && errors.contains("problems.jsonl:12: "),
        "{errors}"
    );
    for (arguments, message) in [
        (["--key-env", "EIGHTFOLD_NO_SUCH_KEY"], "EIGHTFOLD_NO_SUCH_KEY"),
        (["--prompt", "no.jinja"], "no.jinja"),
        (["--server", "http://me:secret@127.0.0.1"], "environment alone"),
        (["--temperature", "NaN"], "`temperature`"),
    ] {
        let sent = server.arrived.load(Ordering::SeqCst);
        let (_, output) = run(dir.path(), &sample(&server.url, &arguments), "none.jsonl");
        let errors = text(&output.stderr);
        assert!(output.status.code() == Some(1) && errors.contains(message), "{arguments:?}: {errors}");
        assert!(!errors.contains("secret"));
        assert_eq!(server.arrived.load(Ordering::SeqCst), sent);
    }
}

#[test]
fn templates_and_shots_make_the_prompt() {
    let (dir, _) = folder();
    let at = dir.path();
    std::fs::write(
        at.join("p.jinja"),
        "{% for s in shots %}Q: {{ s.question }}\nA: {{ s.solution }}\n{% endfor %}Q: {{ question }}\nA:\n",
    )
    .unwrap();
    std::fs::write(at.join("shots.jsonl"), "{\"question\": \"1+1?\", \"solution\": \"#### 2\"}\n").unwrap();
    std::fs::write(at.join("system.txt"), "Be brief.\n").unwrap();
    let server = serve(Duration::ZERO, |_| None);
    let prompting = ["--prompt", "p.jinja", "--shots", "shots.jsonl"];
    let (samples, _) = run(at, &sample(&server.url, &prompting), "a.jsonl");
    let first: Value = serde_json::from_str(samples.lines().next().unwrap()).unwrap();
    assert_eq!(first["prompt"], "Q: 1+1?\nA: #### 2\nQ: What is 0?\nA:\n");
    let chat = [&prompting[..], &["--api", "chat", "--system", "system.txt"]].concat();
    let (samples, _) = run(at, &sample(&server.url, &chat), "b.jsonl");
    let first: Value = serde_json::from_str(samples.lines().next().unwrap()).unwrap();
    assert_eq!(first["prompt"][0], json!({"role": "system", "content": "Be brief."}));
    assert_eq!(first["prompt"][1]["content"], "Q: 1+1?\nA: #### 2\nQ: What is 0?\nA:");
}

#[test]
fn new_problems_are_those_that_pass_every_stage() {
    let (dir, _) = folder();
    // Questions by seed number; sound unless they are about 3; solutions agree unless they are about 4.
    let server = Server::start(|body| {
        let said = body["messages"][0]["content"].as_str().unwrap();
        let about = |i: usize| said.contains(&format!("What is {i}?")) || said.contains(&format!("New {i}?"));
        let i = (0..10).find(|&i| about(i)).unwrap();
        let seed = body["seed"].as_u64().unwrap();
        let text = match () {
            () if said.contains("Can it be solved") => if i == 3 { "No." } else { "Yes." }.to_owned(),
            () if said.contains("Solve this") => format!("#### {}", if i == 4 { seed } else { 7 }),
            () if i == 5 => "What is 5?".to_owned(),
            () => format!("New {i}?"),
        };
        let reason = if i == 6 && said.contains("Write one new") { "length" } else { "stop" };
        let choice = json!({"message": {"content": text}, "finish_reason": reason});
        Reply::new(200).json(&json!({"choices": [choice]}))
    });
    let url = server.url();
    let options = ["--api", "chat", "--no-seed-check", "--solutions", "3"];
    let arguments = [&["synthesize", "problems.jsonl", "--server", &url][..], &QUICK, &options].concat();
    let (made, output) = run(dir.path(), &arguments, "new.jsonl");
    let errors = text(&output.stderr);
    let rows: Vec<Value> = made.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let from: Vec<&str> = rows.iter().map(|row| row["from"].as_str().unwrap()).collect();
    assert_eq!(from, ["toy-0", "toy-1", "toy-2", "toy-7", "toy-8", "toy-9"], "{errors}");
    assert_eq!(
        rows[0],
        json!({"id": "toy-0-new-0", "question": "New 0?", "answer": "7", "solution": "#### 7", "split": "train",
               "from": "toy-0", "model": "mock", "agreement": 1.0})
    );
    for line in
        ["1  empty or cut", "1  the seed again", "1  not sound", "1  whose solutions", "6  new problems"]
    {
        assert!(errors.contains(line), "{line}: {errors}");
    }
}
