//! Another pair rule: the pit step against the longest verified continuation in place of the shortest.

use eightfold_segment::Lines;
use eightfold_synth::{Record, RolloutStore, Search, StoreSettings};
use eightfold_task::lexicon::tabular::PairSettings;
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Tabular};
use eightfold_task::{Pair, Target};
use eightfold_verifier::LexiconAnswer;

/// The pair of one search; `None` without a pit, or where nothing verified continues from before it.
fn longest(record: &Record, search: &Search) -> Option<Pair> {
    let (pit, steps) = (search.pit?, record.steps(search));
    // Rollouts from the prefix that ends before the pit; there are none from before the first step.
    let before = search.evidence.steps.get(pit.checked_sub(1)?)?;
    let chosen = before.verified().max_by_key(|text| text.len())?;
    Some(Pair {
        prompt: record.trace.problem.prompt() + steps.prefix(pit),
        chosen: Target::whole(chosen),
        rejected: Target::part(steps.step(pit)),
    })
}

/// A learner without a network, trained on them: its share of right readings before and after.
fn main() -> anyhow::Result<()> {
    let lexicon = Lexicon::new(LexiconConfig::default())?;
    let problems = lexicon.problems(64, 0, "example");
    let learner = Tabular::crowd(&lexicon);
    let settings = StoreSettings::default();
    let store = RolloutStore::build(&settings, &learner, &LexiconAnswer, &Lines, &problems, 0)?;
    let searches = store.records.iter().flat_map(|r| r.searches.iter().map(move |search| (r, search)));
    let pairs: Vec<Pair> = searches.filter_map(|(record, search)| longest(record, search)).collect();
    let after = learner.learn_pairs(&pairs, &PairSettings::default())?.policy;
    println!("{} pairs: readings right {:.3}, then {:.3}", pairs.len(), learner.accuracy(), after.accuracy());
    Ok(())
}
