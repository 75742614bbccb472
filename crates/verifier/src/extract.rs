//! Where the answer of a response stands.

mod around;
mod boxed;
mod correction;
mod frame;
mod last;
mod prose;
mod statement;
mod tags;
mod trailing;

use crate::options::{Marker, Thinking};
use crate::read::{Value, read};
use std::ops::Range;

/// A place in a text that holds an answer, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extracted {
    /// Byte ranges in the text; several where an answer is given in several boxes.
    pub spans: Vec<Range<usize>>,
    /// What stands there; the parts of several spans joined by commas.
    pub text: String,
    /// What marks the place.
    pub marker: Marker,
}

impl Extracted {
    pub(crate) fn one(text: &str, span: Range<usize>, marker: Marker) -> Self {
        Self { text: text[span.clone()].to_owned(), spans: vec![span], marker }
    }
}

/// The answer of a response, at the first of these markers that it has. An answer that the text goes on to
/// correct is not the answer: the corrected one is.
///
/// ```
/// use eightfold_verifier::{Marker, extract};
///
/// let found = extract(r"So $x = 2$, and $x^2 = \boxed{4}$.", &Marker::ALL).unwrap();
/// assert_eq!((found.text.as_str(), found.marker), ("4", Marker::Boxed));
/// assert_eq!(extract("The answer is not 5 but 6.", &Marker::ALL).unwrap().text, "6");
/// assert_eq!(extract("I do not know.", &Marker::ALL), None);
/// ```
pub fn extract(text: &str, markers: &[Marker]) -> Option<Extracted> {
    extract_from(text, markers, Thinking::Strip)
}

/// The answer of a response as [`extract`] finds it, with its thinking left out or kept.
pub fn extract_from(text: &str, markers: &[Marker], thinking: Thinking) -> Option<Extracted> {
    let lower = text.to_ascii_lowercase();
    let part = frame::answering(&lower, thinking);
    let start = part.start;
    answer(&text[part.clone()], &lower[part], markers).map(|found| shifted(found, start))
}

/// The part of a response that answers, as a whole.
pub(crate) fn answering(text: &str, thinking: Thinking) -> Range<usize> {
    frame::answering(&text.to_ascii_lowercase(), thinking)
}

fn answer(text: &str, lower: &str, markers: &[Marker]) -> Option<Extracted> {
    let mut denied = false;
    let mut found = None;
    for marker in markers {
        // Where the text says what the answer is not, and not what it is, nothing is guessed.
        if denied && !Marker::EXPLICIT.contains(marker) {
            return None;
        }
        match locate(text, lower, *marker) {
            Located::Missing => {}
            Located::Denied => denied = true,
            Located::Found(answer) => {
                found = Some(answer);
                break;
            }
        }
    }
    let found = found?;
    if found.marker == Marker::Whole {
        return Some(found);
    }
    let end = found.spans.last()?.end;
    let boxed = found.marker == Marker::Boxed;
    if boxed && correction::is_denied(lower, found.spans[0].start, end) {
        return None;
    }
    match correction::after(lower, end) {
        Some(start) => {
            let tail = correction::corrected(&text[start..], &lower[start..], markers);
            Some(tail.map_or(found, |tail| shifted(tail, start)))
        }
        None if boxed => {
            let later = restated(&text[end..], &lower[end..], markers);
            Some(later.map_or(found, |last| shifted(last, end)))
        }
        None => Some(found),
    }
}

/// What a text after the last box calls its answer: the box was a step.
fn restated(tail: &str, lower: &str, markers: &[Marker]) -> Option<Extracted> {
    let stated = [Marker::FinalAnswerIs, Marker::AnswerIs, Marker::AnswerColon];
    stated.iter().filter(|marker| markers.contains(marker)).find_map(|marker| {
        match locate(tail, lower, *marker) {
            Located::Found(last) if matches!(read(&last.text), Ok(Value::Number { .. })) => Some(last),
            Located::Found(_) | Located::Denied | Located::Missing => None,
        }
    })
}

/// What a marker shows.
enum Located {
    Found(Extracted),
    /// The text says what the answer is not.
    Denied,
    Missing,
}

