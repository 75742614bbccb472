//! `eightfold verify`: is the final answer right?

use crate::jsonl::{Input, Row};
use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_verifier::{Grade, Grader, Judgment, ListOrder, Options, Reason, Tolerance};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Compare the final answers of solutions with the right ones.
///
/// Reads JSON lines {"gold": ..., "pred": ...} and writes them back with `verdict` ("equal", "different" or
/// "undecided"), `reason` and `extracted` (the answer found in pred, or null). Further keys are kept.
/// "equal" is said only where equality is shown; count "undecided" as wrong. A summary goes to standard
/// error.
///
/// The exit status is 0 if every line was graded, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold verify answers.jsonl > graded.jsonl
  eightfold verify --gold-key answer --pred-key response < samples.jsonl
  eightfold verify --form answer --tolerance rounded:2 answers.jsonl
  eightfold verify --gold 1/2 --pred 0.5")]
pub(crate) struct Verify {
    /// JSON lines to grade; standard input if absent or `-`.
    #[arg(conflicts_with_all = ["gold", "pred"])]
    file: Option<PathBuf>,
    /// One right answer, or a text that ends in it, as in GSM8K.
    #[arg(long, requires = "pred", allow_hyphen_values = true)]
    gold: Option<String>,
    /// One solution to grade, with an explanation in words.
    #[arg(long, requires = "gold", allow_hyphen_values = true)]
    pred: Option<String>,
    /// What a prediction is: a bare answer, or a response to extract the answer from.
    #[arg(long, value_enum, default_value = "response")]
    form: Form,
    /// Key of the right answer.
    #[arg(long, default_value = "gold")]
    gold_key: String,
    /// Key of the prediction.
    #[arg(long, default_value = "pred")]
    pred_key: String,
    /// How close counts as equal: `exact`, `rounded:N` (a decimal with at least N places may be rounded) or
    /// `relative:X` (within X times the right answer).
    #[arg(long, default_value = "exact", value_parser = tolerance)]
    tolerance: Tolerance,
    /// Let the order of lists without brackets count.
    #[arg(long)]
    ordered: bool,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Answer,
    Response,
}

fn tolerance(text: &str) -> Result<Tolerance, String> {
    let unknown = || format!("`{text}` is none of `exact`, `rounded:N` and `relative:X` with X from 0 to 1");
    match text.split_once(':') {
        None if text == "exact" => Ok(Tolerance::Exact),
        Some(("rounded", places)) => places.parse().map(Tolerance::Rounded).map_err(|_| unknown()),
        Some(("relative", part)) => {
            let part = part.parse().ok().filter(|part| (0.0..1.0).contains(part));
            part.map(Tolerance::Relative).ok_or_else(unknown)
        }
        _ => Err(unknown()),
    }
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let lists = if self.ordered { ListOrder::Fixed } else { ListOrder::Free };
        let grader = Grader::new(Options { tolerance: self.tolerance, lists, ..Options::default() });
        match (&self.gold, &self.pred) {
            (Some(gold), Some(pred)) => explain(&grader, &self.grade(&grader, gold, pred)),
            _ => self.stream(&grader),
        }
    }

    fn grade(&self, grader: &Grader, gold: &str, pred: &str) -> Grade {
        match self.form {
            Form::Answer => grader.compare(gold, pred),
            Form::Response => grader.grade(gold, pred),
        }
    }

    fn stream(&self, grader: &Grader) -> anyhow::Result<ExitCode> {
        let start = Instant::now();
        let mut counts: BTreeMap<(Judgment, Reason), usize> = BTreeMap::new();
        let input = Input { file: self.file.clone(), strict: self.strict };
        let work = |row: Row| {
            let grade = self.grade(grader, &row.text(&self.gold_key)?, &row.text(&self.pred_key)?);
            let key = (grade.judgment, grade.reason);
            Ok((row.with(fields(&grade)), key))
        };
        let status = input.run(work, |key| *counts.entry(key).or_default() += 1)?;
        summarize(&counts, start.elapsed().as_secs_f64());
        Ok(status)
    }
}

/// What is added to a row.
fn fields(grade: &Grade) -> Map<String, Value> {
    let extracted = grade.extracted.as_ref().map(|found| found.text.as_str());
    let fields = [
        ("verdict", json!(grade.judgment)),
        ("reason", json!(grade.reason)),
        ("extracted", json!(extracted)),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn summarize(counts: &BTreeMap<(Judgment, Reason), usize>, seconds: f64) {
    let total: usize = counts.values().sum();
    let share = |count: usize| 100.0 * count as f64 / total.max(1) as f64;
    for judgment in [Judgment::Equal, Judgment::Different, Judgment::Undecided] {
        let of = counts.iter().filter(|((found, _), _)| *found == judgment);
        let sum: usize = of.clone().map(|(_, count)| count).sum();
        eprintln!("{:<12}{sum:>10}{:>8.2} %", judgment.to_string(), share(sum));
        for ((_, reason), count) in of {
            eprintln!("  {count:>20}{:>8.2} %  {reason}", share(*count));
        }
    }
    eprintln!(
        "{:<12}{total:>10}  in {seconds:.2} s, {:.0} a second",
        "total",
        total as f64 / seconds.max(1e-9)
    );
}

/// One pair, in words.
fn explain(grader: &Grader, grade: &Grade) -> anyhow::Result<ExitCode> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    let mut say = |line: String| writeln!(out, "{line}").context("standard output");
    say(format!("{}: {}.", grade.judgment, grade.reason))?;
    say(format!("  gold        {}", grade.gold))?;
    say(format!("              read as {}", grader.normal_form(&grade.gold)))?;
    match &grade.extracted {
        Some(found) => {
            let spans: Vec<String> =
                found.spans.iter().map(|span| format!("{}..{}", span.start, span.end)).collect();
            say(format!("  prediction  {} (bytes {}, {:?})", found.text, spans.join(" and "), found.marker))?;
            say(format!("              read as {}", grader.normal_form(&found.text)))?;
        }
        None => say("  prediction  holds no answer".to_owned())?,
    }
    Ok(ExitCode::SUCCESS)
}
