//! The real binaries of figures 4, 6, 8 and 9 and of `explain` at smoke size: what they write, and how they fail.

use std::path::Path;
use std::process::{Command, Output, Stdio};

fn run(binary: &str, cache: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(binary);
    command.args(["--preset", "smoke", "--cache"]).arg(cache).args(args).stdin(Stdio::null());
    command.output().expect("the binary starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Draws a figure at smoke size, checks what each figure writes, and gives back table and claims.
fn figure(binary: &str, name: &str, cache: &Path) -> (String, String) {
    let out = cache.join("out");
    let draw = |args: &[&str]| {
        let output = run(binary, cache, &[args, &["--out", out.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
    };
    draw(&[]);
    let dir = out.join(name);
    let read = |file: &str| std::fs::read_to_string(dir.join(file)).unwrap();
    let svg = read(&format!("{name}.svg"));
    assert!(svg.starts_with("<svg") && !svg.contains("no data"));
    for part in ["Seen: ", "The paper (", "Differs: "] {
        assert!(svg.contains(part), "the caption lacks {part:?}");
    }
    draw(&["--no-run"]);
    assert_eq!(svg, read(&format!("{name}.svg")), "drawn again from the records");
    (read(&format!("{name}.csv")), read("claims.md"))
}

#[test]
fn figure_4_splits_log_probabilities_by_kind_of_token() {
    let cache = tempfile::tempdir().unwrap();
    let (csv, claims) = figure(env!("CARGO_BIN_EXE_fig4"), "fig4", cache.path());
    // Two seeds, five lengths of training, two sources.
    assert_eq!(csv.lines().count(), 1 + 2 * 5 * 2);
    for line in csv.lines().skip(1) {
        let number = |column: usize| line.split(',').nth(column).unwrap().parse::<f64>().unwrap();
        assert!((number(5) + number(6) + number(7) - number(8)).abs() < 1e-3, "{line}");
        assert!((5..8).all(|column| number(column) <= 0.0) && number(8) < -1.0, "{line}");
    }
    assert!(claims.contains("| self-generated solutions are likelier in phrasing |"));
}

#[test]
fn figure_6_holds_pits_against_the_law() {
    let cache = tempfile::tempdir().unwrap();
    let (csv, claims) = figure(env!("CARGO_BIN_EXE_fig6"), "fig6", cache.path());
    let sum = |learner: &str, column: usize| -> f64 {
        let mine = csv.lines().filter(|line| line.starts_with(learner));
        mine.map(|line| line.split(',').nth(column).unwrap().parse::<f64>().unwrap()).sum()
    };
    for learner in ["network", "tabular"] {
        // Every wrong solution has one pit, found and expected.
        assert!(sum(learner, 4) > 10.0);
        assert!((sum(learner, 4) - sum(learner, 5)).abs() < 0.1);
    }
    assert!(claims.contains("```text") && claims.contains("rejected"), "the worked example is printed");
}

#[test]
fn figure_8_compares_methods_at_the_same_prefixes() {
    let cache = tempfile::tempdir().unwrap();
    let (csv, _) = figure(env!("CARGO_BIN_EXE_fig8"), "fig8", cache.path());
    let steps = |world: &str, method: &str, kind: &str| -> Vec<&str> {
        let start = format!("{world},{method},0,");
        let mine = csv.lines().filter(|line| line.starts_with(&start) && line.contains(kind));
        mine.map(|line| line.split(',').rev().nth(3).unwrap()).collect()
    };
    for world in ["0", "0.5"] {
        for kind in [",critical,", ",side branch,"] {
            let sft = steps(world, "sft", kind);
            assert_eq!(sft.len(), 1);
            assert!(["dpo", "step-dpo", "chosen-only"].iter().all(|m| steps(world, m, kind) == sft));
        }
    }
    assert_eq!(steps("0", "sft", "side branch, two meanings"), ["0"]);
}

#[test]
fn figure_9_has_both_completers() {
    let cache = tempfile::tempdir().unwrap();
    let (csv, claims) = figure(env!("CARGO_BIN_EXE_fig9"), "fig9", cache.path());
    for start in
        ["1,rft-filtered,16,1,", "5,rft-filtered,16,1,", "1,weighted,8,0,", "5,weighted,8,0,", ",rft,8,1,"]
    {
        assert!(csv.lines().any(|line| line.starts_with(start)), "{start}");
    }
    assert!(claims.contains("| best of 5: weighting errs at most 1.25x per-step DPO |"));
}

#[test]
fn a_wrong_solution_is_explained() {
    let cache = tempfile::tempdir().unwrap();
    let explain = |args: &[&str]| {
        let output = run(env!("CARGO_BIN_EXE_explain"), cache.path(), args);
        (output.status.success(), text(&output.stdout), text(&output.stderr))
    };
    // The first problem that has a wrong solution without a slip.
    let found = (0..16).map(|p| explain(&["fig7", "--problem", &p.to_string(), "--rollouts", "5"]));
    let (_, out, _) = found.into_iter().find(|(success, ..)| *success).expect("something is wrong somewhere");
    for part in ["question", "(question)", "\npit ", "\nprompt ", "\nchosen ", "\nrejected "] {
        assert!(out.contains(part), "{part:?} is missing: {out}");
    }
    let fails = |args: &[&str], says: &str| {
        let (success, _, error) = explain(args);
        assert!(!success && error.contains(says), "{args:?}: {error}");
    };
    fails(&["fig7", "--problem", "99"], "there is no problem 99: 16 were drawn");
    fails(&["fig7", "--problem", "0", "--sample", "50"], "none is number 50");
    fails(&["fig3", "--problem", "0"], "fig3");
    fails(&["fig7", "--problem", "0", "--rollouts", "0"], "rollouts");
}
