//! Lines that are almost JSON, as common writers make them: `NaN` and infinities, halves of surrogate pairs,
//! and whole numbers of more digits than a machine word has.

/// What was mended in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mend {
    /// `NaN`, which writers mean as a missing value.
    Nan,
    /// `Infinity` and `-Infinity`.
    Infinity,
    /// Half of a surrogate pair.
    Surrogate,
}

impl Mend {
    /// What was found and what it is read as.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Nan => "`NaN` is no JSON and is read as null",
            Self::Infinity => "`Infinity` is no JSON and is read as a text",
            Self::Surrogate => "half of a surrogate pair is no character and is read as U+FFFD",
        }
    }
}

/// A line as it can be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mended {
    /// The line as JSON, otherwise as it was written.
    pub(super) text: String,
    /// The same with whole numbers of too many digits as texts: what is parsed.
    pub(super) exact: String,
    /// What was mended, each kind once.
    pub(super) mends: Vec<Mend>,
}

/// Digits that a number of a machine word may have and one may not.
const DIGITS: usize = 19;

/// Whether a line may hold a whole number that a machine word cannot: so many digits in a row.
pub(super) fn has_long_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = DIGITS - 1;
    while at < bytes.len() {
        // Any run of so many digits covers one of the places that are looked at.
        if bytes[at].is_ascii_digit() {
            let before = bytes[..at].iter().rev().take_while(|b| b.is_ascii_digit()).count();
            let after = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
            if before + after >= DIGITS {
                return true;
            }
        }
        at += DIGITS;
    }
    false
}

/// Mends a line. What is neither text nor one of the things named above stays as it is, broken or not.
pub(super) fn mend(line: &str) -> Mended {
    let mut mended = Mended { text: String::new(), exact: String::new(), mends: Vec::new() };
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '"' => text(rest, &mut mended),
            '-' | '0'..='9' | 'N' | 'I' => scalar(rest, &mut mended),
            _ => {
                mended.both(&rest[..c.len_utf8()]);
                c.len_utf8()
            }
        };
        rest = &rest[len..];
    }
    mended.mends.sort_unstable();
    mended.mends.dedup();
    mended
}

impl Mended {
    fn both(&mut self, text: &str) {
        self.text.push_str(text);
        self.exact.push_str(text);
    }

    fn put(&mut self, text: &str, mend: Mend) {
        self.both(text);
        self.mends.push(mend);
    }
}

/// A number or a constant at the start of `rest`; its length.
fn scalar(rest: &str, mended: &mut Mended) -> usize {
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.')));
    let word = &rest[..end.unwrap_or(rest.len())];
    match word {
        "NaN" | "-NaN" => mended.put("null", Mend::Nan),
        "Infinity" => mended.put("\"Infinity\"", Mend::Infinity),
        "-Infinity" => mended.put("\"-Infinity\"", Mend::Infinity),
        _ if is_too_long(word) => {
            mended.text.push_str(word);
            mended.exact.push_str(&format!("\"{word}\""));
        }
        _ => mended.both(word),
    }
    word.len()
}

/// Whether a word is a whole number that no machine word holds.
fn is_too_long(word: &str) -> bool {
    let digits = word.strip_prefix('-').unwrap_or(word);
    let whole = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    whole && !digits.starts_with('0') && word.parse::<i64>().is_err() && word.parse::<u64>().is_err()
}

/// A text in quotes at the start of `rest`; its length.
fn text(rest: &str, mended: &mut Mended) -> usize {
    let bytes = rest.as_bytes();
    let (mut at, mut from) = (1, 0);
    while at < bytes.len() && bytes[at] != b'"' {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        let unit = |at: usize| {
            let digits = rest.get(at..at + 6)?.strip_prefix("\\u")?;
            u16::from_str_radix(digits, 16).ok()
        };
        match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => at += 12,
            Some(0xD800..=0xDFFF) => {
                mended.both(&rest[from..at]);
                mended.put("\\ufffd", Mend::Surrogate);
                at += 6;
                from = at;
            }
            // An escape: what follows the backslash does not end the text.
            _ => at += 1 + rest[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    let end = (at + 1).min(rest.len());
    mended.both(&rest[from..end]);
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_writers_mean_is_read() {
        let found =
            mend(r#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" \ud83d \ud83d\ude00 \\ud83d"}"#);
        let text =
            r#"{"a": null, "b": ["-Infinity", "Infinity"], "c": "NaN \" \ufffd \ud83d\ude00 \\ud83d"}"#;
        assert_eq!(found.text, text);
        assert_eq!(found.mends, [Mend::Nan, Mend::Infinity, Mend::Surrogate]);
        let found =
            mend(r#"{"n": 18446744073709551616, "m": -9223372036854775809, "t": "18446744073709551616"}"#);
        assert!(found.exact.contains(r#""n": "18446744073709551616", "m": "-9223372036854775809""#));
        assert!(found.text.contains(r#""n": 18446744073709551616"#) && found.mends.is_empty());
        for kept in ["18446744073709551615", "-9223372036854775808", "1.8446744073709551616", "1e30", "00"] {
            assert_eq!(mend(kept).exact, kept);
        }
    }

    proptest! {
        #[test]
        fn json_and_broken_lines_stay_as_they_are(line in "[\\PC\n\"\\\\{}:,a-z0-9 é]{0,60}") {
            let found = mend(&line);
            if found.mends.is_empty() {
                prop_assert_eq!(found.text, line);
            }
        }

        #[test]
        fn values_survive(text in "\\PC{0,30}", number: i64, real: f64) {
            let row = serde_json::json!({"t": text, "n": [number, real]}).to_string();
            prop_assert_eq!(mend(&row), Mended { text: row.clone(), exact: row, mends: vec![] });
        }

        #[test]
        fn long_numbers_are_seen(before in "[a-z ]{0,40}", digits in "[1-9][0-9]{18,40}", after in "[a-z ]{0,40}") {
            let line = format!("{before}{digits}{after}");
            prop_assert!(has_long_number(&line));
            let short = format!("{before}{}x{}{after}", &digits[..18], &digits[..1]);
            prop_assert!(!has_long_number(&short));
        }
    }
}
