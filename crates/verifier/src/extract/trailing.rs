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
