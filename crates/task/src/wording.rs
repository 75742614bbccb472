//! When two questions are the same question: their words, without case, punctuation and white space.

/// The words of a text: runs of letters and digits in lower case. A number keeps its decimal point and
/// loses its thousands commas, so that `1,000.5` is one word.
pub fn words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (i, &c) in characters.iter().enumerate() {
        let beside =
            |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(char::is_ascii_digit);
        let inside = beside(i.checked_sub(1)) && beside(Some(i + 1));
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        } else if c == '.' && inside {
            word.push(c);
        } else if c == ',' && inside {
            // A thousands comma.
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// The words of a text with one space between each two. Two questions with the same normal text are the same.
pub fn normal_text(text: &str) -> String {
    words(text).join(" ")
}

/// The question as a copy of it would be recognized: its words, with operators, brackets and other symbols as
/// words of their own, and one space between each two. `3 + 5` and `3 - 5` differ, as do `(1, 2)` and `(12)`;
/// case, white space, and punctuation between words do not count, and neither does `$`, a currency or the
/// mark of a formula.
pub fn copy_text(text: &str) -> String {
    copy_words(text).join(" ")
}

/// The words of [`copy_text`].
pub fn copy_words(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let (mut words, mut word) = (Vec::new(), String::new());
    for (i, &c) in characters.iter().enumerate() {
        let kind = kind(&characters, i);
        if kind == Kind::Inside {
            word.extend(c.to_lowercase());
            continue;
        }
        if kind == Kind::Thousands {
            continue;
        }
        if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if kind == Kind::Symbol {
            words.push(c.to_string());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// What a character is to a copy of its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Part of a word or number.
    Inside,
    /// A comma between thousands.
    Thousands,
    /// A word of its own.
    Symbol,
    /// What stands between words.
    Between,
}

fn kind(characters: &[char], at: usize) -> Kind {
    let c = characters[at];
    let beside = |place: Option<usize>| place.and_then(|place| characters.get(place)).copied();
    let (before, after) = (beside(at.checked_sub(1)), beside(Some(at + 1)));
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let single = || {
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        letter(before) && !letter(at.checked_sub(2).and_then(|place| beside(Some(place))))
    };
    let symbol = |is: bool| if is { Kind::Symbol } else { Kind::Between };
    match c {
        c if c.is_alphanumeric() => Kind::Inside,
        c if c.is_whitespace() => Kind::Between,
        '.' if digit(after) && !before.is_some_and(|c| c.is_alphabetic() || c == '.') => Kind::Inside,
        ',' if digit(before) && thousands(&characters[at + 1..]) => Kind::Thousands,
        ':' => symbol(digit(before) && digit(after)),
        // A factorial, as in 5! and n!; a sentence may end in a number, so only where more follows.
        '!' => symbol((digit(before) || single()) && after.is_some_and(|c| !c.is_whitespace())),
        // A derivative, as in f'(x).
        '\'' | '’' => symbol(single() && after == Some('(')),
        '-' | '–' | '\u{2212}' => symbol(is_minus(characters, at)),
        '.' | ',' | ';' | '?' | '"' | '`' | '“' | '”' | '‘' | '…' | '—' | '$' | '\u{feff}' | '\u{200b}' => {
            Kind::Between
        }
        '。' | '，' | '、' | '；' | '：' | '？' | '！' | '「' | '」' | '（' | '）' => {
            Kind::Between
        }
        _ => Kind::Symbol,
    }
}

/// Whether three digits follow and then no further one.
fn thousands(after: &[char]) -> bool {
    after.iter().take_while(|c| c.is_ascii_digit()).count() == 3
}

/// Whether a dash takes away: a number, a bracket, a formula or a single letter follows it. Between words
/// it is a hyphen or a pause.
fn is_minus(characters: &[char], at: usize) -> bool {
    let mut after = characters[at + 1..].iter().skip_while(|c| c.is_whitespace());
    match after.next() {
        Some(c) if c.is_alphabetic() => !after.next().is_some_and(|c| c.is_alphabetic()),
        Some(c) => c.is_ascii_digit() || matches!(c, '(' | '[' | '{' | '\\' | '$' | '.' | '√'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_words() {
        let found = words("She has $1,000.50, 3 dogs,4 cats. It's 5.");
        assert_eq!(found, ["she", "has", "1000.50", "3", "dogs", "4", "cats", "it", "s", "5"]);
        assert_eq!(words(" ?! "), Vec::<String>::new());
    }

    #[test]
    fn copies_have_the_same_operators() {
        let copies = [
            ("What is 3 + 5?", "what is  3+5"),
            ("A well-known shop sells 1,000 eggs.", "A well known shop sells 1000 eggs!"),
            ("She waits - and pays $5.", "She waits, and pays 5"),
            ("It costs 5!", "It costs 5"),
            ("Find $x^2$.", "find x^2"),
        ];
        for (one, other) in copies {
            assert_eq!(copy_text(one), copy_text(other));
        }
        let others = [
            ("What is 3 + 5?", "What is 3 - 5?"),
            ("What is 3 \u{2212} 5?", "What is 3 5?"),
            ("What is $-5$?", "What is $5$?"),
            ("Compute (3 + 5) * 2.", "Compute 3 + (5 * 2)."),
            ("The point (1,2)", "The point (12)"),
            ("Take .5 of it", "Take 5 of it"),
            ("The ratio 3:5", "The ratio 3, 5"),
            ("Is x < 3?", "Is x > 3?"),
            ("Find f'(2).", "Find f(2)."),
            ("What is (5!)?", "What is (5)?"),
            ("a - b", "a b"),
            ("5% of 20", "5 of 20"),
            ("🍎 + 🍎 = 10", "🍐 + 🍎 = 10"),
        ];
        for (one, other) in others {
            assert_ne!(copy_text(one), copy_text(other));
        }
    }

    proptest! {
        #[test]
        fn other_operators_make_another_question(
            left in "[a-z]{1,6}|[0-9]{1,3}", right in "[0-9]{1,3}|[a-z]", space in " ?",
            operators in proptest::sample::subsequence(vec!['+', '-', '*', '/', '=', '<', '>', '^', '×', '÷', '≤'], 2),
        ) {
            let with = |operator: char| copy_text(&format!("What is {left}{space}{operator}{space}{right}?"));
            prop_assert_ne!(with(operators[0]), with(operators[1]));
            prop_assert_ne!(with(operators[0]), copy_text(&format!("What is {left} {right}?")));
        }

        #[test]
        fn copies_may_be_spaced_otherwise(text in "[a-zA-Z0-9 ,.?]{0,60}") {
            let other = format!("\n{} ?", text.to_uppercase().replace(' ', "  "));
            prop_assert_eq!(copy_text(&other), copy_text(&text));
        }

        #[test]
        fn normal_text_is_normal(text in "(?s).{0,40}", number in "[0-9,.]{0,12}") {
            let once = normal_text(&(text + &number));
            prop_assert_eq!(normal_text(&once), once);
        }

        #[test]
        fn case_and_spaces_do_not_count(text in "[a-zA-Z0-9 ,.?]{0,60}") {
            let other = format!("\n{} !", text.to_uppercase().replace(' ', "  "));
            prop_assert_eq!(normal_text(&other), normal_text(&text));
        }
    }
}
