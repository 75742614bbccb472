//! What stands around a box and changes what it says: a sign, an operation, a hedge.

use std::ops::Range;

/// What a box is to the text around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Around {
    /// The answer is what is in it.
    Alone,
    /// The answer begins with the sign that stands here.
    Signed(Range<usize>),
    /// It is part of something that is not read.
    Operand,
}

/// Commands and signs before a box that take it as an operand.
const BEFORE: &[&str] = &[
    "+", "*", "/", "^", r"\cdot", r"\times", r"\div", r"\neq", r"\ne", "≠", r"\not", r"\sqrt", r"\log",
    r"\ln", r"\sin", r"\cos", r"\tan", "×", "÷", "√",
];

/// Commands whose argument is what is in the braces, set in another way.
const FACES: &[&str] = &[
    "text",
    "textbf",
    "textit",
    "mathbf",
    "mathrm",
    "bm",
    "boldsymbol",
    "underline",
    "color",
    "displaystyle",
    "boxed",
    "fbox",
    "mbox",
    "textrm",
    "emph",
    "ensuremath",
    "large",
    "huge",
    "right",
    "left",
    "align",
    "aligned",
    "gather",
    "equation",
];

/// What surrounds the box from `whole.start` to `whole.end`.
pub(super) fn around(text: &str, whole: &Range<usize>) -> Around {
    let before = text[..whole.start].trim_end_matches([' ', '\t', '~', '\\']);
    if is_argument(before) || is_operand_after(&text[whole.end..]) {
        return Around::Operand;
    }
    if BEFORE.iter().any(|sign| before.ends_with(sign)) && !before.ends_with("**") && !before.ends_with("++")
    {
        return Around::Operand;
    }
    if text[..whole.start].ends_with(|c: char| c.is_ascii_digit()) {
        return Around::Operand;
    }
    let sign = ["-", "−", r"\pm", "±"].into_iter().find(|sign| before.ends_with(sign));
    let Some(sign) = sign else { return Around::Alone };
    let start = before.len() - sign.len();
    let earlier = &before[..start];
    let bare = earlier.trim_end_matches(' ');
    // A dash after a word, and the dashes of an item of a list or of a rule, are no signs.
    if bare.ends_with('-') || bare.ends_with(|c: char| c.is_alphabetic()) && bare.len() < earlier.len() {
        return Around::Alone;
    }
    if bare.is_empty() || bare.ends_with(['=', '$', '(', '[', ':', '\n', ',', '&', '>']) || is_said(bare) {
        let listed = before.len() < whole.start && (bare.is_empty() || bare.ends_with('\n'));
        return if listed { Around::Alone } else { Around::Signed(start..before.len()) };
    }
    Around::Operand
}

/// Whether words end here that say what something is.
fn is_said(text: &str) -> bool {
    [" is", " equals", " be", r"\equiv", r"\approx", r"\to", r"\quad"].iter().any(|word| text.ends_with(word))
}

/// Whether a text ends in the opening brace of a command's argument: `\sqrt{`, `\frac{1}{`, `x^{`.
fn is_argument(before: &str) -> bool {
    let Some(command) = before.strip_suffix('{') else { return false };
    if command.ends_with(['^', '_']) || command.ends_with("frac") {
        return true;
    }
    if command.ends_with('}') || command.ends_with(']') {
        return command.contains(r"\frac") || command.ends_with(']') && command.contains(r"\sqrt[");
    }
    let name = command.len() - command.bytes().rev().take_while(u8::is_ascii_alphabetic).count();
    command[..name].ends_with('\\') && name < command.len() && !FACES.contains(&&command[name..])
}

/// Whether a text goes on computing with the box before it.
fn is_operand_after(after: &str) -> bool {
    let rest = after.trim_start_matches(' ');
    if let Some(raised) = rest.strip_prefix('^') {
        let mark = raised.trim_start_matches(['{', ' ', '\\']);
        return !["circ", "degree", "text", "mathrm", "°", "th", "st", "nd", "rd"]
            .iter()
            .any(|m| mark.starts_with(m));
    }
    if rest.starts_with('_') {
        return false;
    }
    let operators = [r"\cdot", r"\times", r"\div", "*", "/", "+", "×"];
    let operator = operators.iter().find_map(|sign| rest.strip_prefix(sign));
    if let Some(more) = operator {
        let operand = more.trim_start_matches([' ', '\\', '{', '(']);
        return !rest.starts_with("**")
            && !rest.starts_with("++")
            && !operand.starts_with("boxed")
            && operand.starts_with(|c: char| c.is_alphanumeric());
    }
    let word = rest.trim_start_matches(['$', ' ', ')', '\\', '{', '~']);
    let word = word.strip_prefix("text{").unwrap_or(word).trim_start();
    let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    if SCALES.contains(&word[..len].to_ascii_lowercase().as_str()) || is_alternative(word) {
        return true;
    }
    let factor = [r"\sqrt", r"\pi", r"\frac", "√", "π"].iter().any(|factor| after.starts_with(factor));
    let letter = after.starts_with(|c: char| "xyzabnkti".contains(c))
        && !after[1..].starts_with(|c: char| c.is_alphanumeric());
    // A digit that touches the box is a factor of it too.
    factor || letter || after.starts_with(|c: char| c.is_ascii_digit())
}

/// Words after a box that multiply it.
const SCALES: &[&str] =
    &["thousand", "million", "billion", "trillion", "hundred", "dozen", "lakh", "crore", "squared", "cubed"];

/// Whether a text goes on with another answer outside a box: "or 7".
fn is_alternative(after: &str) -> bool {
    let Some(other) = after.trim_start_matches(['(', ',', ' ']).strip_prefix("or ") else { return false };
    let bare = other.trim_start_matches(['$', ' ', '-']);
    bare.starts_with(|c: char| c.is_ascii_digit()) || bare.starts_with(r"\frac") || bare.starts_with(r"\sqrt")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Around {
        let start = text.find(r"\boxed").unwrap();
        around(text, &(start..text.find('}').unwrap() + 1))
    }

    #[test]
    fn operations_take_a_box_in() {
        for text in [
            r"\sqrt{\boxed{4}}",
            r"\boxed{4}^2",
            r"3+\boxed{4}",
            r"\frac{1}{\boxed{4}}",
            r"x^{\boxed{4}}",
            r"5-\boxed{4}",
            r"\boxed{4}\cdot 2",
            r"x \ne \boxed{4}",
        ] {
            assert_eq!(of(text), Around::Operand, "{text}");
        }
        for text in [
            r"**\boxed{4}**",
            r"\textbf{\boxed{4}}",
            r"\boxed{4}^\circ",
            r"x = \boxed{4}",
            r"So - \boxed{4}",
            "- \\boxed{4}",
            r"\boxed{4} = 2 + 2",
            r"{\boxed{4}}",
        ] {
            assert_eq!(of(text), Around::Alone, "{text}");
        }
        for text in [r"-\boxed{4}", r"$-\boxed{4}$", r"x = -\boxed{4}", r"x = \pm \boxed{4}"] {
            assert!(matches!(of(text), Around::Signed(_)), "{text}");
        }
    }
}
