//! What surrounds an answer without belonging to it.

/// The answer without math delimiters, emphasis, quotes, boxes and a final full stop.
pub(crate) fn strip(text: &str) -> String {
    let mut text = math_removed(text);
    loop {
        let mut inner = text.trim();
        inner = inner.strip_suffix('.').filter(|rest| !rest.ends_with('.')).unwrap_or(inner).trim();
        for (open, close) in [
            ("**", "**"),
            ("__", "__"),
            ("`", "`"),
            ("\"", "\""),
            (r"\(", r"\)"),
            (r"\[", r"\]"),
            ("<b>", "</b>"),
        ] {
            let between = inner.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
            inner = between.filter(|between| !between.contains(open)).unwrap_or(inner).trim();
        }
        for command in [r"\boxed", r"\fbox", r"\displaystyle", r"\mathrm", r"\bf", r"\textbf"] {
            if let Some(rest) = inner.strip_prefix(command)
                && let Some((inside, taken)) = super::token::argument(rest)
                && taken == rest.len()
            {
                inner = inside.trim();
            }
        }
        if inner.len() == text.len() {
            return text;
        }
        text = inner.to_owned();
    }
}

/// The text without the dollar signs that delimit mathematics. A dollar sign that stands before a number and
/// has no partner is a currency.
fn math_removed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let escaped = rest[..at].ends_with('\\');
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if escaped {
            out.push('$');
            continue;
        }
        if let Some(display) = rest.strip_prefix('$') {
            rest = display;
            out.push(' ');
            continue;
        }
        match rest.find('$') {
            Some(end) if !rest[..end].ends_with('\\') && is_math(&rest[..end]) => {
                out.push_str(&rest[..end]);
                out.push(' ');
                rest = &rest[end + 1..];
            }
            _ => out.push('$'),
        }
    }
    out.push_str(rest);
    out
}

/// Whether what stands between two dollar signs is mathematics, and not text between two prices.
pub(crate) fn is_math(between: &str) -> bool {
    let tight = !between.is_empty() && !between.ends_with(char::is_whitespace);
    let price = between.starts_with(|c: char| c.is_ascii_digit()) && between.contains(' ') && {
        between.split_whitespace().any(|word| word.len() > 2 && word.chars().all(char::is_alphabetic))
    };
    tight && !price
}

/// A text as it is compared: words and signs in lower case, one space between, without articles, commands
/// and the punctuation between words.
pub(crate) fn plain_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                let name = text[at + 1..].bytes().take_while(u8::is_ascii_alphabetic).count();
                let command = &text[at + 1..at + 1 + name];
                let silent = ["text", "textbf", "mathrm", "mbox", "left", "right", "textit", "quad"];
                if silent.contains(&command) || name == 0 {
                    chars.by_ref().take(name).for_each(drop);
                } else {
                    out.push(c);
                }
            }
            '.' | ',' | ';' | ':' | '!' | '?' | '"' | '\'' => {
                if digit(at.checked_sub(1)) && digit(Some(at + 1)) {
                    out.push(c);
                } else {
                    out.push(' ');
                }
            }
            '{' | '}' | '$' | '~' => out.push(' '),
            _ => out.extend(c.to_lowercase()),
        }
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    let kept: Vec<&str> = words.iter().copied().filter(|word| !["the", "a", "an"].contains(word)).collect();
    let kept = if kept.is_empty() { words } else { kept };
    kept.iter().map(|word| without_ordinal(word)).collect::<Vec<_>>().join(" ")
}

/// "8th" as "8".
fn without_ordinal(word: &str) -> &str {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 && matches!(&word[digits..], "th" | "st" | "nd" | "rd") { &word[..digits] } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_go_and_prices_stay() {
        assert_eq!(strip("$5$."), "5");
        assert_eq!(strip(r"\boxed{\frac{1}{2}}"), r"\frac{1}{2}");
        assert_eq!(strip("**B**"), "B");
        assert_eq!(strip("$5 and $6"), "$5 and $6");
        assert_eq!(strip("$x=1$ or $x=2$"), "x=1  or x=2");
        assert_eq!(strip("$18"), "$18");
    }

    #[test]
    fn texts_are_compared_by_their_words() {
        assert_eq!(plain_text(r"\text{The  Cat.}"), "cat");
        assert_eq!(plain_text("May 8th, 2020"), "may 8 2020");
        assert_ne!(plain_text("3.5 and 4"), plain_text("35 and 4"));
    }
}
