//! `eightfold problems`: problem sets of any shape as `problems.jsonl`.

mod answer;
#[cfg(feature = "parquet")]
mod parquet;
mod shares;
mod source;

use crate::jsonl::{Input, Row};
use crate::status::Status;
use answer::AnswerFormat;
use clap::Args;
use eightfold_exchange::{Fields, ProblemRow, RowError, Split, Spoken, besides};
use eightfold_task::gsm8k::without_notes;
use eightfold_task::{Key, copy_text, normal_text};
use shares::Shares;
use source::{Source, Taken};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// Turn a problem set into problems.jsonl.
///
/// Writes {"id", "question", "answer", "solution" (where there is one), "split"} and the further keys of
/// each row. `id` is that of the row, or the name of the file and the number of the row, from 0, where it has
/// none or one that was there before. A further key with one of these names is kept as `given_id` and so on.
/// The same question twice, without case, punctuation and white space, is kept once; operators and other
/// symbols count, so that `3 + 5` is no copy of `3 - 5`. The part (train, validation or test) is drawn by a
/// hash of the question, so it depends neither on the order of rows nor on the other rows. Counts go to
/// standard error. A key may be a path into the row, as `reward_model.ground_truth` or `answers[0]`, and its
/// value may be a list of one text, or chat messages.
///
/// The exit status is 0 if every line was read, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold problems gsm8k_train.jsonl --from gsm8k --split 0.9,0.1,0 > problems.jsonl
  eightfold problems svamp.jsonl --from svamp --split test > test.jsonl
  eightfold problems mine.jsonl --question-key task --solution-key worked --answer-format boxed > problems.jsonl
  eightfold problems gsm8k_test.jsonl --from gsm8k --split test | head -100 > few.jsonl")]
pub(crate) struct Problems {
    /// JSON lines; standard input if absent or `-`. A file that ends in `.parquet` is read as Parquet, if
    /// the program was built with the feature `parquet`.
    file: Option<PathBuf>,
    /// What a row looks like.
    #[arg(long, value_enum, default_value = "jsonl")]
    from: Source,
    /// Key of the question (jsonl).
    #[arg(long, default_value = "question")]
    question_key: String,
    /// Key of the final answer (jsonl). If it is absent from a row, the answer is found in the solution.
    #[arg(long, default_value = "answer")]
    answer_key: String,
    /// Key of the reference solution (jsonl).
    #[arg(long, default_value = "solution")]
    solution_key: String,
    /// Key that names a problem, in place of `id`; the same name twice is then an error.
    #[arg(long)]
    id_key: Option<String>,
    /// What ids begin with; the name of the file by default.
    #[arg(long)]
    name: Option<String>,
    /// How the final answer is written.
    #[arg(long, value_enum, default_value = "plain")]
    answer_format: AnswerFormat,
    /// Remove calculator notes, as `<<2+3=5>>`, from solutions.
    #[arg(long)]
    without_notes: bool,
    /// `train`, `validation` or `test` for all, or the shares of the three, as 0.8,0.1,0.1.
    #[arg(long, default_value = "train")]
    split: Shares,
    /// Another seed makes another split.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write this part alone.
    #[arg(long, value_parser = shares::part)]
    only: Option<Split>,
    /// Keep problems that were there before.
    #[arg(long)]
    keep_duplicates: bool,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// What was found on the way.
#[derive(Default)]
struct Seen {
    rows: usize,
    parts: BTreeMap<Split, usize>,
    duplicates: usize,
    /// The same question with another answer: how many, and where the first is.
    conflicts: usize,
    first_conflict: Option<(usize, usize)>,
    /// For each question, by hash, the line that it was on and the hash of its answer.
    questions: HashMap<Key, (usize, Key)>,
    /// The line on which each id was first, by hash.
    ids: HashMap<Key, usize>,
    /// Rows whose own id was there before.
    renamed: usize,
}

/// The keys that are written here.
const OWN: [&str; 5] = ["id", "question", "answer", "solution", "split"];

impl Problems {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let mut seen = Seen::default();
        let input = Input { file: self.file.clone(), strict: self.strict };
        let name = self.name.clone().unwrap_or_else(|| input.stem());
        let status = if is_parquet(&input) {
            self.parquet(&name, &mut seen)?
        } else {
            input.each(|row| self.convert(&name, row, &mut seen), || Ok(None))?
        };
        seen.summarize(&input.name());
        Ok(status)
    }

