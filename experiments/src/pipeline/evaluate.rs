//! How well a policy answers problems that it has not seen.

use super::cell::{Cell, digest};
use super::learner::{Drawing, Learner};
use super::ledger::{self, StageCost};
use super::method::Method;
use super::metrics::{Answers, Faults};
use super::world::World;
use anyhow::Result;
use eightfold_advantage::pass_at_k;
use eightfold_harness::OnProgress;
use eightfold_synth::{Trace, draw_samples};
use std::time::Instant;

/// Errors on held-out problems, and what kind of faults they come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Share of problems answered wrongly, greedily.
    pub error: f64,
    /// The same at temperature 1.
    pub error_t1: f64,
    /// pass@k for k = 1, 2, 4, ...
    pub pass_k: Vec<(usize, f64)>,
    /// Kinds of faults.
    pub faults: Option<Faults>,
    /// Verdicts problem by problem.
    pub answers: Option<Answers>,
    /// What it took.
    pub cost: StageCost,
}

/// Evaluates a state, greedily and at temperature 1.
///
/// # Errors
/// If the policy fails, or there is no problem.
pub fn evaluate<L: Learner>(
    cell: &Cell,
    world: &dyn World,
    learner: &L,
    state: &L::State,
    on_progress: &OnProgress,
) -> Result<Scores> {
    let start = Instant::now();
    let problems = world.problems(cell.evaluation.split, cell.evaluation.problems, 0)?;
    if let Some(exact) = learner.exact() {
        let [error, error_t1] = exact.errors(state, &problems)?;
        let cost = StageCost { seconds: start.elapsed().as_secs_f64(), ..StageCost::default() };
        return Ok(Scores { error, error_t1, pass_k: Vec::new(), faults: None, answers: None, cost });
    }
    let name = format!("evaluation-{}", digest(&cell.id()));
    let chat = matches!(cell.method, Method::Untrained { chat: true });
    let draw = |temperature: f64, samples: usize| {
        let drawing = Drawing { temperature, chat, purpose: "evaluation", name: &name, on_progress };
        let policy = learner.policy(state, &drawing)?;
        anyhow::Ok(draw_samples(&*policy, world.verifier(), &problems, samples, 0)?)
    };
    let (greedy, sampled) = (draw(0.0, 1)?, draw(1.0, cell.evaluation.samples)?);
    learner.forget_draws(&name);
    let mut cost = ledger::sampling(&*learner.meter(state)?, greedy.iter().chain(&sampled))?;
    cost.seconds = start.elapsed().as_secs_f64();
    let scores = Scores::new(cell.evaluation.samples, &greedy, &sampled, cost);
    Ok(Scores {
        faults: world.faults(&greedy)?,
        answers: world.keeps_answers().then(|| answers(&greedy, &sampled)),
        ..scores
    })
}

/// Samples of a problem that are right.
fn right(trace: &Trace) -> usize {
    trace.positives().count()
}

impl Scores {
    fn new(samples: usize, greedy: &[Trace], sampled: &[Trace], cost: StageCost) -> Self {
        let problems = greedy.len() as f64;
        let right_t1 = sampled.iter().map(right).sum::<usize>() as f64 / samples as f64;
        let ks = std::iter::successors(Some(1), |k| Some(2 * k)).take_while(|k| *k <= samples);
        let passed = |k: usize| {
            let sum: f64 = sampled.iter().map(|trace| pass_at_k(samples, right(trace), k)).sum();
            (k, sum / problems)
        };
        Self {
            error: 1.0 - greedy.iter().map(right).sum::<usize>() as f64 / problems,
            error_t1: 1.0 - right_t1 / problems,
            pass_k: ks.map(passed).collect(),
            faults: None,
            answers: None,
            cost,
        }
    }
}

fn answers(greedy: &[Trace], sampled: &[Trace]) -> Answers {
    let cut = greedy.iter().filter(|trace| !trace.samples[0].completion.finished).count();
    Answers {
        greedy: greedy.iter().map(|trace| if right(trace) > 0 { '1' } else { '0' }).collect(),
        sampled: sampled.iter().map(right).collect(),
        cut: cut as f64 / greedy.len() as f64,
    }
}
