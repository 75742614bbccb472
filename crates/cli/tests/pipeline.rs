//! The commands joined as docs/your-own-problems.md joins them, on six problems of our own, up to a file
//! that TRL's trainer was run on.

mod program;

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Output;

/// A file of tests/pipeline.
fn fixture(name: &str) -> String {
    format!("{}/tests/pipeline/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn run(arguments: &[&str], input: &str) -> Output {
    program::run(Path::new("."), arguments, input)
}

/// What a command writes, and what it says; it must succeed.
fn ok(arguments: &[&str], input: &str) -> (String, String) {
    let output = run(arguments, input);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
    (out, err)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn rows(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Everything the pipeline makes of the fixture.
struct Made {
    dir: tempfile::TempDir,
    valued: String,
    pairs: String,
}

impl Made {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (problems, _) =
            ok(&["problems", &fixture("toy.jsonl"), "--from", "gsm8k", "--without-notes"], "");
        std::fs::write(dir.path().join("problems.jsonl"), &problems).unwrap();
        let keys = ["--gold-key", "answer", "--pred-key", "completion"];
        let (verified, _) = ok(&[&["verify", &fixture("samples.jsonl")], &keys[..]].concat(), "");
        let (cut, _) = ok(&["segment", "--by", "lines", "--text-key", "completion"], &verified);
        let (valued, _) = ok(&["value", "--rollouts", &fixture("rollouts.jsonl")], &cut);
        let (pairs, said) = ok(&["pairs"], &valued);
        assert!(said.starts_with("8 pairs by shared-prefix from 5 problems"), "{said}");
        Self { dir, valued, pairs }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

#[test]
fn the_pipeline_makes_the_pairs_that_trl_was_run_on() {
    let made = Made::new();
    let keep = "id,chosen_ends,rejected_ends";
    let (exported, _) = ok(&["export", "--to", "trl-preference", "--keep", keep], &made.pairs);
    assert_eq!(exported, include_str!("../../../tests/cases/trl_pairs.jsonl"));
}

#[test]
fn pairs_obey_their_laws() {
    let made = Made::new();
    let known = made.path("problems.jsonl").display().to_string();
    for rule in
        ["shared-prefix", "shared-prefix-step", "full-solution-vs-pit", "response", "highest-edit-distance"]
    {
        let (pairs, _) = ok(&["pairs", "--rule", rule, "--known", &known], &made.valued);
        assert!(rows(&pairs).len() >= 7, "{rule}: {pairs}");
        for pair in rows(&pairs) {
            let part = |key: &str| pair[key].as_str().unwrap();
            let whole = |side| format!("{}{}", part("initial_steps"), part(side));
            assert_eq!(part("rule"), rule);
            assert_ne!(part("chosen"), part("rejected"));
            // The rejected side begins a wrong sample of the fixture.
            let begins = |row: &Value| {
                row["id"] == pair["id"]
                    && row["sample"] == pair["sample"]
                    && row["verdict"] == "different"
                    && row["completion"].as_str().unwrap().starts_with(&whole("rejected"))
            };
            assert!(rows(&made.valued).iter().any(begins), "{pair}");
            if pair["chosen_ends"] == json!(true) {
                let gold = part("answer");
                let (judged, _) = ok(&["verify", "--gold", gold, "--pred", &whole("chosen")], "");
                assert!(judged.starts_with("equal"), "{pair}");
            }
            let lone = pair["step"].is_u64();
            assert_eq!(pair["rejected_ends"], json!(!lone), "{pair}");
        }
    }
    // A problem without a right sample is not lost while a rollout from its question is right.
    let (pairs, said) = ok(&["pairs", "--rule", "full-solution-vs-pit"], &made.valued);
    assert_eq!(rows(&pairs).len(), 8);
    assert!(said.contains("1  chosen sides from rollouts of the bare question"), "{said}");
    let (examples, said) = ok(&["pairs", "--rule", "rft"], &made.valued);
    assert_eq!(rows(&examples).len(), 4, "{said}");
    assert!(said.contains("problems without a right solution"), "{said}");
    let (chosen, _) = ok(&["pairs", "--rule", "chosen-only"], &made.valued);
    let (chosen, pairs) = (rows(&chosen), rows(&made.pairs));
    assert!(chosen.iter().zip(&pairs).all(|(example, pair)| example["completion"] == pair["chosen"]));
}

#[test]
fn every_format_takes_what_the_pipeline_makes() {
    let made = Made::new();
    let (examples, _) = ok(&["pairs", "--rule", "rft"], &made.valued);
    let problems = std::fs::read_to_string(made.path("problems.jsonl")).unwrap();
    let formats = [
        ("trl-preference", &made.pairs),
        ("step-dpo", &made.pairs),
        ("self-explore", &made.pairs),
        ("stepwise", &made.valued),
        ("math-shepherd", &made.valued),
        ("prm800k", &made.valued),
        ("trl-unpaired", &made.valued),
        ("trl-sft", &examples),
        ("screl", &examples),
        ("gsm8k", &problems),
        ("sharegpt", &examples),
        ("sharegpt-preference", &made.pairs),
    ];
    for (format, ours) in formats {
        let (theirs, _) = ok(&["export", "--to", format], ours);
        let (back, said) = ok(&["import", "--from", format, "--name", "toy"], &theirs);
        assert_eq!(rows(&back).len(), rows(&theirs).len(), "{format}: {said}");
        let (again, _) = ok(&["export", "--to", format], &back);
        assert_eq!(again, theirs, "{format}");
    }
    // The name under which TRL had it is still read.
    let (stepwise, said) = ok(&["export", "--to", "trl-stepwise"], &made.valued);
    assert!(said.contains("5 rows left out"), "right solutions have no rollouts: {said}");
    let row = &rows(&stepwise)[0];
    assert_eq!(row["labels"], json!([true, false, false]));
    assert_eq!(row["completions"][1], "7 - 4 = 3 plums at the end.");
}

#[test]
fn values_are_those_of_the_rollouts() {
    let made = Made::new();
    let valued = rows(&made.valued);
    assert_eq!(valued.len(), 13);
    let row = valued.iter().find(|row| row["id"] == "toy-5" && row["sample"] == 1).unwrap();
    let numbers = |key: &str| -> Vec<f64> {
        row["values"].as_array().unwrap().iter().map(|value| value[key].as_f64().unwrap_or(9.0)).collect()
    };
    assert_eq!(numbers("step"), [0.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(numbers("q"), [0.75, 0.75, 0.75, 0.0, 0.0]);
    assert_eq!(numbers("rollouts"), [4.0, 4.0, 4.0, 4.0, 0.0]);
    assert_eq!(numbers("correct"), [3.0, 3.0, 3.0, 0.0, 0.0]);
    assert_eq!(numbers("advantage"), [9.0, 0.0, 0.0, -0.75, 0.0]);
    assert!((numbers("high")[3] - 0.602_364_6).abs() < 1e-6, "1 - .025^(1/4)");
    assert_eq!(row["first_pit"], 2);
    // A cut rollout does not count as correct, whatever it says; right solutions have no pit.
    assert!(valued.iter().all(|row| row["first_pit"].is_null() == (row["verdict"] == "equal")));
    // Best of 4 of 4 draws with one success is 1.
    let keys = ["--rollouts", &fixture("rollouts.jsonl"), "--best-of", "4", "--pit", "advantage-below:-0.5"];
    let (best, _) = ok(&[&["value"], &keys[..]].concat(), &made.valued);
    assert_eq!(rows(&best)[1]["values"][0]["q"], 1.0);
    assert_eq!(rows(&best)[1]["first_pit"], rows(&made.valued)[1]["first_pit"]);
}

#[test]
fn the_order_of_rollouts_does_not_matter_and_what_is_odd_is_counted() {
    let made = Made::new();
    let rollouts = std::fs::read_to_string(fixture("rollouts.jsonl")).unwrap();
    let mut lines: Vec<&str> = rollouts.lines().rev().collect();
    lines.push(lines[3]);
    let stray = r#"{"id": "toy-77", "sample": 0, "step": 0, "rollout": 0, "completion": "x"}"#;
    let more = [stray, r#"{"id": "toy-0", "sample": 1, "step": 0}"#, "{"];
    let path = made.path("odd.jsonl");
    std::fs::write(&path, [&lines[..], &more[..]].concat().join("\n")).unwrap();
    let output = run(&["value", "--rollouts", &path.display().to_string()], &made.valued);
    assert_eq!(output.status.code(), Some(2), "two lines of rollouts are malformed");
    assert!(rows(&text(&output.stdout)) == rows(&made.valued));
    let said = text(&output.stderr);
    for part in [
        "1 rollouts were there before",
        "1 rollouts belong to no solution",
        "odd.jsonl:103: no key `rollout`",
        "odd.jsonl:104: ",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    // With more rollouts asked for than there are, no value is made up.
    let keys = ["--rollouts", &fixture("rollouts.jsonl"), "--best-of", "5"];
    let (short, said) = ok(&[&["value"], &keys[..]].concat(), &made.valued);
    assert!(said.contains("have fewer than 5 rollouts, the first of problem toy-0, sample 1"), "{said}");
    assert!(rows(&short)[1]["values"].as_array().unwrap().is_empty());
}

#[test]
fn a_broken_line_in_a_long_file_is_named_and_the_rest_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.jsonl").display().to_string();
    let line = |i: usize| match i {
        4711 => "{\"question\": \"How".to_owned(),
        3 | 5000 => format!("{{\"question\": \"What is {i} + 1?\"}}"),
        _ => format!("{{\"question\": \"What is {i} + 1?\", \"answer\": \"{}\"}}", i + 1),
    };
    std::fs::write(&path, (1..=5000).map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let output = run(&["problems", &path], "");
    let said = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout).lines().count()), (Some(2), 4997));
    assert!(said.contains("long.jsonl:4711: EOF"), "{said}");
    assert!(said.contains("long.jsonl:3: no key `answer`") && !said.contains("long.jsonl:5000"), "{said}");
    assert!(said.contains("2 rows have no key `answer`, the first on line 3"), "{said}");
    let strict = run(&["problems", "--strict", &path], "");
    assert_eq!((strict.status.code(), text(&strict.stdout).lines().count()), (Some(2), 2));
}

#[test]
fn rows_out_of_place_are_named() {
    let made = Made::new();
    let mut lines: Vec<&str> = made.valued.lines().collect();
    lines.push(lines[0]);
    let output = run(&["pairs"], &lines.join("\n"));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), made.pairs);
    assert!(text(&output.stderr).contains("-:14: problem toy-0 was on line 1"), "{}", text(&output.stderr));
    let bare = std::fs::read_to_string(fixture("samples.jsonl")).unwrap();
    let said = text(&run(&["pairs"], &bare).stderr);
    assert!(
        said.contains("no key `verdict`; `eightfold verify` adds it") && said.contains("13 rows"),
        "{said}"
    );
}

#[test]
fn copies_of_test_questions_are_removed() {
    let made = Made::new();
    let toy = fixture("toy.jsonl");
    let own = r#"{"id": "new-0", "question": "A quarry ships 9 loads. How many loads are 3 days?", "answer": "27"}
{"id": "new-1", "question": "A tram has 12 rows of 5 seats. 7 seats are broken. How many seats can be used?", "answer": "53"}
{"id": "new-2", "question": "It rains. Lena has 40 beads. She loses half of them and finds 3. Then she finds 9 more.", "answer": "32"}
{"id": "new-3", "question": "lena has 40 beads; she loses half of them and finds 3: how many beads does she have", "answer": "23"}
"#;
    let removed = made.path("removed.jsonl");
    let arguments = ["decontaminate", "--against", &toy, "--ngram", "12", "--removed"];
    let (clean, said) = ok(&[&arguments[..], &[&removed.display().to_string()]].concat(), own);
    assert_eq!(clean.lines().collect::<Vec<_>>(), [own.lines().next().unwrap()]);
    assert!(said.contains("4 problems against 6 test questions: 1 clean, 3 contaminated"), "{said}");
    let removed = rows(&std::fs::read_to_string(removed).unwrap());
    let overlaps: Vec<&str> =
        removed.iter().map(|row| row["contaminated"]["overlap"].as_str().unwrap()).collect();
    assert_eq!(overlaps, ["same_but_numbers", "shared_run", "same_question"]);
    assert_eq!(removed[1]["contaminated"]["test"], format!("{toy}:6"));
    assert_eq!(removed[1]["contaminated"]["run"], "lena has 40 beads she loses half of them and finds 3");
}

#[test]
fn solutions_are_shown() {
    let made = Made::new();
    let (shown, _) = ok(&["show", "--id", "toy-0", "--only", "pits", "--first", "1"], &made.valued);
    let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
    assert_eq!(
        lines,
        [
            "toy-0 sample 1: wrong, the answer is 11",
            "  Nina picks 12 plums and gives 5 of them to her brother. Then she picks 4 more. How many plums does she have?",
            "      value (interval)        correct  change",
            "      .75 (.19 to .99)         3 of 4",
            "   1  .75 (.19 to .99)         3 of 4    .00    12 - 5 = 7 plums are left.",
            "   2  .00 (.00 to .60)         0 of 4   -.75    7 - 4 = 3 plums at the end. <- first pit",
            "   3  .00                     verdict    .00    #### 3",
            "",
        ]
    );
    let (colored, _) = ok(&["show", "--color", "always", "--first", "1"], &made.valued);
    assert!(colored.contains("\u{1b}[32mright"), "{colored}");
    let (page, _) = ok(&["show", "--html"], &made.valued);
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<article>").count(), 13);
    assert_eq!(page.matches("class=\"pit\"").count(), 8);
    for outside in ["http:", "https:", "src=", "href=", "<script"] {
        assert!(!page.contains(outside), "a page of its own has no {outside}");
    }
}

#[test]
fn every_command_explains_itself() {
    let (help, _) = ok(&["--help"], "");
    let listed: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   "))
        })
        .filter(|name| *name != "help")
        .collect();
    assert!(listed.len() >= 11, "{listed:?}");
    for command in &listed {
        let (help, _) = ok(&[command, "--help"], "");
        assert!(
            help.contains("Example") && help.contains(&format!("eightfold {command}")),
            "{command}: {help}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let (script, _) = ok(&["completions", shell], "");
        assert!(listed.iter().all(|command| script.contains(command)), "{shell}");
    }
}

#[test]
fn the_public_files_are_read() {
    let Some(data) = std::env::var_os("EIGHTFOLD_DATA").map(PathBuf::from) else {
        println!("skipped: EIGHTFOLD_DATA is not set");
        return;
    };
    let file = |name: &str| data.join(name).display().to_string();
    let (train, said) =
        ok(&["problems", &file("gsm8k_train.jsonl"), "--from", "gsm8k", "--split", "0.8,0.1,0.1"], "");
    let count = |split: &str| rows(&train).iter().filter(|row| row["split"] == split).count();
    assert!(said.contains("7473 problems read"), "{said}");
    let total = train.lines().count();
    assert_eq!(count("train") + count("validation") + count("test"), total);
    for (split, share) in [("train", 0.8), ("validation", 0.1), ("test", 0.1)] {
        let expected = share * total as f64;
        assert!((count(split) as f64 - expected).abs() < 5.0 * expected.sqrt(), "{split}: {}", count(split));
    }
    let (svamp, _) = ok(&["problems", &file("svamp_1000.jsonl"), "--from", "svamp"], "");
    assert_eq!(rows(&svamp)[0]["answer"], "51");
    let against = file("gsm8k_test.jsonl");
    let (clean, said) = ok(&["decontaminate", "--against", &against], &train);
    assert!(clean.lines().count() > 7000 && said.contains("against 1319 test questions"), "{said}");
    // Every test question is recognized in a file of test questions.
    let (none, _) = ok(&["decontaminate", "--against", &against, Path::new(&against).to_str().unwrap()], "");
    assert_eq!(none, "");
}
