//! The exact small world: a policy that is one distribution over the six operations for each word.
//!
//! It runs in the same pipeline as a network (it is a [`Policy`]), learns by counting and by a few thousand
//! numbers' worth of gradient steps, and the value of every prefix under it is known exactly. So it is the
//! oracle for tests of credit assignment, the preview of a sweep, and the theory curve behind the figures.

mod exact;
mod examples;
mod pairs;

pub use examples::PRIOR_WEIGHT;
pub use pairs::{PairFit, PairSettings};

use super::operation::{Operation, Readings};
use super::replay::{Replay, SlipKind, replay_prefix};
use super::solution::write;
use super::story::{Story, StoryError};
use super::teacher::draw;
use super::words::Lexicon;
use crate::{Completion, Draw, Policy, PolicyError};

/// A policy that never slips: it copies, looks up and calculates exactly, and reads each word, at each of
/// its occurrences anew, by that word's distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct Tabular<'a> {
    lexicon: &'a Lexicon,
    /// At temperature 1.
    readings: Vec<Readings>,
    temperature: f64,
}

/// Why a table or a text does not fit a lexicon.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TabularError {
    /// The question is not a story.
    #[error(transparent)]
    Story(#[from] StoryError),
    /// The steps after the question are not whole steps of that story.
    #[error("step {step} after the question cannot be read as a step")]
    Prefix {
        /// Which step, from 1.
        step: usize,
    },
    /// The number of distributions is not the number of words.
    #[error("{found} distributions for {expected} words")]
    Size {
        /// Distributions given.
        found: usize,
        /// Words of the lexicon.
        expected: usize,
    },
    /// A distribution has a negative number, or does not sum to 1.
    #[error("the readings of word {word} are not a distribution: {readings:?}")]
    Distribution {
        /// Rank of the word.
        word: usize,
        /// What was given for it.
        readings: Readings,
    },
}

impl<'a> Tabular<'a> {
    /// A policy from its table: a distribution for each word, by rank. Its temperature is 1.
    ///
    /// # Errors
    /// If the table has another length than the lexicon, or a row does not sum to 1 (within 1e-9).
    pub fn new(lexicon: &'a Lexicon, readings: Vec<Readings>) -> Result<Self, TabularError> {
        if readings.len() != lexicon.relations().len() {
            let expected = lexicon.relations().len();
            return Err(TabularError::Size { found: readings.len(), expected });
        }
        let wrong =
            |row: &Readings| !((row.iter().sum::<f64>() - 1.0).abs() < 1e-9 && row.iter().all(|p| *p >= 0.0));
        if let Some(word) = readings.iter().position(wrong) {
            return Err(TabularError::Distribution { word, readings: readings[word] });
        }
        Ok(Self { lexicon, readings, temperature: 1.0 })
    }

    /// The crowd's readings: what a base model learns in pretraining.
    pub fn crowd(lexicon: &'a Lexicon) -> Self {
        let words = 0..lexicon.relations().len();
        Self { lexicon, readings: words.map(|word| lexicon.crowd_readings(word)).collect(), temperature: 1.0 }
    }

    /// The same policy at another temperature, at least 0: readings in proportion to p^(1/temperature), the
    /// likeliest one (the first of equals) at 0.
    ///
    /// # Panics
    /// If `temperature` is negative or not a number.
    pub fn at_temperature(mut self, temperature: f64) -> Self {
        assert!(temperature >= 0.0, "a temperature is at least 0, not {temperature}");
        self.temperature = temperature;
        self
    }

    /// The lexicon that this policy reads.
    pub fn lexicon(&self) -> &'a Lexicon {
        self.lexicon
    }

    /// The distribution that readings of the word of this rank are drawn from, temperature applied.
    ///
    /// # Panics
    /// If no word has this rank.
    pub fn readings(&self, word: usize) -> Readings {
        let row = self.readings[word];
        if self.temperature == 1.0 {
            return row;
        }
        let top = row.iter().copied().fold(0.0, f64::max);
        let mut sharp = if self.temperature == 0.0 {
            let first = row.iter().position(|p| *p == top).unwrap_or(0);
            std::array::from_fn(|k| f64::from(u8::from(k == first)))
        } else {
            row.map(|p| (p / top).powf(1.0 / self.temperature))
        };
        let total: f64 = sharp.iter().sum();
        sharp.iter_mut().for_each(|p| *p /= total);
        sharp
    }

    /// Share of words, weighted by how often stories use them, that the likeliest reading has right.
    pub fn accuracy(&self) -> f64 {
        let right = |word: usize| {
            let row = &self.readings[word];
            let truth = row[self.lexicon.relations()[word].operation.index()];
            row.iter().all(|p| *p <= truth)
        };
        (0..self.readings.len()).filter(|&word| right(word)).map(|word| self.lexicon.frequency(word)).sum()
    }

    /// The story of a prompt and what the steps after the question say.
    fn read(&self, prompt: &str) -> Result<(Story, Replay), TabularError> {
        let (question, prefix) = prompt.split_once('\n').unwrap_or((prompt, ""));
        let story = Story::parse(self.lexicon, question)?;
        let replay = replay_prefix(self.lexicon, &story, prefix);
        if let Some(slip) = replay.slips.iter().find(|slip| slip.kind == SlipKind::Malformed) {
            return Err(TabularError::Prefix { step: slip.step + 1 });
        }
        Ok((story, replay))
    }
}

