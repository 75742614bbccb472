//! Drawings of the real binaries from invented records, against committed ones: every kind of chart there is. The
//! small print is left out, since words change more often than drawings do.
//!
//! After a change that is meant: `EIGHTFOLD_BLESS=1 cargo test -p eightfold-experiments --test snapshots`, and look
//! at what changed.

mod invented;

use eightfold_experiments::pipeline::{Cell, Metrics};
use eightfold_experiments::store::{Provenance, Record, Records};
use std::path::Path;
use std::process::{Command, Stdio};

fn output(binary: &str, cache: &Path, args: &[&str]) -> String {
    let mut command = Command::new(binary);
    command.args(["--preset", "smoke", "--cache"]).arg(cache).arg("--out").arg(cache.join("out")).args(args);
    let output = command.stdin(Stdio::null()).output().expect("the binary starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Invents a record for every cell of a figure, draws the figure from them and compares.
fn check(name: &str, binary: &str, invent: fn(&Cell) -> Metrics) {
    let cache = tempfile::tempdir().unwrap();
    let records = Records::of_files(cache.path().join("records"));
    for line in output(binary, cache.path(), &["--list", "--json"]).lines() {
        let cell: Cell = serde_json::from_str(line).unwrap();
        let provenance = Provenance {
            commit: None,
            dirty: None,
            sources: None,
            version: "invented".into(),
            device: "none".into(),
            unix_time: 0,
        };
        records.save(&Record { metrics: invent(&cell), cell, provenance }).unwrap();
    }
    output(binary, cache.path(), &["--no-run"]);
    let svg = std::fs::read_to_string(cache.path().join(format!("out/{name}/{name}.svg"))).unwrap();
    let (drawing, _) = svg.split_once("<g class=\"caption\"").expect("a drawing with small print");
    // The height of the page is that of the small print too.
    let drawing: String = drawing.lines().skip(1).filter(|line| !line.starts_with("<rect ")).fold(
        String::new(),
        |mut all, line| {
            all += line;
            all += "\n";
            all
        },
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
    if std::env::var_os("EIGHTFOLD_BLESS").is_some() {
        std::fs::write(&path, &drawing).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    let differs = drawing.lines().zip(expected.lines()).position(|(a, b)| a != b);
    assert!(
        drawing == expected,
        "{name} is drawn otherwise, first at line {differs:?} of {}: set EIGHTFOLD_BLESS=1 to rewrite it, and look at it",
        path.display()
    );
}

/// The pipeline with its counts over a panel of scaling.
#[test]
fn figure_1() {
    check("fig1", env!("CARGO_BIN_EXE_fig1"), invented::metrics);
}

/// Scaling without arrows, and copies of a problem.
#[test]
fn figure_2() {
    check("fig2", env!("CARGO_BIN_EXE_fig2"), invented::metrics);
}

/// Scaling of two arms alone, with a legend at the right.
#[test]
fn figure_3() {
    check("fig3", env!("CARGO_BIN_EXE_fig3"), invented::metrics);
}

/// Histograms and kinds on an axis of names.
#[test]
fn figure_4() {
    check("fig4", env!("CARGO_BIN_EXE_fig4"), invented::metrics);
}

/// One curve for each rate.
#[test]
fn figure_5() {
    check("fig5", env!("CARGO_BIN_EXE_fig5"), invented::metrics);
}

/// A worked example, and places against a law.
#[test]
fn figure_6() {
    check("fig6", env!("CARGO_BIN_EXE_fig6"), invented::metrics);
}

/// Scaling with laws, bands, arrows and theory.
#[test]
fn figure_7() {
    check("fig7", env!("CARGO_BIN_EXE_fig7"), invented::metrics);
}

/// Gains with intervals.
#[test]
fn figure_8() {
    check("fig8", env!("CARGO_BIN_EXE_fig8"), invented::metrics);
}

/// Advantage filters and weights beside the controls.
#[test]
fn figure_9() {
    check("fig9", env!("CARGO_BIN_EXE_fig9"), invented::metrics);
}

/// Curves along training.
#[test]
fn figure_10() {
    check("fig10", env!("CARGO_BIN_EXE_fig10"), invented::star_metrics);
}
