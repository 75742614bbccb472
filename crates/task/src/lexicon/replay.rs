//! Judging a solution by the operations that it wrote.

use super::operation::Operation;
use super::solution::{Line, parts};
use super::story::{Count, Story};
use super::words::Lexicon;
use serde::{Deserialize, Serialize};

/// How one step of a solution read its relation word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which step of the solution, from 0.
    pub step: usize,
    /// Whose count it defines: an index into the story's people.
    pub person: usize,
    /// Rank of the word that the story has there.
    pub word: usize,
    /// The operation that the step wrote.
    pub operation: Operation,
    /// Whether the word means that operation there.
    pub right: bool,
    /// Whether the asked count depends on this step.
    pub needed: bool,
}

/// What a slip is: a fault that is not a misreading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SlipKind {
    /// The step says otherwise than the story: another word, referent, person or stated count.
    Copy,
    /// The referent's count is not the one written for it before.
    LookUp,
    /// The result is not that of the operation written.
    Arithmetic,
    /// A person out of turn, twice, or left out.
    Order,
    /// The answer line is missing, about someone else, or not the count written for the asked person.
    Answer,
    /// Text that is neither a step nor an answer line, or text after the answer line.
    Malformed,
}

/// A slip and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Which step of the solution, from 0; the answer line counts as the step after the last.
    pub step: usize,
    /// What is wrong.
    pub kind: SlipKind,
}

/// What a solution, or the beginning of one, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The readings of its steps, in order.
    pub readings: Vec<Reading>,
    /// Its slips, in order.
    pub slips: Vec<Slip>,
    /// Steps and answer lines, malformed ones included.
    pub steps: usize,
    /// The count last written for each person of the story.
    pub counts: Vec<Option<u8>>,
    /// The answer line's person, as an index into [`PEOPLE`](super::PEOPLE), and count.
    pub answer: Option<(usize, u8)>,
}

impl Replay {
    /// Share of right readings among all; `None` where there are none.
    pub fn accuracy(&self) -> Option<f64> {
        let right = self.readings.iter().filter(|reading| reading.right).count();
        (!self.readings.is_empty()).then(|| right as f64 / self.readings.len() as f64)
    }

    /// Whether the text copies, looks up and calculates without a fault, whatever its readings.
    pub fn is_clean(&self) -> bool {
        self.slips.is_empty()
    }

    fn slip(&mut self, kind: SlipKind) {
        self.slips.push(Slip { step: self.steps, kind });
    }
}

/// Replays a whole solution: people left out and a missing answer line are slips.
pub fn replay(lexicon: &Lexicon, story: &Story, solution: &str) -> Replay {
    let mut replay = replay_prefix(lexicon, story, solution);
    if replay.answer.is_none() {
        if replay.counts.contains(&None) {
            replay.slip(SlipKind::Order);
        }
        replay.slip(SlipKind::Answer);
    }
    replay
}

/// Replays the beginning of a solution: what is still to come is no slip.
pub fn replay_prefix(lexicon: &Lexicon, story: &Story, prefix: &str) -> Replay {
    let tokens: Vec<&str> = prefix.split_whitespace().collect();
    let counts = vec![None; story.people().len()];
    let mut replay = Replay { readings: Vec::new(), slips: Vec::new(), steps: 0, counts, answer: None };
    let needed = story.needed();
    for part in parts(&tokens) {
        match Line::parse(lexicon, part) {
            Some(line) if replay.answer.is_none() => judge(lexicon, story, &needed, &line, &mut replay),
            _ => replay.slip(SlipKind::Malformed),
        }
        replay.steps += 1;
    }
    replay
}

