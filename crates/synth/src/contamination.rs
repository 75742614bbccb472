//! Training questions that test questions can be recognized in.

use crate::spelling::{comparable, runs_of};
use serde::Serialize;
use std::collections::HashMap;

/// Runs shorter than this are no evidence: "how many does she have" is in every other question.
const SHORTEST: usize = 8;

/// How a question resembles a test question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// The same words and symbols.
    SameQuestion,
    /// The same words and symbols but for the numbers.
    SameButNumbers,
    /// A long run of words in common.
    SharedRun,
}

/// The test question that a question resembles, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contamination {
    /// How.
    pub overlap: Overlap,
    /// Which test question, by the order in which they were added.
    pub test: usize,
    /// The words that both have, in order.
    pub run: String,
}

/// Questions that nothing may be trained on, indexed by their runs of words.
#[derive(Clone, Debug)]
pub struct TestQuestions {
    ngram: usize,
    vocabulary: HashMap<String, u32>,
    /// The words of each question, symbols left out.
    questions: Vec<Vec<u32>>,
    same: HashMap<Vec<u32>, usize>,
    masked: HashMap<Vec<u32>, usize>,
    /// Where each run of [`TestQuestions::anchor`] words stands: question and position.
    runs: HashMap<Vec<u32>, Vec<(usize, usize)>>,
}

impl TestQuestions {
    /// No question yet. Two questions overlap where they share `ngram` words in a row (13 is usual), or
    /// where all of the shorter one is in the other; a run of fewer than 8 words never counts unless
    /// `ngram` is smaller.
    ///
    /// # Panics
    /// If `ngram` is 0.
    pub fn new(ngram: usize) -> Self {
        assert!(ngram > 0, "a run has at least one word");
        Self {
            ngram,
            vocabulary: HashMap::new(),
            questions: Vec::new(),
            same: HashMap::new(),
            masked: HashMap::new(),
            runs: HashMap::new(),
        }
    }

    /// Adds a question.
    pub fn add(&mut self, question: &str) {
        let fresh = |vocabulary: &mut HashMap<String, u32>, word: String| {
            let next = vocabulary.len() as u32;
            *vocabulary.entry(word).or_insert(next)
        };
        let found = comparable(question);
        let masked: Vec<u32> = found.iter().map(|word| fresh(&mut self.vocabulary, mask(word))).collect();
        let whole: Vec<u32> = found.iter().map(|word| fresh(&mut self.vocabulary, word.clone())).collect();
        let run = runs_of(&found);
        let question: Vec<u32> = run.into_iter().map(|word| fresh(&mut self.vocabulary, word)).collect();
        let index = self.questions.len();
        // A question without a word or symbol would be every other one that has none.
        if !whole.is_empty() {
            self.same.entry(whole).or_insert(index);
            self.masked.entry(masked).or_insert(index);
        }
        for (at, run) in question.windows(self.anchor()).enumerate() {
            self.runs.entry(run.to_vec()).or_default().push((index, at));
        }
        self.questions.push(question);
    }

    /// How many questions were added.
    pub fn len(&self) -> usize {
        self.questions.len()
    }

    /// Whether there is no question.
    pub fn is_empty(&self) -> bool {
        self.questions.is_empty()
    }

    /// The test question that this one resembles most, if it resembles any: the same words before the same
    /// but for numbers, and these before the longest run.
    pub fn find(&self, question: &str) -> Option<Contamination> {
        let found = comparable(question);
        let known = |word: &String| self.vocabulary.get(word).copied().unwrap_or(u32::MAX);
        let ids: Vec<u32> = found.iter().map(known).collect();
        let masked: Vec<u32> = found.iter().map(|word| known(&mask(word))).collect();
        let whole = |overlap, test: &usize| Contamination { overlap, test: *test, run: found.join(" ") };
        let run = || {
            let text = runs_of(&found);
            let ids: Vec<u32> = text.iter().map(known).collect();
            self.longest_run(&text, &ids)
        };
        self.same
            .get(&ids)
            .map(|test| whole(Overlap::SameQuestion, test))
            .or_else(|| self.masked.get(&masked).map(|test| whole(Overlap::SameButNumbers, test)))
            .or_else(run)
    }

    fn longest_run(&self, text: &[String], ids: &[u32]) -> Option<Contamination> {
        let mut longest: Option<(usize, usize, usize)> = None;
        for (at, anchor) in ids.windows(self.anchor()).enumerate() {
            for &(test, start) in self.runs.get(anchor).into_iter().flatten() {
                let other = &self.questions[test];
                // A run is measured once, from where it begins.
                if at > 0 && start > 0 && ids[at - 1] == other[start - 1] {
                    continue;
                }
                let len = ids[at..].iter().zip(&other[start..]).take_while(|(a, b)| a == b).count();
                let needed = self.ngram.min(ids.len()).min(other.len());
                let says = text[at..at + len].iter().any(|word| is_said(word));
                if says && len >= needed && longest.is_none_or(|(most, ..)| len > most) {
                    longest = Some((len, at, test));
                }
            }
        }
        longest.map(|(len, at, test)| {
            let run = text[at..at + len].join(" ");
            Contamination { overlap: Overlap::SharedRun, test, run }
        })
    }

    /// Words that a run is looked up by.
    fn anchor(&self) -> usize {
        self.ngram.min(SHORTEST)
    }
}

/// Whether a word is more than a number or the name of a variable: a run of those alone is no evidence.
fn is_said(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.next().is_some_and(|first| !first.is_ascii() || letters.next().is_some())
}

