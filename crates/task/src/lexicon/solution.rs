//! The text of solutions: one line for each person, then the answer.

use super::names::{CONNECTIVES, PEOPLE, person};
use super::operation::Operation;
use super::story::{Count, Story, digit};
use super::words::Lexicon;

/// The token that ends a step.
const STOP: &str = ".";

/// What one step or answer line says, whether or not it is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// `Ann is Ann 7 .`
    Given { who: usize, again: usize, count: u8 },
    /// `Bob daxes Ann 7 +2 Bob 9 .`
    Related { who: usize, word: usize, of: usize, from: u8, operation: Operation, again: usize, count: u8 },
    /// `answer Bob 9`
    Answer { who: usize, count: u8 },
}

impl Line {
    /// The line without white space at its end.
    pub(super) fn text(&self, lexicon: &Lexicon) -> String {
        match *self {
            Self::Given { who, again, count } => {
                format!("{} is {} {count} {STOP}", PEOPLE[who], PEOPLE[again])
            }
            Self::Related { who, word, of, from, operation, again, count } => {
                let (word, operation) = (&lexicon.relations()[word].word, operation.token());
                let (who, of, again) = (PEOPLE[who], PEOPLE[of], PEOPLE[again]);
                format!("{who} {word} {of} {from} {operation} {again} {count} {STOP}")
            }
            Self::Answer { who, count } => format!("answer {} {count}", PEOPLE[who]),
        }
    }

    /// The line that these tokens say, a connective before a step skipped.
    pub(super) fn parse(lexicon: &Lexicon, tokens: &[&str]) -> Option<Self> {
        if let ["answer", who, count] = tokens {
            return Some(Self::Answer { who: person(who)?, count: digit(count)? });
        }
        let opened = tokens.first().is_some_and(|token| CONNECTIVES.contains(token));
        match tokens[usize::from(opened)..] {
            [who, "is", again, count, STOP] => {
                Some(Self::Given { who: person(who)?, again: person(again)?, count: digit(count)? })
            }
            [who, word, of, from, operation, again, count, STOP] => Some(Self::Related {
                who: person(who)?,
                word: lexicon.rank(word)?,
                of: person(of)?,
                from: digit(from)?,
                operation: Operation::from_token(operation)?,
                again: person(again)?,
                count: digit(count)?,
            }),
            _ => None,
        }
    }
}

/// What the last line of a solution that begins with `answer ` says: a name and a number.
pub fn stated_answer(solution: &str) -> Option<&str> {
    solution.lines().rev().find_map(|line| line.strip_prefix("answer "))
}

/// The tokens of a solution, cut after every stop. The last part has no stop: it is the answer line, or
/// nothing where the text ends in a step.
pub(super) fn parts<'a>(tokens: &'a [&'a str]) -> impl Iterator<Item = &'a [&'a str]> {
    tokens.split_inclusive(|token| *token == STOP)
}

/// Writes the solution of a story from a state on, without a slip.
///
/// `counts` holds what was written so far, `None` for the people whose step is still to come; `read` is told
/// a word's rank and whether the answer depends on it and gives its reading, `open` gives the connective
/// before a step, if any.
pub(super) fn write(
    lexicon: &Lexicon,
    story: &Story,
    counts: &mut [Option<u8>],
    mut read: impl FnMut(usize, bool) -> Operation,
    mut open: impl FnMut() -> Option<&'static str>,
) -> String {
    let mut text = String::new();
    let needed = story.needed();
    for (i, person) in story.people().iter().enumerate() {
        if counts[i].is_some() {
            continue;
        }
        let who = person.name;
        let (line, count) = match person.count {
            Count::Given(count) => (Line::Given { who, again: who, count }, count),
            Count::Related { word, of } => {
                let from = counts[of].expect("people refer to earlier ones, which have been written");
                let operation = read(word, needed[i]);
                let (count, of) = (operation.apply(from), story.people()[of].name);
                (Line::Related { who, word, of, from, operation, again: who, count }, count)
            }
        };
        if let Some(connective) = open() {
            text = text + connective + " ";
        }
        text = text + &line.text(lexicon) + "\n";
        counts[i] = Some(count);
    }
    let (asked, count) = (story.asked(), counts[story.asked()].expect("every person has been written"));
    text + &Line::Answer { who: story.people()[asked].name, count }.text(lexicon)
}

#[cfg(test)]
mod tests {
    use super::super::LexiconConfig;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_format_is_the_documented_one() {
        let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
        let words: Vec<&str> = lexicon.relations().iter().map(|r| r.word.as_str()).collect();
        let question = format!("Ann is 7 ; Bob {} Ann ; Cal {} Ann ; ? Bob :", words[3], words[0]);
        let story = Story::parse(&lexicon, &question).unwrap();
        let text = write(&lexicon, &story, &mut [None; 3], |_, _| Operation::Add2, || None);
        let expected = format!(
            "Ann is Ann 7 .\nBob {} Ann 7 +2 Bob 9 .\nCal {} Ann 7 +2 Cal 9 .\nanswer Bob 9",
            words[3], words[0]
        );
        assert_eq!(text, expected);
        let mut counts = [Some(7), Some(1), None];
        let text = write(&lexicon, &story, &mut counts, |_, _| Operation::Add2, || Some("so"));
        assert_eq!(text, format!("so Cal {} Ann 7 +2 Cal 9 .\nanswer Bob 1", words[0]));
    }

    proptest! {
        #[test]
        fn lines_are_read_as_written(
            who in 0..16usize, of in 0..16usize, again in 0..16usize, word in 0..64usize,
            operation in 0..6usize, from in 0..10u8, count in 0..10u8,
        ) {
            let lexicon = Lexicon::new(LexiconConfig::default()).unwrap();
            let operation = Operation::ALL[operation];
            for line in [
                Line::Given { who, again, count },
                Line::Related { who, word, of, from, operation, again, count },
                Line::Answer { who, count },
            ] {
                let text = line.text(&lexicon);
                let tokens: Vec<&str> = text.split_whitespace().collect();
                prop_assert_eq!(Line::parse(&lexicon, &tokens), Some(line));
            }
        }
    }
}
