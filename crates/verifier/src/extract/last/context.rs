//! What the words before a number make of it.

/// Where the words begin that make a number a detail of another one in its sentence: "8 apples after 2 days".
pub(super) fn subordinate(before: &str) -> Option<usize> {
    const DETAILS: &[&str] = &[
        "after", "for", "in", "of", "per", "within", "from", "every", "during", "among", "with", "on", "at",
        "by",
    ];
    let sentence = before.rfind(['\n', '=']).map_or(0, |at| at + 1);
    let sentence = before[sentence..].rfind(". ").map_or(sentence, |at| sentence + at + 2);
    let said = before[sentence..].trim_end_matches([' ', '$', '*', '(']);
    let mut word = last_word(said);
    if ["the", "each", "all", "these", "those", "a", "an"].contains(&&said[word..]) {
        word = last_word(said[..word].trim_end());
    }
    let preposition = said[word..].split_whitespace().next().unwrap_or_default();
    let detail = DETAILS.contains(&preposition) && said[..word].bytes().any(|b| b.is_ascii_digit());
    detail.then_some(sentence + word)
}

/// Whether a number is one of several in its sentence, and nothing says that it is the one: "8 apples and 6 pears".
pub(super) fn is_one_of_several(before: &str) -> bool {
    const CONCLUDING: &[&str] = &[
        "is",
        "are",
        "was",
        "were",
        "be",
        "equals",
        "equal",
        "makes",
        "make",
        "gives",
        "give",
        "get",
        "gets",
        "to",
        "total",
        "totals",
        "has",
        "have",
        "had",
        "costs",
        "cost",
        "=",
        "≈",
        "so",
        "only",
        "exactly",
        "just",
        "yields",
        "leaves",
        "left",
        "earns",
        "needs",
        "than",
        "becomes",
        "of",
        "a",
        "about",
        "approximately",
        "roughly",
        "there",
        "pay",
        "pays",
        "spends",
        "takes",
        "reach",
        "reaches",
        "answer",
        "result",
        "value",
        "->",
        "→",
    ];
    let sentence = before.rfind('\n').map_or(0, |at| at + 1);
    let sentence = [". ", "! ", "? ", ": "]
        .iter()
        .filter_map(|end| before[sentence..].rfind(end))
        .max()
        .map_or(sentence, |at| sentence + at + 2);
    let said = &before[sentence..];
    if said.contains('=') || !said.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let word = said.trim_end_matches([' ', '$', '*', '(', '\\', ':']);
    let word = word[last_word(word)..].to_ascii_lowercase();
    !CONCLUDING.contains(&word.as_str())
}

/// Where the last word of a text begins; its end if it ends in white space.
pub(super) fn last_word(text: &str) -> usize {
    text.len() - text.rsplit(char::is_whitespace).next().map_or(0, str::len)
}

/// What the words before a number make of it.
pub(super) enum Before {
    Nothing,
    /// It is denied by words that begin here.
    Denied(usize),
    /// It is a bound, an operand or an item of a list.
    Compared,
}

pub(super) fn before(text: &str) -> Before {
    if text.ends_with(">>") {
        return Before::Nothing;
    }
    let trimmed = text.trim_end_matches([' ', '(', '$', '*']);
    let start = last_word(trimmed);
    let word = trimmed[start..].to_ascii_lowercase();
    let earlier = trimmed[..start].trim_end();
    let digit = |text: &str| text.trim_end_matches([',', ' ']).ends_with(|c: char| c.is_ascii_digit());
    match word.as_str() {
        "not" | "isn't" | "(not" => Before::Denied(start),
        "step" | "part" | "case" | "question" | "problem" | "example" | "exercise" | "page" | "figure"
        | "equation" | "**step" | "##" | "###" => Before::Denied(start),
        "to" if earlier.to_ascii_lowercase().ends_with("not equal") => Before::Compared,
        "be" if earlier.to_ascii_lowercase().ends_with("not") || earlier.ends_with("n't") => Before::Compared,
        "than" | "least" | "most" | "between" | "nor" | "except" | "below" | "above" | "under" | "over" => {
            Before::Compared
        }
        "and" | "or" if digit(earlier) => Before::Compared,
        _ if word.ends_with(',') && digit(&word) => Before::Compared,
        // An operator, or a relation other than equality.
        _ if word.ends_with(['/', '<', '>', '+', '*', '^', '-', '≤', '≥', '≠', '×', '÷']) => {
            Before::Compared
        }
        r"\le" | r"\ge" | r"\ne" | r"\leq" | r"\geq" | r"\neq" | r"\cdot" | r"\times" | r"\approx" => {
            Before::Compared
        }
        _ => Before::Nothing,
    }
}
