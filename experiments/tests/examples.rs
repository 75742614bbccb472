//! The examples of CONTRIBUTING.md run, each short enough to be read at a glance.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines of an example that are code.
const LONGEST: usize = 40;

/// The program of an example. `cargo test` builds examples before it runs tests; `cargo test --test examples`
/// alone does not.
fn program(name: &str) -> PathBuf {
    let programs = Path::new(env!("CARGO_BIN_EXE_fig7")).parent().unwrap();
    let program = programs.join("examples").join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "{} was not built: `cargo build --examples` does it", program.display());
    program
}

fn says(name: &str, args: &[&str]) -> String {
    let output = Command::new(program(name)).args(args).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn each_is_short() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files: Vec<PathBuf> = std::fs::read_dir(examples).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 6, "an example without a test here: {files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= LONGEST, "{} has {lines} lines", file.display());
    }
}

#[test]
fn another_verifier_finds_the_same_positives() {
    let said = says("verifier", &[]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 2 && lines[0] == lines[1] && !lines[0].starts_with("0 "), "{said}");
}

#[test]
fn another_segmenter_takes_fewer_rollouts() {
    let said = says("segmenter", &[]);
    let rollouts: Vec<usize> =
        said.lines().map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect();
    assert!(rollouts.len() == 2 && rollouts[1] < rollouts[0], "{said}");
}

#[test]
fn another_estimator_blames_every_step_of_a_solution_alike() {
    let said = says("estimator", &[]);
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with(['+', '-'])) && lines.len() > 4, "{said}");
    // The first two lines are steps of one solution.
    assert_eq!(lines[0][..5], lines[1][..5], "{said}");
}

#[test]
fn another_pair_rule_teaches_readings() {
    let said = says("pair_rule", &[]);
    let numbers: Vec<f64> = said
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter_map(|word| word.trim_matches(':').parse().ok())
        .collect();
    assert!(numbers.len() == 3 && numbers[0] > 0.0 && numbers[2] > numbers[1], "{said}");
}

#[test]
fn another_loss_falls_to_zero() {
    let said = says("loss", &[]);
    let losses: Vec<f64> =
        said.lines().map(|line| line.trim_start_matches("loss ").parse().unwrap()).collect();
    assert_eq!(losses[0], 2.0, "{said}");
    assert_eq!(losses[losses.len() - 1], 0.0, "{said}");
}

#[test]
fn another_figure_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    says("figure", &["--preset", "smoke", "--cache", path, "--out", path]);
    for ending in ["csv", "svg"] {
        assert!(folder.path().join("example").join("example").with_extension(ending).exists(), "{ending}");
    }
}