impl Policy for Tabular<'_> {
    fn complete(&self, draws: &[Draw]) -> Result<Vec<Completion>, PolicyError> {
        let mut completions = Vec::with_capacity(draws.len());
        // Samples of a prompt stand side by side: read it once.
        let mut read: Option<(&str, Story, Replay)> = None;
        for Draw { prompt, key } in draws {
            let (story, replay) = match &read {
                Some((last, story, replay)) if last == prompt => (story, replay),
                _ => {
                    let (story, replay) = self.read(prompt).map_err(|e| error(prompt, &e))?;
                    let (_, story, replay) = read.insert((prompt, story, replay));
                    (&*story, &*replay)
                }
            };
            let mut rng = key.rng();
            let text = match replay.answer {
                Some(_) => String::new(),
                None => {
                    let mut reading =
                        |word: usize, _: bool| -> Operation { draw(&self.readings(word), &mut rng) };
                    write(self.lexicon, story, &mut replay.counts.clone(), &mut reading, || None)
                }
            };
            // The end of text is a token, as a network draws it.
            let tokens = text.split_whitespace().count() + 1;
            completions.push(Completion { text, finished: true, tokens });
        }
        Ok(completions)
    }
}

fn error(prompt: &str, error: &TabularError) -> PolicyError {
    PolicyError { message: format!("{error} (prompt: {prompt:?})") }
}

#[cfg(test)]
mod tests {
    use super::super::{LexiconConfig, replay};
    use super::*;
    use crate::{Key, stream};
    use proptest::prelude::*;

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { relations: 16, ..Default::default() }).unwrap()
    }

    proptest! {
        #[test]
        fn completions_of_any_prefix_are_clean(seed: u64) {
            let lexicon = world();
            let policy = Tabular::crowd(&lexicon);
            let story = lexicon.story(&mut stream(seed, "story"));
            let problem = story.problem(&lexicon);
            let whole = |prompt: String, label| {
                policy.complete(&[Draw { prompt, key: Key::new(seed, label) }]).unwrap()[0].text.clone()
            };
            let text = whole(problem.prompt(), "first");
            let mut prefix = String::new();
            for line in text.split_inclusive('\n') {
                prop_assert!(replay(&lexicon, &story, &(prefix.clone() + &whole(problem.prompt() + &prefix, "on"))).is_clean());
                prefix += line;
            }
            prop_assert_eq!(&prefix, &text);
            prop_assert_eq!(whole(problem.prompt() + &text, "end"), "");
        }

        #[test]
        fn a_completion_does_not_depend_on_its_batch(seed: u64) {
            let lexicon = world();
            let policy = Tabular::crowd(&lexicon);
            let draws: Vec<Draw> = lexicon.problems(4, seed, "batch").iter().enumerate()
                .map(|(i, problem)| Draw { prompt: problem.prompt(), key: Key::new(seed, "draw").with(i as u64) })
                .collect();
            let together = policy.complete(&draws).unwrap();
            let mut reversed = draws.clone();
            reversed.reverse();
            let mut backwards = policy.complete(&reversed).unwrap();
            backwards.reverse();
            prop_assert_eq!(&together, &backwards);
            prop_assert_eq!(&together[2], &policy.complete(&draws[2..3]).unwrap()[0]);
        }
    }

    #[test]
    fn temperature_sharpens_and_zero_takes_the_likeliest() {
        let lexicon = Lexicon::new(LexiconConfig { relations: 1, ..Default::default() }).unwrap();
        let policy = Tabular::new(&lexicon, vec![[0.5, 0.25, 0.25, 0.0, 0.0, 0.0]]).unwrap();
        let close = |a: Readings, b: Readings| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        let at = |temperature| policy.clone().at_temperature(temperature).readings(0);
        assert!(close(at(0.5), [2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0, 0.0, 0.0, 0.0]));
        assert!(close(at(1.0), [0.5, 0.25, 0.25, 0.0, 0.0, 0.0]));
        assert!(close(at(0.0), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
        assert!(close(at(1e-4), [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
    }

    #[test]
    fn bad_tables_and_prompts_are_refused() {
        let lexicon = world();
        let size = Tabular::new(&lexicon, vec![]).unwrap_err();
        assert_eq!(size, TabularError::Size { found: 0, expected: 16 });
        let mut rows = vec![lexicon.teacher_readings(0); 16];
        rows[3] = [0.3; 6];
        assert!(matches!(Tabular::new(&lexicon, rows), Err(TabularError::Distribution { word: 3, .. })));

        let policy = Tabular::crowd(&lexicon);
        let ask = |prompt: &str| policy.complete(&[Draw { prompt: prompt.into(), key: Key::new(0, "") }]);
        assert!(ask("Who is Ann ?").unwrap_err().message.contains("token 1"));
        let half = "Ann is 7 ; ? Ann :\nAnn is Ann";
        assert!(ask(half).unwrap_err().message.contains("step 1"));
        assert!(ask("Ann is 7 ; ? Ann :\nAnn is Ann 7 .\n").unwrap()[0].text == "answer Ann 7");
    }
}
