//! `eightfold fit`: fit a scaling law to a table of runs.

mod plot;
mod ratios;
mod report;
mod table;

use crate::status::Status;
use anyhow::{Context, bail};
use clap::Args;
use eightfold_scaling::{
    Bootstrap, Extrapolation, Fit as LawFit, Kind, Law, Objective, Quantity, Resampled, Row, ScalingError,
    Scheme, aicc, bootstrap, extrapolate, fit, law_named, laws, profile,
};
use std::path::PathBuf;
use std::time::Instant;
use table::Table;

/// Fit a scaling law to a table of runs, with intervals and data ratios.
///
/// The table is CSV with a header, its fields between commas, semicolons or tabs, or JSON Lines, one object a run, whose
/// keys are the columns (`a.b` for a key `b` inside `a`). A parameter that the points do not determine is printed
/// without an interval.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold fit runs.csv --x problems --y error
  eightfold fit runs.csv --law list
  eightfold fit runs.csv --x problems --bootstrap 2000 --compare")]
pub(crate) struct Fit {
    /// The table: CSV with a header, or JSON Lines.
    runs: PathBuf,
    /// The law, or `list` to see them.
    #[arg(long, default_value = "power")]
    law: String,
    /// Columns of the law's inputs, in its order [default: the names of the inputs].
    #[arg(long, value_delimiter = ',')]
    x: Vec<String>,
    /// The measured column.
    #[arg(long, default_value = "error")]
    y: String,
    /// A column of weights: how many points each row counts for.
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,
    /// Only rows where COLUMN is VALUE; may be repeated.
    #[arg(long = "where", value_name = "COLUMN=VALUE")]
    filter: Vec<String>,
    /// Fit each value of this column apart.
    #[arg(long, value_name = "COLUMN")]
    group: Option<String>,
    /// The group against which data ratios are taken.
    #[arg(long, requires = "group")]
    baseline: Option<String>,
    /// What is minimized, summed over points: huber:DELTA, log-squares, squares or binomial:TRIALS.
    #[arg(long, default_value = "huber:1e-3", value_parser = objective)]
    objective: Objective,
    /// Resamples behind the intervals; 0 for none.
    #[arg(long, default_value_t = 4000)]
    bootstrap: usize,
    /// Resample whole values of this column, not single points: the seed of a run. Data ratios are paired
    /// by it.
    #[arg(long, value_name = "COLUMN")]
    cluster: Option<String>,
    /// How resamples become intervals: percentile, bca, student, or profile for profile likelihood.
    #[arg(long, default_value = "percentile", value_parser = ["percentile", "bca", "student", "profile"])]
    interval: String,
    /// The level of intervals.
    #[arg(long, default_value_t = 0.95)]
    level: f64,
    /// The seed of the resampling.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Measured values below this are raised to it; half a test problem, 0.5 / m, admits errors of 0.
    #[arg(long)]
    floor: Option<f64>,
    /// Sizes at which data ratios are taken [default: all of the method].
    #[arg(long, value_delimiter = ',', requires = "baseline")]
    at: Vec<f64>,
    /// Also the geometric mean of the data ratio over this range of error, to be declared beforehand.
    #[arg(long, value_name = "LOW,HIGH", value_delimiter = ',', requires = "baseline")]
    errors: Vec<f64>,
    /// Take data ratios of this column (operations, seconds) in place of data: compute ratios.
    #[arg(long, value_name = "COLUMN", requires = "baseline", conflicts_with = "at")]
    cost: Option<String>,
    /// Sizes left out for the extrapolation error [default: 1, or a fifth of all with several inputs].
    #[arg(long)]
    hold_out: Option<usize>,
    /// Compare all laws of as many inputs, by extrapolation and by AICc.
    #[arg(long)]
    compare: bool,
    /// Draw points, curves, bands and ratios into an SVG.
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// JSON instead of tables.
    #[arg(long)]
    json: bool,
}

/// The interval of each parameter; `None` for one that the points do not determine.
pub(crate) type Intervals = Vec<Option<(f64, f64)>>;

