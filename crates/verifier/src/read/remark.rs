//! Words around an answer that leave it as it is: "the point (3, 2)", "42 (forty-two)", "3 each".

use super::number_words::number_words;

/// Words that lead up to an answer.
const LEADS: &[&str] = &[
    "the",
    "answer",
    "answers",
    "is",
    "are",
    "final",
    "correct",
    "point",
    "points",
    "line",
    "year",
    "value",
    "values",
    "result",
    "total",
    "solution",
    "solutions",
    "number",
    "equals",
    "equal",
    "exactly",
    "simply",
    "just",
    "a",
    "an",
    "therefore",
    "thus",
    "so",
    "hence",
    "interval",
    "set",
    "vector",
    "matrix",
    "sum",
    "product",
    "area",
    "volume",
    "length",
    "probability",
    "it",
    "we",
    "get",
    "have",
    "of",
    "at",
    "they",
    "there",
];

/// Words after a number that leave it as it is.
const TRAILS: &[&str] = &[
    "each",
    "in total",
    "total",
    "altogether",
    "in all",
    "left",
    "times",
    "times as many",
    "times as much",
    "remaining",
    "respectively",
    "apiece",
    "overall",
    "left over",
    "are left",
    "remain",
    "per person",
    "in either order",
    "in any order",
    "exactly",
];

/// The answer without such words; `None` where there are none.
pub(super) fn core(plain: &str) -> Option<String> {
    if plain.len() > 300 {
        return None;
    }
    led(plain).or_else(|| explained(plain)).or_else(|| trailed(plain)).or_else(|| clause(plain))
}

/// The rest after words that lead up to it.
fn led(plain: &str) -> Option<String> {
    let (words, rest) = match plain.strip_prefix(r"\text{") {
        Some(inside) => inside.split_once('}')?,
        None => {
            let end = plain.find(|c: char| !(c.is_ascii_alphabetic() || c == ' ' || c == ':'))?;
            // A letter that touches a sign is a name: "the x-axis".
            let end = if plain[..end].ends_with(' ') { end } else { plain[..end].rfind(' ')? + 1 };
            plain.split_at(end)
        }
    };
    let mut words =
        words.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).peekable();
    words.peek()?;
    let known = words.all(|word| LEADS.contains(&word.to_ascii_lowercase().as_str()));
    (known && !rest.trim().is_empty()).then(|| rest.trim().to_owned())
}

/// The answer before a remark in brackets that repeats it in words, or says no number.
fn explained(plain: &str) -> Option<String> {
    let body = plain.trim_end_matches(['}', ' ']);
    let inside = body.strip_suffix(')')?;
    let open = inside.rfind('(')?;
    let (head, remark) = (&body[..open], inside[open + 1..].trim());
    let head = head.trim_end().trim_end_matches(r"\text{").trim_end_matches(r"\ ").trim_end();
    let words = !remark.is_empty()
        && remark.chars().all(|c| c.is_alphabetic() || " -'".contains(c))
        && remark.len() > 2;
    if head.is_empty() || head.ends_with(|c: char| c.is_ascii_alphabetic() && head.len() == 1) || !words {
        return None;
    }
    if let Some(number) = number_words(remark) {
        let said: String = head.chars().filter(|c| *c != ',' && *c != ' ').collect();
        return (said == number.to_string()).then(|| head.to_owned());
    }
    let spaced = plain[..open].ends_with([' ', '{', '}']);
    let said = remark.to_ascii_lowercase();
    let harmless = TRAILS.contains(&said.as_str())
        || ["simplified", "simplest form", "in simplest form", "exact", "exact value"]
            .contains(&said.as_str());
    (spaced && (harmless || super::noun::is_countable(&said))).then(|| head.to_owned())
}

/// The answer before words that only go on.
fn trailed(plain: &str) -> Option<String> {
    let body = plain.strip_suffix('}').and_then(|rest| {
        let at = rest.rfind(r"\text{")?;
        (!rest[at + 6..].contains(['{', '}'])).then(|| (&rest[..at], &rest[at + 6..]))
    });
    let (head, words) = match body {
        Some((head, words)) => (head.trim(), words.trim()),
        None => {
            let at = plain.rfind(|c: char| !(c.is_ascii_alphabetic() || c == ' '))? + 1;
            if !plain.is_char_boundary(at) {
                return None;
            }
            (plain[..at].trim(), plain[at..].trim())
        }
    };
    let number = head.ends_with(|c: char| c.is_ascii_digit() || "})%".contains(c));
    (number && TRAILS.contains(&words)).then(|| head.to_owned())
}

/// The answer before a clause that says more of it: ", which is even", ", i.e., a dozen".
fn clause(plain: &str) -> Option<String> {
    let at =
        [", which ", ", i.e.", ", that is", ", where "].iter().filter_map(|word| plain.find(word)).min()?;
    let (head, rest) = plain.split_at(at);
    let more = rest.bytes().any(|b| b.is_ascii_digit())
        || rest.contains(" not ")
        || rest.contains("wrong")
        || rest.contains("incorrect");
    (!more && head.ends_with(|c: char| c.is_ascii_digit() || "})%".contains(c)))
        .then(|| head.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::core;

    #[test]
    fn words_that_change_nothing_go() {
        let cases = [
            ("the point (3, 2)", "(3, 2)"),
            (r"\text{The answer is } 42", "42"),
            ("42 (forty-two)", "42"),
            (r"3, 4 \text{ (in either order)}", "3, 4"),
            (r"3\text{ each}", "3"),
            ("42, which is even", "42"),
            ("a 40% increase", "40% increase"),
        ];
        for (text, bare) in cases {
            assert_eq!(core(text).as_deref(), Some(bare), "{text}");
        }
        for text in [
            "42 (forty-three)",
            "5 (not prime)",
            "not 5",
            "is not 5",
            "f(x)",
            "less than 5",
            r"5\text{ or }6",
            "5 (or six)",
            "P (even)",
            "10 (hex)",
            "5 (excluded)",
        ] {
            assert_eq!(core(text), None, "{text}");
        }
    }
}
