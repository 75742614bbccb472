//! `eightfold verify`: is the final answer right?

use crate::jsonl::{Input, Row};
use crate::status::Status;
use anyhow::Context;
use clap::{Args, ValueEnum};
use eightfold_verifier::{
    Grade, Grader, Judgment, ListOrder, Marker, Options, Reason, Thinking, Tolerance, Units,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Compare the final answers of solutions with the right ones.
///
/// Reads JSON lines {"gold": ..., "pred": ...} and writes them back with `verdict` ("equal", "different" or
/// "undecided"), `reason` and `extracted` (the answer found in pred, or null). Further keys are kept.
/// Added too are `marker` (what shows where the answer stands, or null), `spans` (its places in pred, in characters)
/// and, where an answer could not be read, `unread` ("gold", "prediction" or "both").
///
/// "equal" is said only where equality is shown; count "undecided" as wrong. An answer that nothing in the response
/// marks is a guess, and the reason of its verdict is then "guessed"; `--extract marked` takes no guesses, as `value`
/// and `rollouts` do not. A summary goes to standard error.
///
/// The exit status is 0 if every line was graded, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold verify answers.jsonl > graded.jsonl
  eightfold verify --gold-key answer --pred-key response < samples.jsonl
  eightfold verify --form answer --tolerance rounded:2 answers.jsonl
  eightfold verify --extract marked,flexible answers.jsonl
  eightfold verify --choices yes,no answers.jsonl
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
    /// Key of the right answer, or a path into the row: `reward_model.ground_truth`, `answers[0]`.
    #[arg(long, default_value = "gold")]
    gold_key: String,
    /// Key of the prediction, or a path. Of chat messages the last is read, which is the assistant's; null is a
    /// response without an answer.
    #[arg(long, default_value = "pred")]
    pred_key: String,
    /// How close counts as equal: `exact`, `rounded:N` (a decimal with at least N places may be rounded) or
    /// `relative:X` (within X times the right answer).
    /// `exact` is the default.
    #[arg(long, value_parser = tolerance)]
    tolerance: Option<Tolerance>,
    /// What may hold the answer of a response: what it marks, or what it ends in as well. With both, the first one's
    /// verdict is `verdict` and the other's is added as `verdict_marked` or `verdict_flexible`.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "flexible")]
    extract: Vec<Extract>,
    /// Whether what stands in `<think>` and its kin is left out.
    #[arg(long, value_enum)]
    thinking: Option<ThinkingArg>,
    /// Whether units of one dimension are converted: 12 cm is 120 mm.
    #[arg(long, value_enum, default_value = "as-written")]
    units: UnitsArg,
    /// The texts that an answer may be, with commas between them.
    #[arg(long, value_delimiter = ',')]
    choices: Vec<String>,
    /// The conventions of another grader.
    #[arg(long, value_enum)]
    preset: Option<Preset>,
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

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Extract {
    Marked,
    Flexible,
}

#[derive(Clone, Copy, ValueEnum)]
enum ThinkingArg {
    Strip,
    Keep,
}

#[derive(Clone, Copy, ValueEnum)]
enum UnitsArg {
    AsWritten,
    Convert,
}

#[derive(Clone, Copy, ValueEnum)]
enum Preset {
    MathVerify,
}

impl Extract {
    fn markers(self) -> Vec<Marker> {
        match self {
            Self::Marked => Marker::EXPLICIT.to_vec(),
            Self::Flexible => Marker::ALL.to_vec(),
        }
    }

    /// The key of a verdict beside the first.
    fn key(self) -> &'static str {
        match self {
            Self::Marked => "verdict_marked",
            Self::Flexible => "verdict_flexible",
        }
    }
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
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let grader = Grader::new(self.options(self.extract[0]));
        match (&self.gold, &self.pred) {
            (Some(gold), Some(pred)) => explain(&grader, &self.grade(&grader, gold, pred)),
            _ => self.stream(&grader),
        }
    }

    /// The settings: those of the preset, with what other flags say in their place.
    fn options(&self, extract: Extract) -> Options {
        let preset = match self.preset {
            Some(Preset::MathVerify) => Options::math_verify(),
            None => Options::default(),
        };
        let thinking = self.thinking.map(|thinking| match thinking {
            ThinkingArg::Strip => Thinking::Strip,
            ThinkingArg::Keep => Thinking::Keep,
        });
        Options {
            tolerance: self.tolerance.unwrap_or(preset.tolerance),
            lists: if self.ordered { ListOrder::Fixed } else { preset.lists },
            markers: extract.markers(),
            thinking: thinking.unwrap_or(preset.thinking),
            units: match self.units {
                UnitsArg::AsWritten => Units::AsWritten,
                UnitsArg::Convert => Units::Convert,
            },
            choices: self.choices.clone(),
            fuel: preset.fuel,
        }
    }

    fn grade(&self, grader: &Grader, gold: &str, pred: &str) -> Grade {
        match self.form {
            Form::Answer => grader.compare(gold, pred),
            Form::Response => grader.grade(gold, pred),
        }
    }

    fn stream(&self, grader: &Grader) -> anyhow::Result<Status> {
        let start = Instant::now();
        let mut counts: BTreeMap<(Judgment, Reason), usize> = BTreeMap::new();
        let input = Input { file: self.file.clone(), strict: self.strict };
        let beside: Vec<(Extract, Grader)> =
            self.extract[1..].iter().map(|extract| (*extract, Grader::new(self.options(*extract)))).collect();
        let work = |row: Row| {
            let (gold, pred) = (row.text(&self.gold_key)?, row.prediction(&self.pred_key)?);
            let grade = self.grade(grader, &gold, &pred);
            let key = (grade.judgment, grade.reason);
            let mut added = fields(&grade, &pred);
            for (extract, other) in &beside {
                let verdict = self.grade(other, &gold, &pred).judgment;
                added.insert(extract.key().to_owned(), json!(verdict));
            }
            Ok((row.with(added), key))
        };
        let status = input.run(work, |key| *counts.entry(key).or_default() += 1)?;
        summarize(&counts, start.elapsed().as_secs_f64());
        Ok(status)
    }
}

/// What is added to a row.
pub(crate) fn fields(grade: &Grade, pred: &str) -> Map<String, Value> {
    let extracted = grade.extracted.as_ref().map(|found| found.text.as_str());
    let fields = [
        ("verdict", json!(grade.judgment)),
        ("reason", json!(grade.reason)),
        ("extracted", json!(extracted)),
    ];
    let mut fields: Map<String, Value> =
        fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    fields.extend(places(grade, pred));
    fields
}

/// Where the answer of a prediction stands, and which side could not be read.
fn places(grade: &Grade, pred: &str) -> Map<String, Value> {
    let mut fields = Map::new();
    let marker = grade.extracted.as_ref().map(|found| found.marker);
    fields.insert("marker".to_owned(), json!(marker));
    if let Some(found) = &grade.extracted {
        let at = |byte: usize| if pred.is_ascii() { byte } else { pred[..byte].chars().count() };
        let spans: Vec<[usize; 2]> = found.spans.iter().map(|span| [at(span.start), at(span.end)]).collect();
        fields.insert("spans".to_owned(), json!(spans));
    }
    if let Some(side) = grade.unread {
        fields.insert("unread".to_owned(), json!(side));
    }
    fields
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
fn explain(grader: &Grader, grade: &Grade) -> anyhow::Result<Status> {
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
    Ok(Status::Done)
}
