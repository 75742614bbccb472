//! Numbers written as words: "twenty-five", "three hundred and four", "one half".

use crate::number::{Rational, ratio, whole};

/// The number that a text of words says, if every word of it belongs to one.
pub(crate) fn number_words(text: &str) -> Option<Rational> {
    if text.len() > 100 || !text.is_ascii() {
        return None;
    }
    let lower = text.trim().to_ascii_lowercase();
    let (signed, lower) = match lower.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, lower.as_str()),
    };
    let lower = lower.replace('-', " ");
    let lower = lower.trim();
    let unsigned = match signed {
        true => Some(lower),
        false => lower.strip_prefix("negative ").or(lower.strip_prefix("minus ")),
    };
    let negative = unsigned.is_some();
    let lower = unsigned.unwrap_or(lower);
    // "a hundred" says "one hundred".
    let counted = lower
        .strip_prefix("a ")
        .filter(|rest| rest.split_whitespace().next().and_then(scale).is_some_and(|factor| factor.is_int()));
    let lower = counted.map_or_else(|| lower.to_owned(), |rest| format!("one {rest}"));
    let words: Vec<&str> = lower.split_whitespace().collect();
    let value = spoken(&words)?;
    Some(if negative { -value } else { value })
}

/// "twenty five", "three and a half", "two thirds".
fn spoken(words: &[&str]) -> Option<Rational> {
    if let Some(at) = words.iter().rposition(|word| *word == "and")
        && let Some(part) = part(&words[at + 1..])
        && let Some(count) = cardinal(&words[..at])
    {
        return Some(whole(count) + part);
    }
    let words: Vec<&str> = words.iter().copied().filter(|&word| word != "and").collect();
    if let [count, "hundred"] = words[..]
        && let Some(count @ 11..=99) = unit(count)
    {
        return Some(whole(count * 100));
    }
    Some(match words.split_last()? {
        (part, count) if !count.is_empty() && fraction(part).is_some() => {
            let count = if count == ["a"] || count == ["an"] { 1 } else { cardinal(count)? };
            whole(count) / whole(fraction(part)?)
        }
        (&"dozen", count) if !count.is_empty() => whole(cardinal(count)?) * whole(12),
        _ => whole(cardinal(&words)?),
    })
}

/// "a half", "three quarters": a part smaller than one.
fn part(words: &[&str]) -> Option<Rational> {
    let (last, count) = words.split_last()?;
    let count = if count == ["a"] || count == ["an"] { 1 } else { cardinal(count)? };
    let parts = fraction(last)?;
    (count < parts).then(|| whole(count) / whole(parts))
}

/// The value of "a half", "3 quarters" and so on: the parts in a whole.
fn fraction(word: &str) -> Option<i64> {
    Some(match word {
        "half" | "halves" => 2,
        "third" | "thirds" => 3,
        "quarter" | "quarters" | "fourth" | "fourths" => 4,
        "fifth" | "fifths" => 5,
        "sixth" | "sixths" => 6,
        "eighth" | "eighths" => 8,
        "tenth" | "tenths" => 10,
        _ => return None,
    })
}

/// The part that a plural after a count names: 3 "fifths".
pub(crate) fn plural_part(word: &str) -> Option<Rational> {
    let word = word.trim();
    if !word.ends_with('s') {
        return None;
    }
    Some(ratio(1, fraction(word)?))
}

/// The factor that a word after a numeral stands for: "1.5 million".
pub(crate) fn scale(word: &str) -> Option<Rational> {
    Some(match word.to_ascii_lowercase().as_str() {
        "dozen" => whole(12),
        "hundred" => whole(100),
        "thousand" => whole(1_000),
        "million" => whole(1_000_000),
        "billion" => whole(1_000_000_000),
        "trillion" => whole(1_000_000_000_000),
        "lakh" | "lakhs" => whole(100_000),
        "crore" | "crores" => whole(10_000_000),
        "half" => ratio(1, 2),
        _ => return None,
    })
}

fn cardinal(words: &[&str]) -> Option<i64> {
    // `group` is what stands before the next thousand, million or billion.
    let (mut total, mut group, mut last) = (0i64, 0i64, i64::MAX);
    for word in words {
        let value = unit(word);
        match (value, *word) {
            // "five twenty" and "five six" are no numbers: each word must be smaller than the one before.
            (Some(value), _) if last > 9 && value < last && (value < 10 || last >= 100) => {
                group += value;
                last = if value == 0 { 0 } else { value.max(10) };
                if value < 10 {
                    last = 9;
                }
            }
            (None, "hundred") if (1..10).contains(&group) => {
                group *= 100;
                last = 100;
            }
            (None, "thousand" | "million" | "billion") if group > 0 => {
                let size = match *word {
                    "thousand" => 1_000,
                    "million" => 1_000_000,
                    _ => 1_000_000_000,
                };
                if total != 0 && total % (size * 1_000) != 0 {
                    return None;
                }
                total += group * size;
                (group, last) = (0, i64::MAX);
            }
            _ => return None,
        }
    }
    if words.is_empty() { None } else { Some(total + group) }
}

fn unit(word: &str) -> Option<i64> {
    const SMALL: [&str; 20] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    if let Some(at) = SMALL.iter().position(|&small| small == word) {
        return Some(at as i64);
    }
    TENS.iter().position(|&tens| tens == word).map(|at| 20 + 10 * at as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_numbers() {
        let cases = [
            ("seven", 7),
            ("Twenty-five", 25),
            ("three hundred and four", 304),
            ("two thousand", 2000),
            ("one million two hundred thousand", 1_200_000),
            ("minus six", -6),
            ("ninety nine", 99),
            ("zero", 0),
            ("four hundred twelve", 412),
        ];
        for (text, value) in cases {
            assert_eq!(number_words(text), Some(whole(value)), "{text}");
        }
        assert_eq!(number_words("a dozen"), Some(whole(12)));
        assert_eq!(number_words("one half"), Some(ratio(1, 2)));
        assert_eq!(number_words("three quarters"), Some(ratio(3, 4)));
        for text in
            ["five six", "five twenty", "hundred hundred", "apple", "", "seven apples", "twenty eleven"]
        {
            assert_eq!(number_words(text), None, "{text}");
        }
    }
}
