//! What a cell costs, by stage, counted in one way for all learners: a prompt is read once for all completions that are
//! drawn of it, and a reference reads each pair once, its prompt once.

use super::meter::Meter;
use super::objective::{Objective, Spans};
use anyhow::Result;
use eightfold_advantage::Cost;
use eightfold_gpt::TrainReport;
use eightfold_segment::Steps;
use eightfold_synth::{Record, Trace, Valued};
use serde::{Deserialize, Serialize};

/// Costs by stage. A stage that several cells share is counted in full in each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    /// Supervised training on the given solutions.
    pub sft: StageCost,
    /// Sampling solutions.
    pub sampling: StageCost,
    /// Rollouts from prefixes.
    pub rollouts: StageCost,
    /// The method's own training, reference included.
    pub training: StageCost,
    /// Evaluation: reported, and no part of the totals.
    pub evaluation: StageCost,
}

impl Ledger {
    /// Sum over the stages before evaluation.
    pub fn total(&self) -> StageCost {
        let stages = [self.sft, self.sampling, self.rollouts, self.training];
        stages.into_iter().fold(StageCost::default(), std::ops::Add::add)
    }
}

/// What a stage took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageCost {
    /// Tokens drawn.
    pub sampled: u64,
    /// Tokens read with a backward pass.
    pub trained: u64,
    /// Completions that the verifier judged.
    pub verified: u64,
    /// Floating-point operations of forward and backward passes.
    pub flops: f64,
    /// Seconds, while other cells may have run beside it.
    pub seconds: f64,
}

impl std::ops::Add for StageCost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            sampled: self.sampled + other.sampled,
            trained: self.trained + other.trained,
            verified: self.verified + other.verified,
            flops: self.flops + other.flops,
            seconds: self.seconds + other.seconds,
        }
    }
}

/// What the samples of some problems took.
///
/// # Errors
/// If a text cannot be read.
pub fn sampling<'a>(meter: &dyn Meter, traces: impl IntoIterator<Item = &'a Trace>) -> Result<StageCost> {
    let mut sum = StageCost::default();
    for trace in traces {
        let cost = trace.cost();
        let prompt = meter.prompt_tokens(&trace.problem.prompt())?;
        let flops = meter.operations().draw(prompt, cost.draws as usize, cost.tokens);
        sum = sum + StageCost { sampled: cost.tokens, verified: cost.draws, flops, ..StageCost::default() };
    }
    Ok(sum)
}

/// What the rollouts from the prefixes of wrong samples took.
///
/// # Errors
/// If a text cannot be read.
pub fn rollouts(meter: &dyn Meter, records: &[Record]) -> Result<StageCost> {
    let mut sum = StageCost::default();
    for record in records {
        let question = record.trace.problem.prompt();
        for search in &record.searches {
            let (steps, asked) = (record.steps(search), &search.evidence);
            let first = asked.question.iter().map(|rollouts| (0, rollouts));
            let after = asked.steps.iter().enumerate().map(|(at, rollouts)| (at + 1, rollouts));
            for (steps_read, rollouts) in first.chain(after).filter(|(_, r)| !r.draws.is_empty()) {
                let prompt = meter.prompt_tokens(&(question.clone() + steps.prefix(steps_read)))?;
                let verified = rollouts.draws.len();
                let flops = meter.operations().draw(prompt, verified, rollouts.tokens);
                let (sampled, verified) = (rollouts.tokens, verified as u64);
                sum = sum + StageCost { sampled, verified, flops, ..StageCost::default() };
            }
        }
    }
    Ok(sum)
}

/// What values of samples took, whose rollouts have the mean length of all of them.
///
/// # Errors
/// If a text cannot be read.
pub fn values(meter: &dyn Meter, traces: &[&Trace], valued: &[Valued], paid: Cost) -> Result<StageCost> {
    let mean = paid.tokens as f64 / (paid.draws as f64).max(1.0);
    let mut flops = 0.0;
    for Valued { trace, sample, cuts, rollouts, successes, .. } in valued {
        let Trace { problem, samples } = traces[*trace];
        let steps = Steps::cut(samples[*sample].completion.text.clone(), cuts.iter().copied());
        for read in 0..successes.len() {
            let prompt = meter.prompt_tokens(&(problem.prompt() + steps.prefix(read)))?;
            flops += meter.operations().draw(prompt, *rollouts, (mean * *rollouts as f64).round() as u64);
        }
    }
    Ok(StageCost { sampled: paid.tokens, verified: paid.draws, flops, ..StageCost::default() })
}

/// What training took: `passes` forward passes an update, and one of the reference.
///
/// # Errors
/// If a text cannot be read.
pub fn training<S>(
    meter: &dyn Meter,
    objective: &Objective<'_, S>,
    report: &TrainReport,
    passes: f64,
    seconds: f64,
) -> Result<StageCost> {
    let forward = forward(meter, objective)?;
    let flops = forward * (passes * report.tokens as f64 + report.reference_tokens as f64);
    Ok(StageCost { trained: report.tokens, flops, seconds, ..StageCost::default() })
}

/// Operations of a forward pass, a token: the mean over the texts of an objective.
fn forward<S>(meter: &dyn Meter, objective: &Objective<'_, S>) -> Result<f64> {
    let operations = meter.operations();
    let (mut flops, mut tokens) = (0.0, 0);
    let mut text = |prompt: usize, target: usize| {
        flops += operations.score(prompt, target);
        tokens += prompt + target;
    };
    match objective {
        Objective::Likelihood(likelihood) => match likelihood.spans {
            Spans::Whole(examples) => {
                for example in examples {
                    text(meter.prompt_tokens(&example.prompt)?, meter.tokens(&example.target.text)?);
                }
            }
            Spans::Steps(examples) => {
                for example in examples {
                    let target: String = example.steps.iter().map(|step| step.text.as_str()).collect();
                    text(meter.prompt_tokens(&example.prompt)?, meter.tokens(&target)?);
                }
            }
        },
        Objective::Preference(preference) => {
            for pair in preference.pairs {
                let prompt = meter.prompt_tokens(&pair.prompt)?;
                let sides = meter.tokens(&pair.chosen.text)? + meter.tokens(&pair.rejected.text)?;
                text(prompt, sides);
            }
        }
    }
    Ok(flops / tokens.max(1) as f64)
}
