//! `eightfold segment`: where are the steps?

use crate::jsonl::{Input, Row};
use crate::status::Status;
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use eightfold_segment::{By, Merged, Segmenter};
use serde_json::{Map, json};
use std::path::PathBuf;

/// Cut texts into steps.
///
/// Reads JSON lines {"text": ...} and writes them back with `steps`, a list of [start, end] in Unicode scalar
/// values that tile the text. Further keys are kept.
///
/// The exit status is 0 if every line was cut, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold segment --by lines solutions.jsonl > steps.jsonl
  eightfold segment --by sentences --shortest 40 --most 12 < solutions.jsonl
  eightfold segment --by paragraphs --bytes --text-key response samples.jsonl")]
pub(crate) struct Segment {
    /// JSON lines to cut; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// What a step is.
    #[arg(long, value_parser = segmenters())]
    by: By,
    /// Count in bytes of UTF-8 in place of Unicode scalar values.
    #[arg(long)]
    bytes: bool,
    /// Key of the text, or a path into the row, as `messages[-1].content`.
    #[arg(long, default_value = "text")]
    text_key: String,
    /// Join steps with fewer characters than this to their neighbors.
    #[arg(long)]
    shortest: Option<usize>,
    /// Join steps until there are at most this many.
    #[arg(long)]
    most: Option<usize>,
    /// Add `answer`: the number of the step that states the final answer, or null.
    #[arg(long)]
    mark_answer: bool,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// Segmenters by name, for options.
pub(crate) fn segmenters() -> impl TypedValueParser<Value = By> {
    PossibleValuesParser::new(By::ALL.map(By::name)).try_map(|name| name.parse::<By>())
}

impl Segment {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let input = Input { file: self.file.clone(), strict: self.strict };
        input.run(|row| self.cut(row), |()| {})
    }

    fn cut(&self, row: Row) -> anyhow::Result<(String, ())> {
        let text = row.text(&self.text_key)?;
        let steps = match (self.shortest, self.most) {
            (None, None) => self.by.segment(&text),
            (shortest, most) => {
                let (shortest, most) = (shortest.unwrap_or(0), most.unwrap_or(usize::MAX));
                Merged { inner: self.by, shortest, most }.segment(&text)
            }
        };
        let spans = if self.bytes { steps.spans().to_vec() } else { steps.char_spans() };
        let pairs: Vec<[usize; 2]> = spans.iter().map(|span| [span.start, span.end]).collect();
        let mut fields = Map::new();
        fields.insert("steps".to_owned(), json!(pairs));
        if self.mark_answer {
            fields.insert("answer".to_owned(), json!(steps.answer_step()));
        }
        Ok((row.with(fields), ()))
    }
}
