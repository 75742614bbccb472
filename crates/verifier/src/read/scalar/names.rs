//! What names stand for: functions, letters, products of letters.

use crate::expr::{Expr, Function};

pub(super) fn letter(name: &str) -> Expr {
    match name {
        "e" => Expr::E,
        "i" => Expr::I,
        _ => Expr::Symbol(name.to_owned()),
    }
}

/// English words of two letters, which are no products.
const SHORT_WORDS: &[&str] = &[
    "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on",
    "or", "so", "to", "up", "us", "we", "am", "pm", "No", "Is", "It", "On", "Or", "If", "In", "At", "To",
];

/// The letters of a run that is a product of unknowns. Capitals in a row are one name, and what looks like a
/// word is none.
pub(super) fn product_of_letters(word: &str) -> Option<Vec<&str>> {
    let count = word.chars().count();
    let letters = || word.char_indices().map(|(at, c)| &word[at..at + c.len_utf8()]).collect();
    match count {
        1 if word.starts_with(is_ideograph) => None,
        1 => Some(letters()),
        _ if word.chars().all(char::is_uppercase) && count <= 4 => Some(vec![word]),
        2 if word.chars().all(char::is_lowercase) && !SHORT_WORDS.contains(&word) => Some(letters()),
        3..=6 if word.chars().all(|c| "abcdxyznmk".contains(c)) => Some(letters()),
        _ => None,
    }
}

/// Whether a letter is a word of its own, as in Chinese.
fn is_ideograph(c: char) -> bool {
    ('\u{3040}'..='\u{9fff}').contains(&c)
}

pub(super) fn is_letter_command(name: &str) -> bool {
    const LETTERS: &[&str] = &[
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "vartheta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "varphi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
        "ell",
    ];
    LETTERS.contains(&name)
}

pub(super) fn is_expression_command(name: &str) -> bool {
    const OTHER: &[&str] = &[
        "frac", "dfrac", "tfrac", "cfrac", "nicefrac", "sfrac", "sqrt", "pi", "binom", "dbinom", "tbinom",
        "overline", "bar", "sum", "prod", "hat", "widehat", "tilde", "dot",
    ];
    OTHER.contains(&name) || is_letter_command(name) || is_function(name)
}

pub(super) fn is_function(name: &str) -> bool {
    function_of(name).is_some()
}

/// The function of a name, and the base that a name such as `log2` holds.
pub(super) fn function_of(name: &str) -> Option<(Function, Option<i64>)> {
    let function = match name {
        "sin" => Function::Sin,
        "cos" => Function::Cos,
        "tan" => Function::Tan,
        "cot" => Function::Cot,
        "sec" => Function::Sec,
        "csc" => Function::Csc,
        "arcsin" | "asin" => Function::Asin,
        "arccos" | "acos" => Function::Acos,
        "arctan" | "atan" => Function::Atan,
        "sinh" => Function::Sinh,
        "cosh" => Function::Cosh,
        "tanh" => Function::Tanh,
        "cis" => Function::Cis,
        "exp" => Function::Exp,
        "ln" => Function::Ln,
        "log" => Function::Log,
        "lg" => return Some((Function::Log, Some(10))),
        "abs" => Function::Abs,
        "floor" => Function::Floor,
        "ceil" => Function::Ceil,
        "gcd" => Function::Gcd,
        "lcm" => Function::Lcm,
        "max" => Function::Max,
        "min" => Function::Min,
        _ => return None,
    };
    Some((function, None))
}

pub(super) fn inverse(function: &Function) -> Option<Function> {
    match function {
        Function::Sin => Some(Function::Asin),
        Function::Cos => Some(Function::Acos),
        Function::Tan => Some(Function::Atan),
        _ => None,
    }
}