/// One group's rows and all that was computed from them.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) rows: Vec<Row>,
    /// Labels of the clusters, if a column names them.
    pub(crate) clusters: Option<Vec<u64>>,
    /// What each run cost, if a column says so.
    pub(crate) costs: Option<Vec<f64>>,
    /// Line of each row in the file.
    pub(crate) lines: Vec<usize>,
    pub(crate) fit: LawFit,
    pub(crate) resampled: Option<Resampled>,
    pub(crate) intervals: Option<Intervals>,
    pub(crate) extrapolation: Result<Extrapolation, ScalingError>,
    pub(crate) comparison: Vec<Comparison>,
    pub(crate) seconds: f64,
}

/// One law of a comparison.
pub(crate) struct Comparison {
    pub(crate) law: &'static str,
    pub(crate) fit: Result<f64, ScalingError>,
    pub(crate) extrapolation: Result<f64, ScalingError>,
    pub(crate) aicc: Option<f64>,
}

impl Fit {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        if self.law == "list" {
            for law in laws() {
                println!("{:18}{}   inputs {}", law.name(), law.formula(), law.inputs().join(","));
            }
            return Ok(Status::Done);
        }
        let law = law_named(&self.law).with_context(|| {
            let names: Vec<&str> = laws().iter().map(|law| law.name()).collect();
            format!("--law {}: unknown; there are {}", self.law, names.join(", "))
        })?;
        let table = Table::read(&self.runs)?;
        let mut groups = vec![];
        for (name, rows) in table.groups(&self.filter, self.group.as_deref())? {
            let group = self.fit_group(law, &table, name.clone(), &rows);
            groups.push(group.with_context(|| format!("{}{}", self.runs.display(), label(&name)))?);
        }
        let ratios = ratios::ratios(&self, law, &groups)?;
        let differences = ratios::differences(&self, &groups)?;
        let printed = if self.json {
            format!("{:#}\n", report::json(&self, &groups, &ratios, &differences))
        } else {
            report::text(&self, &groups, &ratios, &differences)
        };
        print!("{printed}");
        if let Some(path) = &self.plot {
            let svg = plot::draw(&groups, if self.cost.is_some() { &[] } else { &ratios }, &self.y);
            let svg = svg.with_context(|| format!("{}: not drawn", path.display()))?;
            std::fs::write(path, svg).with_context(|| path.display().to_string())?;
        }
        Ok(Status::Done)
    }

    fn fit_group(
        &self,
        law: &'static dyn Law,
        table: &Table,
        name: String,
        members: &[usize],
    ) -> anyhow::Result<Group> {
        let rows = self.rows(law, table, members)?;
        let lines: Vec<usize> = members.iter().map(|i| table.line(*i)).collect();
        let clusters = self.cluster.as_ref().map(|column| table.labels(members, column)).transpose()?;
        let costs = |column: &String| members.iter().map(|i| table.number(*i, column)).collect();
        let costs = self.cost.as_ref().map(costs).transpose()?;
        let started = Instant::now();
        let at_line = |error: ScalingError| match error.row() {
            Some(row) => anyhow::Error::new(error).context(format!("line {}", lines[row])),
            None => error.into(),
        };
        let fitted = fit(law, &rows, self.objective).map_err(at_line)?;
        let scheme = clusters.clone().map_or(Scheme::Points, Scheme::Clusters);
        let resample = || bootstrap(&fitted, &rows, &scheme, &self.settings());
        let resampled = (self.bootstrap > 0).then(resample).transpose()?;
        let intervals = self.intervals(&fitted, &rows, resampled.as_ref())?;
        let extrapolation = extrapolate(law, &rows, self.objective, self.held_out(&rows));
        let comparison = if self.compare { self.comparison(law, &rows) } else { vec![] };
        let seconds = started.elapsed().as_secs_f64();
        let fit = fitted;
        Ok(Group {
            name,
            rows,
            clusters,
            costs,
            lines,
            fit,
            resampled,
            intervals,
            extrapolation,
            comparison,
            seconds,
        })
    }

    fn rows(&self, law: &dyn Law, table: &Table, members: &[usize]) -> anyhow::Result<Vec<Row>> {
        let inputs = law.inputs();
        let columns: Vec<String> =
            if self.x.is_empty() { inputs.iter().map(|s| (*s).to_owned()).collect() } else { self.x.clone() };
        if columns.len() != inputs.len() {
            bail!(
                "--x names {} columns; `{}` has the inputs {}",
                columns.len(),
                law.name(),
                inputs.join(",")
            );
        }
        let mut rows = vec![];
        for &member in members {
            let x: anyhow::Result<Vec<f64>> = columns.iter().map(|name| table.number(member, name)).collect();
            let y = table.number(member, &self.y)?;
            let y = self.floor.map_or(y, |floor| if y >= 0.0 { y.max(floor) } else { y });
            let weight = self.weight.as_ref().map_or(Ok(1.0), |column| table.number(member, column))?;
            rows.push(Row { x: x?, y, weight });
        }
        Ok(rows)
    }

    pub(crate) fn settings(&self) -> Bootstrap {
        Bootstrap { level: self.level, resamples: self.bootstrap, seed: self.seed }
    }

    /// The intervals of the parameters. One that the points do not determine has none: resamples move it about on a
    /// ridge, or hold it at its bound, and their spread says nothing about it.
    fn intervals(
        &self,
        fit: &LawFit,
        rows: &[Row],
        resampled: Option<&Resampled>,
    ) -> anyhow::Result<Option<Intervals>> {
        let (params, weak) = (fit.law.params().iter().enumerate(), fit.weak());
        let told = params.map(|(j, param)| (!weak.contains(&param.name)).then_some(j));
        let kind = match self.interval.as_str() {
            "profile" => {
                let ends = |j: usize| profile(fit, rows, j, self.level).map(|i| (i.low, i.high));
                return Ok(Some(told.map(|j| j.map(ends).transpose()).collect::<Result<_, _>>()?));
            }
            "bca" => Kind::Bca,
            "student" => Kind::Student,
            _ => Kind::Percentile,
        };
        let Some(resampled) = resampled else { return Ok(None) };
        let interval = |j: usize| resampled.interval(&Quantity::Param(j), kind);
        Ok(Some(told.map(|j| j.map(interval).map(|i| (i.low, i.high))).collect()))
    }

    fn held_out(&self, rows: &[Row]) -> usize {
        let mut sizes: Vec<f64> = rows.iter().map(|row| row.x.iter().product()).collect();
        sizes.sort_by(f64::total_cmp);
        sizes.dedup_by(|a, b| (*a / *b - 1.0).abs() < 1e-6);
        let several = rows.first().is_some_and(|row| row.x.len() > 1);
        self.hold_out.unwrap_or(if several { (sizes.len() / 5).max(1) } else { 1 })
    }

    /// Every law of as many inputs. AICc is that of squares on logs: a likelihood is needed for it.
    fn comparison(&self, law: &dyn Law, rows: &[Row]) -> Vec<Comparison> {
        let rivals = laws().iter().filter(|other| other.inputs().len() == law.inputs().len());
        let compared = rivals.map(|&law| Comparison {
            law: law.name(),
            fit: fit(law, rows, self.objective).map(|fit| fit.value),
            extrapolation: extrapolate(law, rows, self.objective, self.held_out(rows)).map(|e| e.error),
            aicc: fit(law, rows, Objective::LogSquares).ok().and_then(|fit| aicc(&fit)),
        });
        compared.collect()
    }
}

/// The group's name for messages; nothing for a table that is not grouped.
fn label(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(", group {name}") }
}

fn objective(text: &str) -> Result<Objective, String> {
    let (name, number) = text.split_once(':').unwrap_or((text, ""));
    let value = || number.parse::<f64>().map_err(|_| format!("`{name}` needs a number, as in {name}:1e-3"));
    match (name, number) {
        ("huber", _) => Ok(Objective::Huber { delta: value()? }),
        ("binomial", _) => Ok(Objective::QuasiBinomial { trials: value()? }),
        ("log-squares", "") => Ok(Objective::LogSquares),
        ("squares", "") => Ok(Objective::Squares),
        _ => Err("it is huber:DELTA, log-squares, squares or binomial:TRIALS".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read_as_they_are_written() {
        assert_eq!(objective("huber:1e-3"), Ok(Objective::Huber { delta: 1e-3 }));
        assert_eq!(objective("binomial:1000"), Ok(Objective::QuasiBinomial { trials: 1000.0 }));
        assert_eq!(objective("log-squares"), Ok(Objective::LogSquares));
        assert!(objective("huber").is_err() && objective("squares:2").is_err() && objective("l1").is_err());
    }
}
