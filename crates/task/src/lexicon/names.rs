//! The tokens of the world that are not digits or operations: people, connectives and relation words.

/// The people of the stories. A story names each at most once.
pub const PEOPLE: [&str; 16] = [
    "Ann", "Bob", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lea", "Max", "Ned", "Ola",
    "Pam",
];

/// Words that may open a step without changing what it says.
pub const CONNECTIVES: [&str; 16] = [
    "so", "then", "next", "thus", "hence", "now", "and", "also", "here", "well", "since", "again", "first",
    "later", "still", "okay",
];

const ONSETS: [&str; 26] = [
    "bl", "br", "d", "dr", "fl", "fr", "g", "gl", "gr", "k", "kl", "kr", "l", "m", "pl", "pr", "r", "sn",
    "st", "t", "tr", "tw", "v", "w", "y", "z",
];
const VOWELS: [&str; 5] = ["a", "e", "i", "o", "u"];
const CODAS: [&str; 17] = [
    "xes", "bs", "lbs", "lks", "lms", "lts", "mps", "nds", "rbs", "rfs", "rks", "rls", "rms", "rns", "sks",
    "fts", "ds",
];

/// How many different relation words there are.
pub const WORDS: usize = ONSETS.len() * VOWELS.len() * CODAS.len();

/// The relation word of this rank: an invented verb of one syllable, such as `daxes`. Consecutive ranks
/// sound unlike each other, and the word of a rank does not depend on how many words a lexicon has.
///
/// # Panics
/// If `rank` is not below [`WORDS`].
pub(super) fn word(rank: usize) -> String {
    assert!(rank < WORDS, "there are {WORDS} relation words, none of rank {rank}");
    // A stride without a common factor with WORDS = 2 * 5 * 13 * 17 visits every word once.
    let place = rank * 717 % WORDS;
    let (onset, rest) = (place % ONSETS.len(), place / ONSETS.len());
    let (vowel, coda) = (rest % VOWELS.len(), rest / VOWELS.len());
    [ONSETS[onset], VOWELS[vowel], CODAS[coda]].concat()
}

/// The index in [`PEOPLE`] of the person of this name.
pub(super) fn person(name: &str) -> Option<usize> {
    PEOPLE.iter().position(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn words_are_distinct() {
        let words: HashSet<String> = (0..WORDS).map(word).collect();
        assert_eq!(words.len(), WORDS);
        assert!(CONNECTIVES.iter().all(|connective| !words.contains(*connective)));
    }

    #[test]
    fn people_are_found_by_name() {
        assert_eq!(person("Cal"), Some(2));
        assert_eq!(person("cal"), None);
    }
}
