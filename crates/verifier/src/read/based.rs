//! Numerals with a base: `1011_2`, `\text{2F}_{16}`.

use crate::number::Rational;
use dashu_int::IBig;

/// The integer that a numeral with a base from 2 to 36 names.
pub(crate) fn based(text: &str) -> Option<Rational> {
    for (prefix, base) in [("0b", 2), ("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let numeral = (1..=64).contains(&digits.len()) && digits.chars().all(|c| c.is_digit(base));
            return if numeral { IBig::from_str_radix(digits, base).ok().map(Rational::from) } else { None };
        }
    }
    let (digits, base) = text.rsplit_once('_')?;
    let base = base.trim().trim_start_matches('{').trim_end_matches('}').trim();
    let base: u32 = match base.strip_prefix(r"\text{").map(|word| word.trim_end_matches('}')).unwrap_or(base)
    {
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "twelve" => 12,
        "sixteen" => 16,
        digits => digits.parse().ok()?,
    };
    if !(2..=36).contains(&base) {
        return None;
    }
    let mut digits = digits.trim();
    let upright = digits.starts_with('\\') && base > 10;
    for command in [r"\text{", r"\mathrm{", r"\texttt{", "{", "("] {
        if let Some(inside) = digits.strip_prefix(command) {
            digits = inside.strip_suffix(['}', ')'])?;
        }
    }
    let (negative, digits) = digits.strip_prefix('-').map_or((false, digits), |rest| (true, rest));
    let digits = digits.trim();
    // A letter with an index is a name, so a numeral begins with a digit or is capitals throughout.
    let numeral = digits.starts_with(|c: char| c.is_ascii_digit())
        || ((digits.len() > 1 || upright)
            && digits.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
    if !numeral || digits.len() > 1_000 || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    let value = IBig::from_str_radix(digits, base).ok()?;
    Some(Rational::from(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::whole;

    #[test]
    fn numerals_have_their_base() {
        assert_eq!(based("1011_2"), Some(whole(11)));
        assert_eq!(based(r"1011_{\text{two}}"), Some(whole(11)));
        assert_eq!(based(r"\text{2F}_{16}"), Some(whole(47)));
        assert_eq!(based("12_2"), None);
        assert_eq!(based("x_2"), None);
        assert_eq!(based("a_{12}"), None);
    }
}
