//! `\boxed{...}` and `\fbox{...}`.

use super::around::{Around, around};
use super::{Extracted, Located};
use crate::options::Marker;
use std::ops::Range;

/// A box and what is in it.
struct Boxed {
    whole: Range<usize>,
    inside: Range<usize>,
}

/// The last box; with the boxes before it that are joined to it by nothing but commas, "and" or "or", or stand
/// side by side with it.
pub(super) fn last(text: &str) -> Located {
    let boxes = boxes(text);
    let Some(last) = boxes.last() else { return Located::Missing };
    let mut first = boxes.len() - 1;
    while first > 0 {
        let between = &text[boxes[first - 1].whole.end..boxes[first].whole.start];
        if !is_joint(between) && !is_gap(between) {
            break;
        }
        first -= 1;
    }
    let parts: Vec<&Boxed> = boxes[first..].iter().collect();
    let inside = |part: &Boxed| text[part.inside.clone()].trim();
    let alike = parts.iter().all(|part| inside(part) == inside(last));
    if parts.len() == 1 || alike {
        return match around(text, &last.whole) {
            Around::Alone => Located::Found(Extracted::one(text, last.inside.clone(), Marker::Boxed)),
            Around::Operand => Located::Denied,
            Around::Signed(sign) => Located::Found(Extracted {
                text: format!("{} {}", &text[sign.clone()], signed_part(inside(last))),
                spans: vec![sign, last.inside.clone()],
                marker: Marker::Boxed,
            }),
        };
    }
    let joined = parts.iter().map(|part| inside(part)).collect::<Vec<_>>().join(", ");
    Located::Found(Extracted {
        spans: parts.iter().map(|part| part.inside.clone()).collect(),
        text: joined,
        marker: Marker::Boxed,
    })
}

/// What is in a box, as a sign before it takes it: a sum in brackets.
fn signed_part(inside: &str) -> String {
    let sum = inside.trim_start_matches(['-', '+']).contains(['+', '-']);
    if sum { format!("({inside})") } else { inside.to_owned() }
}

