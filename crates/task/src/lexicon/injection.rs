//! Spurious steps on purpose: steps that the answer does not depend on, read anew.

use super::names::CONNECTIVES;
use super::operation::Operation;
use super::replay::replay;
use super::solution::write;
use super::story::{Count, Story};
use super::words::Lexicon;
use crate::Key;
use rand::RngExt;
use serde::{Deserialize, Serialize};

/// What an injected step says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Injected {
    /// The teacher's misreading of the word: a spurious step.
    Misreading,
    /// The word's meaning: irrelevant all the same, and the control.
    Truth,
}

/// Puts steps of one kind on the side branches of solutions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// Share, in [0, 1], of the steps on side branches that are replaced.
    pub rate: f64,
    /// By what.
    pub step: Injected,
}

/// A solution with injected steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InjectedSolution {
    /// The solution.
    pub text: String,
    /// Steps on side branches.
    pub side: usize,
    /// Those of them that were replaced, also where they said the same before.
    pub replaced: usize,
}

impl Injection {
    /// Replaces steps on the side branches of a solution; counts that follow from them are calculated anew, the
    /// needed steps and so the answer stay. Which steps are replaced is a function of the key: the same for both
    /// kinds, and more of the same at a higher rate. `None` for a solution with a slip, which has no place to
    /// put steps by the book.
    pub fn apply(
        &self,
        lexicon: &Lexicon,
        story: &Story,
        solution: &str,
        key: Key,
    ) -> Option<InjectedSolution> {
        let replayed = replay(lexicon, story, solution);
        if !replayed.is_clean() {
            return None;
        }
        let mut read: Vec<Option<Operation>> = vec![None; story.people().len()];
        replayed.readings.iter().for_each(|reading| read[reading.person] = Some(reading.operation));
        let (mut side, mut replaced) = (0, 0);
        for (person, needed) in story.needed().into_iter().enumerate() {
            let Count::Related { word, .. } = story.people()[person].count else { continue };
            if needed {
                continue;
            }
            side += 1;
            if key.with(person as u64).rng().random::<f64>() < self.rate {
                replaced += 1;
                let relation = &lexicon.relations()[word];
                read[person] = Some(match self.step {
                    Injected::Misreading => relation.misreading,
                    Injected::Truth => relation.operation,
                });
            }
        }
        let mut operations = read.into_iter().flatten();
        let mut openers = solution.lines().map(|line| {
            let first = line.split_whitespace().next()?;
            CONNECTIVES.into_iter().find(|connective| *connective == first)
        });
        let text = write(
            lexicon,
            story,
            &mut vec![None; story.people().len()],
            |_, _| operations.next().expect("a clean solution reads every relation once"),
            || openers.next().flatten(),
        );
        Some(InjectedSolution { text, side, replaced })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{LexiconConfig, Teacher};
    use super::*;
    use crate::stream;
    use proptest::prelude::*;

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { phrasing: 0.3, ..LexiconConfig::branching() }).unwrap()
    }

    proptest! {
        #[test]
        fn needed_steps_and_the_answer_stay(seed: u64, rate in 0.0..=1.0f64, wrong: bool) {
            let lexicon = world();
            let story = lexicon.story(&mut stream(seed, "story"));
            let before = Teacher::new(&lexicon).solve(&story, &mut stream(seed, "teacher")).text;
            let step = if wrong { Injected::Misreading } else { Injected::Truth };
            let key = Key::new(seed, "injection");
            let after = Injection { rate, step }.apply(&lexicon, &story, &before, key).unwrap();
            let (old, new) = (replay(&lexicon, &story, &before), replay(&lexicon, &story, &after.text));
            prop_assert!(new.is_clean(), "{}", after.text);
            prop_assert_eq!(old.answer, new.answer);
            let mut changed = 0;
            for (old, new) in old.readings.iter().zip(&new.readings) {
                if old != new {
                    prop_assert!(!new.needed && new.right != wrong);
                    changed += 1;
                }
            }
            prop_assert!(changed <= after.replaced && after.replaced <= after.side);
            prop_assert_eq!(after.side, new.readings.iter().filter(|reading| !reading.needed).count());
            // All of them at rate 1, and none at rate 0, not even the connectives.
            let at = |rate| Injection { rate, step }.apply(&lexicon, &story, &before, key).unwrap();
            prop_assert_eq!(at(1.0).replaced, after.side);
            prop_assert_eq!(&at(0.0).text, &before);
            prop_assert!(at(rate / 2.0).replaced <= after.replaced);
        }
    }

    #[test]
    fn both_kinds_replace_the_same_steps() {
        let lexicon = world();
        let (mut side, mut replaced) = (0, 0);
        for problem in 0..200 {
            let story = lexicon.story(&mut stream(problem, "story"));
            let solution = Teacher::new(&lexicon).solve(&story, &mut stream(problem, "teacher")).text;
            let at = |step| {
                let injection = Injection { rate: 0.4, step };
                injection.apply(&lexicon, &story, &solution, Key::new(problem, "")).unwrap()
            };
            let (wrong, right) = (at(Injected::Misreading), at(Injected::Truth));
            assert_eq!((wrong.side, wrong.replaced), (right.side, right.replaced));
            (side, replaced) = (side + wrong.side, replaced + wrong.replaced);
        }
        let share = replaced as f64 / side as f64;
        assert!((share - 0.4).abs() < 5.0 * (0.24 / side as f64).sqrt(), "{share} of {side}");
    }

    #[test]
    fn a_solution_with_a_slip_is_left_alone() {
        let lexicon = world();
        let story = lexicon.story(&mut stream(0, "story"));
        let injection = Injection { rate: 1.0, step: Injected::Truth };
        assert_eq!(injection.apply(&lexicon, &story, "answer Ann 3", Key::new(0, "")), None);
    }
}
