//! The words of a statement that are not its answer.

use crate::extract::Extracted;
use crate::options::Marker;
use crate::read::{Value, changes_meaning, is_math, read};
use std::ops::Range;

/// Whether a statement is a plain number and nothing else, as most are.
pub(super) fn is_numeral(said: &str) -> bool {
    said.len() < 20
        && said.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && said.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'))
        && crate::decimal::Decimal::whole(said).is_some()
}

/// A value and the option that a statement says it is: "9, which is option C".
pub(super) fn with_option(text: &str, lower: &str, span: Range<usize>, marker: Marker) -> Option<Extracted> {
    let said = &lower[span.clone()];
    let phrases = [
        ", which is option ",
        ", which is choice ",
        ", option ",
        " (option ",
        ", i.e. option ",
        ", which corresponds to option ",
    ];
    let (at, phrase) = phrases.iter().filter_map(|phrase| Some((said.find(phrase)?, phrase))).min()?;
    let start = span.start + at + phrase.len();
    let letter =
        text[start..span.end].trim_start_matches('(').chars().next().filter(|c| ('A'..='J').contains(c))?;
    let after =
        text[start..span.end].trim_start_matches('(').get(1..)?.trim_end_matches([')', '.', ' ', '*']);
    let value = trim(text, without_adverbs(lower, span.start..span.start + at));
    let reads = matches!(read(&text[value.clone()]), Ok(Value::Number { .. }));
    (after.is_empty() && reads).then(|| Extracted {
        text: format!("({letter}) {}", &text[value.clone()]),
        spans: vec![value, start..span.end],
        marker,
    })
}

/// "not 5 but 6" says 6, "6, not 5" says 6, and "not 5" says nothing.
pub(super) fn without_negation(lower: &str, span: Range<usize>) -> Option<Range<usize>> {
    let said = &lower[span.clone()];
    if said.trim_start().starts_with("not ") {
        let but = said.find(" but ")?;
        let rest = said[but + 5..].trim_start();
        let rest = rest.strip_prefix("rather ").unwrap_or(rest);
        return Some(span.end - rest.len()..span.end);
    }
    let negations = [
        ", not ",
        " (not ",
        " and not ",
        " rather than ",
        " instead of ",
        "; not ",
        " not ",
        "，不",
        "，而不",
        ",不",
    ];
    let cut = negations.iter().filter_map(|negation| said.find(negation)).min();
    Some(span.start..cut.map_or(span.end, |at| span.start + at))
}

/// The statement without the reason or the correction that follows it.
pub(super) fn without_reasons(lower: &str, span: Range<usize>) -> Range<usize> {
    let said = &lower[span.clone()];
    let reasons = [
        " because",
        ", because",
        " since ",
        ", which",
        " which ",
        ", so ",
        ", as ",
        ", where",
        ", no ",
        " no wait",
        ", wait",
        ", sorry",
        ", actually",
        ", i mean",
        ", scratch that",
    ];
    let cut = reasons.iter().filter_map(|reason| said.find(reason)).min();
    span.start..cut.map_or(span.end, |at| span.start + at)
}

/// The statement without words that only lead up to it.
pub(super) fn without_adverbs(lower: &str, mut span: Range<usize>) -> Range<usize> {
    const LEADING: &[&str] = &[
        "therefore",
        "thus",
        "simply",
        "just",
        "exactly",
        "approximately",
        "about",
        "equal to",
        "indeed",
        "given by",
        "clearly",
        "option",
        "then",
        "still",
        "actually",
        "=",
        ":",
    ];
    loop {
        let said = &lower[span.clone()];
        let trimmed = said.trim_start_matches([' ', ',', ':', '\n']);
        let start = span.end - trimmed.len();
        let word = LEADING.iter().find(|word| {
            trimmed.strip_prefix(**word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
        });
        match word {
            Some(word) => span.start = start + word.len(),
            None => return start..span.end,
        }
    }
}

/// The span without white space, emphasis and commas at its ends.
pub(super) fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let said = &text[span.clone()];
    let edge = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | ',' | ';' | '"');
    let start = span.end - said.trim_start_matches(edge).len();
    let end = span.start + said.trim_end_matches(edge).len();
    start..end.max(start)
}

/// The only formula of a statement whose words do not change what it says.
pub(super) fn only_formula(said: &str) -> Option<Range<usize>> {
    let (mut found, mut at) = (None, 0);
    let mut words = String::new();
    while let Some(open) = said[at..].find(['$', '\\']) {
        let open = at + open;
        let (len, close) = match &said[open..] {
            rest if rest.starts_with('$') => (1, "$"),
            rest if rest.starts_with(r"\(") => (2, r"\)"),
            _ => {
                words.push_str(&said[at..open + 1]);
                at = open + 1;
                continue;
            }
        };
        let inside = open + len;
        let end = inside + said[inside..].find(close)?;
        if found.is_some() || (len == 1 && !is_math(&said[inside..end])) {
            return None;
        }
        words.push_str(&said[at..open]);
        found = Some(inside..end);
        at = end + close.len();
    }
    words.push_str(&said[at..]);
    let plain = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        let harmless = ["is", "the", "of", "for", "that", "this", "by", "in", "as", "x"];
        harmless.contains(&word.to_ascii_lowercase().as_str())
            || (!changes_meaning(word) && word.chars().all(char::is_alphabetic))
    };
    found.filter(|_| words.split_whitespace().all(plain))
}