/// The boxes that are not empty and not inside others, in order; where none is closed, the last one that ends
/// with its formula. One pass over the text, however many braces stay open.
fn boxes(text: &str) -> Vec<Boxed> {
    let (mut found, mut open): (Vec<Boxed>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    if !text.contains("boxed") && !text.contains(r"\fbox") {
        return found;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => {
                let name =
                    ["\\boxed", "\\fbox", "\\framebox"].into_iter().find(|name| text[at..].starts_with(name));
                let Some(name) = name else {
                    let pair = matches!(bytes.get(at + 1), Some(b'{' | b'}' | b'\\'));
                    // `\\boxed` is a box in LaTeX that was escaped twice.
                    let twice = text[at + 1..].starts_with(r"\boxed");
                    at += 1 + usize::from(pair && !twice);
                    continue;
                };
                let after = at + name.len();
                let gap = bytes[after..].iter().take_while(|b| b.is_ascii_whitespace()).count();
                if bytes.get(after + gap) == Some(&b'{') {
                    open.push(Some(at));
                    at = after + gap + 1;
                    continue;
                }
                // Without braces LaTeX boxes one sign; people mean the word.
                let word = text[after + gap..].find(|c: char| c.is_whitespace() || "$,.".contains(c));
                let end = word.map_or(text.len(), |len| after + gap + len);
                if end > after + gap && gap > 0 {
                    found.push(Boxed { whole: at..end, inside: after + gap..end });
                }
                at = end.max(after);
            }
            b'{' => {
                open.push(None);
                at += 1;
            }
            b'}' => {
                if let Some(Some(start)) = open.pop() {
                    let inside = start + text[start..at].find('{').map_or(0, |brace| brace + 1)..at;
                    if !text[inside.clone()].trim().is_empty() {
                        // Boxes inside this one came earlier.
                        while found.last().is_some_and(|inner| inner.whole.start > start) {
                            found.pop();
                        }
                        found.push(Boxed { whole: start..at + 1, inside });
                    }
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    if found.is_empty() {
        let last = open.into_iter().flatten().next_back();
        found.extend(last.and_then(|start| unclosed(text, start)));
    }
    found
}

/// A box whose brace never closes, up to the end of its formula or line. One at the end of the text may be cut
/// off, and says nothing.
fn unclosed(text: &str, start: usize) -> Option<Boxed> {
    let brace = start + text[start..].find('{')? + 1;
    let inside = brace + (text[brace..].len() - text[brace..].trim_start().len());
    let len = ["$", r"\)", r"\]", "\n"].iter().filter_map(|end| text[inside..].find(end)).min()?;
    let end = inside + len;
    (len > 0).then_some(Boxed { whole: start..end, inside: inside..end })
}

/// Words between two boxes that say more than that both belong to the answer.
const STEPS: &[&str] = &[
    "then",
    "so",
    "we",
    "thus",
    "therefore",
    "hence",
    "is",
    "are",
    "get",
    "gives",
    "find",
    "but",
    "not",
    "now",
    "next",
    "finally",
    "because",
    "since",
    "after",
    "which",
    "that",
    "it",
    "this",
    "substituting",
    "if",
    "later",
    "earlier",
    "first",
    "from",
    "to",
];

/// Whether the text between two parts of an answer only joins them: by a comma, "and" or "or", with names
/// before an equals sign, and a few words such as "\boxed{3} apples and \boxed{4} pears".
pub(super) fn is_joint(between: &str) -> bool {
    if between.len() > 60 || between.contains('.') || between.contains("\n\n") {
        return false;
    }
    let words = between.split(|c: char| c.is_whitespace() || "$,;&(){}[]\\".contains(c));
    let (mut joins, mut named, mut others) = (between.contains([',', ';', '&']), false, 0);
    for word in words.filter(|word| !word.is_empty()) {
        let name = word.trim_end_matches('=');
        let is_name = name.chars().count() <= 1 || (name.contains('_') && name.len() <= 4);
        match word {
            "and" | "or" => (joins, named) = (true, true),
            "text" | "quad" | "qquad" | "mbox" => {}
            _ if is_name => {}
            _ if STEPS.contains(&word) || !word.chars().all(|c| c.is_ascii_lowercase()) => return false,
            _ => others += 1,
        }
    }
    joins && (others == 0 || (named && others <= 3))
}

/// Whether nothing but space, dollar signs or a row of plus signs stands between two boxes, all in one line.
fn is_gap(between: &str) -> bool {
    if between.len() > 60 || between.contains('\n') {
        return false;
    }
    let spaces = [r"\quad", r"\qquad", r"\,", r"\;", r"\ ", "++"];
    // The backslash of a box that was escaped twice.
    let mut rest = between.strip_suffix('\\').unwrap_or(between);
    loop {
        rest = rest.trim_start_matches([' ', '$', '~']);
        match spaces.iter().find_map(|space| rest.strip_prefix(space)) {
            Some(more) => rest = more,
            None => return rest.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        match last(text) {
            Located::Found(found) => Some(found.text),
            Located::Denied | Located::Missing => None,
        }
    }

    #[test]
    fn boxes_nest_and_join() {
        let cases = [
            (r"\boxed{4}", "4"),
            (r"\boxed{\frac{1}{2}} and later \boxed{\{1, 2\}}.", r"\{1, 2\}"),
            (r"$\boxed{1}$ and $\boxed{2}$", "1, 2"),
            (r"$x = \boxed{1}$ or $x = \boxed{2}$", "1, 2"),
            (r"First \boxed{3}. Then we find that it is \boxed{5}.", "5"),
            (r"\boxed{\boxed{7}}", r"\boxed{7}"),
            (r"\boxed{3} apples and \boxed{4} pears", "3, 4"),
            (r"\(y_1 = \boxed{3}\) and \(y_2 = \boxed{4}\)", "3, 4"),
            (r"\boxed{3} and then we get \boxed{4}", "4"),
            (r"\fbox{9}", "9"),
            (r"\\boxed{9}", "9"),
            (r"\boxed 6$", "6"),
            (r"\boxed{4} = \boxed{4}", "4"),
            (r"$\boxed{3}$ $\boxed{4}$", "3, 4"),
            (r"\boxed{3} ++++ \boxed{4}", "3, 4"),
            (r"so $p = \boxed{\frac34$.", r"\frac34"),
        ];
        for (text, inside) in cases {
            assert_eq!(read(text).as_deref(), Some(inside), "{text}");
        }
        for text in [r"\boxed{", r"\boxed{}", "boxed", r"\boxed{{1}", r"so \boxed{12", r"\boxed{3}+\boxed{4}"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