/// A word that stands for any number in place of a number.
fn mask(word: &str) -> String {
    if word.trim_start_matches('.').starts_with(|c: char| c.is_ascii_digit()) {
        "#".to_owned()
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tests(ngram: usize, questions: &[&str]) -> TestQuestions {
        let mut tests = TestQuestions::new(ngram);
        questions.iter().for_each(|question| tests.add(question));
        tests
    }

    const ROBE: &str =
        "A robe takes 2 bolts of blue fiber and half that much white fiber. How many bolts in total?";

    #[test]
    fn each_kind_of_overlap_is_found() {
        let tests = tests(13, &["What is 2 + 2?", ROBE]);
        let find = |question: &str| tests.find(question).map(|found| (found.overlap, found.test));
        assert_eq!(find("what is 2+2"), Some((Overlap::SameQuestion, 0)));
        assert_eq!(find("What is 30 + 2?"), Some((Overlap::SameButNumbers, 0)));
        assert_eq!(find(&format!("Tom sews. {ROBE}")), Some((Overlap::SharedRun, 1)));
        let found =
            tests.find("takes 2 bolts of blue fiber and half that much white fiber. How many ells?").unwrap();
        assert_eq!(found.run, "takes 2 bolts of blue fiber and half that much white fiber how many");
        assert_eq!(
            find("takes 2 bolts of blue fiber and half that much white wool. How many ells are that?"),
            None
        );
        assert_eq!(find("A question of its own"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn a_short_question_counts_as_a_whole() {
        let tests = tests(13, &["How many eggs do 3 ducks lay in 4 days?", "How many eggs?"]);
        let inside = "Tell me: how many eggs do 3 ducks lay in 4 days? Give a number.";
        assert_eq!(
            tests.find(inside).map(|found| (found.overlap, found.test)),
            Some((Overlap::SharedRun, 0))
        );
        // Three words are in every other question.
        assert_eq!(tests.find("How many eggs are left of a dozen when five of them break on the way?"), None);
    }

    #[test]
    fn formulas_are_found_however_they_are_spelled() {
        let tests = tests(
            13,
            &[
                r"Compute $\frac{1}{2} \times \left(x^{2} + 3\right)$ if $x \leq 4$.",
                r"Find the area of a circle with radius \(5\) cm and the sum $a_1 + a_2$ of its two chords exactly",
                "3 + 5 = ?",
            ],
        );
        let find = |question: &str| tests.find(question).map(|found| (found.overlap, found.test));
        let same = [
            "Compute 1/2 * (x^2 + 3) if x <= 4.",
            r"compute \[\dfrac12 \cdot (x^2+3)\] if \(x \le 4\)",
            r"Compute $\tfrac{1}{2} × \bigl(x^2\,+\,3\bigr)$ if $x ≤ 4$.",
        ];
        for question in same {
            assert_eq!(find(question), Some((Overlap::SameQuestion, 0)), "{question}");
        }
        // Other operators make another question, which shares all of its words.
        assert_eq!(find("Compute 1/2 * (x^2 - 3) if x <= 4."), Some((Overlap::SharedRun, 0)));
        let run = "Now find the area of a circle with radius 5 cm and the sum a_1 + a_2 of its two chords";
        assert_eq!(find(run), Some((Overlap::SharedRun, 1)));
        assert_eq!(find("3 - 5 = ?"), None, "other operators make another question");
        assert_eq!(find("4 + 7 = ?"), Some((Overlap::SameButNumbers, 2)));
    }

    #[test]
    fn text_without_spaces_has_words() {
        let tests = tests(13, &["小明有十二个苹果，他给了小红五个苹果，请问小明还剩下几个苹果？"]);
        let find = |question: &str| tests.find(question).map(|found| found.overlap);
        assert_eq!(
            find("小明有十二个苹果,他给了小红五个苹果,请问小明还剩下几个苹果?"),
            Some(Overlap::SameQuestion)
        );
        assert_eq!(find("昨天小明有十二个苹果，他给了小红五个苹果。后来呢？"), Some(Overlap::SharedRun));
        assert_eq!(find("小红有十二个梨，她给了小明五个梨，请问小红还剩下几个梨？"), None);
    }

    #[test]
    fn symbols_alone_are_compared_and_are_no_run() {
        let tests = tests(
            13,
            &["□ + △ = ○", "?!", "Sort the list 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 now"],
        );
        let find = |question: &str| tests.find(question).map(|found| (found.overlap, found.test));
        assert_eq!(find("□+△=○"), Some((Overlap::SameQuestion, 0)));
        assert_eq!(find("□ - △ = ○"), None);
        assert_eq!(find(" ... "), None, "what says nothing is like nothing");
        assert_eq!(find("Add up 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 and 14."), None);
        let said = "Please sort the list 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14";
        assert_eq!(find(said), Some((Overlap::SharedRun, 2)));
    }

    proptest! {
        #[test]
        fn a_run_is_found_wherever_it_stands(
            before in "[a-e]{1,3}( [a-e]{1,3}){0,5}", after in "[a-e]{1,3}( [a-e]{1,3}){0,5}", ngram in 8..15usize,
        ) {
            let run: Vec<String> = (0..ngram).map(|i| format!("w{i}w")).collect();
            let tests = tests(ngram, &[&format!("x {} y z z z z z z z z", run.join(" "))]);
            let found = tests.find(&format!("{before} {} {after}", run.join(" "))).map(|found| found.run);
            prop_assert_eq!(found, Some(run.join(" ")));
            let broken = format!("{before} {} {after} and so much more", run[1..].join(" "));
            prop_assert_eq!(tests.find(&broken), None);
        }
    }
}
