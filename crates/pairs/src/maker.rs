//! From the samples of one problem to the rows that are made of them.

use crate::record::record;
use crate::rule::{Product, Rule};
use eightfold_exchange::{ExampleRow, PairRow, Prompt, RowError, SampleRow};
use eightfold_segment::{Lines, Segmenter};
use eightfold_synth::{Fallback, Keep, PairRule, Record, Rejection, ResponsePairs, StepPair, Unpaired};
use eightfold_task::{Example, Target};
use serde::Serialize;
use serde_json::Map;
use std::collections::BTreeMap;

/// How rows are made.
pub struct Settings<'a> {
    /// Which rows.
    pub rule: Rule,
    /// Rows of each problem, at most; without it 8 pairs of whole solutions, 4 solutions to imitate, and all else.
    pub cap: Option<usize>,
    /// Whether a solution is imitated as often as it was drawn.
    pub keep: Keep,
    /// What a step is, to find the first of a continuation.
    pub by: &'a dyn Segmenter,
    /// Another seed makes other choices.
    pub seed: u64,
}

impl Default for Settings<'_> {
    fn default() -> Self {
        Self { rule: Rule::SharedPrefix, cap: None, keep: Keep::Distinct, by: &Lines, seed: 0 }
    }
}

/// A row to train on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Row {
    /// A preference.
    Pair(PairRow),
    /// Something to imitate.
    Example(ExampleRow),
}

/// What was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Made {
    /// The rows.
    pub rows: Vec<Row>,
    /// How many problems, solutions and pits gave nothing, or something to know about, by what it was.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Made {
    fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

impl Settings<'_> {
    /// The rows of one problem, of all its samples; `known` is its reference solution, for a problem without a right sample.
    ///
    /// # Errors
    /// The first row that lacks what the rule needs ([`Rule::check`]), or has a value that does not fit.
    pub fn make(&self, rows: &[SampleRow], known: Option<&str>) -> Result<Made, RowError> {
        let mut made = Made::default();
        let Some(first) = rows.first() else { return Ok(made) };
        rows.iter().try_for_each(|row| self.rule.check(row))?;
        let stand_in = match known {
            Some(_) => "chosen sides from known solutions",
            None => "chosen sides from rollouts of the bare question",
        };
        let example = known.or_else(|| drawn(rows)).map(|solution| Example {
            prompt: format!("{}\n", first.question),
            target: Target::whole(solution),
            weight: 1.0,
        });
        let problem = Problem {
            rows,
            record: record(rows, self.rule.needs_pits())?,
            fallback: Fallback::new(example.as_slice()),
            stand_in,
        };
        match self.rule.product() {
            Product::Steps { rule, chosen_only } => self.steps(rule, chosen_only, &problem, &mut made)?,
            Product::Responses(choice) => {
                let pairs = ResponsePairs { choice, cap: self.cap.unwrap_or(ResponsePairs::default().cap) };
                self.responses(pairs, &problem, &mut made);
            }
            Product::Positives => self.positives(&problem, &mut made),
        }
        Ok(made)
    }

    fn steps(
        &self,
        rule: PairRule,
        chosen_only: bool,
        problem: &Problem,
        made: &mut Made,
    ) -> Result<(), RowError> {
        let Problem { rows, record, fallback, stand_in } = problem;
        if record.searches.is_empty() {
            made.count("problems without a wrong solution");
        }
        for search in &record.searches {
            let Some(pit) = search.pit else {
                made.count("wrong solutions without a pit");
                continue;
            };
            let Some(pair) = rule.pair(record, search, pit, self.by, fallback, self.seed) else {
                made.count("pits without a right continuation");
                continue;
            };
            if self.cap.is_some_and(|cap| made.rows.len() >= cap) {
                made.count("pairs beyond the cap");
                continue;
            }
            if pair.from_fallback {
                made.count(stand_in);
            }
            if pair.is_contradicted() {
                made.count("chosen sides that begin with the rejected one");
            }
            let row = &rows[search.sample];
            made.rows.push(if chosen_only { chosen(row, pair)? } else { self.step(row, pair, pit) });
        }
        Ok(())
    }

    fn step(&self, row: &SampleRow, pair: StepPair, pit: usize) -> Row {
        let StepPair { initial_steps, chosen, rejected, .. } = pair;
        Row::Pair(PairRow { initial_steps, step: Some(pit as u64), ..self.pair(row, chosen, rejected) })
    }

    fn responses(&self, pairs: ResponsePairs, problem: &Problem, made: &mut Made) {
        let Problem { rows, record, fallback, stand_in } = problem;
        let pairs = match pairs.of(&record.trace, fallback, self.seed) {
            Ok(pairs) => pairs,
            Err(Unpaired::WithoutNegatives) => return made.count("problems without a wrong solution"),
            Err(Unpaired::WithoutChosen) => return made.count("problems without a right solution"),
        };
        for pair in pairs {
            if pair.from_fallback {
                made.count(stand_in);
            }
            let rejected = Target::from(&record.trace.samples[pair.rejected].completion);
            made.rows.push(Row::Pair(self.pair(&rows[pair.rejected], pair.chosen, rejected)));
        }
    }

    fn positives(&self, Problem { rows, record, .. }: &Problem, made: &mut Made) {
        let cap = Some(self.cap.unwrap_or(4));
        let kept = Rejection { keep: self.keep, cap }.kept(&record.trace, self.seed);
        if kept.is_empty() {
            made.count("problems without a right solution");
        }
        let row = |i: usize| example(&rows[i], prompt_of(&rows[i]), rows[i].completion.clone());
        made.rows.extend(kept.into_iter().map(row));
    }

    /// A pair whose rejected side is from `row`, after its bare prompt.
    fn pair(&self, row: &SampleRow, chosen: Target, rejected: Target) -> PairRow {
        PairRow {
            id: row.id.clone(),
            sample: Some(row.sample),
            rule: Some(self.rule.name().to_owned()),
            prompt: prompt_of(row),
            initial_steps: String::new(),
            chosen: chosen.text,
            rejected: rejected.text,
            chosen_ends: chosen.ends,
            rejected_ends: rejected.ends,
            step: None,
            question: Some(row.question.clone()),
            answer: row.answer.clone(),
            more: Map::new(),
        }
    }
}

/// The samples of a problem, and what stands in where none of them is right.
struct Problem<'a> {
    rows: &'a [SampleRow],
    record: Record,
    fallback: Fallback<'a>,
    /// Where that is from.
    stand_in: &'static str,
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

/// The chosen side of a step pair alone.
fn chosen(row: &SampleRow, pair: StepPair) -> Result<Row, RowError> {
    let prompt = match prompt_of(row) {
        Prompt::Text(text) => Prompt::Text(text + &pair.initial_steps),
        prompt @ Prompt::Messages(_) if pair.initial_steps.is_empty() => prompt,
        Prompt::Messages(_) => {
            let message = "chosen-only needs prompts that are texts, which an example can continue";
            return Err(RowError::value("prompt", message));
        }
    };
    Ok(example(row, prompt, pair.chosen.text))
}

fn example(row: &SampleRow, prompt: Prompt, completion: String) -> Row {
    Row::Example(ExampleRow {
        id: row.id.clone(),
        sample: Some(row.sample),
        prompt,
        completion,
        question: Some(row.question.clone()),
        answer: row.answer.clone(),
        more: Map::new(),
    })
}
