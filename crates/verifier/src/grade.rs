//! Gold answer against response.

use crate::compare::Comparison;
use crate::decimal::Decimal;
use crate::extract::{Extracted, answering, extract, extract_from};
use crate::fuel::Stop;
use crate::judgment::{Finding, Judgment, Reason};
use crate::options::{Marker, Options, Tolerance};
use crate::read::{self, Value};
use crate::{Verdict, Verifier};
use eightfold_task::Problem;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A side of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The right answer.
    Gold,
    /// The answer of the response.
    Prediction,
    /// Both.
    Both,
}

/// The grade of one response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grade {
    /// Whether the answer is shown to equal gold.
    pub judgment: Judgment,
    /// Why.
    pub reason: Reason,
    /// The gold answer, without the text around it.
    pub gold: String,
    /// The answer of the response; `None` if it has none.
    pub extracted: Option<Extracted>,
    /// Which side could not be read, where the judgment is undecided for that: an unreadable gold answer is a fault of
    /// the data and not of the response.
    pub unread: Option<Side>,
}

/// Grades responses against gold answers. The same texts and options get the same grade, on any thread.
///
/// ```
/// use eightfold_verifier::{Grader, Judgment};
///
/// let grader = Grader::default();
/// assert_eq!(grader.compare(r"\frac{1}{2}", "0.5").judgment, Judgment::Equal);
/// assert_eq!(grader.compare("(1, 2)", "(2, 1)").judgment, Judgment::Different);
/// assert_eq!(grader.grade("#### 18", r"She has \boxed{18} eggs.").judgment, Judgment::Equal);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Grader {
    options: Options,
}

impl Verifier for Grader {
    /// A solution is correct where its answer is shown to equal the problem's; an answer is looked for in all of
    /// [`Options::markers`].
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        let grade = self.grade(&problem.answer.0, solution);
        match grade.judgment {
            Judgment::Equal => Verdict::Correct,
            Judgment::Different | Judgment::Undecided if grade.extracted.is_none() => Verdict::NoAnswer,
            Judgment::Different | Judgment::Undecided => Verdict::Incorrect,
        }
    }
}

impl Grader {
    /// A grader with these settings.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// A grader for rewards: only what a response marks as its answer counts.
    pub fn marked() -> Self {
        Self::new(Options::marked())
    }

    /// The settings.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Two bare answers.
    pub fn compare(&self, gold: &str, pred: &str) -> Grade {
        let gold = gold.trim();
        let extracted = (!pred.trim().is_empty()).then(|| Extracted::one(pred, 0..pred.len(), Marker::Whole));
        self.graded(gold.into(), extracted)
    }

    /// A gold answer, bare or at the end of a worked text, against a whole response.
    pub fn grade(&self, gold: &str, response: &str) -> Grade {
        let gold = gold_answer(gold);
        let extracted = extract_from(response, &self.options.markers, self.options.thinking).or_else(|| {
            // A response that is a word or two and nothing else is its own answer.
            let part = answering(response, self.options.thinking);
            let bare = response[part.clone()].trim();
            let short = !bare.is_empty() && bare.len() < 100 && bare.split_whitespace().count() <= 6;
            let start = part.end - response[part].trim_start().len();
            // "Yes, it is" says yes.
            let word = bare.split([',', '.', '!']).next().unwrap_or_default();
            let says = ["yes", "no", "true", "false"].iter().any(|said| word.eq_ignore_ascii_case(said));
            let bare = if says { word } else { bare };
            // What is left to be carried out is the question.
            let open = || gold != bare && matches!(read::read(bare), Ok(value) if value.is_operation());
            (short && self.options.markers.contains(&Marker::Whole) && !open())
                .then(|| Extracted::one(response, start..start + bare.len(), Marker::Whole))
        });
        self.graded(gold, extracted)
    }

    fn graded(&self, gold: Cow<'_, str>, extracted: Option<Extracted>) -> Grade {
        let (mut found, unread) = match &extracted {
            _ if gold.is_empty() => (Finding::undecided(Reason::NoGold), None),
            None => (Finding::different(Reason::NoAnswer), None),
            Some(answer) => self.answers(&gold, answer.text.trim()),
        };
        if found.is_equal() && extracted.as_ref().is_some_and(|answer| answer.marker.is_guess()) {
            found.reason = Reason::Guessed;
        }
        Grade { judgment: found.judgment, reason: found.reason, gold: gold.into_owned(), extracted, unread }
    }

