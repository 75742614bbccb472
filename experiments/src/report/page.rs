//! Puts the page together from the files that figures wrote.

use super::view::{ClaimView, FigureView, Link, Page, TopicView};
use super::{cost, markdown, worked};
use crate::claims_page::{inequality, p_value};
use crate::claims_table::{ClaimsTable, TableRow};
use crate::figure::Preset;
use crate::pipeline::Cell;
use crate::store::{Record, Records};
use anyhow::{Context, Result};
use eightfold_harness::{ClaimRow, ClaimsFile, Topic};
use eightfold_plot::{dark, inline};
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, context};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Templates by name; a part of a page is given its values by name, as in `part('claims', rows=rows)`.
const TEMPLATES: [(&str, &str); 3] = [
    ("page", include_str!("page.html")),
    ("figure", include_str!("figure.html")),
    ("claims", include_str!("claims.html")),
];
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of a preset, from the figures under `dir` and the records in `records`.
///
/// # Errors
/// A file that cannot be read or does not parse; the message names it.
pub fn report(dir: &Path, records: &[Records], preset: Preset) -> Result<String> {
    let table = ClaimsTable::read(dir, preset)?;
    let files = Files { dir, records };
    let figures = table.figures.iter().map(|file| files.figure(file, &dir.join(&file.figure), &table));
    let figures = figures.collect::<Result<Vec<FigureView>>>()?;
    let csv = text(&dir.join("fig7/fig7.csv"))?.unwrap_or_default();
    let cost = cost::chart(&csv, &["hard", "easy"]).context("error against cost cannot be drawn")?;
    let page = Page {
        title: "Eightfold: what was measured".into(),
        preset: preset.name(),
        paragraphs: table.paragraphs().iter().map(|text| markdown::to_html(text)).collect(),
        topics: Topic::ALL.map(|topic| topic_view(topic, &table)).into(),
        figures,
        worked: worked::stepper(&files.records_of("fig6")?),
        cost: cost.and_then(|svg| inline(&svg, "cost")),
        ablations: files.ablations(&table)?,
        command: match preset {
            Preset::Full => "just report".into(),
            preset => format!("just report --preset {}", preset.name()),
        },
    };
    render(&page)
}

fn render(page: &Page) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for (name, template) in TEMPLATES {
        environment.add_template(name, template)?;
    }
    environment.add_function("part", |state: &minijinja::State, name: &str, values: Kwargs| {
        let part = state.env().get_template(name)?.render(minijinja::Value::from(values))?;
        Ok::<_, minijinja::Error>(minijinja::Value::from_safe_string(part))
    });
    let dark = format!("@media (prefers-color-scheme: dark) {{\n{}}}\n", dark(".drawing"));
    let style = format!("{STYLE}{dark}");
    let template = environment.get_template("page")?;
    Ok(template.render(context! { page => Serde(page), style, script => SCRIPT })?)
}

fn topic_view(topic: Topic, table: &ClaimsTable) -> TopicView {
    TopicView { title: topic.to_string(), rows: table.of(topic).map(row_view).collect() }
}

fn row_view(row: &TableRow) -> ClaimView {
    ClaimView {
        adjusted: p_value(row.claim.p.map(|_| row.adjusted)),
        corrected: row.corrected.to_string(),
        ..claim_view(&row.figure, &row.claim)
    }
}

fn claim_view(figure: &str, claim: &ClaimRow) -> ClaimView {
    ClaimView {
        says: claim.says.clone(),
        figure: figure.into(),
        known: claim.known.to_string(),
        place: claim.place.clone(),
        statistic: inequality(claim),
        value: claim.value.clone(),
        p: p_value(claim.p),
        adjusted: String::new(),
        verdict: claim.verdict.to_string(),
        corrected: String::new(),
    }
}

/// Where the page finds files, and how it links to them.
struct Files<'a> {
    dir: &'a Path,
    records: &'a [Records],
}

