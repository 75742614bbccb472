//! The real binaries `claims` and `report` on invented figures: what they write, and how they fail.

#[allow(dead_code, reason = "what is invented for star graphs is not needed here")]
mod invented;

use eightfold_experiments::pipeline::Cell;
use eightfold_experiments::pipeline::Probe;
use eightfold_experiments::settings::{self, Recipe};
use eightfold_experiments::store::{Provenance, Record, Records};

use eightfold_harness::{ClaimRow, ClaimsFile, Known, Preset, Topic, Verdict};
use eightfold_plot::{Axis, Chart, Estimate, Panel, Series};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What must nowhere become markup.
const EVIL: &str = "<script>alert(\"1\")</script> & 'a' | b";

fn claims(name: &str) -> ClaimsFile {
    let row = |says: &str, p, verdict| ClaimRow {
        says: says.into(),
        topic: Topic::Negatives,
        known: Known::Quoted,
        place: "abstract".into(),
        statistic: format!("ratio {EVIL}"),
        side: "above".into(),
        threshold: 8.0,
        value: "9.000 [8.500, inf]".into(),
        estimate: Some(9.0),
        low: Some(8.5),
        high: None,
        p,
        verdict,
    };
    ClaimsFile {
        figure: name.into(),
        title: format!("Figure {EVIL}"),
        command: format!("just {name} --preset quick"),
        preset: Preset::Quick,
        seeds: 3,
        missing: 0,
        caption: vec![format!("Seen: {EVIL}")],
        notes: vec![format!("**Note** {EVIL}"), "| a | b |\n|---|---|\n| 1 | <b> |\n".into()],
        claims: vec![
            row("per-step DPO is worth 8x", Some(0.001), Verdict::Holds),
            row(EVIL, None, Verdict::Undecided),
        ],
    }
}

fn drawing() -> String {
    let series = Series {
        name: EVIL.into(),
        means: vec![Estimate { x: 1.0, y: 2.0, low: 1.0, high: 3.0 }],
        ..Series::default()
    };
    let axis = |label: &str| Axis { label: label.into(), ..Axis::default() };
    let panel = Panel { x: axis("x"), y: axis("y"), series: vec![series], ..Panel::default() };
    let chart =
        Chart { title: EVIL.into(), panels: vec![panel], caption: vec!["c".into()], ..Chart::default() };
    chart.scene().unwrap().svg()
}

/// Figures 6 and 7 of a quick preset, with a record of figure 6.
fn world(dir: &Path) {
    let cell = Cell { probe: Some(Probe::Pits { rollouts: 20 }), ..settings::cell(Recipe::sft(), 64, 0) };
    let tables = [
        ("fig6", format!("learner,cell\nnetwork,{}\n", cell.id())),
        ("fig7", "panel,arm,n,seed,error,flops,cell\nhard,sft,64,0,0.5,1e12,lost\n".into()),
    ];
    for (name, csv) in tables {
        let folder = dir.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("claims.json"), serde_json::to_string(&claims(name)).unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), drawing()).unwrap();
        std::fs::write(folder.join(format!("{name}.csv")), csv).unwrap();
    }
    let provenance = Provenance {
        commit: None,
        dirty: None,
        sources: None,
        version: "invented".into(),
        device: "none".into(),
        unix_time: 0,
    };
    let record = Record { metrics: invented::metrics(&cell), cell, provenance };
    Records::of_files(dir.join("records")).save(&record).unwrap();
}

fn run(binary: &str, dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(binary);
    command.args(["--preset", "quick", "--from"]).arg(dir).args(args);
    command.stdin(Stdio::null()).output().expect("the binary starts")
}

fn report(dir: &Path) -> Output {
    run(env!("CARGO_BIN_EXE_report"), dir, &["--records", dir.join("records").to_str().unwrap()])
}

#[test]
fn the_report_holds_every_figure_and_loads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    world(dir.path());
    let output = report(dir.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = || std::fs::read_to_string(dir.path().join("index.html")).unwrap().replace("&#x2f;", "/");
    let page = read();

    balanced(&page);
    for id in ["fig6", "fig7", "claims", "worked", "cost"] {
        assert_eq!(page.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
    }
    assert_eq!(page.matches("<svg ").count(), 3, "two figures, and error against cost");
    for part in
        ["fig7/fig7.csv", "records/lexicon-sft-n64-s0-", "This is the first pit.", "Not drawn yet: fig1,"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("lost.json"), "no link to a record that is not there");

    for load in ["http:", "https:", "src=", "<link", "@import", "<iframe", "<img", "<object"] {
        assert!(!page.contains(load), "{load}");
    }
    assert_eq!(page.matches("url(").count(), page.matches("url(#").count());
    assert_eq!(page.matches("<script").count(), 1, "its own");
    assert!(page.contains("&lt;script&gt;alert("));
    assert!(page.len() < 5_000_000);

    // The same files give the same page.
    assert!(report(dir.path()).status.success());
    assert_eq!(read(), page);
}

/// Every element that is opened is closed, in order; what stands in scripts and styles is no markup.
fn balanced(page: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some((_, tag)) = rest.split_once('<') {
        let name = |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        if let Some(end) = tag.strip_prefix('/') {
            let closed = &end[..name(end)];
            assert_eq!(open.pop(), Some(closed), "closed after {}", &page[..page.len() - rest.len()]);
            rest = end;
            continue;
        }
        let (inside, after) = tag.split_once('>').expect("a tag ends");
        let name = &tag[..name(tag)];
        rest = after;
        if name.is_empty() || ["meta", "br", "hr"].contains(&name) || inside.ends_with('/') {
            continue;
        }
        open.push(name);
        if ["script", "style"].contains(&name) {
            rest = &after[after.find(&format!("</{name}>")).expect("it is closed")..];
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_table_of_claims_is_one_page() {
    let dir = tempfile::tempdir().unwrap();
    world(dir.path());
    let output = run(env!("CARGO_BIN_EXE_claims"), dir.path(), &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = std::fs::read_to_string(dir.path().join("CLAIMS.md")).unwrap();
    // Two claims of two figures: the smallest p counts four times.
    assert!(page.contains("| 0.001 | 0.004 | **holds** | **holds** |"), "{page}");
    assert!(page.contains("Preset quick: 4 claims of 2 figures."), "{page}");
    assert!(page.contains("Not drawn yet: fig1, fig2,"), "{page}");
}

#[test]
fn a_folder_without_figures_and_a_broken_file_are_named() {
    let dir = tempfile::tempdir().unwrap();
    for binary in [env!("CARGO_BIN_EXE_claims"), env!("CARGO_BIN_EXE_report")] {
        let output = run(binary, dir.path(), &[]);
        assert!(!output.status.success());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains("no figure under") && error.contains("just fig7"), "{error}");
    }
    world(dir.path());
    let path = dir.path().join("fig6/claims.json");
    let broken = std::fs::read_to_string(&path).unwrap().replace("\"seeds\"", "\"seed\"");
    std::fs::write(&path, broken).unwrap();
    let output = report(dir.path());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && error.contains("fig6/claims.json") && error.contains("seed"));
}
