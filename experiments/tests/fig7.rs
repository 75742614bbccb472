//! The real binary of figure 7 at smoke size: what it writes, how it fails, and that a killed run goes on.

use eightfold_experiments::pipeline::Cell;
use eightfold_experiments::pipeline::{Ledger, Metrics};
use eightfold_experiments::store::Record;
use eightfold_task::Key;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

fn fig7(cache: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fig7"));
    command.args(["--preset", "smoke", "--cache"]).arg(cache).arg("--out").arg(cache.join("out")).args(args);
    command.stdin(Stdio::null());
    command
}

fn run(cache: &Path, args: &[&str]) -> Output {
    fig7(cache, args).output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Records by file name, without what two equal runs may differ in: provenance and seconds.
fn results(cache: &Path) -> BTreeMap<String, (Cell, Metrics)> {
    let mut out = BTreeMap::new();
    // A run that was killed early has no such folder.
    for file in std::fs::read_dir(cache.join("records")).into_iter().flatten() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            let mut record: Record = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let Ledger { sft, sampling, rollouts, training, evaluation } = &mut record.metrics.cost;
            [sft, sampling, rollouts, training, evaluation].into_iter().for_each(|stage| stage.seconds = 0.0);
            out.insert(name, (record.cell, record.metrics));
        }
    }
    out
}

