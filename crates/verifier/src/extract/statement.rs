//! Answers in words: "the answer is ...", "Answer: ...".

use super::{Extracted, Located};
use crate::options::Marker;
use crate::read::{Value, changes_meaning, is_math, read};
use std::ops::Range;

/// What the last of these phrases says. A phrase that says nothing readable is passed over.
pub(super) fn after(text: &str, lower: &str, phrases: &[&str], marker: Marker) -> Located {
    let mut end = lower.len();
    if !phrases.iter().any(|phrase| lower.contains(phrase)) && !lower.contains("answer c") {
        return Located::Missing;
    }
    let denials = ["answer cannot be", "answer can't be", "answer can not be", "answer could not be"];
    let mut missing = match denials.iter().any(|denial| lower.contains(denial)) {
        true => Located::Denied,
        false => Located::Missing,
    };
    // An answer stated more often than this is not stated.
    for _ in 0..8 {
        let last = phrases.iter().filter_map(|p| Some((lower[..end].rfind(p)?, p))).max();
        let Some((at, phrase)) = last else { return missing };
        let start = at + phrase.len();
        let rest = &lower[start..];
        if rest.starts_with("n't") || is_asked(&lower[..at]) {
            missing = Located::Denied;
        } else if phrase.ends_with('\n')
            || !phrase.is_ascii()
            || !rest.starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            match says(text, lower, start, marker) {
                Located::Missing => {}
                Located::Denied => missing = Located::Denied,
                found => return found,
            }
        }
        end = at;
    }
    missing
}

/// Whether a statement after these words asks: "I am not sure whether the ...".
fn is_asked(before: &str) -> bool {
    let mut words =
        before.split_whitespace().rev().skip_while(|word| ["the", "final", "correct", "my"].contains(word));
    words.next() == Some("whether")
}

/// What the last line beginning with "A:" or the last "Answer:" says.
pub(super) fn colon(text: &str, lower: &str) -> Located {
    let mut line_start = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start_matches([' ', '\t', '*', '#', '>']);
        if let Some(rest) = bare.strip_prefix("A:").or_else(|| bare.strip_prefix("Ans:")) {
            line_start = Some(start + line.len() - rest.len());
        }
        start += line.len();
    }
    let phrases = ["answer:", "answer**:", "answer :", "answer =", "answer —", "answer –", "answer - "];
    let phrases = if lower.contains("answer") { &phrases[..] } else { &[] };
    let inline = phrases.iter().filter_map(|p| Some(lower.rfind(p)? + p.len())).max();
    match line_start.max(inline) {
        Some(start) => says(text, lower, start, Marker::AnswerColon),
        None => Located::Missing,
    }
}

/// What a statement says that begins at `start`.
fn says(text: &str, lower: &str, start: usize, marker: Marker) -> Located {
    let Some(span) = sentence(text, start) else { return Located::Missing };
    if text[span.end..].starts_with('?') {
        return Located::Missing;
    }
    let number = trim(text, span.clone());
    if is_numeral(&text[number.clone()]) {
        return Located::Found(Extracted::one(text, number, marker));
    }
    let Some(span) = without_negation(lower, span) else { return Located::Denied };
    if let Some(both) = with_option(text, lower, span.clone(), marker) {
        return Located::Found(both);
    }
    let span = without_reasons(lower, span);
    let span = trim(text, without_adverbs(lower, span));
    if span.is_empty() {
        return Located::Missing;
    }
    let said = &text[span.clone()];
    if !matches!(read(said), Ok(Value::Text(_))) {
        return Located::Found(Extracted::one(text, span, marker));
    }
    // Emphasis on a part: "**42** apples".
    let bare = said.replace("**", "");
    if bare.len() < said.len() && !matches!(read(&bare), Ok(Value::Text(_)) | Err(_)) {
        return Located::Found(Extracted { spans: vec![span], text: bare, marker });
    }
    if let Some(formula) = only_formula(said) {
        let formula = span.start + formula.start..span.start + formula.end;
        return Located::Found(Extracted::one(text, formula, marker));
    }
    let clause = last_clause(text, span.clone());
    if clause != span {
        return Located::Found(Extracted::one(text, trim(text, clause), marker));
    }
    match said.split_whitespace().count() <= 6 {
        true => Located::Found(Extracted::one(text, span, marker)),
        false => Located::Missing,
    }
}

