//! The lexicon itself: what each relation word means, how it is misread, how often it occurs.

use super::config::{ConfigError, LexiconConfig};
use super::names::{CONNECTIVES, PEOPLE, word};
use super::operation::{MODULUS, Operation, Readings};
use crate::Key;
use rand::{Rng, RngExt};
use std::collections::HashMap;

/// A relation word.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// Its token.
    pub word: String,
    /// What it means.
    pub operation: Operation,
    /// What the teacher takes it for when misreading: always the same wrong operation.
    pub misreading: Operation,
    /// How often the teacher misreads it, in [0, 1].
    pub rate: f64,
    /// What it means on side branches: `operation`, but for the share
    /// [`LexiconConfig::side_readings`] of the words, where it is neither that nor the misreading.
    pub side: Operation,
}

impl Relation {
    /// What the word means, where the answer depends on it (`needed`) or on a side branch.
    pub fn meaning(&self, needed: bool) -> Operation {
        if needed { self.operation } else { self.side }
    }
}

/// The words of a world, from the most to the least frequent.
#[derive(Clone, Debug, PartialEq)]
pub struct Lexicon {
    config: LexiconConfig,
    relations: Vec<Relation>,
    ranks: HashMap<String, usize>,
    cumulative: Vec<f64>,
}

impl Lexicon {
    /// The lexicon of a world: a function of the configuration alone.
    ///
    /// # Errors
    /// If a dial is out of its range.
    pub fn new(config: LexiconConfig) -> Result<Self, ConfigError> {
        config.check()?;
        let relations: Vec<Relation> = (0..config.relations).map(|rank| relation(&config, rank)).collect();
        let ranks = relations.iter().enumerate().map(|(rank, r)| (r.word.clone(), rank)).collect();
        let weights = (1..=config.relations).map(|rank| (rank as f64).powf(-config.zipf));
        let cumulative = weights.scan(0.0, |sum, weight| Some(add(sum, weight))).collect();
        Ok(Self { config, relations, ranks, cumulative })
    }

    /// The configuration that this lexicon was made from.
    pub fn config(&self) -> &LexiconConfig {
        &self.config
    }

    /// The words by rank, the most frequent first.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// The rank, from 0, of a relation word.
    pub fn rank(&self, word: &str) -> Option<usize> {
        self.ranks.get(word).copied()
    }

    /// Probability that a relation drawn for a story is the word of this rank.
    ///
    /// # Panics
    /// If no word has this rank.
    pub fn frequency(&self, rank: usize) -> f64 {
        let before = rank.checked_sub(1).map_or(0.0, |r| self.cumulative[r]);
        (self.cumulative[rank] - before) / self.total()
    }

    /// The teacher's distribution over readings of the word of this rank where the answer depends on it,
    /// misreadings included, whether or not the configuration makes the teacher truthful.
    pub fn teacher_readings(&self, rank: usize) -> Readings {
        self.teacher_readings_at(rank, true)
    }

    /// The same where the answer depends on the word (`needed`) or on a side branch.
    pub fn teacher_readings_at(&self, rank: usize, needed: bool) -> Readings {
        let relation = &self.relations[rank];
        let mut readings = Readings::default();
        readings[relation.meaning(needed).index()] = 1.0 - relation.rate;
        readings[relation.misreading.index()] = relation.rate;
        readings
    }

    /// The crowd's distribution over readings of the word of this rank: with probability
    /// [`LexiconConfig::prior`] uniform, else the teacher's.
    pub fn crowd_readings(&self, rank: usize) -> Readings {
        let prior = self.config.prior;
        self.teacher_readings(rank).map(|p| prior / Operation::ALL.len() as f64 + (1.0 - prior) * p)
    }

    /// Every token of the world, each once, in an order that a larger lexicon only adds to.
    pub fn vocabulary(&self) -> Vec<String> {
        let fixed = [";", "?", ":", ".", "is", "answer"].into_iter();
        let operations = Operation::ALL.into_iter().map(Operation::token);
        let words = fixed.chain(operations).chain(CONNECTIVES).map(str::to_owned);
        let digits = (0..MODULUS).map(|digit| digit.to_string());
        let people = PEOPLE.iter().map(|&name| name.to_owned());
        words.chain(digits).chain(people).chain(self.relations.iter().map(|r| r.word.clone())).collect()
    }

    /// The rank of a word drawn by frequency.
    pub(super) fn draw_rank(&self, rng: &mut dyn Rng) -> usize {
        let place = rng.random::<f64>() * self.total();
        self.cumulative.partition_point(|&end| end <= place).min(self.relations.len() - 1)
    }