    /// The choice that an answer names, where there are choices.
    fn chosen(&self, answer: &str) -> Option<&str> {
        let said = read::plain_text(&read::clean(answer));
        self.options.choices.iter().map(String::as_str).find(|choice| read::plain_text(choice) == said)
    }

    fn answers(&self, gold: &str, pred: &str) -> (Finding, Option<Side>) {
        if let Some(found) = self.without_reading(gold, pred) {
            return (found, None);
        }
        let values = (read::read(gold), read::read(pred));
        let found = match &values {
            (Ok(a), Ok(b)) => Comparison::new(&self.options).written(gold, pred).values(a, b),
            (Err(stop), _) | (_, Err(stop)) => (*stop).into(),
        };
        // What is not understood may still be written alike.
        if !found.is_equal() && squeezed(gold) == squeezed(pred) {
            return (Finding::equal(Reason::SameText), None);
        }
        let unread = (found.judgment == Judgment::Undecided).then(|| unread(&values.0, &values.1));
        (found, unread.flatten())
    }

    /// What is found of answers by their texts alone.
    fn without_reading(&self, gold: &str, pred: &str) -> Option<Finding> {
        if !self.options.choices.is_empty() {
            return Some(match (self.chosen(gold), self.chosen(pred)) {
                (Some(gold), Some(pred)) if gold == pred => Finding::equal(Reason::SameText),
                (Some(_), Some(_)) => Finding::different(Reason::OtherText),
                (None, _) | (_, None) => Finding::undecided(Reason::NoChoice),
            });
        }
        if gold == pred {
            return Some(Finding::equal(Reason::SameText));
        }
        let (a, b) = (Decimal::whole(gold)?, Decimal::whole(pred)?);
        if a == b {
            return Some(Finding::equal(Reason::SameValue));
        }
        let exact = self.options.tolerance == Tolerance::Exact;
        exact.then_some(Finding::different(Reason::OtherValue))
    }

    /// The normal form of a bare answer in words, for people.
    pub fn normal_form(&self, answer: &str) -> String {
        match read::read(answer) {
            Ok(value) => Comparison::new(&self.options).describe(&value),
            Err(stop) => stop.to_string(),
        }
    }
}

/// Which of two answers is not understood.
fn unread(gold: &Result<Value, Stop>, pred: &Result<Value, Stop>) -> Option<Side> {
    match [gold, pred].map(|value| matches!(value, Err(_) | Ok(Value::Formula(_)))) {
        [true, true] => Some(Side::Both),
        [true, false] => Some(Side::Gold),
        [false, true] => Some(Side::Prediction),
        [false, false] => None,
    }
}

/// The answer of a gold text: what a box, `####` or a line `A:` marks in it, or the whole.
pub(crate) fn gold_answer(gold: &str) -> Cow<'_, str> {
    let marked = gold.contains("####") || gold.contains(r"\boxed") || gold.contains(r"\fbox");
    let line = gold.lines().rev().any(|line| line.starts_with("A:") || line.starts_with("Answer:"));
    let stated = gold.len() > 40 && gold.to_ascii_lowercase().contains("final answer");
    if !marked && !line && !stated {
        return gold.trim().into();
    }
    match extract(gold, &[Marker::Boxed, Marker::Hashes, Marker::FinalAnswerIs, Marker::AnswerColon]) {
        Some(found) => found.text.into(),
        // A gold answer is not cut off, though its brace be lost.
        None => gold.trim().trim_start_matches('\\').strip_prefix("boxed{").unwrap_or(gold.trim()).into(),
    }
}

/// The text without the white space that separates nothing: a space between letters or digits stays.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let joins = out.ends_with(|c: char| c.is_alphanumeric() || c == ',' || c == '.')
            && word.starts_with(char::is_alphanumeric);
        if joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grader_is_a_verifier() {
        let verdict = |solution: &str| Grader::default().verify(&Problem::new("?", "1/2"), solution);
        assert_eq!(verdict("so it is 0.5"), Verdict::Correct);
        assert_eq!(verdict("#### 0.6"), Verdict::Incorrect);
        assert_eq!(verdict("I cannot say what it would be, since nothing is given"), Verdict::NoAnswer);
        let explicit = Grader::new(Options { markers: Marker::EXPLICIT.to_vec(), ..Options::default() });
        assert_eq!(explicit.verify(&Problem::new("?", "1/2"), "so it is 0.5"), Verdict::NoAnswer);
    }
}
