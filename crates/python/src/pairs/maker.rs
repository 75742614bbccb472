//! From the solutions of a problem to the rows that are made of them.

use super::record::record;
use super::rule::{Product, Rule};
use crate::steps::By;
use eightfold_exchange::{ExampleRow, PairRow, Prompt, RowError, SampleRow};
use eightfold_synth::{Fallback, Keep, PairRule, Record, Rejection, ResponsePairs, StepPair, Unpaired};
use eightfold_task::{Example, Target};
use serde::Serialize;
use serde_json::Map;
use std::collections::BTreeMap;

/// Makes the pairs or examples of one problem.
pub(super) struct Maker<'a> {
    pub(super) rule: Rule,
    pub(super) cap: Option<usize>,
    pub(super) as_drawn: bool,
    pub(super) by: By,
    pub(super) seed: u64,
    /// The reference solution.
    pub(super) known: Option<&'a str>,
    pub(super) made: Made,
}

/// What was made, and what became of solutions and pits that gave nothing, or something to know about.
#[derive(Default)]
pub(super) struct Made {
    pub(super) lines: Vec<String>,
    pub(super) counts: BTreeMap<&'static str, usize>,
}

impl Made {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    fn add(&mut self, row: &impl Serialize) -> Result<(), RowError> {
        let unwritten = |error: serde_json::Error| RowError::value("row", error.to_string());
        self.lines.push(serde_json::to_string(row).map_err(unwritten)?);
        Ok(())
    }
}

impl Maker<'_> {
    /// Adds what these rows of one problem give.
    pub(super) fn add(&mut self, rows: &[SampleRow]) -> Result<(), RowError> {
        let Some(first) = rows.first() else { return Ok(()) };
        let known = self.known.or_else(|| drawn(rows)).map(|solution| Example {
            prompt: format!("{}\n", first.question),
            target: Target::whole(solution),
            weight: 1.0,
        });
        let fallback = Fallback::new(known.as_slice());
        let record = record(rows, self.rule.needs_pits())?;
        match self.rule.product {
            Product::Steps(rule) => self.steps(rule, false, rows, &record, &fallback),
            Product::ChosenOnly(rule) => self.steps(rule, true, rows, &record, &fallback),
            Product::Responses(choice) => {
                let pairs = ResponsePairs { choice, cap: self.cap.unwrap_or(ResponsePairs::default().cap) };
                self.responses(pairs, rows, &record, &fallback)
            }
            Product::Positives => self.positives(rows, &record),
        }
    }

    /// Counts a chosen side that is no sample's nor a rollout's after the prefix.
    fn count_stand_in(&mut self) {
        self.made.count(match self.known {
            Some(_) => "chosen sides from known solutions",
            None => "chosen sides from rollouts of the bare question",
        });
    }

    fn steps(
        &mut self,
        rule: PairRule,
        chosen_only: bool,
        rows: &[SampleRow],
        record: &Record,
        fallback: &Fallback<'_>,
    ) -> Result<(), RowError> {
        if record.searches.is_empty() {
            self.made.count("problems without a wrong solution");
        }
        for search in &record.searches {
            let Some(pit) = search.pit else {
                self.made.count("wrong solutions without a pit");
                continue;
            };
            let Some(pair) = rule.pair(record, search, pit, &self.by, fallback, self.seed) else {
                self.made.count("pits without a right continuation");
                continue;
            };
            if self.cap.is_some_and(|cap| self.made.lines.len() >= cap) {
                self.made.count("pairs beyond the cap");
                continue;
            }
            if pair.from_fallback {
                self.count_stand_in();
            }
            if pair.is_contradicted() {
                self.made.count("chosen sides that begin with the rejected one");
            }
            self.step(&rows[search.sample], pair, pit, chosen_only)?;
        }
        Ok(())
    }

    /// The row of a step pair, or of its chosen side.
    fn step(
        &mut self,
        row: &SampleRow,
        pair: StepPair,
        pit: usize,
        chosen_only: bool,
    ) -> Result<(), RowError> {
        let prompt = prompt_of(row);
        if !chosen_only {
            let sides = Sides { chosen: pair.chosen, rejected: pair.rejected };
            let pair = self.pair(row, pair.initial_steps, sides, Some(pit as u64));
            return self.made.add(&pair);
        }
        let prompt = match prompt {
            Prompt::Text(text) => Prompt::Text(text + &pair.initial_steps),
            Prompt::Messages(_) if pair.initial_steps.is_empty() => prompt,
            Prompt::Messages(_) => {
                let message = "chosen-only needs prompts that are texts, which an example can continue";
                return Err(RowError::value("prompt", message));
            }
        };
        self.made.add(&example(row, prompt, pair.chosen.text))
    }

    fn responses(
        &mut self,
        pairs: ResponsePairs,
        rows: &[SampleRow],
        record: &Record,
        fallback: &Fallback<'_>,
    ) -> Result<(), RowError> {
        let pairs = match pairs.of(&record.trace, fallback, self.seed) {
            Ok(pairs) => pairs,
            Err(Unpaired::WithoutNegatives) => {
                self.made.count("problems without a wrong solution");
                return Ok(());
            }
            Err(Unpaired::WithoutChosen) => {
                self.made.count("problems without a right solution");
                return Ok(());
            }
        };
        for pair in pairs {
            if pair.from_fallback {
                self.count_stand_in();
            }
            let rejected = Target::from(&record.trace.samples[pair.rejected].completion);
            let sides = Sides { chosen: pair.chosen, rejected };
            let pair = self.pair(&rows[pair.rejected], String::new(), sides, None);
            self.made.add(&pair)?;
        }
        Ok(())
    }

    fn positives(&mut self, rows: &[SampleRow], record: &Record) -> Result<(), RowError> {
        let keep = if self.as_drawn { Keep::AsDrawn } else { Keep::Distinct };
        let cap = Some(self.cap.unwrap_or(4));
        let kept = Rejection { keep, cap }.kept(&record.trace, self.seed);
        if kept.is_empty() {
            self.made.count("problems without a right solution");
        }
        for i in kept {
            self.made.add(&example(&rows[i], prompt_of(&rows[i]), rows[i].completion.clone()))?;
        }
        Ok(())
    }

    /// A pair whose rejected side is from `row`.
    fn pair(&self, row: &SampleRow, initial_steps: String, sides: Sides, step: Option<u64>) -> PairRow {
        PairRow {
            id: row.id.clone(),
            sample: Some(row.sample),
            rule: Some(self.rule.name.to_owned()),
            prompt: prompt_of(row),
            initial_steps,
            chosen: sides.chosen.text,
            rejected: sides.rejected.text,
            chosen_ends: sides.chosen.ends,
            rejected_ends: sides.rejected.ends,
            step,
            question: Some(row.question.clone()),
            answer: row.answer.clone(),
            more: Map::new(),
        }
    }
}

/// The sides of a pair.
struct Sides {
    chosen: Target,
    rejected: Target,
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
