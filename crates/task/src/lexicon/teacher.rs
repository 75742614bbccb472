//! Who writes the solutions that a network learns from: the teacher, and the crowd before it.

use super::names::CONNECTIVES;
use super::operation::{Operation, Readings};
use super::solution::write;
use super::story::{Shape, Story, StoryError};
use super::words::Lexicon;
use crate::{Example, Key, Problem, Target};
use rand::{Rng, RngExt};

/// How often the teacher tries before it tells the truth.
const ATTEMPTS: usize = 50;

/// The capable model of the paper: it misreads each word at that word's rate, and keeps a solution only if
/// its final answer is right.
#[derive(Clone, Copy, Debug)]
pub struct Teacher<'a> {
    lexicon: &'a Lexicon,
}

/// A solution that the teacher kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taught {
    /// The solution. Its final answer is right; its steps need not be.
    pub text: String,
    /// Attempts thrown away before it for their wrong answer, at most 50. At 50 the solution reads every
    /// word rightly.
    pub rejected: usize,
}

impl<'a> Teacher<'a> {
    /// The teacher of this lexicon.
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon }
    }

    /// One attempt, whatever its answer.
    pub fn attempt(&self, story: &Story, rng: &mut dyn Rng) -> String {
        self.write(story, rng, self.lexicon.config().truthful)
    }

    /// The first of up to 50 attempts whose final answer is right, or else the solution without a
    /// misreading.
    pub fn solve(&self, story: &Story, rng: &mut dyn Rng) -> Taught {
        let answer = format!("answer {}", story.answer(self.lexicon));
        for rejected in 0..ATTEMPTS {
            let text = self.attempt(story, rng);
            if text.ends_with(&answer) {
                return Taught { text, rejected };
            }
        }
        Taught { text: self.write(story, rng, true), rejected: ATTEMPTS }
    }

    /// The training set of the teacher's kept solutions, one for each problem, in order. A problem's
    /// solution is a function of its question and the seed.
    ///
    /// # Errors
    /// If a question is not a story of the lexicon.
    pub fn examples(&self, problems: &[Problem], seed: u64) -> Result<Vec<Example>, StoryError> {
        let key = Key::new(seed, "teacher");
        let example = |problem: &Problem| {
            let story = Story::parse(self.lexicon, &problem.question)?;
            let taught = self.solve(&story, &mut key.with_text(&problem.question).rng());
            Ok(Example { prompt: problem.prompt(), target: Target::whole(taught.text), weight: 1.0 })
        };
        problems.iter().map(example).collect()
    }

    fn write(&self, story: &Story, rng: &mut dyn Rng, truthful: bool) -> String {
        let readings = |word: usize, needed: bool| match truthful {
            true => certain(self.lexicon.relations()[word].meaning(needed)),
            false => self.lexicon.teacher_readings_at(word, needed),
        };
        solution(self.lexicon, story, readings, self.lexicon.config().phrasing, rng)
    }
}

/// The many hands behind the base model's stories: each reading is uniform over the operations with
/// probability [`LexiconConfig::prior`](super::LexiconConfig::prior), else the teacher's; nobody checks the
/// answer. It teaches to copy, look up and calculate, and a weak prior over readings.
#[derive(Clone, Copy, Debug)]
pub struct Crowd<'a> {
    lexicon: &'a Lexicon,
}

impl<'a> Crowd<'a> {
    /// Share of stories whose words are uniform in place of Zipf, so that rare words are seen too.
    pub const UNIFORM: f64 = 0.7;
    /// Probability that a person is compared with the one before: low, so that far look-ups are learned.
    pub const CHAIN: f64 = 0.2;
    /// Fewest and most people of a story; more where the world's own stories are larger.
    pub const PEOPLE: [usize; 2] = [3, 7];

    /// The crowd of this lexicon.
    pub fn new(lexicon: &'a Lexicon) -> Self {
        Self { lexicon }
    }

