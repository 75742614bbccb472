//! Cases from the field: what users feed such graders, with the verdict that each must get. `eightfold verify` without
//! flags is held to three bars: nothing wrong is accepted, most of what is right is, and nothing takes long.

use eightfold_verifier::{Grader, Options, Tolerance};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// A row of `cases/verifier/field.jsonl`.
#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    input: Input,
    expected: String,
    /// Says where the label itself is in doubt.
    note: Option<String>,
}

#[derive(Deserialize)]
struct Input {
    gold: String,
    pred: String,
    /// `answer` or `response`, which is the default.
    form: Option<String>,
    /// A command line in place of a form.
    cmd: Option<String>,
}

/// Cases of one kind: how many, and those with another verdict than they must get.
#[derive(Default)]
struct Kind {
    equal: usize,
    refused: Vec<String>,
    different: usize,
    accepted: Vec<String>,
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/verifier/field.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

/// Whether a case is graded equal, and how long that took.
fn is_equal(case: &Case) -> (bool, Duration) {
    let rounded = case.input.cmd.as_ref().is_some_and(|cmd| cmd.contains("rounded:2"));
    let tolerance = if rounded { Tolerance::Rounded(2) } else { Tolerance::Exact };
    let grader = Grader::new(Options { tolerance, ..Options::default() });
    let bare = rounded || case.input.form.as_deref() == Some("answer");
    let start = Instant::now();
    let grade = match bare {
        true => grader.compare(&case.input.gold, &case.input.pred),
        false => grader.grade(&case.input.gold, &case.input.pred),
    };
    (grade.judgment == eightfold_verifier::Judgment::Equal, start.elapsed())
}

#[test]
fn nothing_wrong_is_accepted_and_most_that_is_right_is() {
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for case in cases() {
        let said = format!("{}: {:?} / {:?}", case.id, case.input.gold, case.input.pred);
        let (equal, _) = is_equal(&case);
        let kind = kinds.entry(case.kind).or_default();
        if case.expected.starts_with("equal") {
            kind.equal += 1;
            kind.refused.extend((!equal).then_some(said));
        } else if case.note.is_none() {
            kind.different += 1;
            kind.accepted.extend(equal.then_some(said));
        }
    }
    for (name, kind) in kinds.iter().filter(|(_, kind)| !kind.refused.is_empty()) {
        println!("{name}: {} of {} refused: {}", kind.refused.len(), kind.equal, kind.refused.join("; "));
    }
    let accepted: Vec<&String> = kinds.values().flat_map(|kind| &kind.accepted).collect();
    assert!(accepted.is_empty(), "{} accepted: {accepted:#?}", accepted.len());
    let equal: usize = kinds.values().map(|kind| kind.equal).sum();
    let refused: usize = kinds.values().map(|kind| kind.refused.len()).sum();
    assert!(equal >= 560 && kinds.values().map(|kind| kind.different).sum::<usize>() >= 400);
    assert!(refused * 20 <= equal, "{refused} of {equal} refused");
}

#[test]
fn nothing_takes_long() {
    // The shortest of three runs: other programs share the machine. Unoptimized builds are slower.
    let bound = Duration::from_millis(if cfg!(debug_assertions) { 100 } else { 5 });
    for case in cases() {
        let shortest = (0..3).map(|_| is_equal(&case).1).min().unwrap();
        assert!(shortest < bound, "{}: {shortest:?}", case.id);
    }
}
