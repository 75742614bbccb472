//! Stories: the problems of the lexicon world, as a structure and as text.

use super::config::Asked;
use super::names::{PEOPLE, person};
use super::operation::{MODULUS, Operation};
use super::words::Lexicon;
use crate::{Key, Problem};
use rand::{Rng, RngExt};

/// How a story defines a person's count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// The story states it: a digit.
    Given(u8),
    /// It follows from another person's count.
    Related {
        /// Rank of the relation word in the lexicon.
        word: usize,
        /// The other person: an index into [`Story::people`], below this person's own.
        of: usize,
    },
}

/// A person of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    /// Index into [`PEOPLE`](super::PEOPLE).
    pub name: usize,
    /// How the person's count is defined.
    pub count: Count,
}

impl Person {
    /// The token of the person's name.
    pub fn name(&self) -> &'static str {
        PEOPLE[self.name]
    }
}

/// A story: people, each defined from an earlier one, and whose count is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Story {
    people: Vec<Person>,
    asked: usize,
}

/// What stories are drawn with: the world's own shape, or the crowd's.
pub(super) struct Shape {
    pub(super) people: [usize; 2],
    pub(super) chain: f64,
    pub(super) asked: Asked,
    /// Whether words are uniform in place of Zipf.
    pub(super) uniform: bool,
}

impl Story {
    /// The people in the order of the story.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Whose count is asked for: an index into [`Story::people`].
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// For each person, whether the asked count depends on that person's. The others' steps are spurious:
    /// whatever they say, the answer stays.
    pub fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.people.len()];
        let mut at = self.asked;
        loop {
            needed[at] = true;
            match self.people[at].count {
                Count::Given(_) => return needed,
                Count::Related { of, .. } => at = of,
            }
        }
    }

    /// Every person's count when words are read with `read`, which is told the rank of each word.
    pub fn counts(&self, mut read: impl FnMut(usize) -> Operation) -> Vec<u8> {
        let mut counts: Vec<u8> = Vec::with_capacity(self.people.len());
        for person in &self.people {
            counts.push(match person.count {
                Count::Given(count) => count,
                Count::Related { word, of } => read(word).apply(counts[of]),
            });
        }
        counts
    }

    /// The right final answer, such as `Dan 8`.
    pub fn answer(&self, lexicon: &Lexicon) -> String {
        let counts = self.counts(|word| lexicon.relations()[word].operation);
        format!("{} {}", self.people[self.asked].name(), counts[self.asked])
    }

    /// The text of the story, such as `Ann is 7 ; Bob daxes Ann ; ? Bob :`.
    ///
    /// # Panics
    /// If the story has a word that the lexicon has not.
    pub fn question(&self, lexicon: &Lexicon) -> String {
        let mut text = String::new();
        for person in &self.people {
            text += &match person.count {
                Count::Given(count) => format!("{} is {count} ; ", person.name()),
                Count::Related { word, of } => {
                    let word = &lexicon.relations()[word].word;
                    format!("{} {word} {} ; ", person.name(), self.people[of].name())
                }
            };
        }
        text + "? " + self.people[self.asked].name() + " :"
    }

    /// Question and answer of the story.
    ///
    /// # Panics
    /// If the story has a word that the lexicon has not.
    pub fn problem(&self, lexicon: &Lexicon) -> Problem {
        Problem::new(self.question(lexicon), self.answer(lexicon))
    }

    /// The story that a question tells. White space may be of any kind and length.
    ///
    /// # Errors
    /// If the text is not a story in the words of this lexicon.
    pub fn parse(lexicon: &Lexicon, question: &str) -> Result<Self, StoryError> {
        let mut reader = Reader { tokens: question.split_whitespace(), position: 0 };
        let mut people: Vec<Person> = Vec::new();
        let index = |people: &[Person], name| people.iter().position(|p| p.name == name);
        loop {
            let token = reader.next("a name or `?`")?;
            if token == "?" {
                let asked = reader.person()?;
                let asked = index(&people, asked)
                    .ok_or_else(|| reader.error("a person of the story", PEOPLE[asked]))?;
                reader.expect(":")?;
                return reader.end().map(|()| Self { people, asked });
            }
            let name = person(token).ok_or_else(|| reader.error("a name or `?`", token))?;
            if index(&people, name).is_some() {
                return Err(reader.error("a person not named before", token));
            }
            let verb = reader.next("`is` or a relation word")?;
            let count = if verb == "is" {
                Count::Given(reader.digit()?)
            } else {
                let word = lexicon.rank(verb).ok_or_else(|| reader.error("`is` or a relation word", verb))?;
                let other = reader.person()?;
                let of =
                    index(&people, other).ok_or_else(|| reader.error("an earlier person", PEOPLE[other]))?;
                Count::Related { word, of }
            };
            people.push(Person { name, count });
            reader.expect(";")?;
        }
    }
}

