//! The case tables of the verifier: pairs of answers that are equal, and near misses that are not.

use eightfold_verifier::{Grader, Judgment};
use serde::Deserialize;
use std::path::Path;

/// One file of `cases/verifier`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// `answer` for bare answers, `response` for texts to extract from.
    form: String,
    /// Pairs (gold, prediction) that must be graded equal.
    #[serde(default)]
    equal: Vec<(String, String)>,
    /// Pairs that must be graded different.
    #[serde(default)]
    different: Vec<(String, String)>,
    /// Pairs on which the grader must not commit itself.
    #[serde(default)]
    undecided: Vec<(String, String)>,
}

fn tables() -> Vec<(String, Table)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/verifier");
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "toml"));
    paths.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    paths.iter().map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), read(path))).collect()
}

#[test]
fn every_case_is_graded_as_it_says() {
    let grader = Grader::default();
    let (mut rows, mut wrong) = (0, Vec::new());
    for (name, table) in tables() {
        let kinds = [
            (Judgment::Equal, &table.equal),
            (Judgment::Different, &table.different),
            (Judgment::Undecided, &table.undecided),
        ];
        for (expected, pairs) in kinds {
            for (gold, pred) in pairs {
                let grade = match table.form.as_str() {
                    "answer" => grader.compare(gold, pred),
                    "response" => grader.grade(gold, pred),
                    other => panic!("{name}: no form {other}"),
                };
                rows += 1;
                if grade.judgment != expected {
                    let found = grade.extracted.as_ref().map(|found| found.text.clone());
                    let forms =
                        (grader.normal_form(&grade.gold), found.as_deref().map(|f| grader.normal_form(f)));
                    wrong.push(format!(
                        "{name}: {gold:?} / {pred:?}: {}, not {expected} ({}; extracted {found:?}, read as {forms:?})",
                        grade.judgment, grade.reason
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(rows >= 600, "only {rows} cases");
}

#[test]
fn equality_of_bare_answers_does_not_depend_on_the_side() {
    // Gold decides order and brackets of lists and tuples; everything else is symmetric.
    let grader = Grader::default();
    for (name, table) in tables().into_iter().filter(|(_, table)| table.form == "answer") {
        for (gold, pred) in table.equal.iter().filter(|_| name != "lists") {
            assert_eq!(grader.compare(pred, gold).judgment, Judgment::Equal, "{name}: {pred:?} / {gold:?}");
        }
        for (gold, pred) in table.different.iter().chain(&table.undecided) {
            assert_ne!(grader.compare(pred, gold).judgment, Judgment::Equal, "{name}: {pred:?} / {gold:?}");
        }
        for text in table.equal.iter().flat_map(|(gold, pred)| [gold, pred]) {
            assert_eq!(grader.compare(text, text).judgment, Judgment::Equal, "{name}: {text:?} is itself");
        }
    }
}