/// Whether a statement is a plain number and nothing else, as most are.
fn is_numeral(said: &str) -> bool {
    said.len() < 20
        && said.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && said.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-'))
        && crate::decimal::Decimal::whole(said).is_some()
}

/// A value and the option that a statement says it is: "9, which is option C".
fn with_option(text: &str, lower: &str, span: Range<usize>, marker: Marker) -> Option<Extracted> {
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

/// What a statement says after its last "is", "are" or "equals", where that is a value and the whole is not:
/// "the volume is 5" says 5.
pub(super) fn last_clause(text: &str, span: Range<usize>) -> Range<usize> {
    let said = &text[span.clone()];
    let verbs = [" is ", " are ", " equals "];
    let Some(at) = verbs.iter().filter_map(|verb| Some(said.rfind(verb)? + verb.len())).max() else {
        return span;
    };
    let tail = said[at..].trim_end_matches(['.', ' ']);
    let is_text = |text: &str| matches!(read(text), Ok(Value::Text(_)) | Err(_));
    if is_text(said) && !is_text(tail) { span.start + at..span.start + at + tail.len() } else { span }
}

/// The rest of the sentence at `start`, over the line breaks and marks before it; or the formula that it
/// begins with, where that is displayed.
fn sentence(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = &text[start..];
    let begin = start + rest.len() - without_lead(rest).len();
    let rest = &text[begin..];
    for (open, close) in [("$$", "$$"), (r"\[", r"\]")] {
        if let Some(inside) = rest.strip_prefix(open) {
            let end = inside.find(close)?;
            return Some(begin + open.len()..begin + open.len() + end);
        }
    }
    let bytes = rest.as_bytes();
    let mut end = rest.len();
    for (at, byte) in rest.bytes().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'<' => bytes.get(at + 1) == Some(&b'/'),
            0xe3 => rest[at..].starts_with('。'),
            b'.' | b'!' | b'?' => {
                let next = bytes.get(at + 1).is_none_or(|b| b.is_ascii_whitespace());
                next && !abbreviated(&rest[..at])
                    && !(byte == b'!' && at > 0 && bytes[at - 1].is_ascii_digit())
            }
            _ => false,
        };
        if ends {
            end = at;
            break;
        }
    }
    Some(begin..begin + end)
}

/// The text without the marks, white space and tags that it begins with.
fn without_lead(text: &str) -> &str {
    let mut rest = text;
    loop {
        let bare = rest.trim_start_matches([':', ' ', '\n', '\r', '\t', '*', '_', '>', '：']);
        let tag =
            bare.strip_prefix('<').and_then(|tag| tag.get(..tag.bytes().take(12).position(|b| b == b'>')?));
        match tag {
            Some(tag) if tag.bytes().all(|b| b.is_ascii_alphabetic() || b == b'/') => {
                rest = &bare[tag.len() + 2..]
            }
            _ => return bare,
        }
    }
}

/// Whether a full stop after this text belongs to an abbreviation or to the letter of a choice.
fn abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    ["sq", "ft", "approx", "no", "a.m", "p.m"].contains(&word.to_ascii_lowercase().as_str())
        || (word.len() == 1 && before.len() == 1 && word.bytes().all(|b| b.is_ascii_uppercase()))
}

/// "not 5 but 6" says 6, "6, not 5" says 6, and "not 5" says nothing.
fn without_negation(lower: &str, span: Range<usize>) -> Option<Range<usize>> {
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
fn without_reasons(lower: &str, span: Range<usize>) -> Range<usize> {
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
fn without_adverbs(lower: &str, mut span: Range<usize>) -> Range<usize> {
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
fn trim(text: &str, span: Range<usize>) -> Range<usize> {
    let said = &text[span.clone()];
    let edge = |c: char| c.is_whitespace() || matches!(c, '*' | '_' | ',' | ';' | '"');
    let start = span.end - said.trim_start_matches(edge).len();
    let end = span.start + said.trim_end_matches(edge).len();
    start..end.max(start)
}

/// The only formula of a statement whose words do not change what it says.
fn only_formula(said: &str) -> Option<Range<usize>> {
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
