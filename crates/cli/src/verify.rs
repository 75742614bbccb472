//! `eightfold verify`: is the final answer right?

use clap::Args;
use eightfold_task::Problem;
use eightfold_verifier::{FinalAnswer, Verifier};
use std::process::ExitCode;

/// Compare the final answer of a solution with the right one.
#[derive(Args)]
pub(crate) struct Verify {
    /// The right answer, or a text that ends in it.
    #[arg(long)]
    gold: String,
    /// The solution to grade.
    #[arg(long)]
    pred: String,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let verdict = FinalAnswer.verify(&Problem::new("", self.gold), &self.pred);
        println!("{}", serde_json::json!({ "verdict": verdict }));
        Ok(ExitCode::SUCCESS)
    }
}
