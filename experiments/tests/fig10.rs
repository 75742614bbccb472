//! The real binary of figure 10 at smoke size: what it writes, and that a killed run goes on.

use eightfold_experiments::pipeline::{Ledger, Metrics};
use eightfold_experiments::store::Record;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn fig10(cache: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fig10"));
    command.args(["--preset", "smoke", "--cache"]).arg(cache).arg("--out").arg(cache.join("out")).args(args);
    command.stdin(Stdio::null());
    command
}

fn run(cache: &Path, args: &[&str]) -> Output {
    fig10(cache, args).output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Results by file name, without what two equal runs may differ in: seconds.
fn results(cache: &Path) -> BTreeMap<String, Metrics> {
    let mut out = BTreeMap::new();
    for file in std::fs::read_dir(cache.join("records")).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let mut record: Record = serde_json::from_str(&text).unwrap();
            let Ledger { sft, sampling, rollouts, training, evaluation } = &mut record.metrics.cost;
            [sft, sampling, rollouts, training, evaluation].into_iter().for_each(|stage| stage.seconds = 0.0);
            out.insert(name, record.metrics);
        }
    }
    out
}

#[test]
fn a_killed_run_goes_on_to_the_results_of_an_undisturbed_one() {
    let (whole, killed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let output = run(whole.path(), &["--jobs", "2"]);
    assert!(output.status.success(), "{}", text(&output.stderr));

    let mut child =
        fig10(killed.path(), &["--jobs", "1"]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let records = killed.path().join("records");
    let count = || std::fs::read_dir(&records).map_or(0, |dir| dir.count());
    while count() < 3 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!results(killed.path()).is_empty());
    let output = run(killed.path(), &["--jobs", "1"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(results(whole.path()), results(killed.path()), "one job after a kill against two jobs");
    files_of_a_run(whole.path());
}

fn files_of_a_run(cache: &Path) {
    let dir = cache.join("out/fig10");
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let csv = read("fig10.csv");
    assert!(csv.starts_with("method,base,graphs,seed,sft_updates,updates,loss,error,"));
    let all = results(cache);
    let measurements: usize = all.values().map(|metrics| metrics.curve.as_ref().unwrap().updates.len()).sum();
    assert_eq!((all.len(), csv.lines().count()), (2 * 8, measurements + 1), "a row for each measurement");
    for method in
        ["sft", "step-dpo-1", "step-dpo-3", "step-dpo-4", "step-dpo-few-1", "enumerated-4", "tempered-1"]
    {
        assert!(csv.lines().any(|line| line.starts_with(&format!("{method},1,6,1,"))), "{method}");
    }
    let svg = read("fig10.svg");
    assert!(svg.starts_with("<svg"));
    assert_eq!(read("claims.md").lines().filter(|line| line.starts_with("| (")).count(), 6);
    let output = run(cache, &["--no-run"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(read("fig10.svg"), svg, "redrawing changes nothing");
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
    fails(&["--set", "method.loss.betta=1.0"], "the nearest is `method.prefer.loss.dpo.beta`");
    fails(&["--set", "world.nodes=2"], "`nodes` is 2, but must be at least 3");
    fails(&["--set", "world.labels=10"], "`labels` is 10, but must be at least 11");
    fails(&["--set", "learner.every=0"], "`learner.star.every` is 0, but must be at least 1");
    fails(&["--set", "learner.base.net.width=7"], "`learner.star.base.net.width` is 7");
    fails(&["--cell", "star-sfd"], "the nearest is `star-sft-n");
    fails(&["--no-run"], "no cell of fig10 has a record");
}

#[test]
fn a_cell_is_run_alone() {
    let cache = tempfile::tempdir().unwrap();
    let list = text(&run(cache.path(), &["--list"]).stdout);
    assert_eq!(list.lines().filter(|line| line.starts_with("-     star-")).count(), 16, "{list}");
    let id =
        list.lines().find(|line| line.contains("star-sft-n6-s0")).unwrap().split_whitespace().nth(1).unwrap();
    let output = run(cache.path(), &["--cell", id]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let record: Record = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (record.cell.id().as_str(), &record.metrics.curve.as_ref().unwrap().updates[..]),
        (id, &[0, 2, 4][..])
    );
}
