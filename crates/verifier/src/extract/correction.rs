//! Text that takes an answer back.

use super::{Extracted, Located, locate, shifted, statement};
use crate::options::Marker;

/// What announces that the answer before it was wrong.
const CUES: &[&str] = &[
    "wait,",
    "wait.",
    "wait -",
    "no wait",
    "no, ",
    "correction",
    "scratch that",
    "i made a mistake",
    "i made an error",
    "that's wrong",
    "that is wrong",
    "that's incorrect",
    "that is incorrect",
    "not correct",
    "sorry",
    "let me correct",
    "should actually be",
    "actually,",
    "actually it",
    "on second thought",
    "i mean",
];

/// Where text that takes back an answer ending at `end` begins, if there is any.
pub(super) fn after(lower: &str, end: usize) -> Option<usize> {
    let tail = &lower[end..];
    // The shortest cue takes more room than what closes a formula.
    if tail.len() > 20_000 || tail.trim_ascii().len() < 4 {
        return None;
    }
    CUES.iter().filter_map(|cue| Some(end + tail.find(cue)? + cue.len())).min()
}

/// Whether the words around a box, whose inside begins and ends here, say that it is not the answer.
pub(super) fn is_denied(lower: &str, start: usize, end: usize) -> bool {
    let mark = |c: char| c.is_whitespace() || "$\\([{}])*".contains(c);
    let before = lower[..start].trim_end_matches(mark);
    let before = before.strip_suffix("boxed").or(before.strip_suffix("fbox")).unwrap_or(before);
    let after = lower[end..].trim_start_matches(mark);
    let after =
        ["text{", "mbox{", "textrm{", "quad"].iter().find_map(|set| after.strip_prefix(set)).unwrap_or(after);
    let after = after.trim_start_matches(mark);
    const DENIALS: &[&str] = &[
        "incorrect)",
        "wrong)",
        "not correct",
        "is not right",
        "is not an answer",
        "is not a solution",
        "is not valid",
        "is not possible",
        "is impossible",
        "is invalid",
        "is extraneous",
        "is rejected",
        "is excluded",
        "is false",
        "isn't",
        "would be wrong",
        "would be incorrect",
        "cannot be",
        "can't be",
        "can not be",
        "fails",
        "does not work",
        "doesn't work",
        "or maybe",
        "or perhaps",
        "or possibly",
        "or it could be",
        "or could it be",
        ", or maybe",
        ", or perhaps",
        ", or possibly",
        ", maybe",
        ", perhaps",
        "? maybe",
        "? or",
        "plus or minus",
        ", but that is not",
        ", but this is not",
        ", but that is incorrect",
        ", but this is incorrect",
        ", which is not",
        "is wrong",
        "is incorrect",
        "is not correct",
        "is not the",
        ", but that is wrong",
        ", but this is wrong",
        ", which is wrong",
        ", which is incorrect",
    ];
    before.trim_end_matches(mark).ends_with(" not") || DENIALS.iter().any(|denial| after.starts_with(denial))
}

/// The answer that a correction gives: at an explicit marker, or after "should be" and its kin.
pub(super) fn corrected(text: &str, lower: &str, markers: &[Marker]) -> Option<Extracted> {
    let explicit = markers.iter().filter(|marker| Marker::EXPLICIT.contains(marker));
    for marker in explicit {
        if let Located::Found(found) = locate(text, lower, *marker) {
            return Some(found);
        }
    }
    let phrases = ["should be", "should actually be", "it's", "it is", "must be", "correct answer is"];
    if let Located::Found(found) = statement::after(text, lower, &phrases, Marker::AnswerIs) {
        return Some(found);
    }
    // "The answer is 5, no wait, 6": the correction is all that follows.
    let start = text.len() - text.trim_start_matches([' ', ',', ':', '-']).len();
    let rest = text[start..].trim_end_matches(['.', ' ', '\n', '!']);
    let value = rest.len() < 40 && !rest.is_empty() && !rest.contains(|c: char| c == ' ' && rest.len() > 20);
    let reads = value && rest.starts_with(|c: char| c.is_ascii_digit() || "$-\\(".contains(c));
    reads.then(|| shifted(Extracted::one(rest, 0..rest.len(), Marker::AnswerIs), start))
}