impl From<Option<Extracted>> for Located {
    fn from(found: Option<Extracted>) -> Self {
        found.map_or(Self::Missing, Self::Found)
    }
}

/// The answer at one kind of marker. `lower` is the text in ASCII lower case.
fn locate(text: &str, lower: &str, marker: Marker) -> Located {
    match marker {
        Marker::Boxed => boxed::last(text),
        Marker::Tagged => tags::tagged(text, lower).into(),
        Marker::Hashes => hashes(text).into(),
        Marker::FinalAnswerIs if !lower.contains("answer") => Located::Missing,
        Marker::FinalAnswerIs => statement::after(text, lower, FINAL_ANSWER, marker),
        Marker::AnswerIs => {
            let english = ["answer", "option is", "choice is"].iter().any(|word| lower.contains(word));
            let found =
                if english { statement::after(text, lower, ANSWER_IS, marker) } else { Located::Missing };
            match found {
                Located::Missing if !lower.is_ascii() || !lower.contains("the ") => {
                    statement::after(text, lower, IN_OTHER_LANGUAGES, marker)
                }
                found => found,
            }
        }
        Marker::AnswerColon => statement::colon(text, lower),
        Marker::Whole => trailing::whole(text).into(),
        Marker::LastFormula => prose::guessed(text, lower, trailing::formula),
        Marker::LastNumber => prose::guessed(text, lower, last::number),
    }
}

/// What leads up to a final answer.
const FINAL_ANSWER: &[&str] = &["final answer is", "final answer:", "final answer\n", "final answer**\n"];

/// What leads up to an answer in a sentence.
const ANSWER_IS: &[&str] = &["answer is", "answers are", "answer would be", "option is", "choice is"];

/// The same in other languages.
const IN_OTHER_LANGUAGES: &[&str] = &[
    "答案是",
    "答案为",
    "答案应为",
    "答案：",
    "答案:",
    "【答案】",
    "答えは",
    "故选",
    "因此选",
    "所以选",
    "应选",
    "应该选",
    "本题选",
    "而是",
    "la respuesta es",
    "la réponse est",
    "die antwort ist",
    "la risposta è",
    "a resposta é",
];

/// What stands between the last `####` and the end of its line.
fn hashes(text: &str) -> Option<Extracted> {
    let start = text.rfind("####")? + 4;
    let line = text[start..].lines().next().unwrap_or_default();
    let span = statement::last_clause(text, start..start + line.len());
    let span = leading_number(text, span);
    trimmed(text, span, Marker::Hashes)
}

/// The number right after a mark, where words follow it and no other number: "36 more signatures".
fn leading_number(text: &str, span: Range<usize>) -> Range<usize> {
    let said = text[span.clone()].trim();
    if !said.contains(' ') || matches!(read(said), Ok(value) if !matches!(value, Value::Text(_))) {
        return span;
    }
    let (number, words) = said.split_once(' ').unwrap_or((said, ""));
    let numeral = number.bytes().all(|b| b.is_ascii_digit() || b"-$.,%".contains(&b));
    let plain =
        !words.bytes().any(|b| b.is_ascii_digit()) && words.starts_with(|c: char| c.is_ascii_lowercase());
    let first = words.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let changes = crate::read::changes_meaning(first) && !["more", "less", "fewer"].contains(&first);
    let start = span.start + text[span.clone()].find(number).unwrap_or(0);
    let hedged = [" or ", " not ", "wrong", "incorrect", "maybe", "perhaps", "if "]
        .iter()
        .any(|word| words.contains(word));
    if numeral && plain && !changes && !hedged { start..start + number.len() } else { span }
}

/// A span without the white space at its ends; `None` where nothing is left.
fn trimmed(text: &str, span: Range<usize>, marker: Marker) -> Option<Extracted> {
    let inside = &text[span.clone()];
    let start = span.start + (inside.len() - inside.trim_start().len());
    let end = start + inside.trim().len();
    (start < end).then(|| Extracted::one(text, start..end, marker))
}

fn shifted(found: Extracted, by: usize) -> Extracted {
    let spans = found.spans.into_iter().map(|span| span.start + by..span.end + by).collect();
    Extracted { spans, ..found }
}