    /// A story of the crowd.
    pub fn story(&self, rng: &mut dyn Rng) -> Story {
        let config = self.lexicon.config();
        let people = [Self::PEOPLE[0].min(config.people[0]), Self::PEOPLE[1].max(config.people[1])];
        let uniform = rng.random_bool(Self::UNIFORM);
        let shape = Shape { people, chain: Self::CHAIN, asked: config.asked, uniform };
        self.lexicon.story_of(&shape, rng)
    }

    /// A solution of a story by the crowd, right or wrong.
    pub fn attempt(&self, story: &Story, rng: &mut dyn Rng) -> String {
        let readings = |word, _| self.lexicon.crowd_readings(word);
        solution(self.lexicon, story, readings, self.lexicon.config().crowd_phrasing, rng)
    }

    /// A story with its solution, to pretrain on.
    pub fn example(&self, rng: &mut dyn Rng) -> Example {
        let story = self.story(rng);
        let target = Target::whole(self.attempt(&story, rng));
        Example { prompt: story.problem(self.lexicon).prompt(), target, weight: 1.0 }
    }
}

/// The distribution that is sure of one operation.
fn certain(operation: Operation) -> Readings {
    let mut readings = Readings::default();
    readings[operation.index()] = 1.0;
    readings
}

/// An operation drawn from a distribution, by one number of the stream.
pub(super) fn draw(readings: &Readings, rng: &mut dyn Rng) -> Operation {
    let mut place = rng.random::<f64>() * readings.iter().sum::<f64>();
    for operation in Operation::ALL {
        place -= readings[operation.index()];
        if place < 0.0 {
            return operation;
        }
    }
    // Rounding alone leads here: the last operation that can occur.
    *Operation::ALL.iter().rev().find(|o| readings[o.index()] > 0.0).unwrap_or(&Operation::Triple)
}

/// A whole solution, with readings and connectives drawn at random.
fn solution(
    lexicon: &Lexicon,
    story: &Story,
    readings: impl Fn(usize, bool) -> Readings,
    phrasing: f64,
    rng: &mut dyn Rng,
) -> String {
    // Two streams of one parent: whether a story is phrased does not change how its words are read.
    let (mut words, mut phrases) = (Key::from_rng(rng).rng(), Key::from_rng(rng).rng());
    let open = || {
        let opened = phrasing > 0.0 && phrases.random_bool(phrasing);
        opened.then(|| CONNECTIVES[phrases.random_range(0..CONNECTIVES.len())])
    };
    let mut counts = vec![None; story.people().len()];
    let read = |word, needed| draw(&readings(word, needed), &mut words);
    write(lexicon, story, &mut counts, read, open)
}

#[cfg(test)]
mod tests {
    use super::super::LexiconConfig;
    use super::*;
    use crate::stream;

    fn world(config: LexiconConfig) -> Lexicon {
        Lexicon::new(config).unwrap()
    }

    #[test]
    fn the_teacher_keeps_right_answers_only() {
        let lexicon = world(LexiconConfig::default());
        let teacher = Teacher::new(&lexicon);
        let rng = &mut stream(0, "teacher");
        let (mut rejected, mut wrong_steps) = (0, 0);
        for _ in 0..300 {
            let story = lexicon.story(rng);
            let taught = teacher.solve(&story, rng);
            assert!(taught.text.ends_with(&format!("answer {}", story.answer(&lexicon))));
            rejected += taught.rejected;
            let truth = teacher.write(&story, rng, true);
            wrong_steps += usize::from(taught.text != truth);
        }
        // Rejection has work to do, and verified solutions still hold misreadings.
        assert!(rejected > 300 && wrong_steps > 150, "{rejected} rejected, {wrong_steps} with a wrong step");
    }

    #[test]
    fn a_truthful_teacher_never_misreads_and_leaves_the_crowd_alone() {
        let (lexicon, hard) =
            (world(LexiconConfig { truthful: true, ..Default::default() }), world(LexiconConfig::default()));
        let problems = lexicon.problems(20, 0, "train");
        for (problem, example) in problems.iter().zip(Teacher::new(&lexicon).examples(&problems, 0).unwrap())
        {
            let story = Story::parse(&lexicon, &problem.question).unwrap();
            let truth = Teacher::new(&lexicon).write(&story, &mut stream(0, ""), true);
            assert_eq!(example.target, Target::whole(truth));
        }
        let crowd = |lexicon| Crowd::new(lexicon).example(&mut stream(5, "crowd"));
        assert_eq!(crowd(&lexicon), crowd(&hard));
    }

