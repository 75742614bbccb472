//! The theory curve: the whole method on the tabular policy of the lexicon world, which learns by counting
//! and by DPO on logits. Prints the exact greedy error on fresh problems, and at temperature 1.
//!
//! `cargo run --release -p eightfold-synth --example tabular -- [RELATIONS] [LARGEST N] [SEEDS]`

use eightfold_segment::Lines;
use eightfold_synth::{
    Fallback, PairRule, Rejection, ResponsePairs, RolloutStore, StoreSettings, chosen_only, draw_samples,
};
use eightfold_task::lexicon::tabular::{PRIOR_WEIGHT, PairSettings};
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular, Teacher};
use eightfold_verifier::LexiconAnswer;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut next = |default| arguments.next().unwrap_or(Ok(default));
    let (relations, largest, seeds) = (next(256)?, next(1024)?, next(3)?);
    let lexicon = Lexicon::new(LexiconConfig { relations, ..Default::default() })?;
    let names = ["sft", "rft-1", "rft-4", "rft-40", "dpo", "step-dpo", "chosen"];
    println!("{:>6} {}", "n", names.map(|name| format!("{name:>12}")).concat());
    let mut n = 64;
    while n <= largest {
        let mut sums = [[0.0; 2]; 7];
        for seed in 0..seeds as u64 {
            for (sum, error) in sums.iter_mut().zip(errors(&lexicon, n, seed)?) {
                sum.iter_mut().zip(error).for_each(|(sum, error)| *sum += error / seeds as f64);
            }
        }
        println!("{n:>6} {}", sums.map(|[greedy, sampled]| format!("   {greedy:.3}/{sampled:.3}")).concat());
        n *= 4;
    }
    Ok(())
}

/// Greedy error and error at temperature 1 of each method.
fn errors(lexicon: &Lexicon, n: usize, seed: u64) -> Result<[[f64; 2]; 7], Box<dyn Error>> {
    let problems = lexicon.problems(n, seed, "train");
    let test = lexicon.problems(2000, 0, "test");
    let base = Tabular::crowd(lexicon);
    let taught = Teacher::new(lexicon).examples(&problems, seed)?;
    let sft = base.learn_examples(&taught, PRIOR_WEIGHT)?;
    let store =
        RolloutStore::build(&StoreSettings::default(), &sft, &LexiconAnswer, &Lines, &problems, seed)?;
    let rft = |cap| {
        let examples = Rejection { cap: Some(cap), ..Default::default() }.examples(store.traces(), seed);
        base.learn_examples(&examples, PRIOR_WEIGHT)
    };
    let many = draw_samples(&sft, &LexiconAnswer, &problems, 40, seed)?;
    let budget = base.learn_examples(&Rejection::default().examples(&many, seed), PRIOR_WEIGHT)?;
    let known = Fallback::new(&taught);
    let settings = PairSettings::default();
    let responses = ResponsePairs::default().pairs(store.traces(), &known, seed);
    let steps = PairRule::default().pairs(&store, &Lines, &known, seed);
    let policies = [
        sft.clone(),
        rft(1)?,
        rft(4)?,
        budget,
        sft.learn_pairs(&responses.pairs, &settings)?.policy,
        sft.learn_pairs(&steps.pairs, &settings)?.policy,
        sft.learn_examples(&chosen_only(&steps.pairs), PRIOR_WEIGHT)?,
    ];
    let mut errors = [[0.0; 2]; 7];
    for (errors, policy) in errors.iter_mut().zip(policies) {
        *errors = [policy.clone().at_temperature(0.0).error(&test)?, policy.error(&test)?];
    }
    Ok(errors)
}
