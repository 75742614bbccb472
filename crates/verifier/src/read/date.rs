//! Dates: "March 5, 2020" and "5 March 2020" are one day.

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The month that a word names or abbreviates: "Jan", "Sept".
fn month(word: &str) -> Option<&'static str> {
    let short = word.len() == 3 || word.eq_ignore_ascii_case("sept");
    let named = |month: &str| month.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    MONTHS.into_iter().find(|month| named(month) && (short || month.len() == word.len()))
}

/// A text of a month and numbers as month, day and year.
pub(super) fn date(text: &str) -> Option<String> {
    if let Some(date) = iso(text) {
        return Some(date);
    }
    let is_month = |word: &str| month(word).is_some();
    if text.len() > 60 || !text.split(|c: char| !c.is_ascii_alphabetic()).any(is_month) {
        return None;
    }
    let text = super::strip::plain_text(text);
    let words: Vec<&str> = text.split(' ').collect();
    let (months, numbers): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| is_month(word));
    let digits = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let [word] = months[..] else { return None };
    let month = month(word)?;
    match &numbers[..] {
        [day] if digits(day) => Some(format!("{month} {day}")),
        [a, b] if digits(a) && digits(b) => match (a.len(), b.len()) {
            (1 | 2, 4) => Some(format!("{month} {a} {b}")),
            (4, 1 | 2) => Some(format!("{month} {b} {a}")),
            _ => None,
        },
        _ => None,
    }
}

/// `1776-07-04`.
fn iso(text: &str) -> Option<String> {
    let mut parts = text.trim().splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    let (month, day): (usize, usize) = (month.parse().ok()?, day.parse().ok()?);
    let month = MONTHS.get(month.checked_sub(1)?)?;
    (1..=31).contains(&day).then(|| format!("{month} {day} {year}"))
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn a_day_has_one_spelling() {
        assert!(date("5 March 2020").is_some());
        assert_eq!(date("5 March 2020"), date("March 5th, 2020"));
        assert_ne!(date("5 march 2020"), date("march 6 2020"));
        assert_eq!(date("Sept. 5"), date("5 September"));
        assert_eq!(date("may be 5"), None);
        assert_eq!(date("5 6 2020"), None);
    }
}
