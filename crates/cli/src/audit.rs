//! `eightfold audit`: where two graders disagree.

use crate::jsonl::{Input, Row};
use crate::status::Status;
use clap::Args;
use eightfold_verifier::{Grade, Grader, Judgment, Options, Reason};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Compare another grader's verdicts with this one's.
///
/// Reads JSON lines with the right answer, the prediction and the other grader's verdict: true or false, 1 or 0, or
/// "equal", "correct" and their opposites. Writes the rows on which the two disagree, with `verdict`, `reason`,
/// `extracted` and `against` (the other's verdict as true or false). "undecided" counts as not equal. A table of
/// disagreements by reason, with examples, goes to standard error.
///
/// The exit status is 0 if every line was compared, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Example:
  eightfold audit graded.jsonl --against is_correct > disagreements.jsonl")]
pub(crate) struct Audit {
    /// JSON lines; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// Key of the other grader's verdict, or a path into the row, as `scores.math_verify`.
    #[arg(long)]
    against: String,
    /// Key of the right answer, or a path.
    #[arg(long, default_value = "gold")]
    gold_key: String,
    /// Key of the prediction, or a path.
    #[arg(long, default_value = "pred")]
    pred_key: String,
    /// Take only what a response marks as its answer.
    #[arg(long)]
    marked: bool,
    /// Examples shown for each reason.
    #[arg(long, default_value_t = 3)]
    examples: usize,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// Which of the two accepts a row that the other refuses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Accepts {
    Here,
    There,
}

/// What became of one row.
enum Compared {
    Agreed,
    Disagreed(Accepts, Reason, String),
}

/// Rows of one reason.
#[derive(Default)]
struct Disagreement {
    rows: usize,
    examples: Vec<String>,
}

impl Audit {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let grader = Grader::new(if self.marked { Options::marked() } else { Options::default() });
        let input = Input { file: self.file.clone(), strict: self.strict };
        let (mut agreed, mut found) = (0, BTreeMap::<(Accepts, Reason), Disagreement>::new());
        let work = |row: Row| self.compare(&grader, row);
        let status = input.sift(work, |compared| {
            match compared {
                Compared::Agreed => agreed += 1,
                Compared::Disagreed(accepts, reason, example) => {
                    let kind = found.entry((accepts, reason)).or_default();
                    kind.rows += 1;
                    if kind.examples.len() < self.examples {
                        kind.examples.push(example);
                    }
                }
            }
            Ok(())
        })?;
        self.summarize(agreed, &found);
        Ok(status)
    }

    fn compare(&self, grader: &Grader, row: Row) -> anyhow::Result<(Option<String>, Compared)> {
        let (gold, pred) = (row.text(&self.gold_key)?, row.prediction(&self.pred_key)?);
        let other = row.value(&self.against).map(verdict);
        let other = match other {
            Some(Some(other)) => other,
            Some(None) => anyhow::bail!("key `{}` is no verdict", self.against),
            None => anyhow::bail!("no key `{}`", self.against),
        };
        let grade = grader.grade(&gold, &pred);
        if (grade.judgment == Judgment::Equal) == other {
            return Ok((None, Compared::Agreed));
        }
        let accepts = if other { Accepts::There } else { Accepts::Here };
        let example = example(&grade, row.line());
        let reason = grade.reason;
        let mut added = crate::verify::fields(&grade, &pred);
        added.insert("against".to_owned(), json!(other));
        Ok((Some(row.with(added)), Compared::Disagreed(accepts, reason, example)))
    }

    fn summarize(&self, agreed: usize, found: &BTreeMap<(Accepts, Reason), Disagreement>) {
        let total = agreed + found.values().map(|kind| kind.rows).sum::<usize>();
        eprintln!("{agreed} of {total} agree");
        for ((accepts, reason), kind) in found {
            let who = match accepts {
                Accepts::Here => "equal here, not by the other",
                Accepts::There => "equal by the other, not here",
            };
            eprintln!("{:>8}  {who}: {reason}", kind.rows);
            for example in &kind.examples {
                eprintln!("          {example}");
            }
        }
    }
}

/// A row in one line.
fn example(grade: &Grade, line: usize) -> String {
    let short = |text: &str| {
        let line = text.replace('\n', " ");
        if line.chars().count() > 60 { line.chars().take(57).collect::<String>() + "..." } else { line }
    };
    let found = grade.extracted.as_ref().map_or_else(|| "nothing".to_owned(), |found| short(&found.text));
    format!("line {line}: {} / {found}", short(&grade.gold))
}

/// What a field of another grader says.
fn verdict(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(correct) => Some(*correct),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "equal" | "correct" | "true" | "right" | "yes" | "1" => Some(true),
            "different" | "undecided" | "incorrect" | "false" | "wrong" | "no" | "0" | "no_answer" => {
                Some(false)
            }
            _ => None,
        },
        // Math-Verify and TRL say nothing where they could not read an answer.
        Value::Null => Some(false),
        Value::Array(_) | Value::Object(_) => None,
    }
}
