//! The texts of the rows.

use crate::Result;
use crate::rows::{CONTEXT, VOCAB};
use eightfold_gpt::{Checkpoint, Sampler, SamplerConfig};
use eightfold_segment::Lines;
use eightfold_synth::{Fallback, PairRule, RolloutStore, StoreSettings};
use eightfold_task::lexicon::{Lexicon, LexiconConfig, Teacher};
use eightfold_task::{Example, Key, Pair, Problem, Target};
use eightfold_verifier::LexiconAnswer;

/// The default lexicon world, and problems of it that no figure uses.
pub(crate) fn lexicon(problems: usize) -> Result<(Lexicon, Vec<Problem>)> {
    let lexicon = Lexicon::new(LexiconConfig::default())?;
    let problems = lexicon.problems(problems, 0, "bench");
    Ok((lexicon, problems))
}

/// Its teacher's solutions.
pub(crate) fn stories(count: usize) -> Result<Vec<Example>> {
    let (lexicon, problems) = lexicon(count)?;
    Ok(Teacher::new(&lexicon).examples(&problems, 0)?)
}

/// Texts with a rule to learn: three words of four follow from the one before.
pub(crate) fn made_up(count: usize) -> Vec<Example> {
    let words = VOCAB - 2;
    let example = |i: usize| {
        let key = Key::new(0, "bench text").with(i as u64);
        let mut at = key.below(words);
        let prompt = format!("w{}", at + 2);
        let next = |j: usize| {
            let key = key.with(j as u64);
            at = if key.below(4) > 0 { (5 * at + 1) % words } else { key.with(0).below(words) };
            format!("w{}", at + 2)
        };
        let target = (0..CONTEXT).map(next).collect::<Vec<_>>().join(" ");
        Example { prompt, target: Target::part(target), weight: 1.0 }
    };
    (0..count).map(example).collect()
}

/// Pairs at the first pits of the base checkpoint's own solutions, as per-step DPO trains on.
pub(crate) fn step_pairs(checkpoint: &Checkpoint, count: usize) -> Result<Vec<Pair>> {
    let (lexicon, problems) = lexicon(count)?;
    let max_tokens = checkpoint.gpt.config().context;
    let policy = Sampler::new(checkpoint, SamplerConfig { temperature: 1.0, max_tokens });
    let settings = StoreSettings { samples: 4, negatives: 4, ..StoreSettings::default() };
    let store = RolloutStore::build(&settings, &policy, &LexiconAnswer, &Lines, &problems, 0)?;
    let taught = Teacher::new(&lexicon).examples(&problems, 0)?;
    let mut pairs = PairRule::default().pairs(&store, &Lines, &Fallback::new(&taught), 0).pairs;
    pairs.truncate(count);
    Ok(pairs)
}
