//! Learning from examples: the counting analogue of supervised training.

use super::{Tabular, TabularError};
use crate::Example;
use crate::lexicon::operation::Readings;

/// How many readings of each word the starting policy counts for, unless told otherwise.
pub const PRIOR_WEIGHT: f64 = 10.0;

impl<'a> Tabular<'a> {
    /// The policy that has seen `examples`, starting from this one at temperature 1: each word's new
    /// distribution is in proportion to `prior_weight` times the old one plus the weighted counts of the
    /// readings in the targets. Readings that stand in a prompt are not learned; text in a target that is
    /// no step has no effect.
    ///
    /// # Errors
    /// If a prompt is not a story of the lexicon and whole steps of its solution.
    ///
    /// # Panics
    /// If `prior_weight` is not positive.
    pub fn learn_examples(&self, examples: &[Example], prior_weight: f64) -> Result<Self, TabularError> {
        assert!(prior_weight > 0.0, "a prior weight is positive, not {prior_weight}");
        let mut table: Vec<Readings> =
            self.readings.iter().map(|row| row.map(|p| prior_weight * p)).collect();
        for example in examples {
            for (word, operation) in self.target_readings(&example.prompt, &example.target.text)? {
                table[word][operation] += example.weight;
            }
        }
        for row in &mut table {
            let total: f64 = row.iter().sum();
            row.iter_mut().for_each(|count| *count /= total);
        }
        Ok(Self { lexicon: self.lexicon, readings: table, temperature: 1.0 })
    }

    /// Word rank and operation index of every reading in a target.
    pub(super) fn target_readings(
        &self,
        prompt: &str,
        target: &str,
    ) -> Result<Vec<(usize, usize)>, TabularError> {
        let (story, prefix) = self.read(prompt)?;
        let steps = prompt.split_once('\n').map_or("", |(_, steps)| steps);
        let whole = crate::lexicon::replay_prefix(self.lexicon, &story, &format!("{steps} {target}"));
        let learned = whole.readings.iter().filter(|reading| reading.step >= prefix.steps);
        Ok(learned.map(|reading| (reading.word, reading.operation.index())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Lexicon, LexiconConfig, Operation, Teacher};
    use crate::{Problem, Target};

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { relations: 8, ..Default::default() }).unwrap()
    }

    #[test]
    fn readings_of_targets_are_counted_with_their_weight() {
        let lexicon = world();
        let base = Tabular::crowd(&lexicon);
        let word = &lexicon.relations()[2].word;
        let problem = Problem::new(format!("Ann is 7 ; Bob {word} Ann ; Cal {word} Bob ; ? Cal :"), "Cal 0");
        let seen = format!("Ann is Ann 7 .\nBob {word} Ann 7 +1 Bob 8 .\n");
        let rest = format!("Cal {word} Bob 8 +2 Cal 0 .\nanswer Cal 0");
        let example = |prompt, text, weight| Example { prompt, target: Target::whole(text), weight };
        let learned = |example| base.learn_examples(&[example], 10.0).unwrap().readings(2);
        let expected = |counts: &[(Operation, f64)]| {
            let mut row = base.readings(2).map(|p| 10.0 * p);
            counts.iter().for_each(|(operation, count)| row[operation.index()] += count);
            let total: f64 = row.iter().sum();
            row.map(|count| count / total)
        };
        let near = |a: Readings, b: Readings| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(near(
            learned(example(problem.prompt(), seen.clone() + &rest, 2.0)),
            expected(&[(Operation::Add1, 2.0), (Operation::Add2, 2.0)])
        ));
        // What stands in the prompt is not learned.
        assert!(near(
            learned(example(problem.prompt() + &seen, rest, 1.0)),
            expected(&[(Operation::Add2, 1.0)])
        ));
    }

    #[test]
    fn the_teachers_solutions_teach_its_readings() {
        let lexicon = world();
        let problems = lexicon.problems(3000, 0, "train");
        let examples = Teacher::new(&lexicon).examples(&problems, 0).unwrap();
        let (base, test) = (Tabular::crowd(&lexicon), lexicon.problems(500, 0, "test"));
        let learned = base.learn_examples(&examples, PRIOR_WEIGHT).unwrap();
        let (before, after) = (base.error(&test).unwrap(), learned.error(&test).unwrap());
        assert!(after < before - 0.05, "{before} {after}");
        // Rejection leaves wrong readings rarer than the teacher's rate.
        for (word, relation) in lexicon.relations().iter().enumerate() {
            assert!(learned.readings(word)[relation.misreading.index()] < relation.rate);
        }
    }
}