impl Lexicon {
    /// A story of this world.
    pub fn story(&self, rng: &mut dyn Rng) -> Story {
        let config = self.config();
        let shape = Shape { people: config.people, chain: config.chain, asked: config.asked, uniform: false };
        self.story_of(&shape, rng)
    }

    /// The problem of a story of this world.
    pub fn problem(&self, rng: &mut dyn Rng) -> Problem {
        self.story(rng).problem(self)
    }

    /// The first `n` problems of a named set: the smaller set is the beginning of the larger one.
    pub fn problems(&self, n: usize, seed: u64, purpose: &str) -> Vec<Problem> {
        let key = Key::new(seed, "problems").with_text(purpose);
        (0..n).map(|i| self.problem(&mut key.with(i as u64).rng())).collect()
    }

    pub(super) fn story_of(&self, shape: &Shape, rng: &mut dyn Rng) -> Story {
        let size = rng.random_range(shape.people[0]..=shape.people[1]);
        let mut names: Vec<usize> = (0..PEOPLE.len()).collect();
        let mut people: Vec<Person> = Vec::with_capacity(size);
        for i in 0..size {
            names.swap(i, rng.random_range(i..PEOPLE.len()));
            let count = if i == 0 {
                Count::Given(rng.random_range(0..MODULUS))
            } else {
                let of = if rng.random_bool(shape.chain) { i - 1 } else { rng.random_range(0..i) };
                let words = self.relations().len();
                let word = if shape.uniform { rng.random_range(0..words) } else { self.draw_rank(rng) };
                Count::Related { word, of }
            };
            people.push(Person { name: names[i], count });
        }
        let first = match shape.asked {
            Asked::SecondHalf => (size / 2).max(1),
            Asked::Anyone => 1,
        };
        Story { asked: rng.random_range(first..size), people }
    }
}

/// Why a text is not a story of a lexicon.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a story: token {position} should be {expected}, found `{found}`")]
pub struct StoryError {
    /// Which token, from 1.
    pub position: usize,
    /// What belongs there.
    pub expected: &'static str,
    /// What is there; empty at the end of the text.
    pub found: String,
}

/// The tokens of a question, and how many were read.
struct Reader<'a> {
    tokens: std::str::SplitWhitespace<'a>,
    position: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, expected: &'static str, found: &str) -> StoryError {
        StoryError { position: self.position, expected, found: found.to_owned() }
    }

    fn next(&mut self, expected: &'static str) -> Result<&'a str, StoryError> {
        self.position += 1;
        self.tokens.next().ok_or_else(|| self.error(expected, ""))
    }

    fn expect(&mut self, token: &'static str) -> Result<(), StoryError> {
        let found = self.next(token)?;
        if found == token { Ok(()) } else { Err(self.error(token, found)) }
    }

    fn person(&mut self) -> Result<usize, StoryError> {
        let token = self.next("a name")?;
        person(token).ok_or_else(|| self.error("a name", token))
    }

    fn digit(&mut self) -> Result<u8, StoryError> {
        let token = self.next("a digit")?;
        digit(token).ok_or_else(|| self.error("a digit", token))
    }

    fn end(&mut self) -> Result<(), StoryError> {
        self.position += 1;
        self.tokens.next().map_or(Ok(()), |token| Err(self.error("the end", token)))
    }
}