    fn convert(&self, name: &str, row: Row, seen: &mut Seen) -> anyhow::Result<Option<String>> {
        let (line, index) = (row.line(), seen.rows);
        seen.rows += 1;
        let mut fields = row.into_fields();
        let named = self.id_key.as_ref().map(|key| fields.spoken(key, Spoken::Said)).transpose()?;
        let Taken { question, answer, solution } = self.from.take(&mut fields, self)?;
        let copy = Key::new(0, "copy").with_text(&copy_text(&question));
        if !seen.is_new(line, copy, &answer) && !self.keep_duplicates {
            return Ok(None);
        }
        let split = self.split.part(Key::new(self.seed, "split").with_text(&normal_text(&question)));
        if self.only.is_some_and(|only| only != split) {
            return Ok(None);
        }
        let id = match named {
            Some(id) => seen.named(id, line, self.id_key.as_deref().unwrap_or("id"))?,
            None => seen.own(&mut fields, line, || format!("{name}-{index}")),
        };
        *seen.parts.entry(split).or_default() += 1;
        let solution = solution.map(|text| if self.without_notes { without_notes(&text) } else { text });
        // What is written here is not written a second time.
        let more = besides(fields.rest(), |key| OWN.contains(&key));
        let row = ProblemRow { id, question, answer, solution, split: Some(split), more };
        Ok(Some(serde_json::to_string(&row)?))
    }

    #[cfg(feature = "parquet")]
    fn parquet(&self, name: &str, seen: &mut Seen) -> anyhow::Result<Status> {
        let file = self.file.as_deref().unwrap_or(std::path::Path::new("-"));
        parquet::convert(self, file, name, seen, std::io::stdout().lock())
    }

    #[cfg(not(feature = "parquet"))]
    fn parquet(&self, _name: &str, _seen: &mut Seen) -> anyhow::Result<Status> {
        anyhow::bail!("this program was built without the feature `parquet`, which reads such files")
    }
}

impl Seen {
    /// Whether a question was not there before; counts it if it was.
    fn is_new(&mut self, line: usize, question: Key, answer: &str) -> bool {
        let answer = Key::new(0, "answer").with_text(answer);
        let Some(&(first, known)) = self.questions.get(&question) else {
            self.questions.insert(question, (line, answer));
            return true;
        };
        self.duplicates += 1;
        if known != answer {
            self.conflicts += 1;
            self.first_conflict.get_or_insert((first, line));
        }
        false
    }

    /// Whether no row had this id before; it has it now.
    fn is_new_id(&mut self, id: &str, line: usize) -> Result<(), usize> {
        let first = *self.ids.entry(Key::new(0, "id").with_text(id)).or_insert(line);
        if first == line { Ok(()) } else { Err(first) }
    }

    /// The id that a row has under the key that was asked for.
    fn named(&mut self, id: String, line: usize, key: &str) -> Result<String, RowError> {
        let before = |first| RowError::value(key, format!("`{id}` was on line {first}"));
        self.is_new_id(&id, line).map_err(before)?;
        Ok(id)
    }

    /// The row's own id if it has one that is new; otherwise that of its place.
    fn own(&mut self, fields: &mut Fields, line: usize, place: impl FnOnce() -> String) -> String {
        let own = fields.clone().text("id").ok().filter(|id| !id.is_empty());
        if let Some(id) = own {
            if self.is_new_id(&id, line).is_ok() {
                fields.optional("id");
                return id;
            }
            self.renamed += 1;
        }
        place()
    }

    fn summarize(&self, name: &str) {
        let parts: Vec<String> = self.parts.iter().map(|(part, count)| format!("{count} {part}")).collect();
        let parts = if parts.is_empty() { "none written".to_owned() } else { parts.join(", ") };
        eprintln!("{name}: {} problems read: {parts}; {} duplicates", self.rows, self.duplicates);
        if self.renamed > 0 {
            let renamed = self.renamed;
            eprintln!("{name}: {renamed} rows have an `id` that was there before; their place names them");
        }
        if let Some((first, line)) = self.first_conflict {
            let conflicts = self.conflicts;
            eprintln!(
                "{name}: {conflicts} duplicates have another answer than before, the first on line {line} (see line {first})"
            );
        }
    }
}

fn is_parquet(input: &Input) -> bool {
    input.file.as_deref().and_then(|path| path.extension()).is_some_and(|ending| ending == "parquet")
}
