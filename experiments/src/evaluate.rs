//! How well a policy answers problems that it has not seen.

use crate::cell::{Evaluation, Held};
use anyhow::Result;
use eightfold_advantage::pass_at_k;
use eightfold_gpt::{Checkpoint, Sampler, SamplerConfig};
use eightfold_synth::{Trace, draw_samples};
use eightfold_task::Problem;
use eightfold_task::lexicon::{Lexicon, Story, replay};
use eightfold_verifier::FinalAnswer;

/// Errors of a network on held-out problems, and what kind of faults they come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scores {
    /// Share of problems answered wrongly, greedily.
    pub error: f64,
    /// The same at temperature 1, mean over the samples.
    pub error_t1: f64,
    /// Number of samples at temperature 1 and the share of problems that one of them answers.
    pub pass_k: (usize, f64),
    /// Share of readings that are right in greedy solutions.
    pub reading_accuracy: f64,
    /// Share of greedy solutions with a slip.
    pub slips: f64,
    /// Tokens drawn.
    pub tokens: u64,
}

/// The held-out problems of a world: the same for every cell.
pub fn held_out(lexicon: &Lexicon, evaluation: &Evaluation) -> Vec<Problem> {
    let purpose = match evaluation.held {
        Held::Validation => "validation",
        Held::Test => "test",
    };
    lexicon.problems(evaluation.problems, 0, purpose)
}

/// Evaluates a network, greedily and at temperature 1.
///
/// # Errors
/// If the sampler fails.
pub fn evaluate(checkpoint: &Checkpoint, lexicon: &Lexicon, evaluation: &Evaluation) -> Result<Scores> {
    let problems = held_out(lexicon, evaluation);
    let max_tokens = checkpoint.gpt.config().context;
    let draw = |temperature: f64, samples: usize| {
        let sampler = Sampler::new(checkpoint, SamplerConfig { temperature, max_tokens });
        draw_samples(&sampler, &FinalAnswer, &problems, samples, 0)
    };
    let (greedy, sampled) = (draw(0.0, 1)?, draw(1.0, evaluation.samples)?);
    let positives = |trace: &Trace| trace.positives().count();
    let problems = problems.len() as f64;
    let right = greedy.iter().map(positives).sum::<usize>() as f64;
    let k = evaluation.samples;
    let right_t1 = sampled.iter().map(positives).sum::<usize>() as f64 / k as f64;
    let passed: f64 = sampled.iter().map(|trace| pass_at_k(k, positives(trace), k)).sum();
    let (mut readings, mut read_right, mut slipped) = (0, 0, 0);
    for trace in &greedy {
        let story = Story::parse(lexicon, &trace.problem.question)?;
        let completion = &trace.samples[0].completion;
        let replay = replay(lexicon, &story, &completion.text);
        readings += replay.readings.len();
        read_right += replay.readings.iter().filter(|reading| reading.right).count();
        slipped += usize::from(!completion.finished || !replay.is_clean());
    }
    let tokens = greedy.iter().chain(&sampled).map(|trace| trace.cost().tokens).sum();
    Ok(Scores {
        error: 1.0 - right / problems,
        error_t1: 1.0 - right_t1 / problems,
        pass_k: (k, passed / problems),
        reading_accuracy: read_right as f64 / (readings as f64).max(1.0),
        slips: slipped as f64 / problems,
        tokens,
    })
}
