//! Answers that nothing marks: a response that is one, the last formula, the last number.

use super::{Extracted, trimmed};
use crate::options::Marker;
use crate::read::{Value, is_math, read};
use std::ops::Range;

/// The whole response, if it reads as one value and not as text.
pub(super) fn whole(text: &str) -> Option<Extracted> {
    let bare = text.trim();
    if bare.is_empty() || bare.len() > 2_000 || sentences(bare) {
        return None;
    }
    // Words before a formula lead up to it.
    let formula = bare.find(['$', '\\']).unwrap_or(0);
    if bare[..formula].split(|c: char| !c.is_alphabetic()).any(|word| word.len() > 1) {
        return None;
    }
    // What is not understood is no answer where words stand in it: "The area is 9π".
    let words =
        || bare.split_whitespace().filter(|word| word.len() > 1 && word.bytes().all(is_letter)).count();
    match read(bare) {
        Ok(Value::Text(_)) | Err(_) => None,
        Ok(Value::Formula(_)) if words() > 1 => None,
        Ok(value) if value.is_operation() => None,
        Ok(_) => trimmed(text, 0..text.len(), Marker::Whole),
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

/// Whether a text is running text of more than one sentence or line.
fn sentences(text: &str) -> bool {
    let matrix = text.contains(r"\begin");
    (!matrix && text.contains('\n')) || text.contains(". ") || text.contains("<<")
}

/// The last formula between delimiters, if no number comes after it; with the formulas before it that are
/// joined to it by commas, "and" or "or".
pub(super) fn formula(text: &str) -> Option<Extracted> {
    let dollars = last_dollars(text);
    let span = [dollars.clone(), last_pair(text, r"\(", r"\)"), last_pair(text, r"\[", r"\]")];
    let span = span.into_iter().flatten().max_by_key(|span| span.end)?;
    if text[span.end..].bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    match read(&text[span.clone()]) {
        Ok(Value::Text(_) | Value::Formula(_)) | Err(_) => return None,
        Ok(value) if value.is_operation() => return None,
        Ok(_) => {}
    }
    let found = trimmed(text, span.clone(), Marker::LastFormula);
    let named = named(&text[span.clone()]);
    if dollars != Some(span.clone()) || named.is_none() {
        return found;
    }
    let mut spans = vec![span];
    // More formulas than this are a derivation.
    while spans.len() < 10
        && let Some(before) = text[..spans[0].start - 1].rfind('$')
        && super::boxed::is_joint(&text[before + 1..spans[0].start - 1])
        && let Some(earlier) = last_dollars(&text[..before + 1])
        && joins(named, self::named(&text[earlier.clone()]), &text[before + 1..spans[0].start - 1])
    {
        spans.insert(0, earlier);
    }
    if spans.len() == 1 {
        return found;
    }
    let joined = spans.iter().map(|span| text[span.clone()].trim()).collect::<Vec<_>>().join(", ");
    Some(Extracted { spans, text: joined, marker: Marker::LastFormula })
}

/// Whether two formulas give values to one name, or to two names side by side: `$x=2$, $y=3$`.
fn joins(name: Option<&str>, earlier: Option<&str>, between: &str) -> bool {
    let two = matches!((name, earlier), (Some(a), Some(b)) if !a.is_empty() && !b.is_empty());
    name == earlier || two && [",", "and", ", and"].contains(&between.trim())
}

/// The name that a formula gives a value to, without its index, and nothing where it has no equals sign. Formulas
/// with other left sides are steps.
fn named(formula: &str) -> Option<&str> {
    let Some((name, _)) = formula.split_once('=') else { return Some("") };
    let name = name.trim().split('_').next().unwrap_or_default();
    (name.len() == 1).then_some(name)
}

fn last_dollars(text: &str) -> Option<Range<usize>> {
    let close = text.rfind('$')?;
    let end = text[..close].trim_end_matches('$').len();
    let open = text[..end].rfind('$')? + 1;
    let inside = &text[open..end];
    let spaced = inside.contains('\\') && is_math(inside.trim());
    (open < end && (end < close || spaced || is_math(inside))).then_some(open..end)
}

fn last_pair(text: &str, open: &str, close: &str) -> Option<Range<usize>> {
    let end = text.rfind(close)?;
    let start = text[..end].rfind(open)? + open.len();
    Some(start..end)
}

/// The last number, with its sign, fraction, percent sign or currency. A number that the text denies, compares
/// with or lists is not taken.
pub(super) fn number(text: &str) -> Option<Extracted> {
    if let Some(found) = in_brackets(text).or_else(|| last_letter(text)).or_else(|| said_last(text)) {
        return Some(found);
    }
    let mut end = text.len();
    // A number denied or counted more often than this says nothing.
    for _ in 0..8 {
        match number_before(text, end)? {
            Last::Number(found) => return Some(found),
            Last::Denied(at) => end = at,
        }
    }
    None
}

/// The last number of a part of a text.
enum Last {
    Number(Extracted),
    /// It is denied, or numbers a step, by words that begin here.
    Denied(usize),
}

fn number_before(text: &str, end: usize) -> Option<Last> {
    let last = text[..end].rfind(|c: char| c.is_ascii_digit())?;
    let mut span = without_unit(text, number_word(&text[..end], last));
    if span.is_empty() || span.len() > 200 {
        return None;
    }
    span = with_scale(text, with_whole_part(text, span));
    match before(&text[..span.start]) {
        Before::Nothing => {}
        Before::Denied(at) => return Some(Last::Denied(at)),
        Before::Compared => return None,
    }
    if let Some(at) = subordinate(&text[..span.start]) {
        // "1 in 6" is a share.
        let odds = text[..at].trim_end();
        let digits = odds.bytes().rev().take_while(u8::is_ascii_digit).count();
        if text[at..].starts_with("in ")
            && digits > 0
            && text[at + 3..span.end].bytes().all(|b| b.is_ascii_digit())
        {
            return Some(Last::Number(Extracted::one(
                text,
                odds.len() - digits..span.end,
                Marker::LastNumber,
            )));
        }
        // "5% of 40" is to be computed.
        let share = text[at..].starts_with("of ")
            && text[..at].trim_end().ends_with(['%', '$', '}', ')', '½', '¼', '¾']);
        return (!share).then_some(Last::Denied(at));
    }
    if is_one_of_several(&text[..span.start]) {
        return None;
    }
    let after = text[span.end..].trim_start_matches(|c: char| c.is_whitespace() || is_edge(c));
    let denials = ["is wrong", "is incorrect", "is not", "isn't", "is false", "wrong"];
    let denied =
        |denial: &&str| after.get(..denial.len()).is_some_and(|start| start.eq_ignore_ascii_case(denial));
    if denials.iter().any(denied) {
        return None;
    }
    match read(&text[span.clone()]) {
        Ok(value) if value.is_operation() => None,
        Ok(Value::Number { .. } | Value::Ratio(_) | Value::Clock { .. } | Value::Nearly(_)) => {
            Some(Last::Number(Extracted::one(text, span, Marker::LastNumber)))
        }
        _ => None,
    }
}

/// Where the words begin that make a number a detail of another one in its sentence: "8 apples after 2 days".
fn subordinate(before: &str) -> Option<usize> {
    const DETAILS: &[&str] = &[
        "after", "for", "in", "of", "per", "within", "from", "every", "during", "among", "with", "on", "at",
        "by",
    ];
    let sentence = before.rfind(['\n', '=']).map_or(0, |at| at + 1);
    let sentence = before[sentence..].rfind(". ").map_or(sentence, |at| sentence + at + 2);
    let said = before[sentence..].trim_end_matches([' ', '$', '*', '(']);
    let mut word = last_word(said);
    if ["the", "each", "all", "these", "those", "a", "an"].contains(&&said[word..]) {
        word = last_word(said[..word].trim_end());
    }
    let preposition = said[word..].split_whitespace().next().unwrap_or_default();
    let detail = DETAILS.contains(&preposition) && said[..word].bytes().any(|b| b.is_ascii_digit());
    detail.then_some(sentence + word)
}

/// Whether a number is one of several in its sentence, and nothing says that it is the one: "8 apples and 6 pears".
fn is_one_of_several(before: &str) -> bool {
    const CONCLUDING: &[&str] = &[
        "is",
        "are",
        "was",
        "were",
        "be",
        "equals",
        "equal",
        "makes",
        "make",
        "gives",
        "give",
        "get",
        "gets",
        "to",
        "total",
        "totals",
        "has",
        "have",
        "had",
        "costs",
        "cost",
        "=",
        "≈",
        "so",
        "only",
        "exactly",
        "just",
        "yields",
        "leaves",
        "left",
        "earns",
        "needs",
        "than",
        "becomes",
        "of",
        "a",
        "about",
        "approximately",
        "roughly",
        "there",
        "pay",
        "pays",
        "spends",
        "takes",
        "reach",
        "reaches",
        "answer",
        "result",
        "value",
        "->",
        "→",
    ];
    let sentence = before.rfind('\n').map_or(0, |at| at + 1);
    let sentence = [". ", "! ", "? ", ": "]
        .iter()
        .filter_map(|end| before[sentence..].rfind(end))
        .max()
        .map_or(sentence, |at| sentence + at + 2);
    let said = &before[sentence..];
    if said.contains('=') || !said.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let word = said.trim_end_matches([' ', '$', '*', '(', '\\', ':']);
    let word = word[last_word(word)..].to_ascii_lowercase();
    !CONCLUDING.contains(&word.as_str())
}

fn is_edge(c: char) -> bool {
    matches!(c, '*' | '_' | '"' | '\'' | '(' | ')' | '[' | ']' | ',' | '.' | ':' | ';' | '!' | '?')
}

/// The word around the digit at `last`, from the last sign of a calculation on, without the marks around it.
fn number_word(text: &str, last: usize) -> Range<usize> {
    let start = last_word(&text[..last]);
    let end = last + text[last..].find(|c: char| c.is_whitespace()).unwrap_or(text.len() - last);
    let mut span = start..end;
    // Calculator notes and equations: what is after them is the result.
    for mark in [">>", "="] {
        if let Some(at) = text[span.clone()].rfind(mark)
            && text[span.start + at + mark.len()..span.end].bytes().any(|b| b.is_ascii_digit())
        {
            span.start += at + mark.len();
        }
    }
    let word = &text[span.clone()];
    let start = span.end - word.trim_start_matches(|c| is_edge(c) && c != '.').len();
    start..(span.start + word.trim_end_matches(is_edge).len()).max(start)
}

/// A number without the squared or cubed unit that is glued to it: "1,000 m²" written as "1,000m²".
fn without_unit(text: &str, span: Range<usize>) -> Range<usize> {
    let word = &text[span.clone()];
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || ".,-$".contains(c));
    let known = ["m²", "m³", "cm²", "cm³", "mm²", "km²", "ft²", "ft³", "in²", "in³"];
    if known.contains(&unit) { span.start..span.end - unit.len() } else { span }
}

/// The letter of a choice, or the tuple or interval, with which a text ends: "Therefore (D).", "it is (1, 2)".
fn in_brackets(text: &str) -> Option<Extracted> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!'));
    if !bare.ends_with([')', ']']) {
        return None;
    }
    let inside = &bare[..bare.len() - 1];
    let open = inside.rfind(['(', '['])?;
    let letter = matches!(&inside.as_bytes()[open + 1..], [b'A'..=b'J']);
    if inside.len() - open > 100
        || !bare[..open].ends_with([' ', '\n'])
        || !(letter || inside[open..].contains(','))
    {
        return None;
    }
    match read(&bare[open..]) {
        Ok(Value::Bracketed { .. } | Value::Choice { .. }) => {
            Some(Extracted::one(text, open..bare.len(), Marker::LastNumber))
        }
        _ => None,
    }
}

