//! The shapes that problem sets come in.

use super::Problems;
use super::answer::AnswerFormat;
use anyhow::Context;
use clap::ValueEnum;
use eightfold_exchange::{Fields, RowError, Spoken};

/// What a row of a problem set looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// GSM8K: `question`, and `answer`, a worked text that ends in `####` and the final answer.
    Gsm8k,
    /// SVAMP: `Body`, `Question`, `Answer` (a number) and `Equation`.
    Svamp,
    /// Keys as the options name them.
    Jsonl,
}

/// What a row of a problem set says.
pub(crate) struct Taken {
    pub(crate) question: String,
    pub(crate) answer: String,
    pub(crate) solution: Option<String>,
}

impl Source {
    /// Takes question, answer and solution out of a row.
    pub(crate) fn take(self, fields: &mut Fields, keys: &Problems) -> anyhow::Result<Taken> {
        let taken = match self {
            Self::Gsm8k => gsm8k(fields)?,
            Self::Svamp => svamp(fields)?,
            Self::Jsonl => named(fields, keys)?,
        };
        anyhow::ensure!(!taken.question.trim().is_empty(), "the question is empty");
        Ok(taken)
    }
}

fn gsm8k(fields: &mut Fields) -> anyhow::Result<Taken> {
    let question = fields.text("question")?;
    let solution = fields.text("answer")?;
    let answer = AnswerFormat::Gsm8k.find(&solution).context("key `answer`")?;
    Ok(Taken { question, answer, solution: Some(solution) })
}

fn svamp(fields: &mut Fields) -> anyhow::Result<Taken> {
    let (body, question) = (fields.text("Body")?, fields.text("Question")?);
    let answer = fields.text("Answer")?;
    // The file has floats where it means whole numbers.
    let answer = answer.strip_suffix(".0").map(str::to_owned).unwrap_or(answer);
    let (body, question) = (body.trim(), question.trim());
    // Some bodies are the first half of a sentence.
    let joint = if body.is_empty() || body.ends_with(['.', '!', '?', ',']) { "" } else { "," };
    Ok(Taken { question: format!("{body}{joint} {question}").trim().to_owned(), answer, solution: None })
}

fn named(fields: &mut Fields, keys: &Problems) -> anyhow::Result<Taken> {
    let question = fields.spoken(&keys.question_key, Spoken::Asked)?;
    let mut text = |key: &str| match fields.spoken(key, Spoken::Said) {
        Err(RowError::Missing { .. }) => Ok(None),
        other => other.map(Some),
    };
    let (given, solution) = (text(&keys.answer_key)?, text(&keys.solution_key)?);
    let (key, text) = match (&given, &solution) {
        (Some(given), _) => (&keys.answer_key, given),
        (None, Some(solution)) if keys.answer_format != AnswerFormat::Plain => (&keys.solution_key, solution),
        (None, _) => return Err(RowError::missing(&keys.answer_key).into()),
    };
    let answer = keys.answer_format.find(text).with_context(|| format!("key `{key}`"))?;
    // A worked text under the key of the answer is the solution.
    let solution =
        solution.or(given.filter(|given| *given != answer && keys.answer_format != AnswerFormat::Plain));
    Ok(Taken { question, answer, solution })
}
