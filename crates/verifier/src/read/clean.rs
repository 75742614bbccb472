//! One spelling for the many ways in which the same sign is typed.

use std::borrow::Cow;

/// The text with Unicode signs replaced by their LaTeX or ASCII spelling; ASCII text is returned as it is.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if is_escaped_twice(text) {
        return Cow::Owned(plain_signs(&text.replace(r"\\", r"\")).into_owned());
    }
    plain_signs(text)
}

/// Whether commands begin with two backslashes, as LaTeX does that was escaped once too often: a line break
/// (`\\`) is not followed by the letters of a command.
fn is_escaped_twice(text: &str) -> bool {
    const COMMANDS: &[&str] = &[
        "frac", "dfrac", "tfrac", "sqrt", "left", "right", "boxed", "text", "mathrm", "pi", "cdot", "times",
        "le", "leq", "ge", "geq", "infty", "pm", "in", "cup", "begin", "circ", "binom",
    ];
    let mut rest = text;
    while let Some(at) = rest.find(r"\\") {
        let after = rest[at..].trim_start_matches('\\');
        let slashes = rest.len() - at - after.len();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        if slashes == 2 && COMMANDS.contains(&&after[..letters]) {
            return true;
        }
        rest = after;
    }
    false
}

fn plain_signs(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut raised: Option<&str> = None;
    for c in text.chars() {
        // A run of superscripts or subscripts is one exponent or index.
        let level = superscript(c).map(|_| "^").or(subscript(c).map(|_| "_"));
        if level != raised {
            if raised.is_some() {
                out.push('}');
            }
            if let Some(mark) = level {
                out.push_str(mark);
                out.push('{');
            }
            raised = level;
        }
        match superscript(c).or(subscript(c)) {
            Some(plain) => out.push(plain),
            None => push(c, &mut out),
        }
    }
    if raised.is_some() {
        out.push('}');
    }
    Cow::Owned(out)
}

fn push(c: char, out: &mut String) {
    if let Some(latex) = spelling(c) {
        out.push_str(latex);
        return;
    }
    // Full-width forms mirror ASCII.
    match u32::from(c) {
        code @ 0xff01..=0xff5e => out.extend(char::from_u32(code - 0xfee0)),
        _ => out.push(c),
    }
}

fn superscript(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        '⁺' => '+',
        'ⁿ' => 'n',
        _ => return None,
    })
}

fn subscript(c: char) -> Option<char> {
    if !('₀'..='₉').contains(&c) {
        return None;
    }
    char::from_digit(u32::from(c) - u32::from('₀'), 10)
}

fn spelling(c: char) -> Option<&'static str> {
    Some(match c {
        '−' | '–' | '—' | '‐' | '‑' | '﹣' => "-",
        '\u{a0}' | '\u{2007}' | '\u{202f}' => " ",
        '\u{2009}' | '\u{200a}' | '\u{2006}' => r"\,",
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}' | '\u{2061}' | '\u{2062}' => "",
        '\u{2002}' | '\u{2003}' | '\u{3000}' => " ",
        '×' | '·' | '⋅' | '∙' | '∗' | '•' => "*",
        '÷' | '∕' | '⁄' => "/",
        '∶' => ":",
        'π' | '𝜋' | 'Π' => r"\pi ",
        'θ' => r"\theta ",
        'α' => r"\alpha ",
        'β' => r"\beta ",
        'γ' => r"\gamma ",
        'λ' => r"\lambda ",
        'φ' | 'ϕ' => r"\phi ",
        'ω' => r"\omega ",
        '∞' => r"\infty ",
        '√' => r"\sqrt ",
        '∛' => r"\sqrt[3]",
        '≤' | '⩽' | '≦' => r"\le ",
        '≥' | '⩾' | '≧' => r"\ge ",
        '≠' => r"\ne ",
        '≈' | '≃' | '≅' => r"\approx ",
        '≡' => r"\equiv ",
        '∈' => r"\in ",
        '∪' => r"\cup ",
        '∩' => r"\cap ",
        '∖' => r"\setminus ",
        '∅' => r"\emptyset ",
        'ℝ' => r"\mathbb{R}",
        'ℤ' => r"\mathbb{Z}",
        'ℕ' => r"\mathbb{N}",
        'ℚ' => r"\mathbb{Q}",
        'ℂ' => r"\mathbb{C}",
        '°' | 'º' | '˚' => r"\degree ",
        '±' => r"\pm ",
        '∓' => r"\mp ",
        '⟨' | '〈' => r"\langle ",
        '⟩' | '〉' => r"\rangle ",
        '⌊' => r"\lfloor ",
        '⌋' => r"\rfloor ",
        '⌈' => r"\lceil ",
        '⌉' => r"\rceil ",
        '→' | '⇒' | '⟹' => r"\to ",
        '∧' => r"\land ",
        '∨' => r"\lor ",
        '…' => "...",
        '½' => r"\frac{1}{2}",
        '⅓' => r"\frac{1}{3}",
        '⅔' => r"\frac{2}{3}",
        '¼' => r"\frac{1}{4}",
        '¾' => r"\frac{3}{4}",
        '⅕' => r"\frac{1}{5}",
        '⅙' => r"\frac{1}{6}",
        '⅛' => r"\frac{1}{8}",
        '⅜' => r"\frac{3}{8}",
        '⅝' => r"\frac{5}{8}",
        '⅞' => r"\frac{7}{8}",
        '’' | '‘' | '′' => "'",
        '“' | '”' => "\"",
        '。' => ".",
        '，' | '、' => ",",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_have_one_spelling() {
        assert_eq!(clean("−５"), "-5");
        assert_eq!(clean("x²³ + y⁻¹"), "x^{23} + y^{-1}");
        assert_eq!(clean("a₁₂"), "a_{12}");
        assert_eq!(clean("7½"), r"7\frac{1}{2}");
        assert_eq!(clean("plain"), "plain");
        assert_eq!(clean(r"\\frac{1}{2}"), r"\frac{1}{2}");
        assert_eq!(clean(r"1\\x\\\frac{1}{2}"), r"1\\x\\\frac{1}{2}");
    }
}
