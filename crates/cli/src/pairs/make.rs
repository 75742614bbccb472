//! From the solutions of a problem to the lines that are written.

use super::known::Known;
use super::record::record;
use super::rule::{Product, Rule};
use crate::segment::By;
use anyhow::Context;
use eightfold_exchange::{ExampleRow, PairRow, Prompt, SampleRow};
use eightfold_synth::{
    Fallback, Keep, PairRule, Record, Rejection, ResponsePairs, Search, StepPair, Unpaired,
};
use eightfold_task::{Example, Target};
use serde::Serialize;
use serde_json::Map;
use std::collections::BTreeMap;

/// What a chosen side is from if the problem has no right sample: its known solution, or else the shortest right
/// rollout from its bare question.
const KNOWN: &str = "chosen sides from known solutions";
const DRAWN: &str = "chosen sides from rollouts of the bare question";

/// Makes the pairs or examples of one problem after the other.
pub(crate) struct Maker {
    rule: Rule,
    cap: Option<usize>,
    keep: Keep,
    by: By,
    seed: u64,
    known: Known,
    /// Where a chosen side is from if the problem has no right sample.
    stand_in: &'static str,
    problems: usize,
    written: usize,
    /// What became of problems, solutions and pits that gave nothing, or something to know about.
    counts: BTreeMap<&'static str, usize>,
}

impl Maker {
    pub(crate) fn new(
        rule: Rule,
        cap: Option<usize>,
        as_drawn: bool,
        by: By,
        seed: u64,
        known: Known,
    ) -> Self {
        let keep = if as_drawn { Keep::AsDrawn } else { Keep::Distinct };
        let (stand_in, counts) = (KNOWN, BTreeMap::new());
        Self { rule, cap, keep, by, seed, known, stand_in, problems: 0, written: 0, counts }
    }