impl Files<'_> {
    /// A figure whose files lie in `folder`.
    fn figure(&self, file: &ClaimsFile, folder: &Path, table: &ClaimsTable) -> Result<FigureView> {
        let corrected = table.figures.contains(file);
        let claims: Vec<ClaimView> = if corrected {
            table.rows.iter().filter(|row| row.figure == file.figure).map(row_view).collect()
        } else {
            file.claims.iter().map(|claim| claim_view(&file.figure, claim)).collect()
        };
        let svg = text(&folder.join(format!("{}.svg", file.figure)))?;
        let cells = self.cells(folder, &file.figure)?;
        let name = |ending: &str| format!("{}.{ending}", file.figure);
        let names = [name("csv"), name("svg"), "claims.md".into(), "claims.json".into()];
        let beside = folder.strip_prefix(self.dir).unwrap_or(folder).to_string_lossy().into_owned();
        let there = names.into_iter().filter(|name| folder.join(name).exists());
        let link = |href: String, text: String| Link { text, href };
        Ok(FigureView {
            id: file.figure.clone(),
            title: file.title.clone(),
            svg: svg.and_then(|svg| inline(&svg, &file.figure)),
            caption: file.caption.clone(),
            claims,
            corrected,
            notes: file.notes.iter().map(|note| markdown::to_html(note)).collect(),
            missing: file.missing,
            seeds: file.seeds,
            command: file.command.clone(),
            files: there.map(|name| link(format!("{beside}/{name}"), name)).collect(),
            records: self.records_in(&cells)?,
        })
    }

    /// The files that the records of some cells stand in, each with how many; those of ablations may lie in a folder of
    /// their own.
    fn records_in(&self, cells: &[String]) -> Result<Vec<Link>> {
        let mut counts: BTreeMap<PathBuf, usize> = BTreeMap::new();
        for id in cells {
            if let Some((_, file)) = self.find(id)? {
                *counts.entry(file).or_default() += 1;
            }
        }
        let link = |(file, count): (PathBuf, usize)| {
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            let text = if count == 1 { name } else { format!("{name} ({count})") };
            Link { text, href: relative(self.dir, &file) }
        };
        Ok(counts.into_iter().map(link).collect())
    }

    fn find(&self, id: &str) -> Result<Option<(Record, PathBuf)>> {
        for records in self.records {
            if let Some(found) = records.find::<Cell>(id)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The cells that a figure's table names, each once.
    fn cells(&self, folder: &Path, name: &str) -> Result<Vec<String>> {
        let csv = text(&folder.join(format!("{name}.csv")))?.unwrap_or_default();
        let mut lines = csv.lines();
        if lines.next().and_then(|head| head.rsplit(',').next()) != Some("cell") {
            return Ok(Vec::new());
        }
        let mut cells: Vec<String> =
            lines.filter_map(|line| line.rsplit(',').next()).map(str::to_owned).collect();
        cells.sort_unstable();
        cells.dedup();
        Ok(cells)
    }

    /// The records of a figure that are at hand.
    fn records_of(&self, name: &str) -> Result<Vec<Record>> {
        let mut out = Vec::new();
        for id in self.cells(&self.dir.join(name), name)? {
            out.extend(self.find(&id)?.map(|(record, _)| record));
        }
        Ok(out)
    }

    /// What was written under `ablations`, by name.
    fn ablations(&self, table: &ClaimsTable) -> Result<Vec<FigureView>> {
        let Ok(entries) = std::fs::read_dir(self.dir.join("ablations")) else { return Ok(Vec::new()) };
        let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        folders.sort_unstable();
        let mut out = Vec::new();
        for folder in folders {
            let path = folder.join("claims.json");
            if let Some(json) = text(&path)? {
                let file: ClaimsFile = serde_json::from_str(&json)
                    .with_context(|| format!("{} holds no claims", path.display()))?;
                out.push(self.figure(&file, &folder, table)?);
            }
        }
        Ok(out)
    }
}

/// The text of a file; `None` if it is not there.
fn text(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// `to` as seen from the folder `from`, for a link.
fn relative(from: &Path, to: &Path) -> String {
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (from, to) = (whole(from), whole(to));
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| "..".to_owned());
    let down = to.components().skip(shared).map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_go_up_and_down() {
        let link = |from: &str, to: &str| relative(Path::new(from), Path::new(to));
        assert_eq!(link("/r/paper-figures/quick", "/r/.eightfold/records"), "../../.eightfold/records");
        assert_eq!(link("/r/a", "/r/a/records"), "records");
    }
}
