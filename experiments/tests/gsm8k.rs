//! The real binary on a tiny random model and a few problems: what it writes, that a killed run goes on, what is said
//! of bad input.

use eightfold_experiments::pipeline::{Answers, Cell, Metrics};
use eightfold_experiments::store::Record;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn model(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/models/tests/fixtures").join(name)
}

/// A folder of problems whose answers are all the same, so that a tiny model solves some.
fn problems() -> tempfile::TempDir {
    asking(|i| format!("{i}, {}?", i + 2))
}

fn asking(question: impl Fn(usize) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let row = |i: usize| {
        let answer = format!("{i} + 1 = <<{i}+1={}>>{}\\n#### 5", i + 1, i + 1);
        format!("{{\"question\": \"{}\", \"answer\": \"{answer}\"}}\n", question(i))
    };
    let write = |name: &str, rows: std::ops::Range<usize>| {
        std::fs::write(folder.path().join(name), rows.map(row).collect::<String>()).unwrap();
    };
    write("train.jsonl", 0..30);
    write("test.jsonl", 30..40);
    folder
}

fn gsm8k(data: &Path, place: &Path, more: &[&str]) -> Command {
    on(&model("llama-linear"), data, place, more)
}

/// The program on a model's folder.
fn on(folder: &Path, data: &Path, place: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fig7"));
    command
        .args(["--world", "gsm8k", "--model"])
        .arg(folder)
        .arg("--data")
        .arg(data)
        .args(["--preset", "smoke"]);
    command.arg("--cache").arg(place.join("cache")).arg("--out").arg(place.join("out")).args(more);
    command.stdin(Stdio::null());
    command
}