/// Holds one line against the story and what was written before it.
fn judge(lexicon: &Lexicon, story: &Story, needed: &[bool], line: &Line, replay: &mut Replay) {
    let (who, again, written) = match *line {
        Line::Given { who, again, count } | Line::Related { who, again, count, .. } => (who, again, count),
        Line::Answer { who, count } => return judge_answer(story, who, count, replay),
    };
    let Some(person) = story.people().iter().position(|p| p.name == who) else {
        return replay.slip(SlipKind::Copy);
    };
    if replay.counts.iter().position(Option::is_none) != Some(person) {
        replay.slip(SlipKind::Order);
    }
    let mut copied = again == who;
    match (story.people()[person].count, *line) {
        (Count::Given(count), Line::Given { .. }) => copied &= count == written,
        (Count::Related { word, of }, Line::Related { word: w, of: o, from, operation, .. }) => {
            copied &= word == w && story.people()[of].name == o;
            if replay.counts[of] != Some(from) {
                replay.slip(SlipKind::LookUp);
            }
            if operation.apply(from) != written {
                replay.slip(SlipKind::Arithmetic);
            }
            let needed = needed[person];
            let right = lexicon.relations()[word].meaning(needed) == operation;
            replay.readings.push(Reading { step: replay.steps, person, word, operation, right, needed });
        }
        _ => copied = false,
    }
    if !copied {
        replay.slip(SlipKind::Copy);
    }
    replay.counts[person] = Some(written);
}

fn judge_answer(story: &Story, who: usize, count: u8, replay: &mut Replay) {
    if replay.counts.contains(&None) {
        replay.slip(SlipKind::Order);
    }
    let asked = story.asked();
    if who != story.people()[asked].name || replay.counts[asked] != Some(count) {
        replay.slip(SlipKind::Answer);
    }
    replay.answer = Some((who, count));
}

#[cfg(test)]
mod tests {
    use super::super::{Crowd, LexiconConfig};
    use super::*;
    use proptest::prelude::*;

    fn world() -> Lexicon {
        Lexicon::new(LexiconConfig { crowd_phrasing: 0.3, ..Default::default() }).unwrap()
    }

    /// Ann 7, Bob by word 0 from Ann, Cal by word 1 from Ann; asked is Bob.
    fn example() -> (Lexicon, Story, Vec<String>) {
        let lexicon = world();
        let words: Vec<String> = lexicon.relations()[..3].iter().map(|r| r.word.clone()).collect();
        let question = format!("Ann is 7 ; Bob {} Ann ; Cal {} Ann ; ? Bob :", words[0], words[1]);
        (lexicon.clone(), Story::parse(&lexicon, &question).unwrap(), words)
    }

    #[test]
    fn every_kind_of_slip_is_found_where_it_is() {
        use SlipKind::*;
        let (lexicon, story, w) = example();
        let (a, b, c) = (
            "Ann is Ann 7 .".to_owned(),
            format!("Bob {} Ann 7 +2 Bob 9 .", w[0]),
            format!("Cal {} Ann 7 *3 Cal 1 .", w[1]),
        );
        let text = |lines: [&str; 4]| lines.join("\n");
        let end = "answer Bob 9";
        let cases = [
            (text([&a, &b, &c, end]), vec![]),
            (text([&a, &format!("so {b}"), &c, end]), vec![]),
            (
                text([
                    "Ann is Ann 6 .",
                    &b.replace("7 +2", "6 +3"),
                    &c.replace("7 *3", "6 -1").replace("Cal 1", "Cal 5"),
                    end,
                ]),
                vec![(0, Copy)],
            ),
            (text(["Ann is Bob 7 .", &b, &c, end]), vec![(0, Copy)]),
            (
                text(["Eve is Eve 7 .", &b, &c, end]),
                vec![(0, Copy), (1, Order), (1, LookUp), (2, Order), (2, LookUp), (3, Order)],
            ),
            (text([&a, &b.replace(&w[0], &w[2]), &c, end]), vec![(1, Copy)]),
            (text([&a, &b, &c.replace("Ann 7", "Bob 7"), end]), vec![(2, Copy)]),
            (text([&a, &b.replace("7 +2 Bob 9", "8 +1 Bob 9"), &c, end]), vec![(1, LookUp)]),
            (text([&a, &b.replace("+2", "+3"), &c, end]), vec![(1, Arithmetic)]),
            (text([&a, &c, &b, end]), vec![(1, Order)]),
            (text([&a, &b, &b, end]), vec![(2, Order), (3, Order)]),
            (text([&a, &b, &c, "answer Bob 8"]), vec![(3, Answer)]),
            (text([&a, &b, &c, "answer Cal 1"]), vec![(3, Answer)]),
            (text([&a, &b, &c, ""]), vec![(3, Answer)]),
            (text([&a, &b, "", ""]), vec![(2, Order), (2, Answer)]),
            (text([&a, &b, "Cal .", end]), vec![(2, Malformed), (3, Order)]),
            (text([&a, &b, &c, "answer Bob 9 9"]), vec![(3, Malformed), (4, Answer)]),
            (
                text([&a, &b, &c, "answer Bob 9"]) + " .\nAnn is Ann 7 .",
                vec![(3, Malformed), (4, Order), (5, Answer)],
            ),
        ];
        for (text, expected) in cases {
            let slips: Vec<_> =
                replay(&lexicon, &story, &text).slips.iter().map(|s| (s.step, s.kind)).collect();
            assert_eq!(slips, expected, "{text}");
        }
    }

