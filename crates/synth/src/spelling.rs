//! Questions in one spelling, so that copies of one are recognized: LaTeX and plain text alike, and scripts
//! without spaces a character a word.

use eightfold_task::copy_words;

/// The words and symbols of a question, however its formulas are spelled.
pub(crate) fn comparable(question: &str) -> Vec<String> {
    copy_words(&plain(question)).into_iter().flat_map(split).collect()
}

/// The words alone, symbols left out: what runs are made of.
pub(crate) fn runs_of(words: &[String]) -> Vec<String> {
    words.iter().filter(|word| word.chars().any(char::is_alphanumeric)).cloned().collect()
}

/// A word of a script without spaces is its characters; any other stays whole.
fn split(word: String) -> Vec<String> {
    if word.chars().all(|c| !is_unspaced(c)) {
        return vec![word];
    }
    let (mut words, mut spaced) = (Vec::new(), String::new());
    for c in word.chars() {
        if is_unspaced(c) {
            words.extend((!spaced.is_empty()).then(|| std::mem::take(&mut spaced)));
            words.push(c.to_string());
        } else {
            spaced.push(c);
        }
    }
    words.extend((!spaced.is_empty()).then_some(spaced));
    words
}

/// Whether a character is of a script that puts no spaces between words: Thai and its neighbors, Myanmar,
/// Khmer, kana and Han.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Commands of LaTeX that say no more than a symbol, and the symbol.
const SYMBOLS: [(&str, &str); 24] = [
    ("times", "*"),
    ("cdot", "*"),
    ("ast", "*"),
    ("div", "/"),
    ("le", "≤"),
    ("leq", "≤"),
    ("leqslant", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("geqslant", "≥"),
    ("ne", "≠"),
    ("neq", "≠"),
    ("pm", "±"),
    ("infty", "∞"),
    ("approx", "≈"),
    ("lt", "<"),
    ("gt", ">"),
    ("pi", "π"),
    ("theta", "θ"),
    ("alpha", "α"),
    ("beta", "β"),
    ("degree", "°"),
    ("circ", "°"),
    ("colon", ":"),
];

/// Commands that change the look alone.
const LOOKS: [&str; 30] = [
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "displaystyle",
    "textstyle",
    "limits",
    "quad",
    "qquad",
    "text",
    "textbf",
    "textit",
    "textrm",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "operatorname",
    "mbox",
    "emph",
    "boldsymbol",
    "mathbb",
];

/// Signs that are spelled in more than one way.
const SIGNS: [(&str, &str); 8] = [
    ("<=", "≤"),
    (">=", "≥"),
    ("!=", "≠"),
    ("×", "*"),
    ("⋅", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("\u{2212}", "-"),
];

/// The text with its formulas in plain signs; what is no LaTeX stays as it is.
fn plain(text: &str) -> String {
    let mut text = commands(text);
    for (sign, one) in SIGNS {
        if text.contains(sign) {
            text = text.replace(sign, one);
        }
    }
    text
}

fn commands(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' => rest = command(rest, &mut out),
            // Braces hold together what plain text does not mark.
            '{' | '}' => {}
            '~' | '$' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Writes what a command says; `rest` follows its backslash. What follows the command is returned.
fn command<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    match name {
        // `\%` is a sign, `\(` and `\,` are marks of formulas and spaces.
        "" => {
            let mark = rest.chars().next();
            out.push(mark.filter(|c| matches!(c, '%' | '#' | '&' | '_')).unwrap_or(' '));
            &rest[mark.map_or(0, char::len_utf8)..]
        }
        "frac" | "dfrac" | "tfrac" | "cfrac" => {
            let after = after.trim_start();
            let Some((over, under, after)) = fraction(after) else { return after };
            let side = |side: &str| {
                let side = commands(side);
                if side.trim().chars().all(char::is_alphanumeric) { side } else { format!("({side})") }
            };
            out.push_str(&format!("{}/{}", side(over), side(under)));
            after
        }
        _ if LOOKS.contains(&name) => after,
        _ => {
            let symbol = SYMBOLS.iter().find(|(known, _)| *known == name);
            // The name of another command is a word of its own.
            out.push_str(&symbol.map_or_else(|| format!(" {name} "), |(_, symbol)| (*symbol).to_owned()));
            after
        }
    }
}

/// The two arguments of a fraction, and what follows them.
fn fraction(text: &str) -> Option<(&str, &str, &str)> {
    let (over, rest) = argument(text)?;
    let (under, rest) = argument(rest.trim_start())?;
    Some((over, under, rest))
}

/// What stands in braces, or the first character.
fn argument(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    if first != '{' {
        return Some(text.split_at(first.len_utf8()));
    }
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return Some((&text[1..at], &text[at + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn latex_is_plain_text() {
        let cases = [
            (r"$\frac{1}{2}$", "1/2"),
            (r"\frac{a+1}{b}", "(a+1)/b"),
            (r"\dfrac12", "1/2"),
            (r"50\% of \$5", "50% of  5"),
            (r"\text{cm}", "cm"),
            (r"x \leq 3", "x ≤ 3"),
            (r"\sqrt{2}", " sqrt 2"),
            ("a <= b", "a ≤ b"),
        ];
        for (latex, expected) in cases {
            assert_eq!(plain(latex).trim_matches(' '), expected.trim_matches(' '), "{latex}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_words(text in r"(\PC|\\frac|\\left|[{}$\\]){0,40}") {
            let words = comparable(&text);
            prop_assert!(words.iter().all(|word| !word.is_empty()));
        }

        #[test]
        fn prose_stays_as_it_is(text in "[a-zA-Z0-9 ,.?']{0,60}") {
            prop_assert_eq!(comparable(&text), copy_words(&text));
        }
    }
}
