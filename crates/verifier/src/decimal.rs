//! Exact comparison of plain decimal numerals, as texts: no float and no limit on digits.

/// A decimal numeral in lowest terms: equal numbers are equal values of this type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: String,
    /// Digits after the point, without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// Reads the numeral that `text` begins with, after an optional sign and currency sign: digits with
    /// optional thousands commas, and an optional fraction. `None` where no digit comes first.
    pub(crate) fn leading(text: &str) -> Option<Self> {
        let text = text.trim_start();
        let (mut negative, mut rest) = sign(text);
        rest = rest.trim_start_matches(['$', '€', '£']).trim_start();
        if !negative {
            (negative, rest) = sign(rest);
        }
        let bytes = rest.as_bytes();
        let (mut whole, mut at) = (String::new(), 0);
        while at < bytes.len() && (bytes[at].is_ascii_digit() || is_thousands_comma(bytes, at, &whole)) {
            if bytes[at].is_ascii_digit() {
                whole.push(char::from(bytes[at]));
            }
            at += 1;
        }
        let mut fraction = String::new();
        if bytes.get(at) == Some(&b'.') {
            fraction
                .extend(bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).map(|&b| char::from(b)));
        }
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole, fraction })
    }
}

impl Decimal {
    /// Reads a text that is a numeral and nothing else: digits with thousands commas, a sign, a fraction.
    pub(crate) fn whole(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'-' | b'+');
        if text.len() > 4_000 || !text.bytes().all(plain) || text.bytes().filter(|&b| b == b'.').count() > 1 {
            return None;
        }
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if unsigned.contains(['-', '+'])
            || fraction.contains(',')
            || (whole.is_empty() && fraction.is_empty())
        {
            return None;
        }
        // Groups of three, the first of one to three digits and no leading zero; else the comma lists.
        let mut groups = whole.split(',');
        let first = groups.next()?;
        let grouped = whole.contains(',');
        if grouped && (first.is_empty() || first.len() > 3 || first.starts_with('0')) {
            return None;
        }
        if groups.any(|group| group.len() != 3) {
            return None;
        }
        Self::leading(text)
    }
}

/// Whether the comma at `at` stands between digits, before exactly three of them.
fn is_thousands_comma(bytes: &[u8], at: usize, whole: &str) -> bool {
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    bytes[at] == b',' && !whole.is_empty() && (1..=3).all(|ahead| digit(at + ahead)) && !digit(at + 4)
}

/// Splits off a leading sign; the flag says whether it is a minus.
fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix(['-', '−']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_equal_values() {
        let same = [
            ("18", "18.00"),
            ("$1,234.50", "1234.5"),
            ("-$5", "-5"),
            ("$-5", "−5"),
            ("+7", "7"),
            (".5", "0.50"),
            ("-0", "0"),
            ("3 apples", "3"),
            ("12.", "12"),
        ];
        for (left, right) in same {
            assert!(Decimal::leading(left).is_some(), "{left}");
            assert_eq!(Decimal::leading(left), Decimal::leading(right), "{left} {right}");
        }
        for (left, right) in [("18", "81"), ("5", "-5"), ("1.5", "15"), ("1,23", "123"), ("0.1", "0.01")] {
            assert_ne!(Decimal::leading(left), Decimal::leading(right), "{left} {right}");
        }
        assert!(["", "-", "x7", "$", "."].iter().all(|text| Decimal::leading(text).is_none()));
    }
}
