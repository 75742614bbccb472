//! The real binary of the ablations at smoke size: the list, every ablation, and bad names.

use eightfold_harness::ClaimsFile;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn ablate(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ablate"));
    command.args(args).stdin(Stdio::null()).output().expect("the binary starts")
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn names() -> Vec<String> {
    let list = stdout(&ablate(&[]));
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Runs an ablation and looks at everything that it wrote.
fn draws(name: &str, cache: &Path) {
    let (cache_text, out) = (cache.to_str().unwrap(), cache.join("out"));
    let flags = ["--preset", "smoke", "--cache", cache_text, "--out", out.to_str().unwrap()];
    let run = |more: &[&str]| ablate(&[&[name], &flags[..], more].concat());
    stdout(&run(&["--jobs", "2"]));
    let read = |file: &str| std::fs::read_to_string(out.join(name).join(file)).unwrap();

    let csv = read(&format!("{name}.csv"));
    for line in stdout(&run(&["--list"])).lines() {
        let id = line.strip_prefix("done ").expect("every cell has a record").trim();
        assert!(csv.contains(&format!(",{id}\n")), "{name}: no row of {id}");
    }
    let svg = read(&format!("{name}.svg"));
    assert!(svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("no data"), "{name}");

    let claims: ClaimsFile = serde_json::from_str(&read("claims.json")).unwrap();
    assert_eq!((claims.figure.as_str(), claims.seeds), (name, 2));
    assert_eq!(claims.command, format!("just ablate {name} --preset smoke"));
    assert_eq!(read("claims.md"), claims.markdown());
    assert!(!claims.claims.is_empty());
    for claim in &claims.claims {
        assert!(claim.value != "cells missing", "{name}: {}", claim.says);
    }
    // Redrawing runs nothing and changes nothing.
    stdout(&run(&["--no-run"]));
    assert_eq!(svg, read(&format!("{name}.svg")));
}

#[test]
fn every_ablation_runs_and_draws() {
    // One cache for all: what is figure 7's cell in one is it in the others.
    let cache = tempfile::tempdir().unwrap();
    let names = names();
    assert!(names.len() >= 8 && names.iter().any(|name| name == "pit-search"), "{names:?}");
    for name in &names {
        draws(name, cache.path());
    }
}

#[test]
fn help_and_errors_name_what_there_is() {
    assert!(stdout(&ablate(&["--help"])).contains("just ablate pit-rule"));
    assert!(stdout(&ablate(&["pit-rule", "--help"])).contains("--no-run"));
    let wrong = ablate(&["pit-rul"]);
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(!wrong.status.success());
    assert!(message.contains("`pit-rul`") && message.contains("the nearest is `pit-rule`"), "{message}");
    let nothing = tempfile::tempdir().unwrap();
    let empty =
        ablate(&["pit-rule", "--no-run", "--preset", "smoke", "--cache", nothing.path().to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&empty.stderr).contains("without --no-run"));
}