    #[test]
    fn misreadings_come_at_the_words_rate() {
        let lexicon = world(LexiconConfig::default());
        let rng = &mut stream(2, "rates");
        for rank in [0, 7, 63] {
            let question = format!("Ann is 1 ; Bob {} Ann ; ? Bob :", lexicon.relations()[rank].word);
            let story = Story::parse(&lexicon, &question).unwrap();
            let wrong = (0..2000).filter(|_| {
                let relation = &lexicon.relations()[rank];
                let text = Teacher::new(&lexicon).attempt(&story, rng);
                let token = |operation: Operation| format!(" {} Bob", operation.token());
                assert!(
                    text.contains(&token(relation.operation)) || text.contains(&token(relation.misreading))
                );
                text.contains(&token(relation.misreading))
            });
            let (wrong, rate) = (wrong.count() as f64, lexicon.relations()[rank].rate);
            assert!((wrong - 2000.0 * rate).abs() < 5.0 * (2000.0 * rate * (1.0 - rate)).sqrt());
        }
    }

    #[test]
    fn side_readings_show_on_side_branches_alone() {
        let config = LexiconConfig { side_readings: 1.0, misread: [0.0, 0.0], ..Default::default() };
        let (lexicon, rng) = (world(config), &mut stream(1, "side"));
        let mut sides = 0;
        for _ in 0..50 {
            let story = lexicon.story(rng);
            let text = Teacher::new(&lexicon).attempt(&story, rng);
            let replay = super::super::replay(&lexicon, &story, &text);
            assert!(replay.is_clean() && text.ends_with(&story.answer(&lexicon)));
            for reading in &replay.readings {
                let relation = &lexicon.relations()[reading.word];
                assert!(reading.right && reading.operation == relation.meaning(reading.needed));
                sides += usize::from(reading.operation != relation.operation);
            }
        }
        assert!(sides > 50, "{sides}");
    }

    #[test]
    fn phrasing_adds_connectives_and_changes_no_reading() {
        let (plain, phrased) =
            (world(LexiconConfig::default()), world(LexiconConfig { phrasing: 0.8, ..Default::default() }));
        let problems = plain.problems(50, 0, "train");
        let (mut opened, mut steps) = (0, 0);
        let examples = |lexicon| Teacher::new(lexicon).examples(&problems, 0).unwrap();
        for (plain, phrased) in examples(&plain).iter().zip(examples(&phrased)) {
            let strip = |text: &str| {
                let kept = text.split_whitespace().filter(|token| !CONNECTIVES.contains(token));
                kept.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(strip(&plain.target.text), strip(&phrased.target.text));
            let text = &phrased.target.text;
            opened += text.split_whitespace().count() - strip(text).len();
            steps += text.lines().count() - 1;
        }
        let share = opened as f64 / steps as f64;
        assert!((share - 0.8).abs() < 0.1, "{share}");
    }

    #[test]
    fn a_set_of_examples_does_not_depend_on_its_size() {
        let lexicon = world(LexiconConfig::default());
        let problems = lexicon.problems(10, 0, "train");
        let teacher = Teacher::new(&lexicon);
        let all = teacher.examples(&problems, 1).unwrap();
        assert_eq!(teacher.examples(&problems[3..5], 1).unwrap(), all[3..5]);
        assert_ne!(teacher.examples(&problems, 2).unwrap(), all);
    }

    #[test]
    fn the_crowd_has_stories_of_every_size() {
        let lexicon = world(LexiconConfig::default());
        let rng = &mut stream(0, "crowd");
        let sizes: Vec<usize> = (0..500).map(|_| Crowd::new(&lexicon).story(rng).people().len()).collect();
        assert!((3..=7).all(|size| sizes.contains(&size)) && sizes.iter().all(|size| (3..=7).contains(size)));
    }
}
