//! Numerals in digits: separators, fractions, repeating decimals, exponents.

use crate::fuel::Stop;
use crate::number::{Rational, whole};
use dashu_int::{IBig, UBig};

/// Most digits that are read.
const MAX_DIGITS: usize = 3_000;

/// A numeral at the start of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Numeral {
    /// What it says.
    pub(crate) value: Rational,
    /// How many bytes it takes.
    pub(crate) len: usize,
    /// Whether it is digits alone, without a point or an exponent.
    pub(crate) is_whole: bool,
    /// Digits after the point; `None` without one.
    pub(crate) decimals: Option<usize>,
}

/// Reads the numeral that `text` begins with. Inside brackets a comma separates items, so that only a group
/// with a leading zero (`(1,000)`) is read as thousands there.
pub(crate) fn numeral(text: &str, in_brackets: bool) -> Result<Option<Numeral>, Stop> {
    let bytes = text.as_bytes();
    let mut digits = String::new();
    let mut at = whole_part(bytes, in_brackets, &mut digits);
    let (decimals, repeating) = decimal_part(text, &mut at, &mut digits);
    if digits.is_empty() {
        return Ok(None);
    }
    if digits.len() > MAX_DIGITS {
        return Err(Stop::Fuel);
    }
    let mut value = decimal(&digits, decimals.unwrap_or(0), repeating)?;
    let exponent = exponent(&bytes[at..]);
    if let Some((len, power)) = exponent {
        if power.unsigned_abs() > 1_000 {
            return Err(Stop::Fuel);
        }
        value *= whole(10).pow(power as isize);
        at += len;
    }
    let is_whole = decimals.is_none() && exponent.is_none();
    Ok(Some(Numeral { value, len: at, is_whole, decimals: if exponent.is_some() { None } else { decimals } }))
}

/// Takes the digits before the point, with their separators, and says where they end.
fn whole_part(bytes: &[u8], in_brackets: bool, digits: &mut String) -> usize {
    let mut at = take_digits(bytes, 0, digits);
    if at <= 3 && at > 0 && !digits.starts_with('0') {
        while let Some(separator) = separator(&bytes[at..]) {
            let group = at + separator;
            let three = bytes[group..].iter().take_while(|b| b.is_ascii_digit()).count() == 3;
            let comma = bytes[at] == b',' && separator == 1;
            let space = bytes[at] == b' ' && separator == 1;
            // In "7 125/1000" the space separates a whole number from its fraction.
            if !three
                || (space && (in_brackets || bytes[group + 3..].trim_ascii_start().starts_with(b"/")))
                || (comma && in_brackets && bytes[group] != b'0')
            {
                break;
            }
            at = take_digits(bytes, group, digits);
        }
    }
    at
}

/// Takes the digits after the point at `at`, and says how many there are, if there is a point, and how many of
/// them repeat.
fn decimal_part(text: &str, at: &mut usize, digits: &mut String) -> (Option<usize>, usize) {
    let bytes = text.as_bytes();
    let point = bytes.get(*at) == Some(&b'.');
    let fraction = bytes.get(*at + 1).is_some_and(u8::is_ascii_digit);
    let overline = point && bytes[*at + 1..].starts_with(br"\overline{");
    let bare = *at > 0 && bytes.get(*at + 1).is_none_or(|&b| b != b'.');
    if !point || !(fraction || overline || bare) {
        return (None, 0);
    }
    let before = digits.len();
    *at = take_digits(bytes, *at + 1, digits);
    let mut repeating = 0;
    if let Some((end, block)) = overlined(text, *at) {
        repeating = block.len();
        digits.push_str(block);
        *at = end;
    } else if let Some((len, block)) = dotted(&text[*at..], &digits[before..]) {
        repeating = block;
        *at += len;
    }
    (Some(digits.len() - before), repeating)
}

fn take_digits(bytes: &[u8], from: usize, digits: &mut String) -> usize {
    let count = bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    digits.extend(bytes[from..from + count].iter().map(|&b| char::from(b)));
    from + count
}

/// The length of a thousands separator before a digit: a comma, or a space, in one of their many spellings.
fn separator(bytes: &[u8]) -> Option<usize> {
    let spaces = |from: usize| bytes[from..].iter().take_while(|b| **b == b' ').count();
    let start = spaces(0);
    let braced = bytes.get(start) == Some(&b'{');
    let found = if braced {
        // `{,}`, with spaces anywhere.
        let comma = start + 1 + spaces(start + 1);
        let close = comma + 1 + bytes.get(comma + 1..).map_or(0, |_| spaces(comma + 1));
        (bytes.get(comma) == Some(&b',') && bytes.get(close) == Some(&b'}')).then_some(close + 1)?
    } else if start == 1 && bytes.get(1).is_some_and(u8::is_ascii_digit) {
        1
    } else {
        let spellings: [&[u8]; 5] = [br",\!", br"\,", br"\!,", br"\;", br"\ "];
        match spellings.into_iter().find(|s| bytes[start..].starts_with(s)) {
            Some(spelling) => start + spelling.len(),
            // A plain comma with a space beside it separates items.
            None => return (bytes.first() == Some(&b',') && bytes.get(1)?.is_ascii_digit()).then_some(1),
        }
    };
    let end = found + spaces(found);
    bytes.get(end)?.is_ascii_digit().then_some(end)
}