/// The letter of a choice that ends a text after words that choose it: "so D."
fn last_letter(text: &str) -> Option<Extracted> {
    let bare = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '!' | '*'));
    let before = bare.strip_suffix(|c: char| ('A'..='J').contains(&c))?;
    let chosen =
        ["so ", "option ", "choice ", "choose ", "pick ", "select ", "therefore ", "hence ", "thus "];
    let lower = before.trim_end_matches('*').to_ascii_lowercase();
    let word = chosen.iter().find(|word| lower.ends_with(**word))?;
    let start = lower.len() - word.len();
    let whole_word = start == 0 || lower[..start].ends_with([' ', ',', '\n', '.']);
    whole_word.then(|| Extracted::one(text, before.len()..bare.len(), Marker::LastNumber))
}

/// What the last sentence says after "is", where that is an inequality or a word or two.
fn said_last(text: &str) -> Option<Extracted> {
    let bare = text.trim_end().trim_end_matches(['.', '!', ',']).trim_end();
    let start = bare.rfind(['\n', '.', '?', '!']).map_or(0, |at| at + 1);
    let at = start
        + [" is ", " are "].iter().filter_map(|verb| Some(bare[start..].rfind(verb)? + verb.len())).max()?;
    let said = &bare[at..];
    let tail = said.trim();
    let span = at + (said.len() - said.trim_start().len())..bare.len();
    let word = tail.split(' ').count() == 1
        && tail.starts_with(char::is_uppercase)
        && tail.chars().all(char::is_alphabetic)
        && tail.len() > 1;
    let inequality = || {
        tail.len() < 40
            && tail.contains(['<', '>', '≤', '≥'])
            && matches!(read(tail), Ok(Value::Relations { .. }))
    };
    (word || inequality()).then(|| Extracted::one(text, span, Marker::LastNumber))
}