    /// The lines of one problem; none for an empty group.
    pub(crate) fn lines(&mut self, rows: &[SampleRow]) -> anyhow::Result<Option<String>> {
        let Some(first) = rows.first() else { return Ok(None) };
        self.problems += 1;
        let known = self.known.solution(&first.id);
        self.stand_in = if known.is_some() { KNOWN } else { DRAWN };
        let known = known.or_else(|| drawn(rows)).map(|solution| Example {
            prompt: format!("{}\n", first.question),
            target: Target::whole(solution),
            weight: 1.0,
        });
        let fallback = Fallback::new(known.as_slice());
        let product = self.rule.product();
        let record = record(rows, matches!(product, Product::Steps { .. }))?;
        let lines = match product {
            Product::Steps { rule, chosen_only } => {
                self.steps(rule, chosen_only, rows, &record, &fallback)?
            }
            Product::Responses(choice) => {
                let pairs = ResponsePairs { choice, cap: self.cap.unwrap_or(ResponsePairs::default().cap) };
                self.responses(pairs, rows, &record, &fallback)?
            }
            Product::Positives => self.positives(rows, &record)?,
        };
        self.written += lines.len();
        Ok((!lines.is_empty()).then(|| lines.join("\n")))
    }

    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn steps(
        &mut self,
        rule: PairRule,
        chosen_only: bool,
        rows: &[SampleRow],
        record: &Record,
        fallback: &Fallback<'_>,
    ) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        if record.searches.is_empty() {
            self.count("problems without a wrong solution");
        }
        for search @ Search { sample, pit, .. } in &record.searches {
            let Some(pit) = *pit else {
                self.count("wrong solutions without a pit");
                continue;
            };
            let Some(pair) = rule.pair(record, search, pit, &self.by, fallback, self.seed) else {
                self.count("pits without a right continuation");
                continue;
            };
            if self.cap.is_some_and(|cap| lines.len() >= cap) {
                self.count("pairs beyond the cap");
                continue;
            }
            if pair.from_fallback {
                self.count(self.stand_in);
            }
            if pair.is_contradicted() {
                self.count("chosen sides that begin with the rejected one");
            }
            lines.push(self.step(&rows[*sample], pair, pit, chosen_only)?);
        }
        Ok(lines)
    }

    /// The line of a step pair, or of its chosen side.
    fn step(&self, row: &SampleRow, pair: StepPair, pit: usize, chosen_only: bool) -> anyhow::Result<String> {
        let prompt = prompt_of(row);
        if !chosen_only {
            let sides = (pair.chosen, pair.rejected);
            return line(&self.pair(row, prompt, pair.initial_steps, sides, Some(pit as u64)));
        }
        let prompt = match prompt {
            Prompt::Text(text) => Prompt::Text(text + &pair.initial_steps),
            Prompt::Messages(_) if pair.initial_steps.is_empty() => prompt,
            Prompt::Messages(_) => anyhow::bail!(
                "problem {}: chosen-only needs prompts that are texts, which an example can continue",
                row.id
            ),
        };
        line(&example(row, prompt, pair.chosen.text))
    }

    fn responses(
        &mut self,
        pairs: ResponsePairs,
        rows: &[SampleRow],
        record: &Record,
        fallback: &Fallback<'_>,
    ) -> anyhow::Result<Vec<String>> {
        let pairs = match pairs.of(&record.trace, fallback, self.seed) {
            Ok(pairs) => pairs,
            Err(Unpaired::WithoutNegatives) => {
                self.count("problems without a wrong solution");
                return Ok(Vec::new());
            }
            Err(Unpaired::WithoutChosen) => {
                self.count("problems without a right solution");
                return Ok(Vec::new());
            }
        };
        let mut lines = Vec::new();
        for pair in pairs {
            if pair.from_fallback {
                self.count(self.stand_in);
            }
            let row = &rows[pair.rejected];
            let rejected = Target::from(&record.trace.samples[pair.rejected].completion);
            let sides = (pair.chosen, rejected);
            lines.push(line(&self.pair(row, prompt_of(row), String::new(), sides, None))?);
        }
        Ok(lines)
    }

    fn positives(&mut self, rows: &[SampleRow], record: &Record) -> anyhow::Result<Vec<String>> {
        let cap = Some(self.cap.unwrap_or(4));
        let kept = Rejection { keep: self.keep, cap }.kept(&record.trace, self.seed);
        if kept.is_empty() {
            self.count("problems without a right solution");
        }
        let one = |i: usize| line(&example(&rows[i], prompt_of(&rows[i]), rows[i].completion.clone()));
        kept.into_iter().map(one).collect()
    }

    /// A pair whose rejected side is from `row`.
    fn pair(
        &self,
        row: &SampleRow,
        prompt: Prompt,
        initial_steps: String,
        (chosen, rejected): (Target, Target),
        step: Option<u64>,
    ) -> PairRow {
        PairRow {
            id: row.id.clone(),
            sample: Some(row.sample),
            rule: Some(self.rule.name()),
            prompt,
            initial_steps,
            chosen: chosen.text,
            rejected: rejected.text,
            chosen_ends: chosen.ends,
            rejected_ends: rejected.ends,
            step,
            question: Some(row.question.clone()),
            answer: row.answer.clone(),
            more: Map::new(),
        }
    }

    /// Writes the counts to standard error.
    pub(crate) fn summarize(&self) {
        let steps = matches!(self.rule.product(), Product::Steps { chosen_only: false, .. });
        let pairs = steps || matches!(self.rule.product(), Product::Responses(_));
        let what = if pairs { "pairs" } else { "examples" };
        eprintln!("{} {what} by {} from {} problems", self.written, self.rule.name(), self.problems);
        for (what, count) in &self.counts {
            eprintln!("  {count:>8}  {what}");
        }
    }
}

/// The shortest right rollout from the bare question.
fn drawn(rows: &[SampleRow]) -> Option<&str> {
    let rollouts = rows.iter().flat_map(|row| row.rollouts.iter().flatten());
    let verified = rollouts.filter(|rollouts| rollouts.step == 0).flat_map(|rollouts| &rollouts.verified);
    verified.map(String::as_str).min_by_key(|text| text.split_whitespace().count())
}

/// What the model was given; the question and a line break where the row does not say.
fn prompt_of(row: &SampleRow) -> Prompt {
    row.prompt.clone().unwrap_or_else(|| Prompt::Text(format!("{}\n", row.question)))
}

fn example(row: &SampleRow, prompt: Prompt, completion: String) -> ExampleRow {
    ExampleRow {
        id: row.id.clone(),
        sample: Some(row.sample),
        prompt,
        completion,
        question: Some(row.question.clone()),
        answer: row.answer.clone(),
        more: Map::new(),
    }
}

fn line(row: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string(row).context("a row that cannot be written")
}