    fn total(&self) -> f64 {
        self.cumulative[self.cumulative.len() - 1]
    }
}

fn add(sum: &mut f64, weight: f64) -> f64 {
    *sum += weight;
    *sum
}

/// The word of this rank, drawn from a stream of its own.
fn relation(config: &LexiconConfig, rank: usize) -> Relation {
    let mut rng = Key::new(config.seed, "lexicon").with(rank as u64).rng();
    let right = rng.random_range(0..Operation::ALL.len());
    let wrong = (right + rng.random_range(1..Operation::ALL.len())) % Operation::ALL.len();
    let [low, high] = config.misread;
    let rate = low + (high - low) * rng.random::<f64>();
    // Drawn last, and for every word, so that the dial changes nothing else and more of it only adds words.
    let differs = rng.random::<f64>() < config.side_readings;
    let others: Vec<usize> = (0..Operation::ALL.len()).filter(|&o| o != right && o != wrong).collect();
    let other = others[rng.random_range(0..others.len())];
    Relation {
        word: word(rank),
        operation: Operation::ALL[right],
        misreading: Operation::ALL[wrong],
        rate,
        side: Operation::ALL[if differs { other } else { right }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn lexicon(relations: usize) -> Lexicon {
        Lexicon::new(LexiconConfig { relations, ..Default::default() }).unwrap()
    }

    #[test]
    fn a_larger_lexicon_adds_words_and_changes_none() {
        let (small, large) = (lexicon(64), lexicon(256));
        assert_eq!(small.relations(), &large.relations()[..64]);
        assert_eq!(small.vocabulary(), large.vocabulary()[..small.vocabulary().len()]);
    }

    #[test]
    fn the_vocabulary_holds_every_token_once() {
        let vocabulary = lexicon(256).vocabulary();
        assert_eq!(vocabulary.len(), 6 + 6 + 16 + 10 + 16 + 256);
        assert_eq!(vocabulary.iter().collect::<HashSet<_>>().len(), vocabulary.len());
        assert!(vocabulary.iter().all(|token| !token.contains(char::is_whitespace)));
    }

    #[test]
    fn misreadings_are_wrong_and_rates_in_range() {
        for relation in lexicon(512).relations() {
            assert_ne!(relation.operation, relation.misreading);
            assert!((0.2..0.9).contains(&relation.rate));
        }
    }

    #[test]
    fn frequencies_follow_zipf() {
        let lexicon = lexicon(64);
        let total: f64 = (0..64).map(|rank| lexicon.frequency(rank)).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let ratio = lexicon.frequency(0) / lexicon.frequency(9);
        assert!((ratio - 10f64.powf(0.8)).abs() < 1e-9, "{ratio}");

        let mut rng = crate::stream(1, "frequencies");
        let mut counts = [0.0f64; 64];
        (0..20_000).for_each(|_| counts[lexicon.draw_rank(&mut rng)] += 1.0);
        for (rank, &count) in counts.iter().enumerate() {
            let p = lexicon.frequency(rank);
            assert!((count - 20_000.0 * p).abs() < 5.0 * (20_000.0 * p).sqrt(), "{rank}: {count}");
        }
    }

    #[test]
    fn side_readings_change_their_share_of_words_and_nothing_else() {
        let world = |side_readings| {
            let config = LexiconConfig { relations: 512, side_readings, ..Default::default() };
            Lexicon::new(config).unwrap().relations().to_vec()
        };
        let (none, some, more) = (world(0.0), world(0.3), world(0.6));
        let differs = |relations: &[Relation]| -> Vec<usize> {
            (0..512).filter(|&rank| relations[rank].side != relations[rank].operation).collect()
        };
        assert!(differs(&none).is_empty());
        assert!((differs(&some).len() as f64 - 0.3 * 512.0).abs() < 40.0);
        assert!(differs(&some).iter().all(|rank| more[*rank].side == some[*rank].side));
        for (a, b) in none.iter().zip(&some) {
            assert_eq!(a, &Relation { side: a.side, ..b.clone() });
            assert_ne!(b.side, b.misreading);
        }
    }

    #[test]
    fn readings_are_distributions() {
        let lexicon = lexicon(16);
        for rank in 0..16 {
            let relation = &lexicon.relations()[rank];
            let (teacher, crowd) = (lexicon.teacher_readings(rank), lexicon.crowd_readings(rank));
            assert!((teacher.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!((crowd.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert_eq!(teacher[relation.misreading.index()], relation.rate);
            let expected = 1.0 / 12.0 + 0.5 * (1.0 - relation.rate);
            assert!((crowd[relation.operation.index()] - expected).abs() < 1e-12);
        }
    }
}
