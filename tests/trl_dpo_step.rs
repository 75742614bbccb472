//! Our DPO loss on exported step pairs, held against the steps that TRL's own trainer took on them
//! (tests/cases/trl_dpo_step.py says how; crates/cli/tests/pipeline.rs makes the pairs).

use burn::tensor::{Device, Tensor, TensorData};
use eightfold_loss::{Dpo, Logps, PairLogps, PreferenceLoss};
use serde::Deserialize;

/// How far the two losses may be apart: TRL works in single precision.
const TOLERANCE: f64 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    beta: f64,
    pairs: usize,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    ends_as_said: bool,
    logged_losses: Vec<f64>,
    steps: Vec<Step>,
}

/// What the trainer had in hand before an update, and the loss that it found.
#[derive(Deserialize)]
struct Step {
    policy_chosen: Vec<f64>,
    policy_rejected: Vec<f64>,
    reference_chosen: Vec<f64>,
    reference_rejected: Vec<f64>,
    chosen_tokens: Vec<f64>,
    rejected_tokens: Vec<f64>,
    loss: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("cases/trl_dpo_step.json")).expect("the committed numbers")
}

fn vector(values: &[f64]) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &Device::flex())
}

/// The mean loss of a batch, by our code.
fn ours(step: &Step, beta: f64) -> f64 {
    let side = |sums: &[f64], tokens: &[f64]| Logps { sums: vector(sums), tokens: vector(tokens) };
    let pair = |chosen: &[f64], rejected: &[f64]| PairLogps {
        chosen: side(chosen, &step.chosen_tokens),
        rejected: side(rejected, &step.rejected_tokens),
    };
    let policy = pair(&step.policy_chosen, &step.policy_rejected);
    let reference = pair(&step.reference_chosen, &step.reference_rejected);
    let losses = Dpo { beta }.forward(&policy, &reference).losses;
    losses.mean().into_data_as::<f64>().try_to_vec().expect("a number")[0]
}

#[test]
fn trl_and_we_pay_the_same_for_every_step() {
    let golden = golden();
    for run in &golden.runs {
        assert_eq!(run.steps.len(), run.logged_losses.len());
        for (step, logged) in run.steps.iter().zip(&run.logged_losses) {
            assert_eq!(step.policy_chosen.len(), golden.pairs);
            let found = ours(step, golden.beta);
            assert!((found - step.loss).abs() < TOLERANCE, "{found} and {}", step.loss);
            assert!((found - logged).abs() < TOLERANCE, "{found} and {logged}, as logged");
            // The test can fail: another beta is another loss, once the policy has moved.
            let moved = (step.loss - std::f64::consts::LN_2).abs() > 0.1;
            assert!(!moved || (ours(step, 1.1 * golden.beta) - step.loss).abs() > 10.0 * TOLERANCE);
        }
        assert!(run.steps.last().is_some_and(|step| step.loss < 0.2), "the trainer trained");
    }
}

#[test]
fn trl_ends_what_does_not_end() {
    let golden = golden();
    let [theirs, said] = &golden.runs[..] else { panic!("two runs") };
    assert!(!theirs.ends_as_said && said.ends_as_said);
    // The order of rows is the same in both runs.
    for (theirs, said) in theirs.steps.iter().zip(&said.steps) {
        assert_eq!(theirs.chosen_tokens, said.chosen_tokens);
        for (theirs, said) in theirs.rejected_tokens.iter().zip(&said.rejected_tokens) {
            assert_eq!(theirs - said, 1.0, "an end of text after a lone step");
        }
    }
}