/// The count that a token writes.
pub(super) fn digit(token: &str) -> Option<u8> {
    match token.as_bytes() {
        [byte @ b'0'..=b'9'] => Some(byte - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::LexiconConfig;
    use super::*;
    use proptest::prelude::*;

    fn world(config: LexiconConfig) -> Lexicon {
        Lexicon::new(config).unwrap()
    }

    proptest! {
        #[test]
        fn text_and_structure_agree(seed: u64) {
            for config in [LexiconConfig::default(), LexiconConfig::branching()] {
                let lexicon = world(config);
                let story = lexicon.story(&mut crate::stream(seed, "story"));
                prop_assert_eq!(Story::parse(&lexicon, &story.question(&lexicon)), Ok(story));
            }
        }

        #[test]
        fn parsing_never_panics(tokens in proptest::collection::vec("Ann|Bob|is|;|\\?|:|[0-9]|[a-z]{1,5}", 0..12)) {
            let _ = Story::parse(&world(LexiconConfig::default()), &tokens.join(" "));
        }
    }

    #[test]
    fn errors_name_place_and_token() {
        let lexicon = world(LexiconConfig::default());
        let word = &lexicon.relations()[0].word;
        let cases = [
            ("".into(), 1, ""),
            ("Ann is 7 ;".into(), 5, ""),
            ("Ann is 12 ; ? Ann :".into(), 3, "12"),
            ("Ann is 7 ; ? Bob :".into(), 6, "Bob"),
            ("Ann is 7 ; Bob snorfles Ann ; ? Bob :".into(), 6, "snorfles"),
            (format!("Ann is 7 ; Bob {word} Cal ; ? Bob :"), 7, "Cal"),
            (format!("Ann is 7 ; Bob {word} Bob ; ? Bob :"), 7, "Bob"),
            (format!("Ann is 7 ; Ann {word} Ann ; ? Ann :"), 5, "Ann"),
            ("Ann is 7 ; ? Ann : .".into(), 8, "."),
        ];
        for (text, position, found) in cases {
            let error = Story::parse(&lexicon, &text).unwrap_err();
            assert_eq!((error.position, error.found.as_str()), (position, found), "{text}: {error}");
        }
    }

    #[test]
    fn shapes_are_as_configured() {
        // Shares of needed steps among those with a relation word, measured on an independent prototype:
        // 59 % and 38 %.
        for (config, people, share) in
            [(LexiconConfig::default(), 4..=6, 0.59), (LexiconConfig::branching(), 5..=7, 0.38)]
        {
            let lexicon = world(config);
            let (mut needed, mut all) = (0.0, 0.0);
            for seed in 0..2000 {
                let story = lexicon.story(&mut crate::stream(seed, "shape"));
                assert!(people.contains(&story.people().len()));
                assert!(story.asked() >= 1);
                let steps = &story.needed()[1..];
                needed += steps.iter().filter(|&&n| n).count() as f64;
                all += steps.len() as f64;
            }
            assert!((needed / all - share).abs() < 0.03, "{} of {share}", needed / all);
        }
    }

    #[test]
    fn a_smaller_set_of_problems_is_the_beginning_of_a_larger_one() {
        let lexicon = world(LexiconConfig::default());
        let large = lexicon.problems(20, 3, "train");
        assert_eq!(lexicon.problems(5, 3, "train"), large[..5]);
        assert_ne!(lexicon.problems(5, 3, "test"), large[..5]);
        assert_ne!(lexicon.problems(5, 4, "train"), large[..5]);
    }
}
