//! The real binaries of figures 1, 2, 3 and 5 at smoke size: what they run and what they write.

use eightfold_harness::ClaimsFile;
use std::path::Path;
use std::process::{Command, Output, Stdio};

struct Case {
    name: &'static str,
    binary: &'static str,
    /// Points of the table, by panel and arm, that have to be there for both seeds.
    points: &'static [&'static str],
    /// The beginnings of some claims.
    claims: &'static [&'static str],
}

const CASES: [Case; 4] = [
    Case {
        name: "fig1",
        binary: env!("CARGO_BIN_EXE_fig1"),
        points: &["hard,sft,0,sft,32,", "hard,rft,0,rft,16,", "hard,step-dpo,0,step-dpo,8,"],
        claims: &["RFT is worth more data than SFT", "RFT needs more data than per-step DPO"],
    },
    Case {
        name: "fig2",
        binary: env!("CARGO_BIN_EXE_fig2"),
        points: &[
            "hard,sft,0,sft,32,",
            "hard,rft-epochs,0,rft,16,",
            "easy,rft,0,rft,16,",
            "copies,copies,0,rft,16,",
            "copies,copies-epochs,0,rft,16,",
        ],
        claims: &["easy world: RFT is worth more data", "SFT's exponent", "equal updates: the most copies"],
    },
    Case {
        name: "fig3",
        binary: env!("CARGO_BIN_EXE_fig3"),
        points: &["hard,single-teacher,0,single-teacher,8,", "hard,single-policy,0,single-policy,16,"],
        claims: &["one own solution a problem errs less"],
    },
    Case {
        name: "fig5",
        binary: env!("CARGO_BIN_EXE_fig5"),
        points: &[
            "wrong,0,0,rft,8,",
            "right,0,0,rft,8,",
            "wrong,1,0,rft-injected,16,",
            "right,0.5,0,rft-injected,8,",
        ],
        claims: &["the harm of misread side steps grows with data", "it grows with data beyond"],
    },
];

fn run(case: &Case, cache: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(case.binary);
    command.args(["--preset", "smoke", "--cache"]).arg(cache).arg("--out").arg(cache.join("out")).args(args);
    command.stdin(Stdio::null()).output().expect("the binary starts")
}

/// Runs a figure and looks at everything that it wrote.
fn draws(name: &str) {
    let case = CASES.iter().find(|case| case.name == name).expect("a case of this name");
    let cache = tempfile::tempdir().unwrap();
    let output = run(case, cache.path(), &["--jobs", "2"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let dir = cache.path().join("out").join(name);
    let read = |ending: &str| std::fs::read_to_string(dir.join(ending)).unwrap();

    let csv = read(&format!("{name}.csv"));
    let listed = run(case, cache.path(), &["--list"]).stdout;
    let listed = String::from_utf8(listed).unwrap();
    for line in listed.lines() {
        let id = line.strip_prefix("done ").expect("every cell has a record").trim();
        assert!(csv.contains(&format!(",{id}\n")), "no row of {id}");
    }
    for point in case.points {
        for seed in 0..2 {
            let row = format!("{point}{seed},");
            assert!(csv.lines().any(|line| line.starts_with(&row)), "no {row} in {csv}");
        }
    }
    let svg = read(&format!("{name}.svg"));
    assert!(svg.starts_with("<svg") && !svg.contains("NaN"));

    let claims: ClaimsFile = serde_json::from_str(&read("claims.json")).unwrap();
    assert_eq!((claims.figure.as_str(), claims.seeds, claims.caption.len()), (name, 2, 3));
    assert_eq!(read("claims.md"), claims.markdown());
    for says in case.claims {
        let claim = claims.claims.iter().find(|claim| claim.says.starts_with(says)).expect(says);
        assert!(claim.p.is_some(), "{says}: {}", claim.value);
    }
    // Redrawing runs nothing and changes nothing.
    assert!(run(case, cache.path(), &["--no-run"]).status.success());
    assert_eq!(svg, read(&format!("{name}.svg")));
}

#[test]
fn figure_1_draws_the_counts_of_a_run() {
    draws("fig1");
}

#[test]
fn figure_2_draws_two_worlds_and_the_copies() {
    draws("fig2");
}

#[test]
fn figure_3_draws_both_authors() {
    draws("fig3");
}

#[test]
fn figure_5_draws_wrong_and_right_steps() {
    draws("fig5");
}
