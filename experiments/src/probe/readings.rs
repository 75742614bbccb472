//! A network's readings as a table: the tabular policy that reads the words of one story as the network does.

use crate::pipeline::Distributions;
use anyhow::{Result, ensure};
use eightfold_segment::Steps;
use eightfold_task::Problem;
use eightfold_task::lexicon::{Lexicon, Operation, Readings, Tabular};
use std::collections::BTreeMap;

/// For each solution, the policy whose distribution over the readings of a word is the network's own where that
/// solution reads it (the mean, where it reads it twice); words that it does not have keep the crowd's. What the
/// network gives to tokens that are no operation is left out.
///
/// It is exact of a policy that never slips and whose reading of a word does not depend on what was written
/// before; the network comes near to that.
///
/// # Errors
/// If a text does not fit the network.
pub fn table<'a, S>(
    lexicon: &'a Lexicon,
    learner: &dyn Distributions<S>,
    state: &S,
    solutions: &[(&Problem, &Steps)],
) -> Result<Vec<Tabular<'a>>> {
    let tokens = Operation::ALL.map(Operation::token);
    let (mut owners, mut prompts) = (Vec::new(), Vec::new());
    for (index, (problem, steps)) in solutions.iter().enumerate() {
        for i in 0..steps.len() {
            if let Some((word, before)) = reading(lexicon, steps.step(i)) {
                owners.push((index, word));
                prompts.push(problem.prompt() + steps.prefix(i) + before);
            }
        }
    }
    let logps = learner.next_logps(state, &prompts, &tokens)?;
    let mut seen: Vec<BTreeMap<usize, (Readings, f64)>> = vec![BTreeMap::new(); solutions.len()];
    for ((index, word), logps) in owners.into_iter().zip(logps) {
        ensure!(logps.len() == tokens.len(), "the tokenizer splits the tokens of operations");
        let total: f64 = logps.iter().map(|l| l.exp()).sum();
        let (sum, count) = seen[index].entry(word).or_default();
        sum.iter_mut().zip(&logps).for_each(|(sum, l)| *sum += l.exp() / total);
        *count += 1.0;
    }
    let crowd: Vec<Readings> = (0..lexicon.relations().len()).map(|w| lexicon.crowd_readings(w)).collect();
    let policy = |seen: &BTreeMap<usize, (Readings, f64)>| {
        let mut rows = crowd.clone();
        seen.iter().for_each(|(word, (sum, count))| rows[*word] = sum.map(|p| p / count));
        Ok(Tabular::new(lexicon, rows)?)
    };
    seen.iter().map(policy).collect()
}

/// The word that a step reads, and the step's text before the operation; `None` where it reads none.
fn reading<'a>(lexicon: &Lexicon, step: &'a str) -> Option<(usize, &'a str)> {
    let word = step.split_whitespace().find_map(|token| lexicon.rank(token))?;
    let operation = step.split_whitespace().find(|token| Operation::from_token(token).is_some())?;
    // Operations begin with a sign, which no other token has: the first match is the token itself.
    Some((word, &step[..step.find(operation)?]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use eightfold_task::lexicon::LexiconConfig;

    #[test]
    fn the_text_before_the_operation_is_found() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let word = &lexicon.relations()[3].word;
        let step = format!("so Bob {word} Ann 7 +2 Bob 9 .\n");
        assert_eq!(reading(&lexicon, &step), Some((3, &step[..step.len() - "+2 Bob 9 .\n".len()])));
        assert_eq!(reading(&lexicon, "Ann is Ann 7 .\n"), None);
        assert_eq!(reading(&lexicon, "answer Bob 9"), None);
    }
}
