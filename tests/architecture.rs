//! The arrows of ARCHITECTURE.md, held against `cargo metadata`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crates that may know tensors. The `eightfold` program is a data program: it must not.
const NETWORK: &[&str] =
    &["eightfold-loss", "eightfold-gpt", "eightfold-models", "eightfold-experiments", "eightfold-benches"];

/// The arrows as ARCHITECTURE.md draws them: rows of the table between its two marks, a crate and what it uses.
fn drawn() -> BTreeMap<String, BTreeSet<String>> {
    let page = include_str!("../ARCHITECTURE.md");
    let table = page.split("<!-- arrows -->").nth(1).expect("two marks around the table");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once('`').expect("a crate between back quotes");
        let uses = rest.split('`').skip(1).step_by(2).map(String::from).collect();
        (name.to_owned(), uses)
    })
    .collect()
}

fn metadata() -> Value {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    // The host's packages alone: those of other systems need not have been downloaded.
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).expect("rustc prints text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", host])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .expect("cargo metadata runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Names of the normal (not dev, not build) dependencies of each workspace member.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let members: BTreeSet<&str> =
        metadata["workspace_members"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .filter(|package| members.contains(package["id"].as_str().unwrap()))
        .map(|package| {
            let normal = package["dependencies"].as_array().unwrap().iter().filter(|d| d["kind"].is_null());
            let names = normal.map(|d| d["name"].as_str().unwrap().to_owned()).collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}

/// Everything reachable from `root` by normal dependencies in the resolved graph.
fn closure(metadata: &Value, root: &str) -> BTreeSet<String> {
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|node| (node["id"].as_str().unwrap(), node))
        .collect();
    let names: BTreeMap<&str, &str> = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["id"].as_str().unwrap(), p["name"].as_str().unwrap()))
        .collect();
    let start = names.iter().find(|(_, name)| **name == root).expect("a package of that name").0;
    let (mut seen, mut todo) = (BTreeSet::new(), vec![*start]);
    while let Some(id) = todo.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dep in nodes[id]["deps"].as_array().unwrap() {
            let kinds = dep["dep_kinds"].as_array().unwrap();
            if kinds.iter().any(|kind| kind["kind"].is_null()) {
                todo.push(dep["pkg"].as_str().unwrap());
            }
        }
    }
    seen.into_iter().map(|id| names[id].to_owned()).collect()
}

/// The name of a package in the table: `eightfold-task` is `task`.
fn short(package: &str) -> &str {
    package.strip_prefix("eightfold-").unwrap_or(package)
}

#[test]
fn the_drawn_arrows_are_those_of_the_manifests() {
    let ours = |all: &BTreeSet<String>| -> BTreeSet<String> {
        all.iter().filter(|name| name.starts_with("eightfold-")).map(|name| short(name).to_owned()).collect()
    };
    let found: BTreeMap<String, BTreeSet<String>> = dependencies(&metadata())
        .iter()
        .map(|(package, uses)| (short(package).to_owned(), ours(uses)))
        .collect();
    let drawn = drawn();
    for (name, uses) in &found {
        assert_eq!(drawn.get(name), Some(uses), "the arrows of `{name}` in ARCHITECTURE.md");
    }
    assert_eq!(drawn.len(), found.len(), "a crate is drawn that is not there");
}

#[test]
fn only_the_network_side_knows_burn() {
    let metadata = metadata();
    for name in dependencies(&metadata).keys() {
        let burn = closure(&metadata, name).into_iter().find(|d| d.starts_with("burn"));
        assert!(burn.is_none() || NETWORK.contains(&name.as_str()), "{name} reaches {}", burn.unwrap());
    }
    // The test can fail: the network side does reach burn.
    assert!(closure(&metadata, "eightfold-gpt").contains("burn"));
}
