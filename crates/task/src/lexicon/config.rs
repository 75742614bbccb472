//! The dials of the lexicon world.

use super::names::{PEOPLE, WORDS};
use serde::{Deserialize, Serialize};

/// Whom the question of a story may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// Someone in the second half of the story, so that most steps are needed.
    SecondHalf,
    /// Anyone but the first person, whose count the story states. More steps lead nowhere.
    Anyone,
}

/// Everything that defines a lexicon world. The default is the hard world; [`LexiconConfig::easy`] the
/// other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LexiconConfig {
    /// Number R of relation words, from 1 to [`WORDS`](super::WORDS).
    pub relations: usize,
    /// Exponent of the Zipf law of word frequencies, at least 0: the word of rank r (from 1) is drawn in
    /// proportion to r^-zipf.
    pub zipf: f64,
    /// Lowest and highest rate, in [0, 1], at which the teacher misreads a word; each word has its own rate,
    /// uniform between them.
    pub misread: [f64; 2],
    /// Fewest and most people of a story, from 2 to 16.
    pub people: [usize; 2],
    /// Probability that a person is compared with the one before; otherwise with any earlier one.
    pub chain: f64,
    /// Whom the question may be about.
    pub asked: Asked,
    /// Share, in [0, 1], of uniform readings in the crowd that the base model learns from; the others follow
    /// the teacher's distribution.
    pub prior: f64,
    /// Probability that the teacher opens a step with a connective word.
    pub phrasing: f64,
    /// Probability that the crowd opens a step with a connective word.
    pub crowd_phrasing: f64,
    /// Share, in [0, 1], of words that mean something else on side branches, where the answer does not depend on
    /// them. The teacher follows it, no verifier ever checks it, and the crowd knows nothing of it: so what a
    /// method gains where the answer is at stake can be told from what it gains elsewhere.
    #[serde(skip_serializing_if = "is_zero")]
    pub side_readings: f64,
    /// Whether the teacher never misreads (an ablation). The crowd, and so the base model, stays as it is.
    pub truthful: bool,
    /// Seed of the lexicon: of the operations, misreadings and rates of the words. Words of equal rank agree
    /// between lexicons of one seed, whatever their number.
    pub seed: u64,
}

impl Default for LexiconConfig {
    fn default() -> Self {
        Self {
            relations: 64,
            zipf: 0.8,
            misread: [0.2, 0.9],
            people: [4, 6],
            chain: 0.5,
            asked: Asked::SecondHalf,
            prior: 0.5,
            phrasing: 0.0,
            crowd_phrasing: 0.0,
            side_readings: 0.0,
            truthful: false,
            seed: 0,
        }
    }
}

impl LexiconConfig {
    /// The easy world: no word is misread more often than 7 times in 10.
    pub fn easy() -> Self {
        Self { misread: [0.2, 0.7], ..Self::default() }
    }

    /// The world with many side branches: the answer needs about 4 in 10 relation steps, in place of 6.
    pub fn branching() -> Self {
        Self { chain: 0.2, asked: Asked::Anyone, people: [5, 7], ..Self::default() }
    }

    /// Whether every dial lies in its range.
    ///
    /// # Errors
    /// The first dial that does not.
    pub fn check(&self) -> Result<(), ConfigError> {
        let range = |field, low: usize, value: usize, high: usize| {
            let fine = (low..=high).contains(&value);
            if fine { Ok(()) } else { Err(error(field, value, format!("a number from {low} to {high}"))) }
        };
        range("relations", 1, self.relations, WORDS)?;
        range("people", 2, self.people[0], PEOPLE.len())?;
        range("people", self.people[0], self.people[1], PEOPLE.len())?;
        if !(self.zipf >= 0.0 && self.zipf.is_finite()) {
            return Err(error("zipf", self.zipf, "a finite number, at least 0".into()));
        }
        let shares = [
            ("misread", self.misread[0]),
            ("misread", self.misread[1]),
            ("chain", self.chain),
            ("prior", self.prior),
            ("phrasing", self.phrasing),
            ("crowd_phrasing", self.crowd_phrasing),
            ("side_readings", self.side_readings),
        ];
        for (field, value) in shares {
            if !(0.0..=1.0).contains(&value) {
                return Err(error(field, value, "a probability from 0 to 1".into()));
            }
        }
        if self.misread[0] > self.misread[1] {
            return Err(error("misread", format!("{:?}", self.misread), "the lower rate first".into()));
        }
        Ok(())
    }
}

/// A dial that came later is left out of the text where it is off, so that older worlds keep their names.
fn is_zero(dial: &f64) -> bool {
    *dial == 0.0
}

/// A dial out of its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("lexicon world: `{field}` is {value}, but must be {expected}")]
pub struct ConfigError {
    /// The field of [`LexiconConfig`].
    pub field: &'static str,
    /// The value found, as text.
    pub value: String,
    /// What it should be.
    pub expected: String,
}

fn error(field: &'static str, value: impl ToString, expected: String) -> ConfigError {
    ConfigError { field, value: value.to_string(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field() {
        let hard = LexiconConfig::default;
        let wrong = [
            ("relations", LexiconConfig { relations: 0, ..hard() }),
            ("relations", LexiconConfig { relations: WORDS + 1, ..hard() }),
            ("zipf", LexiconConfig { zipf: f64::NAN, ..hard() }),
            ("people", LexiconConfig { people: [1, 6], ..hard() }),
            ("people", LexiconConfig { people: [6, 4], ..hard() }),
            ("people", LexiconConfig { people: [4, 17], ..hard() }),
            ("misread", LexiconConfig { misread: [0.9, 0.2], ..hard() }),
            ("misread", LexiconConfig { misread: [0.2, 1.2], ..hard() }),
            ("chain", LexiconConfig { chain: -0.1, ..hard() }),
            ("prior", LexiconConfig { prior: f64::INFINITY, ..hard() }),
            ("phrasing", LexiconConfig { phrasing: 2.0, ..hard() }),
            ("crowd_phrasing", LexiconConfig { crowd_phrasing: -1.0, ..hard() }),
            ("side_readings", LexiconConfig { side_readings: 1.5, ..hard() }),
        ];
        for (field, config) in wrong {
            assert_eq!(config.check().unwrap_err().field, field, "{config:?}");
        }
        for config in [hard(), LexiconConfig::easy(), LexiconConfig::branching()] {
            assert_eq!(config.check(), Ok(()));
        }
    }

    #[test]
    fn unknown_fields_are_refused_and_missing_ones_have_defaults() {
        let config: LexiconConfig = serde_json::from_str(r#"{"relations": 128}"#).unwrap();
        assert_eq!(config, LexiconConfig { relations: 128, ..Default::default() });
        let text = serde_json::to_string(&LexiconConfig::default()).unwrap();
        assert!(!text.contains("side_readings"), "{text}");
        let error = serde_json::from_str::<LexiconConfig>(r#"{"relation": 128}"#).unwrap_err();
        assert!(error.to_string().contains("relation"), "{error}");
    }
}