    #[test]
    fn readings_are_judged_by_the_lexicon() {
        let (lexicon, story, w) = example();
        let right = lexicon.relations()[0].operation;
        let wrong = lexicon.relations()[1].misreading;
        let text = format!(
            "Ann is Ann 7 .\nBob {} Ann 7 {} Bob {} .\nCal {} Ann 7 {} Cal {} .\nanswer Bob {}",
            w[0],
            right.token(),
            right.apply(7),
            w[1],
            wrong.token(),
            wrong.apply(7),
            right.apply(7),
        );
        let replay = replay(&lexicon, &story, &text);
        assert!(replay.is_clean());
        assert_eq!(replay.accuracy(), Some(0.5));
        assert_eq!(replay.answer, Some((1, right.apply(7))));
        let expected = [
            Reading { step: 1, person: 1, word: 0, operation: right, right: true, needed: true },
            Reading { step: 2, person: 2, word: 1, operation: wrong, right: false, needed: false },
        ];
        assert_eq!(replay.readings, expected);
    }

    proptest! {
        #[test]
        fn what_the_crowd_writes_is_clean(seed: u64) {
            let lexicon = world();
            let rng = &mut crate::stream(seed, "replay");
            let story = Crowd::new(&lexicon).story(rng);
            let text = Crowd::new(&lexicon).attempt(&story, rng);
            let replay = replay(&lexicon, &story, &text);
            prop_assert!(replay.is_clean(), "{text} {:?}", replay.slips);
            prop_assert_eq!(replay.steps, story.people().len() + 1);
        }

        #[test]
        fn one_changed_token_is_never_unseen(seed: u64, place: usize, other: usize) {
            // A changed token is a slip or another reading, but for connectives and for operations that
            // agree on the count at hand.
            let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
            let rng = &mut crate::stream(seed, "changed");
            let story = lexicon.story(rng);
            let text = Crowd::new(&lexicon).attempt(&story, rng);
            let mut tokens: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            let vocabulary = lexicon.vocabulary();
            let place = place % tokens.len();
            let before = std::mem::replace(&mut tokens[place], vocabulary[other % vocabulary.len()].clone());
            prop_assume!(tokens[place] != before);
            let (old, new) = (replay(&lexicon, &story, &text), replay(&lexicon, &story, &tokens.join(" ")));
            prop_assert!(!new.is_clean() || old.readings != new.readings, "{} for {before}", tokens[place]);
        }

        #[test]
        fn any_text_is_replayed_without_panic(text in "(Ann|Bob|is|answer|[.]|7|[+]2|\n| |x){0,40}") {
            let (lexicon, story, _) = example();
            prop_assert!(!replay(&lexicon, &story, &text).is_clean() || text.contains("answer"));
        }
    }
}
