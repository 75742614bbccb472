//! The layers of `experiments`, held against what its files name: programs use figures, figures use everything, worlds,
//! learners and probes use the pipeline, and the pipeline uses none of them. No circle of files but parent and child.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A module: the names on the way to it.
type Module = Vec<String>;

/// Layers, each with those that it may use beside itself. What is in none of them is a figure.
const LAYERS: [(&str, &[&str]); 4] =
    [("pipeline", &[]), ("worlds", &["pipeline"]), ("learners", &["pipeline"]), ("probe", &["pipeline"])];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Every module of the library with its text, tests and comments left out.
fn modules() -> BTreeMap<Module, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../experiments/src");
    let mut paths = Vec::new();
    files(&root, &mut paths);
    let mut modules = BTreeMap::new();
    for path in paths {
        let relative = path.strip_prefix(&root).unwrap().with_extension("");
        let mut module: Module = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if module[0] == "bin" || module[0] == "lib" {
            continue;
        }
        if module.last().is_some_and(|last| last == "mod") {
            module.pop();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
        modules.insert(module, lines.collect::<Vec<_>>().join("\n"));
    }
    modules
}

/// The longest beginning of a path that is a module.
fn known(modules: &BTreeMap<Module, String>, mut path: Module) -> Option<Module> {
    while !path.is_empty() && !modules.contains_key(&path) {
        path.pop();
    }
    (!path.is_empty()).then_some(path)
}

/// The modules that a text names, by `crate::` and `super::` paths, trees of `use` included.
fn named(modules: &BTreeMap<Module, String>, module: &Module, code: &str) -> BTreeSet<Module> {
    let mut found = BTreeSet::new();
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut start = None;
    for (at, letter) in code.char_indices().chain([(code.len(), ' ')]) {
        match (letter.is_alphanumeric() || letter == '_', start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, &code[from..at]));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    for (at, (from, word)) in words.iter().enumerate() {
        let begins = *from == 0 || !code[..*from].ends_with("::");
        let mut base: Module = match *word {
            "crate" if begins => Vec::new(),
            "super" if begins => module[..module.len().saturating_sub(1)].to_vec(),
            _ => continue,
        };
        follow(modules, code, &words[at..], &mut base, &mut found);
    }
    found.remove(module);
    found
}

/// Follows one path from its first word; where it opens a tree, every branch's first word.
fn follow(
    modules: &BTreeMap<Module, String>,
    code: &str,
    words: &[(usize, &str)],
    base: &mut Module,
    found: &mut BTreeSet<Module>,
) {
    for pair in words.windows(2) {
        let [(from, word), (next, name)] = pair else { continue };
        let between = &code[from + word.len()..*next];
        match between.trim() {
            "::" if *name == "super" => drop(base.pop()),
            "::" => base.push((*name).to_owned()),
            "::{" => {
                let tree = &code[from + word.len() + 3..];
                let tree = &tree[..tree.find(';').unwrap_or(tree.len())];
                for branch in tree.split(['{', '}', ',']) {
                    let first = branch.trim().split("::").next().unwrap_or_default().to_owned();
                    let path = [base.clone(), vec![first]].concat();
                    found.extend(known(modules, path));
                }
                break;
            }
            _ => break,
        }
    }
    found.extend(known(modules, base.clone()));
}

fn layer(module: &Module) -> &str {
    LAYERS.iter().map(|(name, _)| *name).find(|name| module[0] == *name).unwrap_or("figures")
}

#[test]
fn no_layer_uses_one_above_it() {
    let modules = modules();
    let mut arrows = 0;
    for (module, code) in &modules {
        let Some((own, may)) = LAYERS.iter().find(|(name, _)| *name == layer(module)) else { continue };
        for other in named(&modules, module, code) {
            let to = layer(&other);
            assert!(to == *own || may.contains(&to), "{} uses {}", module.join("/"), other.join("/"));
            arrows += 1;
        }
    }
    // The test can fail: it sees arrows.
    assert!(arrows > 100, "{arrows}");
}

#[test]
fn files_form_no_circle() {
    let modules = modules();
    let kin = |a: &Module, b: &Module| a.starts_with(b) || b.starts_with(a);
    let arrows: BTreeMap<&Module, Vec<Module>> = modules
        .iter()
        .map(|(module, code)| {
            let others = named(&modules, module, code);
            (module, others.into_iter().filter(|other| !kin(module, other)).collect())
        })
        .collect();
    for start in modules.keys() {
        // Whether `start` reaches itself.
        let (mut seen, mut todo) = (BTreeSet::new(), arrows[start].clone());
        while let Some(module) = todo.pop() {
            assert!(module != *start, "{} reaches itself", start.join("/"));
            if seen.insert(module.clone()) {
                todo.extend(arrows[&module].iter().cloned());
            }
        }
    }
}
