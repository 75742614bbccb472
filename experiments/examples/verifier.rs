//! Another verifier: a solution is right if its last word is the answer, announced or not.

use eightfold_segment::Lines;
use eightfold_synth::{RolloutStore, StoreSettings};
use eightfold_task::Problem;
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
use eightfold_verifier::{LexiconAnswer, Verdict, Verifier};

struct LastWord;

impl Verifier for LastWord {
    fn verify(&self, problem: &Problem, solution: &str) -> Verdict {
        match solution.split_whitespace().last() {
            None => Verdict::NoAnswer,
            Some(word) if problem.answer.0.split_whitespace().last() == Some(word) => Verdict::Correct,
            Some(_) => Verdict::Incorrect,
        }
    }
}

/// Positives and pits that a rollout store finds with each verifier.
fn main() -> anyhow::Result<()> {
    let lexicon = Lexicon::new(LexiconConfig::default())?;
    let problems = lexicon.problems(32, 0, "example");
    let policy = Tabular::crowd(&lexicon);
    for verifier in [&LexiconAnswer as &dyn Verifier, &LastWord] {
        let store = RolloutStore::build(&StoreSettings::default(), &policy, verifier, &Lines, &problems, 0)?;
        let positives: usize = store.traces().map(|trace| trace.positives().count()).sum();
        let searches = store.records.iter().flat_map(|record| &record.searches);
        println!("{positives} positives, {} pits", searches.filter(|search| search.pit.is_some()).count());
    }
    Ok(())
}