/// The digits under an overline at `at`, and where it ends.
fn overlined(text: &str, at: usize) -> Option<(usize, &str)> {
    let rest =
        text.get(at..)?.strip_prefix(r"\overline{").or_else(|| text.get(at..)?.strip_prefix(r"\bar{"))?;
    let end = rest.find('}')?;
    let block = &rest[..end];
    let start = text.len() - rest.len();
    (!block.is_empty() && block.bytes().all(|b| b.is_ascii_digit())).then_some((start + end + 1, block))
}

/// The length of the dots after decimals, and of the block of digits that they say to go on: "0.333..." and
/// "0.1666..." show it three times, longer blocks twice. Dots after other digits say nothing exact.
fn dotted(rest: &str, decimals: &str) -> Option<(usize, usize)> {
    let dots = ["...", r"\ldots", r"\dots", r"\cdots"].into_iter().find(|dots| rest.starts_with(dots))?;
    let shown = |block: usize| {
        let times = if block == 1 { 3 } else { 2 };
        let tail = decimals.len().checked_sub(block * times)?;
        let digits = decimals.as_bytes();
        let last = &digits[digits.len() - block..];
        digits[tail..].chunks(block).all(|part| part == last).then_some(block)
    };
    (1..=12).find_map(shown).map(|block| (dots.len(), block))
}

/// `digits` as a number of which the last `decimals` digits stand after the point, and the last `repeating`
/// of those repeat for ever.
fn decimal(digits: &str, decimals: usize, repeating: usize) -> Result<Rational, Stop> {
    let integer = |text: &str| -> Result<IBig, Stop> {
        if text.is_empty() { Ok(IBig::ZERO) } else { text.parse().map_err(|_| Stop::Unknown) }
    };
    let ten = UBig::from(10u8);
    let all = integer(digits)?;
    if repeating == 0 {
        return Ok(Rational::from_parts(all, ten.pow(decimals)));
    }
    let before = integer(&digits[..digits.len() - repeating])?;
    let nines = ten.pow(repeating) - UBig::ONE;
    Ok(Rational::from_parts(all - before, nines * ten.pow(decimals - repeating)))
}

/// A decimal exponent as in `1e3`: its length and value.
fn exponent(bytes: &[u8]) -> Option<(usize, i64)> {
    if !matches!(bytes.first()?, b'e' | b'E') {
        return None;
    }
    let signed = matches!(bytes.get(1)?, b'+' | b'-');
    let start = 1 + usize::from(signed);
    let count = bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
    let after = bytes.get(start + count);
    if count == 0 || count > 4 || after.is_some_and(|b| b.is_ascii_alphabetic() || *b == b'^') {
        return None;
    }
    let digits = bytes[start..start + count].iter().fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    Some((start + count, if bytes[1] == b'-' { -digits } else { digits }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::ratio;

    fn value(text: &str) -> Rational {
        let found = numeral(text, false).unwrap().unwrap();
        assert_eq!(found.len, text.len(), "{text}");
        found.value
    }

    #[test]
    fn separators_join_groups_of_three() {
        for text in [
            "1234567",
            "1,234,567",
            "1{,}234{,}567",
            r"1\,234\,567",
            r"1,\!234,\! 567",
            "1 {, } 234{,}567",
            "1 234 567",
        ] {
            assert_eq!(value(text), whole(1_234_567), "{text}");
        }
        assert_eq!(numeral("1,23", false).unwrap().unwrap().len, 1);
        assert_eq!(numeral("1,234", true).unwrap().unwrap().len, 1);
        assert_eq!(numeral("1, 234", false).unwrap().unwrap().len, 1);
        assert_eq!(numeral("1 125/1000", false).unwrap().unwrap().len, 1);
        assert_eq!(numeral("1,000", true).unwrap().unwrap().len, 5);
        assert_eq!(numeral("0,123", false).unwrap().unwrap().len, 1);
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(value("0.50"), ratio(1, 2));
        assert_eq!(value(".5"), ratio(1, 2));
        assert_eq!(value("12."), whole(12));
        assert_eq!(value(r"0.1\overline{6}"), ratio(1, 6));
        assert_eq!(value(r"0.\overline{142857}"), ratio(1, 7));
        assert_eq!(value("0.333..."), ratio(1, 3));
        assert_eq!(value(r"0.1666\ldots"), ratio(1, 6));
        assert_eq!(value("0.1212..."), ratio(4, 33));
        assert_eq!(numeral("3.14159...", false).unwrap().unwrap().len, 7);
        assert_eq!(value("1e3"), whole(1000));
        assert_eq!(value("2.5E-1"), ratio(1, 4));
        assert_eq!(numeral("2e", false).unwrap().unwrap().len, 1);
        assert!(numeral("x", false).unwrap().is_none());
    }
}