#[test]
fn killed_and_shared_runs_end_with_the_records_of_an_undisturbed_one() {
    let whole = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let output = run(whole.path(), &["--jobs", "2"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let expected = results(whole.path());
    killed(&expected, start.elapsed());
    shared(&expected);
    files_of_a_run(whole.path());
    redrawing_changes_nothing(whole.path());
    broken_records_are_named(whole.path());
}

/// Kills a run ten times, whatever is in flight, and lets an eleventh go on.
fn killed(expected: &BTreeMap<String, (Cell, Metrics)>, length: Duration) {
    let cache = tempfile::tempdir().unwrap();
    for kill in 0..10 {
        let mut child =
            fig7(cache.path(), &["--jobs", "2"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        // All ten together are about half of a run, on a slow machine too.
        let thousandths = Key::new(kill, "kills").below(100);
        std::thread::sleep(length.mul_f64(thousandths as f64 / 1000.0));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    if results(cache.path()).len() == expected.len() {
        let last = expected.keys().next_back().unwrap();
        std::fs::remove_file(cache.path().join("records").join(last)).unwrap();
    }
    let output = run(cache.path(), &["--jobs", "1"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(results(cache.path()), *expected, "one job after ten kills against two jobs");
}

/// Three runs at once on one folder, two parts and one that wants all, watched by a fourth: no cell is computed
/// twice.
fn shared(expected: &BTreeMap<String, (Cell, Metrics)>) {
    let cache = tempfile::tempdir().unwrap();
    let start = |args: &[&str]| {
        let mut command = fig7(cache.path(), args);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let runs = [start(&["--cells", "1/2"]), start(&["--cells", "2/2"]), start(&[]), start(&["--watch"])];
    let outputs = runs.map(|child| child.wait_with_output().unwrap());
    let told: Vec<String> = outputs.iter().map(|output| text(&output.stderr)).collect();
    for (output, told) in outputs.iter().zip(&told) {
        assert!(output.status.success(), "{told}");
    }
    assert_eq!(results(cache.path()), *expected, "three runs that share a folder against one");
    let computed =
        |told: &String| told.lines().filter(|line| line.contains(": error") && line.contains(" in ")).count();
    assert_eq!(told.iter().map(computed).sum::<usize>(), expected.len(), "{told:?}");
    let drawn = format!("fig7: {0} of {0} cells, drawn\n", expected.len());
    assert!(told[3].ends_with(&drawn), "{}", told[3]);
    assert!(cache.path().join("out/fig7/fig7.svg").exists());
    let leases = std::fs::read_dir(cache.path().join("records")).unwrap();
    assert!(leases.flatten().all(|file| file.path().extension().is_some_and(|ending| ending == "json")));
}

fn files_of_a_run(cache: &Path) {
    let dir = cache.join("out/fig7");
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let csv = read("fig7.csv");
    assert!(csv.starts_with("panel,arm,lexicon,method,n,seed,error,error_t1,"));
    let cells = results(cache).len();
    assert_eq!(csv.lines().count(), cells + 1, "one row for each cell");
    let has = |panel: &str, arm: &str, method: &str| {
        let row = format!("{panel},{arm},0,{method},16,1,");
        assert!(csv.lines().any(|line| line.starts_with(&row)), "{row}");
    };
    for method in ["sft", "rft", "dpo", "step-dpo", "chosen-only", "rft-budget", "sft-continued"] {
        has("hard", method, method);
    }
    for method in ["sft", "rft", "dpo", "step-dpo"] {
        has("easy", method, method);
    }
    for (arm, method) in [("sft", "sft"), ("dpo", "dpo"), ("dpo-edit", "dpo"), ("step-dpo", "step-dpo")] {
        has("branching", arm, method);
    }
    assert!(read("fig7.svg").starts_with("<svg"));
    assert!(read("claims.md").contains("| per-step DPO is worth more data than SFT |"));
}

fn redrawing_changes_nothing(cache: &Path) {
    let svg = || std::fs::read(cache.join("out/fig7/fig7.svg")).unwrap();
    let before = svg();
    let output = run(cache, &["--no-run"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(before, svg());
}

fn broken_records_are_named(cache: &Path) {
    let name = results(cache).into_keys().next().unwrap();
    let path = cache.join("records").join(&name);
    let record = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, record.replace("\"error\":", "\"eror\":")).unwrap();
    let output = run(cache, &["--no-run"]);
    assert!(!output.status.success());
    let error = text(&output.stderr);
    assert!(error.contains(&name) && error.contains("eror"), "{error}");
    std::fs::write(&path, record).unwrap();
}

#[test]
fn bad_flags_get_one_clear_error() {
    let cache = tempfile::tempdir().unwrap();
    let fails = |args: &[&str], says: &str| {
        let output = run(cache.path(), args);
        assert!(!output.status.success(), "{args:?}");
        let error = text(&output.stderr);
        assert!(error.contains(says), "{args:?}: {error}");
    };
    fails(&["--seedz", "3"], "--seeds");
    fails(
        &["--set", "world.relation=128"],
        "there is no key `world.relation`; the nearest is `world.lexicon.relations`",
    );
    fails(&["--set", "world.relations=many"], "world.relations");
    fails(&["--set", "world.misread=[0.5,1.5]"], "`misread` is 1.5");
    fails(&["--cell", "lexicon-sft-n7"], "the nearest is `lexicon-sft-n");
    fails(&["--device", "gpu"], "no device \"gpu\"");
    fails(&["--no-run"], "no cell of fig7 has a record");
    fails(&["--seeds", "0"], "at least 1");
    fails(&["--cells", "3/2"], "is not a part like 2/4");
}

#[test]
fn cells_are_listed_and_run_alone() {
    let cache = tempfile::tempdir().unwrap();
    let list = text(&run(cache.path(), &["--list"]).stdout);
    assert!(list.lines().all(|line| line.starts_with("-     lexicon-")), "{list}");
    let id = list.lines().find(|line| line.contains("sft-n8-s0")).unwrap().split_whitespace().nth(1).unwrap();
    let output = run(cache.path(), &["--cell", id]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record: Record = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((record.cell.id().as_str(), record.cell.problems), (id, 8));
    let list = text(&run(cache.path(), &["--list"]).stdout);
    assert_eq!(list.lines().filter(|line| line.starts_with("done")).count(), 1);
    // A changed field makes other cells.
    let changed = text(&run(cache.path(), &["--list", "--set", "step-dpo:method.loss.beta=0.2"]).stdout);
    let differing = list.lines().zip(changed.lines()).filter(|(a, b)| a != b).count();
    assert_eq!(differing, list.lines().filter(|line| line.contains("step-dpo")).count());
}

#[test]
fn records_that_cannot_be_read_are_an_error_that_names_their_folder() {
    // The folder of records is a file.
    let cache = tempfile::tempdir().unwrap();
    std::fs::write(cache.path().join("records"), "").unwrap();
    let list = text(&run(cache.path(), &["--list"]).stderr);
    assert!(list.contains("records"), "{list}");
}