/// Where the last word of a text begins; its end if it ends in white space.
fn last_word(text: &str) -> usize {
    text.len() - text.rsplit(char::is_whitespace).next().map_or(0, str::len)
}

/// What the words before a number make of it.
enum Before {
    Nothing,
    /// It is denied by words that begin here.
    Denied(usize),
    /// It is a bound, an operand or an item of a list.
    Compared,
}

fn before(text: &str) -> Before {
    if text.ends_with(">>") {
        return Before::Nothing;
    }
    let trimmed = text.trim_end_matches([' ', '(', '$', '*']);
    let start = last_word(trimmed);
    let word = trimmed[start..].to_ascii_lowercase();
    let earlier = trimmed[..start].trim_end();
    let digit = |text: &str| text.trim_end_matches([',', ' ']).ends_with(|c: char| c.is_ascii_digit());
    match word.as_str() {
        "not" | "isn't" | "(not" => Before::Denied(start),
        "step" | "part" | "case" | "question" | "problem" | "example" | "exercise" | "page" | "figure"
        | "equation" | "**step" | "##" | "###" => Before::Denied(start),
        "to" if earlier.to_ascii_lowercase().ends_with("not equal") => Before::Compared,
        "be" if earlier.to_ascii_lowercase().ends_with("not") || earlier.ends_with("n't") => Before::Compared,
        "than" | "least" | "most" | "between" | "nor" | "except" | "below" | "above" | "under" | "over" => {
            Before::Compared
        }
        "and" | "or" if digit(earlier) => Before::Compared,
        _ if word.ends_with(',') && digit(&word) => Before::Compared,
        // An operator, or a relation other than equality.
        _ if word.ends_with(['/', '<', '>', '+', '*', '^', '-', '≤', '≥', '≠', '×', '÷']) => {
            Before::Compared
        }
        r"\le" | r"\ge" | r"\ne" | r"\leq" | r"\geq" | r"\neq" | r"\cdot" | r"\times" | r"\approx" => {
            Before::Compared
        }
        _ => Before::Nothing,
    }
}

/// A numeral with the "million" after it.
fn with_scale(text: &str, span: Range<usize>) -> Range<usize> {
    let rest = &text[span.end..];
    let word = rest.trim_start();
    let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    let scales = ["dozen", "hundred", "thousand", "million", "billion", "trillion", "lakh", "crore"];
    if scales.contains(&word[..len].to_ascii_lowercase().as_str()) {
        return span.start..span.end + (rest.len() - word.len()) + len;
    }
    span
}

/// `3/4` with the `7` before it.
fn with_whole_part(text: &str, span: Range<usize>) -> Range<usize> {
    // "1 / 2" with spaces.
    let head = text[..span.start].trim_end_matches(' ');
    if let Some(above) = head.strip_suffix('/') {
        let above = above.trim_end_matches(' ');
        let digits = above.bytes().rev().take_while(u8::is_ascii_digit).count();
        return if digits > 0 { above.len() - digits..span.end } else { span };
    }
    let fraction = text[span.clone()].split_once('/').is_some_and(|(a, b)| {
        [a, b].iter().all(|part| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit()))
    });
    let before = text[..span.start].trim_end_matches(' ');
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    if fraction && digits > 0 && before.len() < span.start { before.len() - digits..span.end } else { span }
}
