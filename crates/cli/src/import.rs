//! `eightfold import`: rows of other tools as rows of the pipeline.

use crate::export::FormatName;
use crate::jsonl::{Input, Row};
use crate::status::Status;
use clap::Args;
use eightfold_exchange::{Format, FormatOptions};
use std::path::PathBuf;

/// Read pairs, solutions, examples or problems of other tools.
///
/// Writes pairs (of trl-preference, step-dpo, self-explore, sharegpt-preference), solutions with labels,
/// values or verdicts (stepwise, math-shepherd, prm800k, trl-unpaired), examples (trl-sft, screl, sharegpt) or
/// problems (gsm8k). A row without `id` is named by the file and its line. Further keys are kept; one with
/// the name of a key that is written becomes `given_` and its name. A solution none of whose steps was rated
/// is counted and passed over.
///
/// The exit status is 0 if every line was read, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold import --from step-dpo math_step_dpo.jsonl > pairs.jsonl
  eightfold import --from prm800k phase2_train.jsonl | eightfold export --to stepwise > stepwise.jsonl
  eightfold import --from trl-preference theirs.jsonl | eightfold export --to self-explore > ours.jsonl")]
pub(crate) struct Import {
    /// Rows of the format; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// The format.
    #[arg(long, value_enum)]
    from: FormatName,
    /// What ids begin with; the name of the file by default.
    #[arg(long)]
    name: Option<String>,
    /// What is put between two steps where a format lists them.
    #[arg(long, default_value = "\n")]
    separator: String,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

impl Import {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let options = FormatOptions { separator: self.separator.clone(), ..FormatOptions::default() };
        let input = Input { file: self.file.clone(), strict: self.strict };
        let name = self.name.clone().unwrap_or_else(|| input.stem());
        let (mut read, mut silent) = (0, 0);
        let work = |row: Row| {
            let id = format!("{name}-{}", row.line() - 1);
            let line = Format::from(self.from).import(row.into_fields().rest(), id, &options)?;
            let said = line.is_some();
            Ok((line, said))
        };
        let status = input.sift(work, |said| {
            *(if said { &mut read } else { &mut silent }) += 1;
            Ok(())
        })?;
        eprintln!("{read} rows read");
        if silent > 0 {
            eprintln!("{silent} rows passed over: their first step has no rating");
        }
        Ok(status)
    }
}