fn run(data: &Path, place: &Path, more: &[&str]) -> Output {
    gsm8k(data, place, more).output().expect("the binary starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Results by file name, without what two equal runs may differ in: seconds.
fn results(place: &Path) -> BTreeMap<String, Metrics> {
    let mut out = BTreeMap::new();
    for file in std::fs::read_dir(place.join("cache/records/elsewhere")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut metrics = serde_json::from_str::<Record>(&text).unwrap().metrics;
            let cost = &mut metrics.cost;
            for stage in [
                &mut cost.sft,
                &mut cost.sampling,
                &mut cost.rollouts,
                &mut cost.training,
                &mut cost.evaluation,
            ] {
                stage.seconds = 0.0;
            }
            out.insert(path.file_name().unwrap().to_string_lossy().into_owned(), metrics);
        }
    }
    out
}

#[test]
fn a_killed_run_goes_on_to_the_results_of_an_undisturbed_one() {
    let (data, whole, killed) = (problems(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = run(data.path(), whole.path(), &["--threads", "2"]);
    assert!(output.status.success(), "{}", said(&output));
    let found = results(whole.path());
    assert_eq!(found.len(), 9);
    check(whole.path(), &found);

    // Killed again and again, a little later each time, until it gets through.
    let mut life = Duration::from_millis(150);
    loop {
        let mut child = gsm8k(data.path(), killed.path(), &["--threads", "1"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(life);
        life = life.mul_f64(1.3);
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success());
                break;
            }
            None => child.kill().unwrap(),
        }
        child.wait().unwrap();
    }
    assert_eq!(results(killed.path()), found);
}

/// What the records and files of a whole run say.
fn check(place: &Path, found: &BTreeMap<String, Metrics>) {
    let of = |method: &str| {
        let name = format!("gsm8k-{method}-n");
        found.iter().find(|(file, _)| file.starts_with(&name)).map(|(_, metrics)| metrics).unwrap()
    };
    let (untrained, sft, dpo, step) = (of("untrained"), of("sft"), of("dpo"), of("step-dpo"));
    assert_eq!((untrained.cost.total().flops, untrained.data.items), (0.0, 0));
    assert!(step.training.reference_tokens > 0 && dpo.training.reference_tokens > 0);
    assert!(untrained.cost.evaluation.sampled > 0 && untrained.cost.evaluation.flops > 0.0);
    // The given solutions all say 5, which is right.
    assert_eq!((sft.data.items, sft.data.refused, sft.data.problems), (4, 0, 4));
    assert!(sft.cost.sft.trained > 0 && sft.cost.sampling.sampled == 0);
    assert_eq!(dpo.cost.sampling.verified, 8);
    assert_eq!((dpo.cost.rollouts.sampled, step.cost.sampling), (0, dpo.cost.sampling));
    assert!(step.data.pits.as_ref().unwrap().searched > 0);
    for metrics in found.values() {
        let Answers { greedy, sampled, .. } = metrics.answers.as_ref().unwrap();
        assert_eq!((greedy.len(), sampled.len()), (4, 4));
        let wrong = greedy.bytes().filter(|b| *b == b'0').count();
        assert_eq!(metrics.error, wrong as f64 / 4.0);
    }
    let csv = std::fs::read_to_string(place.join("out/fig7/fig7.csv")).unwrap();
    assert_eq!(csv.lines().count(), 10);
    for file in ["fig7.svg", "claims.md"] {
        assert!(place.join("out/fig7").join(file).exists(), "{file}");
    }
    // What is left of a finished run are the stages that other cells may share.
    let left = std::fs::read_dir(place.join("cache/stages")).unwrap();
    let left: Vec<String> = left.map(|f| f.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(left.iter().all(|name| !name.contains("journal") && !name.starts_with("trained-")), "{left:?}");
}

#[test]
fn what_is_wrong_is_said_in_one_line() {
    let (data, place) = (problems(), tempfile::tempdir().unwrap());
    let fails = |data: &Path, more: &[&str]| {
        let output = run(data, place.path(), more);
        assert!(!output.status.success());
        said(&output)
    };
    let key = fails(data.path(), &["--set", "learner.sft.rat=1"]);
    assert!(
        key.contains("there is no key `learner.sft.rat`; the nearest is `learner.folder.sft.rate`"),
        "{key}"
    );
    let method = fails(data.path(), &["--methods", "sft,ppo"]);
    assert!(method.contains("there is no method `ppo`"), "{method}");
    let many = fails(data.path(), &["--sizes", "1000"]);
    assert!(many.contains("`problems` is 1000, but there are"), "{many}");
    let none = fails(place.path(), &[]);
    assert!(none.contains("neither gsm8k_train.jsonl nor train.jsonl is there"), "{none}");
    std::fs::write(data.path().join("train.jsonl"), "{\"question\": \"q\", \"answer\": \"5\"}\n").unwrap();
    let row = fails(data.path(), &[]);
    assert!(row.contains("train.jsonl:1: key `answer`: its last line does not start with `####`"), "{row}");
}

#[test]
fn a_model_that_chats_is_asked_by_its_template_too() {
    let asked = |data: &Path| {
        let place = tempfile::tempdir().unwrap();
        let output = run(data, place.path(), &["--methods", "untrained-chat"]);
        assert!(output.status.success(), "{}", said(&output));
        results(place.path()).into_values().next().unwrap()
    };
    let (data, place, folder) = (problems(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(asked(data.path()).cost.evaluation.sampled > 0);
    // With the template this question fills the model's context, and nothing can be answered.
    let full = asked(asking(|i| format!("Ada has {i} eggs and {} more.", i + 2)).path());
    assert_eq!((full.cost.evaluation.sampled, full.answers.unwrap().cut, full.error), (0, 1.0, 1.0));

    // The same model without a template.
    for file in ["config.json", "model.safetensors", "tokenizer.json"] {
        std::fs::copy(model("llama-linear").join(file), folder.path().join(file)).unwrap();
    }
    let silent = |more: &[&str]| on(folder.path(), data.path(), place.path(), more).output().unwrap();
    let listed = String::from_utf8(silent(&["--list"]).stdout).unwrap();
    assert!(listed.lines().count() == 8 && !listed.contains("untrained-chat"), "{listed}");
    let refused = said(&silent(&["--methods", "untrained-chat"]));
    assert!(refused.contains("method `untrained-chat` asks by the chat template, and "), "{refused}");
}

#[test]
fn cells_are_listed_whole() {
    let (data, place) = (problems(), tempfile::tempdir().unwrap());
    let output =
        run(data.path(), place.path(), &["--list", "--json", "--methods", "sft,rft", "--seeds", "2"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let cells: Vec<Cell> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cells.len(), 4);
    assert!(cells.iter().all(|cell| cell.sampling.is_some() == cell.method.samples()));
}
