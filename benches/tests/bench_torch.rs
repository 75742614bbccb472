//! The driver and the engine's side as processes, without PyTorch.

use std::process::{Command, Output};

fn bench(against: &str, args: &[&str]) -> Output {
    let dir = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_bench-torch"))
        .args(["--against", against, "--threads", "1", "--rounds", "1", "--work"])
        .arg(dir.path())
        .args(args)
        .output()
        .unwrap()
}

#[test]
fn rows_are_measured_and_the_table_printed() {
    let output = bench("nothing", &["--rows", "train-64-b32", "sample-128-b16"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = String::from_utf8(output.stdout).unwrap();
    for what in
        ["train step, width 64, 3 layers, 32 stories", "100 new tokens, width 128, 4 layers, 16 texts"]
    {
        let line = page.lines().find(|line| line.starts_with(&format!("| {what} | 1 |"))).unwrap();
        let milliseconds: f64 = line.split(" | ").nth(2).unwrap().parse().unwrap();
        assert!(milliseconds > 0.0, "{line}");
    }
}

#[test]
fn what_cannot_be_measured_is_named() {
    let error = |against: &str, args: &[&str]| {
        let output = bench(against, args);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(error("nothing", &["--rows", "dance"]).starts_with("error: no row is called \"dance\""));
    assert!(
        error("nothing", &["--rows", "sample-128-b16", "--device", "abacus"])
            .contains("no device \"abacus\"")
    );
    let missing = error("eager", &["--rows", "sample-128-b16", "--python", "no/such/python"]);
    assert!(missing.contains("cannot start PyTorch"), "{missing}");
}
