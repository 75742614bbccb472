//! Where a final answer stands.

use anyhow::{Context, bail};
use clap::ValueEnum;
use eightfold_verifier::{Marker, extract};

/// How the final answer of a problem is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// It is all of the text.
    Plain,
    /// After `####`, at the end of a worked text.
    Gsm8k,
    /// In the last `\boxed{...}` of a worked text.
    Boxed,
    /// Where a worked text says what its answer is, in any of these ways.
    Marked,
}

impl AnswerFormat {
    /// The final answer in a text.
    pub(crate) fn find(self, text: &str) -> anyhow::Result<String> {
        let markers = match self {
            Self::Plain if text.trim().is_empty() => bail!("an empty answer"),
            Self::Plain => return Ok(text.trim().to_owned()),
            Self::Gsm8k => &[Marker::Hashes][..],
            Self::Boxed => &[Marker::Boxed][..],
            Self::Marked => &Marker::EXPLICIT[..],
        };
        let found = extract(text, markers).context("no final answer is marked in the text")?;
        anyhow::ensure!(!found.text.trim().is_empty(), "an empty answer");
        Ok(found.text.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_found_where_the_format_says() {
        let find = |format: AnswerFormat, text| format.find(text).ok();
        assert_eq!(find(AnswerFormat::Plain, " 1/2 "), Some("1/2".into()));
        assert_eq!(find(AnswerFormat::Gsm8k, "2+2=4\n#### 1,004"), Some("1,004".into()));
        assert_eq!(find(AnswerFormat::Boxed, r"so \boxed{\frac{1}{2}}."), Some(r"\frac{1}{2}".into()));
        assert_eq!(find(AnswerFormat::Marked, "A: 3"), Some("3".into()));
        assert_eq!(find(AnswerFormat::Plain, "  "), None);
        assert_eq!(find(AnswerFormat::Gsm8k, "the answer is 4"), None);
        assert_eq!(find(AnswerFormat::Boxed, "4"), None);
    }
}
