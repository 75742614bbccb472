//! `eightfold pairs`: what is trained on?

mod group;
mod known;
mod make;

use crate::jsonl::{Input, Row};
use crate::segment::segmenters;
use crate::status::Status;
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use eightfold_exchange::SampleRow;
use eightfold_pairs::{Rule, Settings};
use eightfold_segment::By;
use eightfold_synth::Keep;
use group::Groups;
use known::Known;
use make::Maker;
use std::cell::RefCell;
use std::path::PathBuf;

/// Make preference pairs, or examples to imitate, of solutions.
///
/// Reads solutions with verdicts (and, for the step rules, with what `value` adds), the solutions of one
/// problem one after the other. Writes pairs: {"id", "sample", "rule", "prompt", "initial_steps", "chosen",
/// "rejected", "chosen_ends", "rejected_ends", "step" (the pit), "question", "answer"}; both sides go on
/// after the prompt and the initial steps, and a side that does not end must not be trained to end there.
/// The rules `rft` and `chosen-only` write examples: {"id", "sample", "prompt", "completion", "question",
/// "answer"}. What became of the solutions goes to standard error.
///
/// The exit status is 0 if every line was read, and 2 if any was malformed.
#[derive(Args)]
#[command(after_help = "Examples:
  eightfold pairs valued.jsonl > pairs.jsonl
  eightfold pairs --rule full-solution-vs-pit --known problems.jsonl valued.jsonl > pairs.jsonl
  eightfold pairs --rule highest-edit-distance --cap 2 verified.jsonl > response_pairs.jsonl
  eightfold pairs --rule rft --cap 4 verified.jsonl | eightfold export --to trl-sft > rft.jsonl")]
pub(crate) struct Pairs {
    /// Solutions; standard input if absent or `-`.
    file: Option<PathBuf>,
    /// How pairs, or examples, are made.
    #[arg(long, value_parser = rules(), default_value = "shared-prefix")]
    rule: Rule,
    /// Pairs or examples of each problem, at most (response pairs: 8, rft: 4).
    #[arg(long)]
    cap: Option<usize>,
    /// Keep a solution as often as it was drawn (rft).
    #[arg(long)]
    as_drawn: bool,
    /// Problems with solutions: the chosen side where no sample is right. Without one, a right rollout from the
    /// bare question stands in.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// What a step is, to find the first of a continuation (shared-prefix-step).
    #[arg(long, value_parser = segmenters(), default_value = "lines")]
    by: By,
    /// Another seed makes other choices.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Stop at the first malformed line.
    #[arg(long)]
    strict: bool,
}

/// The rules by name, with what they make; `random` is another name of `response`.
fn rules() -> impl TypedValueParser<Value = Rule> {
    let value = |rule: Rule| {
        let value = PossibleValue::new(rule.name()).help(rule.about());
        if rule == Rule::Response { value.alias("random") } else { value }
    };
    let named = |name: String| if name == "random" { Ok(Rule::Response) } else { name.parse() };
    PossibleValuesParser::new(Rule::ALL.map(value)).try_map(named)
}

impl Pairs {
    pub(crate) fn run(self) -> anyhow::Result<Status> {
        let known = self.known.as_deref().map(Known::read).transpose()?.unwrap_or_default();
        // The last group is made when the input has ended, by the same maker.
        let keep = if self.as_drawn { Keep::AsDrawn } else { Keep::Distinct };
        let settings = Settings { rule: self.rule, cap: self.cap, keep, by: &self.by, seed: self.seed };
        let maker = RefCell::new(Maker::new(settings, known));
        let groups = RefCell::new(Groups::default());
        let input = Input { file: self.file.clone(), strict: self.strict };
        let work = |row: Row| {
            let line = row.line();
            let row = SampleRow::read(row.into_fields().rest())?;
            self.rule.check(&row)?;
            match groups.borrow_mut().push(line, row)? {
                Some(group) => maker.borrow_mut().lines(&group),
                None => Ok(None),
            }
        };
        let status = input.each(work, || maker.borrow_mut().lines(&groups.borrow_mut().finish()))?;
        maker.borrow().summarize();
        Ok(status)
    }
}
